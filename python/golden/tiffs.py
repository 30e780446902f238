# SPDX-License-Identifier: MIT
"""TIFF of the kinds people have, and the RGB pixels they hold.

Run from the checkout, after pictures.py: python python/golden/tiffs.py
Writes tests/golden/pictures/*.tif named below and replaces their lines in expected.txt. Made
with Pillow 13.0.0 (libtiff 4.7), tifffile 2026.3.3, imagecodecs 2026.3.6, NumPy 2.4.6.
Lossless kinds must give the scene itself; JPEG and YCbCr what Pillow reads; alpha is laid over
white with rounding; 16 bits become 8 by the high byte. The old LZW, of which no writer is left,
is packed here by hand.
"""

import pathlib
import struct

import numpy as np
import tifffile
from PIL import Image

OUT = pathlib.Path("tests/golden/pictures")
lines = {}


def load_pictures():
    """pictures.py without its last line, which would write everything anew."""
    text = pathlib.Path("python/golden/pictures.py").read_text()
    space = {}
    exec(compile(text[: text.rindex("main()")], "pictures.py", "exec"), space)
    return space


base = load_pictures()


def expect(name, rgb=None):
    if rgb is None:
        rgb = np.asarray(Image.open(OUT / name).convert("RGB"))
    h, w, _ = rgb.shape
    lines[name] = f"{name} {w} {h} {base['fnv'](rgb.tobytes()):016x}"


def write(name, array, rgb, **options):
    tifffile.imwrite(OUT / name, array, metadata=None, **options)
    expect(name, rgb)


def lzw_least_bit_first(data):
    """LZW as before TIFF 5: codes of 9 bits, least significant first, table often cleared."""
    codes = []
    for i, byte in enumerate(data):
        if i % 200 == 0:
            codes.append(256)
        codes.append(byte)
    codes.append(257)
    bits = sum(code << 9 * i for i, code in enumerate(codes))
    return bits.to_bytes((9 * len(codes) + 7) // 8, "little")


def old_lzw(name, grey):
    h, w = grey.shape
    strip = lzw_least_bit_first(grey.tobytes())
    tags = [(256, w), (257, h), (258, 8), (259, 5), (262, 1), (273, 8), (277, 1), (278, h),
            (279, len(strip))]
    body = strip + b"\0" * (len(strip) % 2)
    head = struct.pack("<2sHI", b"II", 42, 8 + len(body))
    table = struct.pack("<H", len(tags))
    table += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    (OUT / name).write_bytes(head + body + table + b"\0\0\0\0")
    expect(name, grey[..., None].repeat(3, -1))


def over_white_premultiplied(rgb, alpha):
    sums = (rgb.astype(int) * 255 + 255 * (255 - alpha[..., None].astype(int)) + 127) // 255
    return sums.clip(0, 255).astype(np.uint8)


def cmyk_to_rgb(cmyk):
    """As Pillow: light minus ink times light."""
    ink, light = cmyk[..., :3].astype(int), 255 - cmyk[..., 3:].astype(int)
    product = ink * light + 128
    return (light - ((product >> 8) + product >> 8)).clip(0, 255).astype(np.uint8)


def main():
    im = base["scene"]()
    rgb = np.asarray(im)
    grey = np.asarray(im.convert("L"))
    alpha = (np.arange(grey.size).reshape(grey.shape) * 7 % 256).astype(np.uint8)
    low = (np.arange(rgb.size).reshape(rgb.shape) * 37) % 256
    deep = (rgb.astype(np.uint16) << 8) + low.astype(np.uint16)
    grey3 = grey[..., None].repeat(3, -1)
    tile = {"tile": (16, 16)}
    write("tiles.tif", rgb, rgb, photometric="rgb", **tile)
    write("tiles-deflate.tif", rgb, rgb, photometric="rgb", compression="zlib", predictor=True,
          **tile)
    write("tiles-big.tif", rgb, rgb, photometric="rgb", bigtiff=True, byteorder=">", **tile)
    planes = np.moveaxis(rgb, -1, 0)
    write("planes.tif", planes, rgb, photometric="rgb", planarconfig="separate",
          compression="lzw", rowsperstrip=5)
    write("planes-tiles.tif", planes, rgb, photometric="rgb", planarconfig="separate", **tile)
    write("rgb16.tif", deep, rgb, photometric="rgb", byteorder=">", compression="zlib",
          predictor=True)
    write("grey16.tif", deep[..., 0], rgb[..., :1].repeat(3, -1), photometric="minisblack")
    write("white.tif", grey, 255 - grey3, photometric="miniswhite", compression="packbits")
    write("zstd.tif", rgb, rgb, photometric="rgb", compression="zstd")
    write("lzma.tif", rgb, rgb, photometric="rgb", compression="lzma")
    write("bigtiff.tif", rgb, rgb, photometric="rgb", bigtiff=True, compression="lzw")
    rgba = np.concatenate([rgb, alpha[..., None]], -1)
    write("alpha.tif", rgba, base["over_white"](rgba), photometric="rgb",
          extrasamples=["unassalpha"])
    product = (rgb.astype(int) * alpha[..., None] + 127) // 255
    bound = np.concatenate([product.astype(np.uint8), alpha[..., None]], -1)
    write("alpha-associated.tif", bound, over_white_premultiplied(product, alpha),
          photometric="rgb", extrasamples=["assocalpha"], compression="lzw")
    write("alpha-planes.tif", np.moveaxis(rgba, -1, 0), base["over_white"](rgba),
          photometric="rgb", planarconfig="separate", extrasamples=["unassalpha"])
    cmyk = np.stack([255 - rgb[..., 0], rgb[..., 1] // 2, rgb[..., 2], rgb[..., 0] // 3], -1)
    ink = cmyk_to_rgb(cmyk)
    assert (ink == np.asarray(Image.fromarray(cmyk, "CMYK").convert("RGB"))).all()
    write("cmyk.tif", cmyk, ink, photometric="separated")
    write("cmyk-planes.tif", np.moveaxis(cmyk, -1, 0), ink, photometric="separated",
          planarconfig="separate", compression="lzw")
    write("cmyk-tiles.tif", cmyk, ink, photometric="separated", **tile)
    write("cmyk16.tif", cmyk.astype(np.uint16) * 256 + 77, ink, photometric="separated")
    old_lzw("lzw-old.tif", grey)
    im.save(OUT / "jpeg.tif", compression="jpeg", quality=90)
    expect("jpeg.tif")
    im.convert("YCbCr").save(OUT / "ycbcr.tif", compression="tiff_lzw")
    expect("ycbcr.tif")
    for name, across, down in (("ycbcr422.tif", 2, 1), ("ycbcr420.tif", 2, 2)):
        subsampled(name, im, across, down)
    black = im.convert("1")
    for name, way in (("group3.tif", "group3"), ("group4.tif", "group4")):
        black.save(OUT / name, compression=way)
        expect(name)
    old = (OUT / "expected.txt").read_text().splitlines()
    kept = [line for line in old if line.split()[0] not in lines]
    (OUT / "expected.txt").write_text("\n".join([*kept, *lines.values()]) + "\n")
    print(len(lines), "TIFFs")


def subsampled(name, im, across, down):
    """YCbCr in blocks of `down` rows of `across` lights, then both colours, by LZW."""
    ycc = np.asarray(im.convert("YCbCr"))
    h, w, _ = ycc.shape
    rows, columns = -(-h // down), -(-w // across)
    padded = np.pad(ycc, ((0, rows * down - h), (0, columns * across - w), (0, 0)), "edge")
    blocks = padded.reshape(rows, down, columns, across, 3).transpose(0, 2, 1, 3, 4)
    light = blocks[..., 0].reshape(rows, columns, down * across)
    colour = blocks[..., 1:].mean((2, 3)).round().astype(np.uint8)
    data = np.concatenate([light, colour], -1).tobytes()
    import imagecodecs
    strip = imagecodecs.lzw_encode(data)
    tags = [(256, 4, w), (257, 4, h), (258, 3, (8, 8, 8)), (259, 3, 5), (262, 3, 6),
            (273, 4, 0), (277, 3, 3), (278, 4, h), (279, 4, len(strip)),
            (530, 3, (across, down)), (531, 3, 1)]
    extra = struct.pack("<HHH", 8, 8, 8)
    at = 8 + len(extra)
    body = extra + strip
    body += b"\0" * (len(body) % 2)
    table = struct.pack("<H", len(tags))
    for tag, kind, value in tags:
        if tag == 258:
            table += struct.pack("<HHII", tag, kind, 3, 8)
        elif tag == 530:
            table += struct.pack("<HHIHH", tag, kind, 2, *value)
        else:
            table += struct.pack("<HHII", tag, kind, 1, at if tag == 273 else value)
    head = struct.pack("<2sHI", b"II", 42, 8 + len(body))
    (OUT / name).write_bytes(head + body + table + b"\0\0\0\0")
    expect(name)


main()
