# SPDX-License-Identifier: MIT
"""Fails when README.md shows another program than examples/predict.c, or the examples give
other values than the command.

usage: check_examples.py CHECKOUT MIEN BUILD
"""
import csv
import io
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import zlib

SIDE = 300


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def make_picture(path):
    rows = b"".join(b"\0" + bytes(v for x in range(SIDE) for v in (x * 255 // SIDE, y * 3 % 256,
                                                                 (x ^ y) & 255))
                    for y in range(SIDE))
    path.write_bytes(b"\x89PNG\r\n\x1a\n"
                     + chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0))
                     + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def run(*command):
    return subprocess.run([str(word) for word in command], text=True, capture_output=True,
                          timeout=120)


def check_readme(root):
    shown = re.findall(r"^```c\n(.*?)^```", (root / "README.md").read_text(), re.M | re.S)
    program = (root / "examples/predict.c").read_text()
    kept = program[program.index("#include"):]
    return [] if shown == [kept] else ["README.md does not show examples/predict.c from its first "
                                       "#include on"]


def close(a, b, tolerance):
    return len(a) == len(b) and all(abs(x - y) <= tolerance for x, y in zip(a, b))


def check_predict(mien, build, picture):
    want = run(mien, "predict", "image-va", picture)
    if want.returncode:
        return want.stderr, []
    row = next(csv.DictReader(io.StringIO(want.stdout)))
    got = run(build / "predict", picture)
    if got.returncode:
        return None, [f"predict: {got.stderr}"]
    name, *values = got.stdout.rstrip("\n").split("\t")
    good = name == str(picture) and close([float(v) for v in values],
                                          [float(row["valence"]), float(row["arousal"])], 0.0051)
    missing = run(build / "predict", picture.with_name("none.png"))
    return None, ([] if good else [f"predict prints {got.stdout!r}, the command {row}"]) + (
        [] if missing.returncode == 1 and "none.png" in missing.stderr
        else ["predict does not tell a missing picture"])


def check_extract(mien, build, picture):
    array = picture.with_suffix(".npy")
    want = run(mien, "extract", "--backbone", "mobilenet_v2", "--layer", "features.3,pool", "-o", array,
               picture)
    if want.returncode:
        return want.stderr, []
    body = array.read_bytes()
    start = 10 + struct.unpack("<H", body[8:10])[0]
    values = struct.unpack(f"<{(len(body) - start) // 4}f", body[start:])
    got = run(build / "extract", "mobilenet_v2", "features.3,pool", picture)
    if got.returncode:
        return None, [f"extract: {got.stderr}"]
    name, *printed = got.stdout.rstrip("\n").split("\t")
    good = name == str(picture) and close([float(v) for v in printed], values, 1e-5)
    return None, [] if good else ["extract prints other values than the command writes"]


def main(root, mien, build):
    bad, skipped = check_readme(root), []
    for name, words in ("extract", []), ("stills", []):
        done = run(build / name, *words)
        if done.returncode != 2 or "usage" not in done.stderr:
            bad.append(f"{name} without arguments does not say how it is used")
    with tempfile.TemporaryDirectory() as folder:
        picture = pathlib.Path(folder) / "picture.png"
        make_picture(picture)
        for check in check_predict, check_extract:
            absent, problems = check(mien, build, picture)
            bad += problems
            if absent and re.search(r"models pull|no model is called", absent):
                skipped.append(f"{check.__name__[6:]} example: {absent.strip().splitlines()[0]}")
            elif absent:
                bad.append(absent)
    print("\n".join(bad) or "the examples build and agree with README.md and the command")
    for reason in skipped:
        print(f"SKIPPED: {reason}")
    return 1 if bad else 77 if skipped else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], pathlib.Path(sys.argv[3])))
