# SPDX-License-Identifier: MIT
"""Makes tests/golden/models/: names and features of the backbones as torchvision has them.

Weights and pictures come from an integer hash that tests/models/drawn.h repeats in C, so no
random number generator has to agree:

    h  = FNV-1a (64 bits) of the parameter's name
    z  = splitmix64 of the state h + (i + 1) * 0x9E3779B97F4A7C15, for value i in row-major order
    v  = (z >> 40) / 2^23 - 1, in [-1, 1)

    weight of rank > 1    v * sqrt(6 / fan_in), fan_in = values per output channel
    weight of rank 1      1 + v / 4        (batch-norm)
    running_var           1 + v / 2
    bias, running_mean    v / 10
    picture "input"       2 * v

in double, then rounded to float.

Run: python python/golden/backbones.py tests/golden/models [weights.pth of mobilenet_v2]
Writes names.tsv (backbone, kind, name, shape), features.tsv (backbone, size, layer, index,
value; index "max" is the largest magnitude, "mean" the mean over the whole layer) and, if the
weights are given, the same rows under the name mobilenet_v2-b0353104.
"""
import pathlib
import sys

import numpy as np
import torch
import torchvision
from torchvision.models.feature_extraction import get_graph_node_names

SIZES = {"mobilenet_v2": 224, "resnet18": 96, "resnet50": 96, "vgg16": 64, "vgg19": 64}
LAYERS = {
    "mobilenet_v2": ["features.0.2", "features.3", "features.8.conv.3", "features.13",
                     "features.17.conv.3", "features.18.2", "adaptive_avg_pool2d",
                     "classifier.1"],
    "resnet18": ["relu", "maxpool", "layer1.1.relu_1", "layer2.0.downsample.1",
                 "layer3.1.relu_1", "layer4.0.bn1", "layer4.1.relu_1", "avgpool", "fc"],
    "resnet50": ["relu", "maxpool", "layer1.2.relu_2", "layer2.3.relu_2", "layer3.0.relu_1",
                 "layer3.5.relu_2", "layer4.2.relu_2", "avgpool", "fc"],
    "vgg16": ["features.1", "features.9", "features.16", "features.29", "features.30",
              "avgpool", "classifier.1", "classifier.6"],
    "vgg19": ["features.1", "features.9", "features.18", "features.35", "features.36",
              "avgpool"],
}
SAMPLES = 24


def drawn(name, count):
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = (h ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        i = np.arange(1, count + 1, dtype=np.uint64)
        z = np.uint64(h) + i * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(40)).astype(np.float64) / 2**23 - 1


def parameter(name, shape):
    v = drawn(name, int(np.prod(shape)))
    if name.endswith("running_var"):
        v = 1 + v / 2
    elif name.endswith("weight") and len(shape) > 1:
        v = v * np.sqrt(6 / np.prod(shape[1:]))
    elif name.endswith("weight"):
        v = 1 + v / 4
    else:
        v = v / 10
    return torch.from_numpy(v.astype(np.float32).reshape(shape))


def run(model, x):
    """Output of every module; a module called again gets _1, _2, … as torch.fx names them."""
    values = {}

    def keep(name):
        def hook(module, inputs, output):
            calls = sum(key.rsplit("_", 1)[0] == name or key == name for key in values)
            values[f"{name}_{calls}" if calls else name] = output.clone()
        return hook

    for name, module in model.named_modules():
        if isinstance(module, (torch.nn.ReLU, torch.nn.ReLU6)):
            module.inplace = False
        if name:
            module.register_forward_hook(keep(name))
    with torch.no_grad():
        model(x)
    if "features.18.2" in values:  # not a module in torchvision's MobileNetV2
        values["adaptive_avg_pool2d"] = values["features.18.2"].mean((2, 3), keepdim=True)
    return values


def rows(out, label, name, model):
    size = SIZES[name]
    x = torch.from_numpy((2 * drawn("input", 3 * size * size)).astype(np.float32))
    values = run(model, x.reshape(1, 3, size, size))
    for layer in LAYERS[name]:
        v = values[layer].double().flatten().numpy()
        out.write(f"{label}\t{size}\t{layer}\tmax\t{np.abs(v).max():.9g}\n")
        out.write(f"{label}\t{size}\t{layer}\tmean\t{v.mean():.9g}\n")
        for i in sorted({int(k * (v.size - 1) / (SAMPLES - 1)) for k in range(SAMPLES)}):
            out.write(f"{label}\t{size}\t{layer}\t{i}\t{v[i]:.9g}\n")
        print(label, layer, v.size, "sd", v.std(), "zero", (v == 0).mean())


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    versions = f"# torch {torch.__version__}, torchvision {torchvision.__version__}\n"
    with open(folder / "names.tsv", "w") as names, open(folder / "features.tsv", "w") as out:
        for file in (names, out):
            file.write("# made by python/golden/backbones.py\n" + versions)
        for name in SIZES:
            model = getattr(torchvision.models, name)(weights=None).eval()
            for key, value in model.state_dict().items():
                if not key.endswith("num_batches_tracked"):
                    shape = ",".join(map(str, value.shape))
                    names.write(f"{name}\tparameter\t{key}\t{shape}\n")
            for module, _ in model.named_modules():
                if module and not module.endswith("relu"):
                    names.write(f"{name}\tmodule\t{module}\t-\n")
            for node in get_graph_node_names(model)[1][1:]:
                names.write(f"{name}\tnode\t{node}\t-\n")
            state = {key: parameter(key, tuple(value.shape)) if value.dtype == torch.float32
                     else value for key, value in model.state_dict().items()}
            model.load_state_dict(state)
            rows(out, name, name, model)
        if len(sys.argv) > 2:
            model = torchvision.models.mobilenet_v2(weights=None).eval()
            model.load_state_dict(torch.load(sys.argv[2], weights_only=True))
            rows(out, "mobilenet_v2-b0353104", "mobilenet_v2", model)


if __name__ == "__main__":
    main()
