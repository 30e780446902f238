# SPDX-License-Identifier: MIT
"""Predicts segments with an AttendAffectNet in PyTorch: the other side of bench/segments.py.

usage: segments.py make FOLDER ROWS NAME=WIDTH...
       segments.py predict MODEL FOLDER THREADS OUT NAME...
       segments.py compare A.csv B.csv

MODEL is a converted file (safetensors), FOLDER holds NAME.npy; compare prints the largest difference.
"""
import csv
import json
import sys

import numpy


def make(folder, rows, *columns):
    random = numpy.random.default_rng(0)
    for column in columns:
        name, width = column.split("=")
        numpy.save(f"{folder}/{name}.npy", random.random((int(rows), int(width)), dtype="float32"))


def compare(one, other):
    a, b = (numpy.genfromtxt(path, delimiter=",", skip_header=1)[:, 3] for path in (one, other))
    print(abs(a - b).max())


def weights_of(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    import torch
    return {name: torch.from_numpy(numpy.frombuffer(data[slice(*entry["data_offsets"])], "float32")
                                   .reshape(entry["shape"]).copy())
            for name, entry in header.items() if name != "__metadata__"}


def predict(model, folder, threads, out, *names):
    import torch

    import nets
    torch.set_num_threads(int(threads))
    net = nets.AttendAffectNet().eval()
    weights = weights_of(model)
    for i, name in enumerate(names):  # converted projections are called by what they read
        for part in "weight", "bias":
            weights[f"linear{i + 1}.{part}"] = weights[f"inputs.{name}.{part}"]
    net.load_state_dict({key: weights[key] for key in net.state_dict()})
    features = [torch.from_numpy(numpy.load(f"{folder}/{name}.npy")) for name in names]
    with torch.no_grad():
        values = net(*features)[:, 0]
    with open(out, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["row", "start_s", "end_s", "arousal"])
        table.writerows([i, 5 * i, 5 * i + 5, f"{x:.6f}"] for i, x in enumerate(values.tolist()))


if __name__ == "__main__":
    {"make": make, "predict": predict, "compare": compare}[sys.argv[1]](*sys.argv[2:])
