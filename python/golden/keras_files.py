# SPDX-License-Identifier: MIT
"""Makes tests/golden/keras/: one small network's weights in every HDF5 layout of Keras, and
weights.txt: what they are under our names and in our order of dimensions.

whole.h5           model.save() of Keras 3: "model_weights", a nested network, model_config
numbered.weights.h5  save_weights() of Keras 3: numbered variables
published.h5       as Keras 2 wrote and publishes them: fixed texts, "conv2d_7/kernel:0"
again.h5           published.h5 loaded and saved once more: weights are called "stem_1/kernel:0"
whole_again.h5     whole.h5 in the same way, and "my_model/head/kernel:0"
old.h5             as Keras 1: "stem_W_1:0", "stem_bn_running_std_1:0", lists cut in two

Run: KERAS_BACKEND=tensorflow python python/golden/keras_files.py tests/golden/keras
(keras 3.15.1, tensorflow-cpu 2.21.0, h5py 3.14.0, numpy 2.4.6)
"""
import pathlib
import sys

import h5py
import keras
import numpy as np

SUFFIX = {"kernel": "weight", "bias": "bias", "gamma": "weight", "beta": "bias",
          "moving_mean": "running_mean", "moving_variance": "running_var",
          "depthwise_kernel": "weight", "pointwise_kernel": "weight"}
OLD = {"kernel": "W", "bias": "b", "moving_mean": "running_mean",
       "moving_variance": "running_std"}
COUNTED = {"conv2d": "conv2d_7", "conv2d_1": "conv2d_12",
           "batch_normalization": "batch_normalization_3"}


def network():
    layers = keras.layers
    x = i = layers.Input((12, 12, 3))
    x = layers.Conv2D(2, (3, 2), name="stem")(x)
    x = layers.BatchNormalization(name="stem_bn")(x)
    x = layers.Conv2D(2, 1)(x)
    x = layers.BatchNormalization(scale=False)(x)
    x = layers.DepthwiseConv2D((2, 3), depth_multiplier=2, name="deep")(x)
    x = layers.Conv2D(2, 1, use_bias=False)(x)
    x = layers.SeparableConv2D(3, 2, name="apart")(x)
    x = layers.GlobalAveragePooling2D()(x)
    body = keras.Model(i, x, name="body")
    j = layers.Input((12, 12, 3))
    model = keras.Model(j, layers.Dense(2, name="head")(body(j)))
    number = 0
    for layer in [*body.layers, model.get_layer("head")]:
        values = []
        for w in layer.get_weights():
            values.append((np.arange(w.size, dtype="<f4").reshape(w.shape) + number) / 8)
            number += w.size
        layer.set_weights(values)
    return model, body


def variables(model, body):
    """(layer, variable, value); a depthwise layer's kernel under its usual name."""
    for layer in [*body.layers, model.get_layer("head")]:
        for v in layer.weights:
            name = v.name
            if isinstance(layer, keras.layers.DepthwiseConv2D) and name == "kernel":
                name = "depthwise_kernel"
            yield layer, name, np.asarray(v)


def ours(layer, name, v):
    separable = isinstance(layer, keras.layers.SeparableConv2D)
    between = ""
    if name == "depthwise_kernel":
        v = v.transpose(2, 3, 0, 1)
        v = v.reshape(-1, 1, *v.shape[2:])
        between = "depthwise." if separable else ""
    elif name == "pointwise_kernel" or (name == "kernel" and v.ndim == 4):
        v = v.transpose(3, 2, 0, 1)
    elif name == "kernel":
        v = v.T
    if separable and name != "depthwise_kernel":
        between = "pointwise."
    return f"{layer.name}.{between}{SUFFIX[name]}", v


def published(path, rows):
    groups = {}
    for layer, name, v in rows:
        called = COUNTED.get(layer.name, layer.name)
        groups.setdefault(called, []).append((f"{called}/{name}:0", v))
    with h5py.File(path, "w") as f:
        f.attrs["layer_names"] = np.array([g.encode() for g in ["input_1", *groups]])
        f.attrs["backend"] = b"tensorflow"
        f.create_group("input_1").attrs["weight_names"] = np.zeros(0)
        for group, weights in groups.items():
            g = f.create_group(group)
            g.attrs["weight_names"] = np.array([n.encode() for n, _ in weights])
            for name, v in weights:
                g.create_dataset(name, data=v)


def old(path, rows):
    groups = {}
    for layer, name, v in rows:
        groups.setdefault(layer.name, []).append((f"{layer.name}_{OLD.get(name, name)}_1:0", v))
    names = [g.encode() for g in groups]
    with h5py.File(path, "w") as f:
        f.attrs["layer_names0"] = np.array(names[:3])
        f.attrs["layer_names1"] = np.array(names[3:])
        for group, weights in groups.items():
            g = f.create_group(group)
            g.attrs["weight_names"] = np.array([n.encode() for n, _ in weights])
            for name, v in weights:
                g.create_dataset(name, data=v)


def again(source, path, root):
    """Renames weights as load_model() and a second save do; groups keep their names."""
    with h5py.File(source) as old_file, h5py.File(path, "w") as f:
        for name, value in old_file.attrs.items():
            f.attrs[name] = value
        if root:
            f.create_group(root)
            for name, value in old_file[root].attrs.items():
                f[root].attrs[name] = value
        top, to = (old_file[root], f[root]) if root else (old_file, f)
        for group in top.attrs["layer_names"]:
            group = group.decode() if isinstance(group, bytes) else group
            g, names = to.create_group(group), []
            for name in top[group].attrs["weight_names"]:
                name = name.decode() if isinstance(name, bytes) else name
                layer, variable = name.rsplit("/", 1)
                layer = f"my_model/{layer}" if layer == "head" and root else f"{layer}_1"
                names.append(f"{layer}/{variable}")
                g.create_dataset(names[-1], data=top[group][name][...])
            g.attrs["weight_names"] = np.array([n.encode() for n in names])


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    model, body = network()
    model.save(folder / "whole.h5")
    model.save_weights(folder / "numbered.weights.h5")
    rows = list(variables(model, body))
    published(folder / "published.h5", rows)
    old(folder / "old.h5", rows)
    again(folder / "published.h5", folder / "again.h5", "")
    again(folder / "whole.h5", folder / "whole_again.h5", "model_weights")
    with open(folder / "weights.txt", "w") as out:
        for layer, name, v in rows:
            name, v = ours(layer, name, v)
            shape = ",".join(map(str, v.shape))
            out.write(f"{name}|float32|{shape}|{' '.join(str(x) for x in v.ravel())}\n")
            if name == "batch_normalization.bias":
                ones = " ".join(["1.0"] * v.size)
                out.write(f"batch_normalization.weight|float32|{shape}|{ones}\n")


main()
