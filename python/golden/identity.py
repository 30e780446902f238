# SPDX-License-Identifier: MIT
"""tests/golden/identity/look.onnx: a network without weights that tells two faces apart.

usage: identity.py FOLDER   (onnx 1.23, NumPy 2.4)

A crop of 112 x 112 becomes 8 x 8 means a colour, each channel less its mean and over its deviation.
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def make_network(path):
    nodes = [
        helper.make_node("AveragePool", ["face"], ["means"], kernel_shape=[14, 14], strides=[14, 14]),
        helper.make_node("InstanceNormalization", ["means", "one", "zero"], ["even"], epsilon=1e-5),
        helper.make_node("Flatten", ["even"], ["look"], axis=1)]
    values = [numpy_helper.from_array(np.ones(3, "f"), "one"), numpy_helper.from_array(np.zeros(3, "f"), "zero")]
    graph = helper.make_graph(
        nodes, "look", [helper.make_tensor_value_info("face", TensorProto.FLOAT, ["n", 3, 112, 112])],
        [helper.make_tensor_value_info("look", TensorProto.FLOAT, ["n", 192])], values)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    make_network(folder / "look.onnx")
