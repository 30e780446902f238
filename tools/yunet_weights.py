#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the weights of YuNet's published ONNX file as safetensors under the names that
src/models/backbones/model_yunet.c has:

    python3 tools/yunet_weights.py yunet_n_320_320.onnx share/mien/models/backbones/yunet_n.safetensors

Convolutions behind which a batch-norm was folded lost their names in that file (459, 460, …); they
stand in it in the order in which the network uses them. Wants the package onnx."""
import hashlib
import json
import struct
import sys

import onnx
from onnx import numpy_helper


def convolution_names():
    """The names of all convolutions in the file's order of nodes."""
    def unit(path):
        return [path + ".conv1", path + ".conv2"]

    names = ["backbone.model0.conv1"] + unit("backbone.model0.conv2")
    for stage in range(1, 6):
        names += unit(f"backbone.model{stage}.conv1") + unit(f"backbone.model{stage}.conv2")
    for level in (2, 1, 0):
        names += unit(f"neck.lateral_convs.{level}")
    for level in range(3):
        names += unit(f"bbox_head.multi_level_share_convs.{level}.0")
    for head in ("cls", "bbox", "obj", "kps"):
        for level in range(3):
            names += unit(f"bbox_head.multi_level_{head}.{level}")
    return names


def read(path):
    model = onnx.load(path)
    stored = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    nodes = [n for n in model.graph.node if n.op_type == "Conv"]
    names = convolution_names()
    assert len(nodes) == len(names), (len(nodes), len(names))
    tensors = {}
    for node, name in zip(nodes, names):
        weight, bias = node.input[1], node.input[2]
        kept = weight[: -len(".weight")] if weight.endswith(".weight") else None
        assert kept is None or kept == name, (kept, name)
        tensors[name + ".weight"] = stored[weight]
        tensors[name + ".bias"] = stored[bias]
    return tensors


def write(path, tensors, about):
    header, at = {"__metadata__": about}, 0
    for name in sorted(tensors):
        data = tensors[name]
        assert data.dtype == "float32", name
        header[name] = {"dtype": "F32", "shape": list(data.shape), "data_offsets": [at, at + data.nbytes]}
        at += data.nbytes
    text = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for name in sorted(tensors):
            out.write(tensors[name].tobytes())


def main():
    source, target = sys.argv[1:]
    with open(source, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    about = {
        "source": "https://github.com/ShiqiYu/libfacedetection.train onnx/yunet_n_320_320.onnx",
        "source_sha256": digest,
        "licence": "Apache-2.0",
    }
    write(target, read(source), about)
    with open(target, "rb") as file:
        print(hashlib.sha256(file.read()).hexdigest())


if __name__ == "__main__":
    main()
