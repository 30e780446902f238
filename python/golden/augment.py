# SPDX-License-Identifier: MIT
"""Golden values of the augmentations: tests/golden/augment.txt.

Pictures come from a formula (`pixels` here and in tests/signal/test_augmenter.c), in [0, 1].
Flips, rotations, shears and colours are torchvision's (on tensors), the other maps and fills
scipy.ndimage's affine_transform; what torchvision rounds or blends otherwise is left out.

    python python/golden/augment.py > tests/golden/augment.txt
"""
import math
import sys

import numpy
import scipy
import torch
import torchvision
from scipy.ndimage import affine_transform
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as tv

SAMPLES = 48


def pixels(height, width):
    i = numpy.arange(height * width * 3, dtype=numpy.uint64)
    raw = (((i * 2654435761 + 12345) % 2**32) >> 13).astype(numpy.uint8)
    picture = raw.reshape(height, width, 3).astype(numpy.float64)
    # noise on a slope, so that a picture has both
    slope = numpy.arange(height)[:, None, None] * 2 + numpy.arange(width)[None, :, None] * 3
    return (numpy.floor(picture / 4) + slope % 192).transpose(2, 0, 1) / 255


def turn(degrees):  # counter-clockwise; (x, y) with y downwards
    s, c = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    return numpy.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])


def diagonal(x, y):
    return numpy.diag([x, y, 1.0])


def move(x, y):
    return numpy.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])


def scipy_warp(picture, forward, mode, order, colour=0.0):
    """forward: homogeneous (x, y) about the centre."""
    height, width = picture.shape[1:]
    centre = move((width - 1) / 2, (height - 1) / 2)
    back = centre @ numpy.linalg.inv(forward) @ numpy.linalg.inv(centre)
    rows = back[[1, 0]][:, [1, 0, 2]]  # scipy counts (row, column)
    return numpy.stack([affine_transform(plane, rows[:, :2], rows[:, 2], order=order,
                                         mode=mode, cval=colour) for plane in picture])


def torch_warp(call, picture, **options):
    return call(torch.from_numpy(picture)[None], **options)[0].numpy()


def chain(picture, *steps):
    tensor = torch.from_numpy(picture)
    for call, factor in steps:
        tensor = call(tensor, factor)
    return tensor.numpy()


def cases():
    nearest, bilinear = InterpolationMode.NEAREST, InterpolationMode.BILINEAR
    odd, square, wide = (23, 31), (32, 32), (20, 45)
    yield "flip 1", odd, lambda p: torch_warp(tv.hflip, p)
    yield "vflip 1", odd, lambda p: torch_warp(tv.vflip, p)
    for turns in (1, 2, 3):
        yield (f"rotate90 {turns},{turns}", square,
               lambda p, k=turns: torch_warp(torch.rot90, p, k=k, dims=(2, 3)))
    for angle in (31, -71.5, 200):  # at 30 some places lie halfway between two pixels
        yield (f"rotate {angle},{angle}; resample kernel=nearest colour=0", odd,
               lambda p, a=angle: torch_warp(tv.rotate, p, angle=a, interpolation=nearest))
        yield (f"rotate {angle},{angle}; resample colour=0", wide,
               lambda p, a=angle: torch_warp(tv.rotate, p, angle=a, interpolation=bilinear))
    yield ("shear 20,20; resample colour=0", odd,
           lambda p: torch_warp(tv.affine, p, angle=0, translate=[0, 0], scale=1.0,
                                shear=[20.0, 0.0], interpolation=bilinear))
    for mode in "reflect", "mirror", "nearest":
        for order, kernel in enumerate(("nearest", "bilinear")):
            yield (f"rotate -33,-33; zoom 0.3,0.3; resample {mode} kernel={kernel}", odd,
                   lambda p, m=mode, o=order: scipy_warp(
                       p, diagonal(0.3, 0.3) @ turn(-33), m, o))
    yield ("shift across=0.1,0.1 down=-0.26,-0.26; resample colour=0.25", odd,
           lambda p: scipy_warp(p, move(3.1, -0.26 * 23), "grid-constant", 1, 0.25))
    yield ("zoom 1.3,1.3 step=true; resample reflect", wide,
           lambda p: scipy_warp(p, diagonal(1 / 1.3, 1 / 1.3), "reflect", 1))
    yield ("flip 1; rotate 20,20; shift 0.2,0.2; zoom 1.4,1.4; resample mirror", wide,
           lambda p: scipy_warp(p, diagonal(1.4, 1.4) @ move(9, 4) @ turn(20) @ diagonal(-1, 1),
                                "mirror", 1))
    # Keras: row r - sin c, column cos c of the picture stands at (r, c)
    s, c = math.sin(math.radians(40)), math.cos(math.radians(40))
    back = numpy.array([[c, 0, 0], [-s, 1, 0], [0, 0, 1]])
    yield ("shear 40,40 rule=keras; resample reflect", odd,
           lambda p: scipy_warp(p, numpy.linalg.inv(back), "reflect", 1))
    for name, call, factors in (("brightness", tv.adjust_brightness, (0.5, 1.7)),
                                ("contrast", tv.adjust_contrast, (0.4, 1.6)),
                                ("saturation", tv.adjust_saturation, (0, 2.5)),
                                ("hue", tv.adjust_hue, (0.2, -0.35))):
        for factor in factors:
            yield (f"{name} {factor},{factor}", odd,
                   lambda p, f=factor, a=call: chain(p, (a, f)))
    yield ("brightness 1.3,1.3; contrast 0.7,0.7; saturation 1.5,1.5; contrast 1.2,1.2; "
           "hue 0.1,0.1", odd,
           lambda p: chain(p, (tv.adjust_brightness, 1.3), (tv.adjust_contrast, 0.7),
                           (tv.adjust_saturation, 1.5), (tv.adjust_contrast, 1.2),
                           (tv.adjust_hue, 0.1)))


def main():
    print(f"# torchvision {torchvision.__version__}, torch {torch.__version__}, "
          f"scipy {scipy.__version__}, numpy {numpy.__version__}")
    for spec, (height, width), call in cases():
        out = call(pixels(height, width)).reshape(-1)
        samples = " ".join(f"{out[k * 7919 % out.size]:.7g}" for k in range(SAMPLES))
        print(f"{spec}|{height}|{width}|{samples}")
    print(f"{SAMPLES} samples a case", file=sys.stderr)


if __name__ == "__main__":
    main()
