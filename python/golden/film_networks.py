# SPDX-License-Identifier: MIT
"""Writes tests/golden/film: every layer of FlowNetS, I3D and VGGish on weights made by a
rule, in double precision (PyTorch 2.15).

    python3 python/golden/film_networks.py tests/golden/film

vggish_examples_film16k.npy, log-mel examples of five seconds of a film's sound, is an input
of this program, and keys_*.tsv are the tensors of the published files.
"""

import sys

import numpy as np
import torch
import torch.nn.functional as F

FLOW = [("conv1", 7, 2), ("conv2", 5, 2), ("conv3", 5, 2), ("conv3_1", 3, 1), ("conv4", 3, 2),
        ("conv4_1", 3, 1), ("conv5", 3, 2), ("conv5_1", 3, 1), ("conv6", 3, 2),
        ("conv6_1", 3, 1)]
FLOW_MEAN = np.array([0.411, 0.432, 0.45] * 2)[:, None, None]


def rule(name, count):
    """Values in [-1, 1) from the bytes of a name."""
    start = 0xCBF29CE484222325
    for byte in name.encode():
        start = ((start ^ byte) * 0x100000001B3) % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(start) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(
            0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return (z >> np.uint64(40)).astype(np.float64) / 2**23 - 1


class Weights:
    """Tensors of a published file's names and shapes, filled by the rule."""

    def __init__(self, path):
        self.shapes = {}
        for line in open(path):
            name, _, shape = line.strip().partition("\t")
            self.shapes[name] = [int(n) for n in shape.split("x")] if shape else []

    def __contains__(self, name):
        return name in self.shapes

    def __getitem__(self, name):
        shape = self.shapes[name]
        v = rule(name, int(np.prod(shape))).reshape(shape)
        if len(shape) > 1:
            v *= np.sqrt(6 / np.prod(shape[1:]))
        elif name.endswith("weight"):
            v = 1 + 0.2 * v
        elif name.endswith("running_var"):
            v = 1 + 0.3 * v
        else:
            v *= 0.1
        return torch.from_numpy(v.astype(np.float32).astype(np.float64))

    def norm(self, x, name, eps):
        return F.batch_norm(x, self[name + ".running_mean"], self[name + ".running_var"],
                            self[name + ".weight"], self[name + ".bias"], eps=eps)


def flownets(w, x):
    for name, kernel, stride in FLOW:
        bias = w[name + ".0.bias"] if name + ".0.bias" in w else None
        x = F.conv2d(x, w[name + ".0.weight"], bias, stride, kernel // 2)
        if bias is None:
            x = w.norm(x, name + ".1", 1e-5)
        x = F.leaky_relu(x, 0.1)
        yield name, x[0]


def same(x, kernel, stride):
    """TensorFlow's padding; what is odd stands behind."""
    pads = []
    for n, k, s in zip(x.shape[2:], kernel, stride):
        p = max(k - (n % s or s), 0)
        pads = [p // 2, p - p // 2] + pads
    return F.pad(x, pads)


def unit(w, x, name, kernel=(1, 1, 1), stride=(1, 1, 1)):
    x = F.conv3d(same(x, kernel, stride), w[name + ".conv3d.weight"], stride=stride)
    return F.relu(w.norm(x, name + ".bn", 1e-3))


def pool(x, kernel, stride):
    return F.max_pool3d(same(x, kernel, stride), kernel, stride)


def mixed(w, x, name):
    three = (3, 3, 3)
    return torch.cat([
        unit(w, x, name + ".b0"),
        unit(w, unit(w, x, name + ".b1a"), name + ".b1b", three),
        unit(w, unit(w, x, name + ".b2a"), name + ".b2b", three),
        unit(w, pool(x, three, (1, 1, 1)), name + ".b3b")], 1)


def i3d(w, x):
    pools = {"MaxPool3d_2a_3x3": ((1, 3, 3), (1, 2, 2)), "MaxPool3d_3a_3x3": ((1, 3, 3), (1, 2, 2)),
             "MaxPool3d_4a_3x3": ((3, 3, 3), (2, 2, 2)), "MaxPool3d_5a_2x2": ((2, 2, 2), (2, 2, 2))}
    layers = ["Conv3d_1a_7x7", "MaxPool3d_2a_3x3", "Conv3d_2b_1x1", "Conv3d_2c_3x3",
              "MaxPool3d_3a_3x3", "Mixed_3b", "Mixed_3c", "MaxPool3d_4a_3x3", "Mixed_4b",
              "Mixed_4c", "Mixed_4d", "Mixed_4e", "Mixed_4f", "MaxPool3d_5a_2x2", "Mixed_5b",
              "Mixed_5c"]
    for name in layers:
        if name in pools:
            x = pool(x, *pools[name])
        elif name.startswith("Mixed"):
            x = mixed(w, x, name)
        else:
            k = int(name[-1])
            x = unit(w, x, name, (k, k, k), (2, 2, 2) if k == 7 else (1, 1, 1))
        yield name, x[0]


def vggish(w, x):
    for i, kind in enumerate("cr p cr p cr cr p cr cr p".replace(" ", "")):
        if kind == "c":
            x = F.conv2d(x, w[f"features.{i}.weight"], w[f"features.{i}.bias"], padding=1)
        else:
            x = F.relu(x) if kind == "r" else F.max_pool2d(x, 2)
        if i in (1, 2, 5, 10, 15):
            yield f"features.{i}", x
    x = x.permute(0, 2, 3, 1).flatten(1)
    yield "flatten", x
    for i in (0, 2, 4):
        x = F.relu(F.linear(x, w[f"embeddings.{i}.weight"], w[f"embeddings.{i}.bias"]))
        yield f"embeddings.{i + 1}", x


def cases(folder):
    for name in ("flownets", "flownets_bn"):
        w = Weights(f"{folder}/keys_{name}.tsv")
        for h, width in ((96, 128), (135, 241)):
            pixels = np.floor((rule(f"flow.{h}x{width}", 6 * h * width) + 1) * 128)
            x = pixels.reshape(6, h, width) / 255 - FLOW_MEAN
            yield f"{name}_{h}x{width}", flownets(w, torch.from_numpy(x)[None])
    examples = np.load(f"{folder}/vggish_examples_film16k.npy").astype(np.float64)
    w = Weights(f"{folder}/keys_vggish.tsv")
    yield "vggish_film16k", vggish(w, torch.from_numpy(examples)[:, None])
    w = Weights(f"{folder}/keys_i3d.tsv")
    for t, h, width in ((9, 97, 130), (16, 224, 224)):
        x = rule(f"i3d.{t}x{h}x{width}", 3 * t * h * width).reshape(1, 3, t, h, width)
        yield f"i3d_{t}x{h}x{width}", i3d(w, torch.from_numpy(x))


def main(folder):
    with torch.no_grad(), open(f"{folder}/taps.tsv", "w") as out:
        print("case", "tap", "shape", "mean", "sd", "min", "max", *(f"v{k}" for k in range(16)),
              sep="\t", file=out)
        for case, layers in cases(folder):
            for name, y in layers:
                y = y.numpy()
                flat = y.reshape(-1)
                picked = [flat[k * flat.size // 16] for k in range(16)]
                numbers = [y.mean(), y.std(), y.min(), y.max(), *picked]
                print(case, name, "x".join(map(str, y.shape)), *(f"{v:.9g}" for v in numbers),
                      sep="\t", file=out)


if __name__ == "__main__":
    main(sys.argv[1])
