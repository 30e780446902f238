# SPDX-License-Identifier: MIT
"""Small ONNX graphs of recurrent layers with first states, of antialiased Resize and of single functions,
with inputs and what ONNX Runtime gives for them, for tests/models/test_import.c.

usage: onnx_small.py FOLDER     (onnx 1.23.2, onnxruntime 1.32.0, numpy 2)

Nothing is written where ONNX's own reference evaluator differs from the runtime.
"""
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

F, T, H = 3, 5, 4
GATES = {"LSTM": 4, "GRU": 3}


def recurrent(rng, op, direction, states, cell=False, **settings):
    """x [n, T, F] to its last states [n, D H] (cell: its last cells [n, D, H], too) and all of them
    [n, T, D, H]. states: those of h and c
    that are "constant" (one for all items), "input" [n, D, H] or absent."""
    d = 2 if direction == "bidirectional" else 1
    draw = lambda *shape: (rng.standard_normal(shape) * .7).astype(np.float32)
    weights = {"w": draw(d, GATES[op] * H, F), "r": draw(d, GATES[op] * H, H),
               "b": draw(d, 2 * GATES[op] * H)}
    inputs = {"x": draw(3, T, F)}
    nodes = [helper.make_node("Transpose", ["x"], ["steps"], perm=[1, 0, 2])]
    names = ["steps", "w", "r", "b", "", "", ""]
    for k, (name, how) in enumerate(states.items()):
        at = 5 + "hc".index(name)
        names[at] = f"{name}_first"
        if how == "input":
            inputs[name] = draw(3, d, H)
            nodes.append(helper.make_node("Transpose", [name], [names[at]], perm=[1, 0, 2]))
        else:
            weights |= {f"{name}0": draw(d, 1, H), "zero": np.zeros(1, np.int64),
                        "d": np.array([d], np.int64), "hidden": np.array([H], np.int64)}
            nodes += [helper.make_node("Shape", ["x"], [f"shape{k}"]),
                      helper.make_node("Gather", [f"shape{k}", "zero"], [f"n{k}"]),
                      helper.make_node("Concat", ["d", f"n{k}", "hidden"], [f"to{k}"], axis=0),
                      helper.make_node("Expand", [f"{name}0", f"to{k}"], [names[at]])]
    while not names[-1]:
        names.pop()
    nodes += [helper.make_node(op, names, ["all", "last", "cell"][:2 + cell], hidden_size=H, direction=direction,
                               **settings),
              helper.make_node("Transpose", ["all"], ["y"], perm=[2, 0, 1, 3]),
              helper.make_node("Transpose", ["last"], ["turned"], perm=[1, 0, 2]),
              helper.make_node("Flatten", ["turned"], ["z"])]
    outputs = {"y": ["n", T, d, H], "z": ["n", d * H]}
    if cell:
        nodes += [helper.make_node("Transpose", ["cell"], ["upright"], perm=[1, 0, 2])]
        outputs["upright"] = ["n", d, H]
    return nodes, inputs, weights, outputs


def picture(rng, op):
    """Rows of a picture [n, 3, 32, 32] as steps, from constant states to 8 values."""
    nodes, inputs, weights, outputs = recurrent(
        rng, op, "bidirectional", {k: "constant" for k in ("hc" if op == "LSTM" else "h")})
    inputs["x"] = rng.standard_normal((2, 3, 32, 32)).astype(np.float32)
    weights["w"] = (rng.standard_normal((2, GATES[op] * H, 96)) * .1).astype(np.float32)
    weights["rows"] = np.array([0, 32, 96], np.int64)
    nodes = [helper.make_node("Transpose", ["x"], ["upright"], perm=[0, 2, 1, 3]),
             helper.make_node("Reshape", ["upright", "rows"], ["flat"]),
             helper.make_node("Transpose", ["flat"], ["steps"], perm=[1, 0, 2]),
             *(n for n in nodes[1:] if n.output[0] != "y")]
    return nodes, inputs, weights, {"z": outputs["z"]}


def resize(rng, size=None, scale=None, **settings):
    x = rng.standard_normal((2, 3, 17, 23)).astype(np.float32)
    if size:
        weights = {"to": np.array(size, np.int64)}
        names = ["x", "", "", "to"]
    else:
        weights = {"to": np.array(scale, np.float32)}
        names = ["x", "", "to"]
        size = [int(17 * scale[0]), int(23 * scale[1])]
    node = helper.make_node("Resize", names, ["y"], antialias=1, axes=[2, 3], **settings)
    return [node], {"x": x}, weights, {"y": ["n", 3, *size]}


def mish(rng):
    """As exporters write it that know no Mish."""
    x = rng.uniform(-10, 10, (3, 40)).astype(np.float32)
    nodes = [helper.make_node("Softplus", ["x"], ["plus"]),
             helper.make_node("Tanh", ["plus"], ["gate"]),
             helper.make_node("Mul", ["x", "gate"], ["y"])]
    return nodes, {"x": x}, {}, {"y": ["n", 40]}


def swish(rng):
    x = rng.uniform(-5, 5, (3, 40)).astype(np.float32)
    node = helper.make_node("Swish", ["x"], ["y"], alpha=1.7)
    return [node], {"x": x}, {}, {"y": ["n", 40]}


def unit_length(rng):
    """With a row of zeros, which stays."""
    x = rng.standard_normal((3, 4, 5)).astype(np.float32)
    x[1, 2] = 0
    node = helper.make_node("LpNormalization", ["x"], ["y"], axis=-1)
    return [node], {"x": x}, {}, {"y": ["n", 4, 5]}


def graphs():
    constant, given = {"h": "constant", "c": "constant"}, {"h": "input", "c": "input"}
    yield "lstm_constant", 17, recurrent, ("LSTM", "forward", constant), {}
    yield "lstm_both_given", 17, recurrent, ("LSTM", "bidirectional", given), {}
    yield "lstm_h_alone", 17, recurrent, ("LSTM", "reverse", {"h": "constant"}), {}
    yield "lstm_c_alone", 17, recurrent, ("LSTM", "bidirectional", {"c": "constant"}), {}
    yield ("gru_constant", 17, recurrent, ("GRU", "reverse", {"h": "constant"}),
           {"linear_before_reset": 1})
    yield "gru_both_given", 17, recurrent, ("GRU", "bidirectional", {"h": "input"}), {}
    yield "lstm_cell", 17, recurrent, ("LSTM", "bidirectional", given), {"cell": True}
    yield "lstm_cell_back", 17, recurrent, ("LSTM", "reverse", {}), {"cell": True}
    yield "lstm_picture", 17, picture, ("LSTM",), {}
    yield "gru_picture", 17, picture, ("GRU",), {}
    yield "antialias_linear", 18, resize, ([6, 9],), {"mode": "linear"}
    yield "antialias_cubic", 18, resize, ([5, 30],), {"mode": "cubic"}
    yield ("antialias_cubic_inside", 18, resize, ([4, 7],),
           {"mode": "cubic", "cubic_coeff_a": -.5, "exclude_outside": 1})
    yield ("antialias_linear_inside", 18, resize, ([3, 11],),
           {"mode": "linear", "exclude_outside": 1})
    yield "antialias_scales", 18, resize, (None, [.3, .61]), {"mode": "linear"}
    yield ("antialias_corner", 18, resize, ([6, 9],),
           {"mode": "linear", "coordinate_transformation_mode": "align_corners"})
    yield ("antialias_asymmetric", 18, resize, ([6, 9],),
           {"mode": "cubic", "coordinate_transformation_mode": "asymmetric"})
    yield "mish_apart", 17, mish, (), {}
    yield "length_2", 17, unit_length, (), {}
    yield "swish", 24, swish, (), {}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for k, (name, opset, make, given, settings) in enumerate(graphs()):
        rng = np.random.default_rng(k)
        nodes, inputs, weights, outputs = make(rng, *given, **settings)
        value = lambda n, shape: helper.make_tensor_value_info(n, TensorProto.FLOAT, shape)
        graph = helper.make_graph(
            nodes, name, [value(n, ["n", *v.shape[1:]]) for n, v in inputs.items()],
            [value(n, s) for n, s in outputs.items()],
            [numpy_helper.from_array(v, n) for n, v in weights.items()])
        model = helper.make_model(graph, ir_version=8,
                                  opset_imports=[helper.make_opsetid("", opset)])
        onnx.checker.check_model(model, full_check=True)
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        session = onnxruntime.InferenceSession(model.SerializeToString(), options)
        got = dict(zip(outputs, session.run(list(outputs), inputs)))
        try:
            other = ReferenceEvaluator(model).run(list(outputs), inputs)
        except Exception as error:  # it lacks some: said, so that the figure is known to be one's
            print(f"{name}: the reference evaluator cannot: {error}")
        else:
            off = max(np.abs(a - b).max() for a, b in zip(got.values(), other))
            print(f"{name}: the two differ by {off:.2g}")
            if off > 1e-5:
                continue
        onnx.save(model, folder / f"{name}.onnx")
        np.savez(folder / f"{name}.npz", **inputs, **got)


if __name__ == "__main__":
    main()
