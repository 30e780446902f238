# SPDX-License-Identifier: MIT
"""Golden values of the resizes: tests/golden/resize.csv.

Input pixels come from a formula (`pixels` here and in tests/signal/test_resize.c). Pillow
kernels are compared as whole pictures (FNV-1a hash), torch kernels at sampled places.

    python python/golden/resize.py > tests/golden/resize.csv
"""
import sys

import numpy
import PIL
import torch
from PIL import Image
from torch.nn.functional import interpolate

SAMPLES = 12
PILLOW = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}
TORCH = {
    "nearest-torch": dict(mode="nearest"),
    "bilinear-torch": dict(mode="bilinear", align_corners=False),
    "bilinear-aa-torch": dict(mode="bilinear", align_corners=False, antialias=True),
    "bicubic-torch": dict(mode="bicubic", align_corners=False),
    "bicubic-aa-torch": dict(mode="bicubic", align_corners=False, antialias=True),
}
# height, width, channels → height, width. Width 1 is left out where torch antialiases:
# torch 2.15 repeats one value down the column there.
CASES = [
    (1, 1, 3, 1, 1), (1, 1, 3, 5, 4), (7, 5, 3, 1, 1), (2, 3, 3, 3, 2), (5, 5, 1, 5, 2),
    (13, 17, 3, 224, 224), (64, 48, 3, 48, 64), (101, 99, 3, 99, 101), (101, 99, 4, 33, 50),
    (200, 250, 3, 128, 160), (250, 200, 1, 160, 128), (3, 900, 3, 31, 60), (900, 3, 3, 60, 31),
    (300, 40, 3, 100, 38), (37, 41, 2, 37, 80), (37, 41, 3, 74, 82), (333, 257, 3, 224, 224),
    (40, 40, 3, 40, 40), (1, 50, 3, 20, 7), (50, 1, 3, 7, 20),
]


def pixels(count):
    i = numpy.arange(count, dtype=numpy.uint64)
    return (((i * 2654435761 + 12345) % 2**32) >> 13).astype(numpy.uint8)


def fnv(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    return f"{value:016x}"


def pillow(image, height, width, method):
    modes = {1: "L", 2: "LA", 3: "RGB", 4: "CMYK"}
    if image.shape[2] == 2:  # Pillow premultiplies LA: take the channels one by one
        return numpy.concatenate(
            [pillow(image[:, :, c : c + 1], height, width, method) for c in range(2)], 2)
    flat = image[:, :, 0] if image.shape[2] == 1 else image
    picture = Image.fromarray(numpy.ascontiguousarray(flat), modes[image.shape[2]])
    result = numpy.asarray(picture.resize((width, height), method))
    return result.reshape(height, width, image.shape[2])


def main():
    print(f"Pillow {PIL.__version__}, torch {torch.__version__}", file=sys.stderr)
    print("kernel,from_height,from_width,channels,height,width,hash,samples")
    for case in CASES:
        h, w, c, height, width = case
        image = pixels(h * w * c).reshape(h, w, c)
        for name, method in PILLOW.items():
            result = pillow(image, height, width, method)
            print(name, *case, fnv(result.tobytes()), "", sep=",")
        floats = torch.from_numpy(image.astype(numpy.float32)).permute(2, 0, 1)[None]
        for name, options in TORCH.items():
            if width == 1 and options.get("antialias") and h > 1:
                continue
            result = interpolate(floats.contiguous(), size=(height, width), **options)
            result = result[0].permute(1, 2, 0).numpy().ravel()
            if name == "nearest-torch":
                print(name, *case, fnv(result.astype(numpy.uint8).tobytes()), "", sep=",")
                continue
            at = [(k * 7919) % len(result) for k in range(SAMPLES)]
            samples = " ".join(f"{result[i]:.7g}" for i in at)
            print(name, *case, "", samples, sep=",")


main()
