# SPDX-License-Identifier: MIT
"""Small pictures of every kind, and the RGB pixels Pillow sees in them.

Run from the checkout: python python/golden/pictures.py
Writes tests/golden/pictures/*: the pictures, and expected.txt with one line a picture:
name, width, height, FNV-1a (64 bit) of its RGB bytes. Made with Pillow 13.0.0.
Alpha is laid over white with rounding; 16 bits become 8 by the high byte. PNG kinds that
Pillow does not write are packed here by hand.
"""

import pathlib
import struct
import zlib

import numpy as np
import PIL
from PIL import Image, ImageOps

OUT = pathlib.Path("tests/golden/pictures")
lines = []


def scene(w=23, h=17):
    """Smooth colours with one hard edge: shows chroma and kernel mistakes."""
    y, x = np.mgrid[0:h, 0:w].astype(float)
    rgb = np.stack([x / w, y / h, 0.5 + 0.5 * np.sin(x * y / 19)], -1) * 255
    rgb[h // 3 : h // 2, w // 4 : w // 2] = (250, 20, 30)
    return Image.fromarray(rgb.round().astype(np.uint8))


def fnv(data):
    h = 0xCBF29CE484222325
    for b in data:
        h = (h ^ b) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


def over_white(rgba):
    rgba = rgba.astype(int)
    a = rgba[..., 3:]
    return ((rgba[..., :3] * a + 255 * (255 - a) + 127) // 255).astype(np.uint8)


def expect(name, rgb=None):
    if rgb is None:
        im = ImageOps.exif_transpose(Image.open(OUT / name))
        if im.mode in ("RGBA", "LA", "PA") or "transparency" in im.info:
            rgb = over_white(np.asarray(im.convert("RGBA")))
        else:
            rgb = np.asarray(im.convert("RGB"))
    h, w, _ = rgb.shape
    lines.append(f"{name} {w} {h} {fnv(rgb.tobytes()):016x}")


def save(name, im, **options):
    im.save(OUT / name, **options)
    expect(name)


def png(name, depth, kind, samples, interlaced=False, extra=(), rgb=None):
    """samples: [H, W, channels] integers of `depth` bits."""
    h, w, _ = samples.shape
    passes = [(0, 0, 1, 1)]
    if interlaced:
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
                  (1, 0, 2, 2), (0, 1, 1, 2)]
    raw = b""
    for x0, y0, dx, dy in passes:
        part = samples[y0::dy, x0::dx]
        if part.size == 0:
            continue
        for row in part:
            bits = ((row.reshape(-1, 1) >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8)
            raw += b"\0" + np.packbits(bits.reshape(-1)).tobytes()
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, kind, 0, 0, int(interlaced)))]
    chunks += list(extra) + [(b"IDAT", zlib.compress(raw, 9)), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n"
    for tag, body in chunks:
        data += struct.pack(">I", len(body)) + tag + body
        data += struct.pack(">I", zlib.crc32(tag + body))
    (OUT / name).write_bytes(data)
    expect(name, rgb)


def pngs(im):
    grey = np.asarray(im.convert("L")).astype(int)[..., None]
    rgb = np.asarray(im).astype(int)
    for depth in (1, 2, 4, 8):
        g = grey >> (8 - depth)
        full = (g * 255 // (2**depth - 1)).astype(np.uint8).repeat(3, -1)
        png(f"grey{depth}.png", depth, 0, g, rgb=full)
        pal = np.asarray(im.quantize(2**depth)).astype(int)[..., None]
        table = bytes(im.quantize(2**depth).getpalette())[: 3 * 2**depth]
        png(f"palette{depth}.png", depth, 3, pal, extra=[(b"PLTE", table)])
    high = rgb.astype(np.uint8)
    low = (np.arange(rgb.size).reshape(rgb.shape) * 37) % 256
    png("rgb16.png", 16, 2, rgb * 256 + low, rgb=high)
    png("grey16.png", 16, 0, grey * 256 + low[..., :1],
        rgb=grey.astype(np.uint8).repeat(3, -1))
    png("interlaced.png", 8, 2, rgb, interlaced=True)
    png("interlaced16.png", 16, 2, rgb * 256 + low, interlaced=True, rgb=high)
    alpha = (np.arange(grey.size).reshape(grey.shape) * 7) % 256
    png("rgba.png", 8, 6, np.concatenate([rgb, alpha], -1))
    png("rgba16.png", 16, 6, np.concatenate([rgb, alpha], -1) * 257,
        rgb=over_white(np.concatenate([rgb, alpha], -1)))
    png("greyalpha.png", 8, 4, np.concatenate([grey, alpha], -1))
    key = tuple(int(v) for v in rgb[0, 0])
    png("rgbkey.png", 8, 2, rgb, extra=[(b"tRNS", struct.pack(">HHH", *key))])
    q = im.quantize(16)
    png("palettealpha.png", 4, 3, np.asarray(q).astype(int)[..., None],
        extra=[(b"PLTE", bytes(q.getpalette())[:48]), (b"tRNS", bytes(range(0, 160, 16)))])


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    im = scene()
    grey = im.convert("L")
    save("444.jpg", im, subsampling="4:4:4", quality=90)
    save("422.jpg", im, subsampling="4:2:2", quality=90)
    save("420.jpg", im, subsampling="4:2:0", quality=75)
    save("grey.jpg", grey)
    save("progressive.jpg", im, progressive=True)
    save("cmyk.jpg", im.convert("CMYK"), quality=90)
    save("restart.jpg", scene(64, 48), restart_marker_blocks=2)
    save("one.jpg", Image.new("RGB", (1, 1), (9, 80, 200)))
    save("one.png", Image.new("RGB", (1, 1), (9, 80, 200)))
    small = scene(7, 4)
    for turn in range(1, 9):
        exif = Image.Exif()
        exif[274] = turn
        save(f"turn{turn}.jpg", small, exif=exif, subsampling="4:4:4")
        if turn in (1, 6):
            save(f"turn{turn}.png", small, exif=exif)
            save(f"turn{turn}.webp", small, exif=exif, lossless=True)
            save(f"turn{turn}.tif", small, exif=exif)
    pngs(im)
    for name, picture in (("rgb", im), ("grey", grey), ("palette", im.quantize(16)),
                          ("bits", im.convert("1"))):
        save(f"{name}.bmp", picture)
        save(f"{name}.tif", picture, compression="tiff_lzw")
    save("rgb.gif", im)
    save("key.gif", im.quantize(16), transparency=3)
    save("rgb.webp", im, lossless=True)
    later = [ImageOps.mirror(im), ImageOps.flip(im)]
    alpha = Image.fromarray((np.arange(im.width * im.height).reshape(im.height, im.width) * 7 % 256)
                            .astype(np.uint8))
    save("moving.webp", im, save_all=True, append_images=later, lossless=True)
    clear = im.copy()
    clear.putalpha(alpha)
    save("movingalpha.webp", clear, save_all=True, append_images=later, lossless=True)
    # lossy WebP is compared within a level: raw pixels instead of a hash
    im.save(OUT / "lossy.webp", quality=80)
    (OUT / "lossy.rgb").write_bytes(Image.open(OUT / "lossy.webp").convert("RGB").tobytes())
    (OUT / "expected.txt").write_text("\n".join(lines) + "\n")
    print(len(lines), "pictures, Pillow", PIL.__version__)


main()
