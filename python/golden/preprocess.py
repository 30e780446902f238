# SPDX-License-Identifier: MIT
"""Golden values of the preprocessing: tests/golden/preprocess.csv, and of whole files
(decode, resize, crop, normalise) with a folder of OASIS pictures:
tests/golden/preprocess_oasis.csv.

    python python/golden/preprocess.py > tests/golden/preprocess.csv
    python python/golden/preprocess.py FOLDER > tests/golden/preprocess_oasis.csv
"""
import pathlib
import sys

import numpy
import torch
from PIL import Image
from torchvision.transforms import functional as F

MEAN, SD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SAMPLES = 12
# height, width → short side, crop height, crop width
CASES = [
    (1, 1, 8, 5, 5), (400, 500, 256, 224, 224), (500, 400, 256, 224, 224),
    (401, 500, 256, 224, 224), (255, 300, 256, 224, 224), (300, 256, 256, 224, 224),
    (61, 93, 32, 32, 32), (61, 93, 33, 28, 29), (93, 61, 33, 40, 29), (20, 30, 10, 16, 30),
    (30, 20, 10, 31, 17), (300, 2, 16, 16, 16), (2, 300, 16, 16, 16), (50, 50, 50, 50, 50),
    (900, 40, 30, 28, 28), (77, 78, 41, 38, 36), (78, 77, 41, 36, 38),
]


def pixels(count):
    i = numpy.arange(count, dtype=numpy.uint64)
    return (((i * 2654435761 + 12345) % 2**32) >> 13).astype(numpy.uint8)


def sampled(result):
    flat = result.numpy().ravel()
    return " ".join(f"{flat[(k * 7919) % len(flat)]:.7g}" for k in range(SAMPLES))


def pillow_path(picture, size, height, width):
    picture = F.center_crop(F.resize(picture, size), [height, width])
    return F.normalize(F.to_tensor(picture), MEAN, SD)


def tensor_path(image, size, height, width):
    floats = torch.from_numpy(image).permute(2, 0, 1).float() / 255
    return F.center_crop(F.resize(floats, size, antialias=False), [height, width])


def main():
    if len(sys.argv) > 1:
        print("picture,samples")
        for path in sorted(pathlib.Path(sys.argv[1]).glob("*.jpg"))[::60]:
            print(path.name, sampled(pillow_path(Image.open(path).convert("RGB"), 256, 224, 224)),
                  sep=",")
        return
    print("path,from_height,from_width,size,height,width,samples")
    for h, w, *options in CASES:
        image = pixels(h * w * 3).reshape(h, w, 3)
        print("imagenet", h, w, *options,
              sampled(pillow_path(Image.fromarray(image), *options)), sep=",")
        print("tensor", h, w, *options, sampled(tensor_path(image, *options)), sep=",")


main()
