# SPDX-License-Identifier: MIT
"""A head on a frozen network, written plainly in PyTorch: the other side of bench/frozen.py.

usage: frozen.py WEIGHTS TRIALS FOLDS EPOCHS BATCH THREADS

Times the first steps of the first fold, with the pictures already decoded, and prints what all
steps of the study (FOLDS folds and a last fit on all rows) would take, as JSON.
"""
import csv
import json
import pathlib
import sys
import time

import torch
import torchvision
from PIL import Image
from torchvision.transforms import functional as F

STEPS = 60


def load(path):
    image = F.center_crop(F.resize(Image.open(path).convert("RGB"), 256), 224)
    return F.normalize(F.to_tensor(image), [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


def main(weights, trials, folds, epochs, batch, threads):
    folds, epochs, batch = int(folds), int(epochs), int(batch)
    torch.set_num_threads(int(threads))
    rows = list(csv.DictReader(open(trials), delimiter="\t"))
    folder = pathlib.Path(trials).parent
    backbone = torchvision.models.mobilenet_v2()
    backbone.load_state_dict(torch.load(weights, weights_only=True))
    backbone = backbone.features.eval().requires_grad_(False)
    head = torch.nn.Sequential(torch.nn.Linear(1280, 27), torch.nn.ReLU(), torch.nn.Linear(27, 27),
                               torch.nn.ReLU(), torch.nn.Linear(27, 1))
    optimiser = torch.optim.Adam(head.parameters(), lr=1e-3)
    images = torch.stack([load(folder / r["image"]) for r in rows])
    truth = torch.tensor([float(r["valence"]) for r in rows])[:, None]
    times = []
    for _ in range(STEPS):
        began = time.perf_counter()
        pick = torch.randperm(len(rows))[:batch]
        with torch.no_grad():
            feature = backbone(images[pick]).mean([2, 3])
        optimiser.zero_grad()
        torch.nn.functional.mse_loss(head(feature), truth[pick]).backward()
        optimiser.step()
        times.append(time.perf_counter() - began)
    train = len(rows) * (folds - 1) / folds
    steps = epochs * (folds * train + len(rows)) / batch
    print(json.dumps({"s": sum(sorted(times)[:STEPS // 2]) / (STEPS // 2) * steps, "steps": STEPS,
                      "all": round(steps)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
