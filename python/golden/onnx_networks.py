# SPDX-License-Identifier: MIT
"""Exports torchvision's networks with random weights as ONNX files, with inputs and what PyTorch
gives for them, for tests/models/test_import.c.

usage: onnx_networks.py FOLDER [NAME…]     (torch 2.2.2, torchvision 0.17.2)

FOLDER is then named by the variable MIEN_ONNX_NETWORKS of the test's environment.
"""
import pathlib
import sys

import numpy as np
import torch
import torchvision

NAMES = ["resnet18", "mobilenet_v2", "mobilenet_v3_large", "efficientnet_b0", "convnext_tiny",
         "vit_b_16"]


def settle(network):
    """Statistics and scales that real networks have: no batch-norm stays an identity."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, .6, 1.4)
            module.running_mean.uniform_(-.3, .3)
            module.running_var.uniform_(.5, 1.5)
    return network.eval()


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    for name in sys.argv[2:] or NAMES:
        network = settle(getattr(torchvision.models, name)(weights=None))
        x = torch.rand(2, 3, 224, 224) * 2 - 1
        with torch.no_grad():
            y = network(x)
        axes = {"input": {0: "n"}, "output": {0: "n"}}
        torch.onnx.export(network, x, str(folder / f"{name}.onnx"), opset_version=17,
                          input_names=["input"], output_names=["output"], dynamic_axes=axes)
        np.savez(folder / f"{name}.npz", input=x.numpy(), output=y.numpy())


if __name__ == "__main__":
    main()
