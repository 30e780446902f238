# SPDX-License-Identifier: MIT
"""Makes tests/golden/models/keras_{names,features}.tsv: layers, parameters and features of the
backbones as Keras has them, in the form that backbones.py writes (see there for how weights and
pictures are drawn: under our names and in our order of dimensions, then turned to Keras').

Run: KERAS_BACKEND=tensorflow python python/golden/keras_backbones.py tests/golden/models
(keras 3.15.1, tensorflow-cpu 2.21.0, numpy 2.4.6)
"""
import pathlib
import sys

import keras
import numpy as np

A = keras.applications
ROWS = {  # maker, size of the picture, layers compared
    "keras_mobilenet": (A.MobileNet, 97, [
        "conv1_relu", "conv_dw_2_relu", "conv_pw_6_relu", "conv_dw_12", "conv_pw_13_relu"]),
    "keras_xception": (A.Xception, 110, [
        "block1_conv2_act", "block2_pool", "add", "batch_normalization_1", "block4_sepconv2_bn",
        "add_6", "block13_pool", "block14_sepconv2_act"]),
    "keras_inception_v3": (A.InceptionV3, 130, [
        "activation", "max_pooling2d_1", "average_pooling2d", "mixed0", "mixed3", "mixed7",
        "mixed8", "mixed9_1", "concatenate_1", "mixed10"]),
    "keras_resnet50": (A.ResNet50, 97, [
        "conv1_relu", "pool1_pool", "conv2_block1_0_bn", "conv2_block3_out",
        "conv3_block1_1_relu", "conv4_block6_out", "conv5_block3_out"]),
    "keras_vgg16": (A.VGG16, 64, ["block1_pool", "block3_pool", "block5_pool"]),
    "keras_vgg19": (A.VGG19, 64, ["block1_pool", "block4_pool", "block5_pool"]),
}
SUFFIX = {"kernel": "weight", "bias": "bias", "gamma": "weight", "beta": "bias",
          "moving_mean": "running_mean", "moving_variance": "running_var",
          "depthwise_kernel": "depthwise.weight", "pointwise_kernel": "pointwise.weight"}
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
    return v.astype(np.float32).reshape(shape)


def ours(layer, variable):
    """Our name and shape, and how an array of that shape becomes Keras'."""
    shape, name = tuple(variable.shape), variable.name
    depthwise = name == "depthwise_kernel" or (
        name == "kernel" and isinstance(layer, keras.layers.DepthwiseConv2D)
        and not isinstance(layer, keras.layers.SeparableConv2D))
    suffix = "weight" if depthwise and name == "kernel" else SUFFIX[name]
    if depthwise:
        h, w, c, m = shape
        return f"{layer.name}.{suffix}", (c * m, 1, h, w), lambda v: v.reshape(
            c, m, h, w).transpose(2, 3, 0, 1)
    if len(shape) == 4:
        h, w, i, o = shape
        return f"{layer.name}.{suffix}", (o, i, h, w), lambda v: v.transpose(2, 3, 1, 0)
    return f"{layer.name}.{suffix}", shape, lambda v: v


def fill(model, row, names):
    for layer in model.layers:
        if not isinstance(layer, (keras.layers.InputLayer, keras.layers.GlobalAveragePooling2D)):
            names.write(f"{row}\tlayer\t{layer.name}\t-\n")
        values = []
        for variable in layer.weights:
            name, shape, turn = ours(layer, variable)
            names.write(f"{row}\tparameter\t{name}\t{','.join(map(str, shape))}\n")
            values.append(turn(parameter(name, shape)))
            if variable.name == "beta" and not layer.scale:
                names.write(f"{row}\tones\t{layer.name}.weight\t{shape[0]}\n")
        if values:
            layer.set_weights(values)
    names.write(f"{row}\tcount\t{model.count_params()}\t-\n")


def main():
    folder = pathlib.Path(sys.argv[1])
    head = (f"# made by python/golden/keras_backbones.py\n# keras {keras.__version__}, "
            f"backend {keras.backend.backend()}, numpy {np.__version__}\n")
    with open(folder / "keras_names.tsv", "w") as names, \
            open(folder / "keras_features.tsv", "w") as out:
        names.write(head)
        out.write(head)
        for row, (make, size, layers) in ROWS.items():
            keras.backend.clear_session()
            model = make(include_top=False, weights=None, pooling="avg",
                         input_shape=(size, size, 3))
            fill(model, row, names)
            x = (2 * drawn("input", 3 * size * size)).astype(np.float32)
            x = x.reshape(1, 3, size, size).transpose(0, 2, 3, 1)
            taps = keras.Model(model.input, [model.get_layer(n).output for n in layers]
                               + [model.output])
            for layer, y in zip([*layers, "avg_pool"], taps(x, training=False)):
                y = np.asarray(y, np.float64)
                v = (y.transpose(0, 3, 1, 2) if y.ndim == 4 else y).ravel()
                out.write(f"{row}\t{size}\t{layer}\tmax\t{np.abs(v).max():.9g}\n")
                out.write(f"{row}\t{size}\t{layer}\tmean\t{v.mean():.9g}\n")
                for i in sorted({int(k * (v.size - 1) / (SAMPLES - 1)) for k in range(SAMPLES)}):
                    out.write(f"{row}\t{size}\t{layer}\t{i}\t{v[i]:.9g}\n")
                print(row, layer, y.shape, "sd", v.std(), "zero", (v == 0).mean())


main()
