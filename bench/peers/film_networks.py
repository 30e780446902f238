# SPDX-License-Identifier: MIT
"""I3D, FlowNetS and VGGish as users of PyTorch and ONNX Runtime run them; random weights.

usage: film_networks.py PEER NETWORK THREADS REPEAT FOLDER

PEER is pytorch, onnxruntime or openvino. Prints {"ms": [...]}, one for each run.
"""
import json
import os
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

SHAPES = {"i3d": (1, 3, 64, 224, 224), "flownets": (1, 6, 384, 512), "vggish": (5, 1, 96, 64)}
MIXED = {"3b": (64, 96, 128, 16, 32, 32), "3c": (128, 128, 192, 32, 96, 64),
         "4b": (192, 96, 208, 16, 48, 64), "4c": (160, 112, 224, 24, 64, 64),
         "4d": (128, 128, 256, 24, 64, 64), "4e": (112, 144, 288, 32, 64, 64),
         "4f": (256, 160, 320, 32, 128, 128), "5b": (256, 160, 320, 32, 128, 128),
         "5c": (384, 192, 384, 48, 128, 128)}


def same(x, kernel, stride):
    pads = []
    for n, k, s in zip(x.shape[2:], kernel, stride):
        p = max(k - (n % s or s), 0)
        pads = [p // 2, p - p // 2] + pads
    return F.pad(x, pads)


class Unit(nn.Module):
    def __init__(self, channels, out, kernel=1, stride=1):
        super().__init__()
        self.kernel, self.stride = (kernel,) * 3, (stride,) * 3
        self.conv = nn.Conv3d(channels, out, kernel, stride, bias=False)
        self.norm = nn.BatchNorm3d(out, eps=1e-3)

    def forward(self, x):
        return F.relu(self.norm(self.conv(same(x, self.kernel, self.stride))))


class Pool(nn.Module):
    def __init__(self, kernel, stride):
        super().__init__()
        self.kernel, self.stride = kernel, stride

    def forward(self, x):
        return F.max_pool3d(same(x, self.kernel, self.stride), self.kernel, self.stride)


class Mixed(nn.Module):
    def __init__(self, channels, o):
        super().__init__()
        self.branches = nn.ModuleList([
            Unit(channels, o[0]), nn.Sequential(Unit(channels, o[1]), Unit(o[1], o[2], 3)),
            nn.Sequential(Unit(channels, o[3]), Unit(o[3], o[4], 3)),
            nn.Sequential(Pool((3, 3, 3), (1, 1, 1)), Unit(channels, o[5]))])

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)


def i3d():
    flat = ((1, 3, 3), (1, 2, 2))
    layers = [Unit(3, 64, 7, 2), Pool(*flat), Unit(64, 64), Unit(64, 192, 3), Pool(*flat)]
    channels = 192
    for name, o in MIXED.items():
        if name == "4b":
            layers.append(Pool((3, 3, 3), (2, 2, 2)))
        if name == "5b":
            layers.append(Pool((2, 2, 2), (2, 2, 2)))
        layers.append(Mixed(channels, o))
        channels = o[0] + o[2] + o[4] + o[5]
    return nn.Sequential(*layers)


def flownets():
    layers, channels = [], 6
    for out, kernel, stride in ((64, 7, 2), (128, 5, 2), (256, 5, 2), (256, 3, 1), (512, 3, 2),
                                (512, 3, 1), (512, 3, 2), (512, 3, 1), (1024, 3, 2)):
        layers += [nn.Conv2d(channels, out, kernel, stride, kernel // 2), nn.LeakyReLU(0.1)]
        channels = out
    return nn.Sequential(*layers)


class Permute(nn.Module):
    def forward(self, x):
        return x.permute(0, 2, 3, 1)


def vggish():
    layers, channels = [], 1
    for out in (64, 0, 128, 0, 256, 256, 0, 512, 512, 0):
        if out:
            layers += [nn.Conv2d(channels, out, 3, padding=1), nn.ReLU()]
            channels = out
        else:
            layers.append(nn.MaxPool2d(2))
    layers += [Permute(), nn.Flatten()]
    for width in (12288, 4096), (4096, 4096), (4096, 128):
        layers += [nn.Linear(*width), nn.ReLU()]
    return nn.Sequential(*layers)


def exported(name, folder):
    path = os.path.join(folder, f"{name}.onnx")
    if not os.path.exists(path):
        torch.onnx.export(network(name), torch.zeros(SHAPES[name]), path, dynamo=False,
                          input_names=["x"])
    return path


def network(name):
    torch.manual_seed(1)
    return {"i3d": i3d, "flownets": flownets, "vggish": vggish}[name]().eval()


def runner(peer, name, threads, folder):
    x = torch.rand(SHAPES[name])
    if peer == "pytorch":
        torch.set_num_threads(threads)
        model = network(name)
        return lambda: model(x)
    if peer == "onnxruntime":
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        session = ort.InferenceSession(exported(name, folder), options,
                                       providers=["CPUExecutionProvider"])
        return lambda: session.run(None, {"x": x.numpy()})
    import openvino as ov

    model = ov.Core().compile_model(exported(name, folder), "CPU", {
        "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"})
    return lambda: model(x.numpy())


def main(peer, name, threads, repeat, folder):
    with torch.inference_mode():
        run = runner(peer, name, int(threads), folder)
        run()
        times = []
        for _ in range(int(repeat)):
            began = time.perf_counter()
            run()
            times.append((time.perf_counter() - began) * 1e3)
    print(json.dumps({"ms": times}))


if __name__ == "__main__":
    main(*sys.argv[1:])
