# SPDX-License-Identifier: MIT
"""Fails where a binary or library looks for libraries in the current folder (a run path with an
empty or relative element), and where one of a release build is not hardened: position
independent, all addresses bound and then read-only, no executable stack, guarded stack frames,
checked buffer functions.

usage: check_binaries.py FOLDER [hardened]
"""
import pathlib
import re
import subprocess
import sys

RUN_PATH = re.compile(r"\((?:RUNPATH|RPATH)\).*\[(.*)\]")
PRODUCTS = re.compile(r"mien|libmien\.so[.\d]*")


def readelf(path, *options):
    return subprocess.run(["readelf", "-W", *options, str(path)], text=True, errors="replace",
                          capture_output=True, check=True).stdout


def binaries(folder):
    """Every executable or shared library below it, once."""
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_symlink() or not path.is_file() or path.suffix in {".o", ".a"}:
            continue
        with path.open("rb") as file:
            if file.read(4) != b"\x7fELF":
                continue
        if re.search(r"Type:\s+(EXEC|DYN)", readelf(path, "-h")):
            yield path


def check_run_path(path):
    found = RUN_PATH.findall(readelf(path, "-d"))
    return [f"{path}: run path \"{whole}\" has the element \"{element}\", which is not absolute"
            for whole in found for element in whole.split(":")
            if not element.startswith(("/", "$ORIGIN"))]


def check_hardened(path):
    dynamic, head = readelf(path, "-d"), readelf(path, "-h")
    segments, symbols = readelf(path, "-l"), readelf(path, "--dyn-syms")
    stack = re.search(r"GNU_STACK.*", segments)
    holds = {
        "position independent": re.search(r"Type:\s+DYN", head),
        "bound when it starts": re.search(r"BIND_NOW|\(FLAGS_1\).*NOW", dynamic),
        "read-only after relocation": "GNU_RELRO" in segments,
        "without an executable stack": stack and "RWE" not in stack[0],
        "with guarded stack frames": "__stack_chk_fail" in symbols,
        "with checked buffer functions": re.search(r"__\w+_chk\b", symbols.replace("__stack_chk_fail", "")),
    }
    return [f"{path}: is not {what}" for what, good in holds.items() if not good]


def check(folder, hardened):
    bad, count = [], 0
    for path in binaries(folder):
        count += 1
        bad += check_run_path(path)
        if hardened and PRODUCTS.fullmatch(path.name):
            bad += check_hardened(path)
    return bad or ([] if count else [f"{folder}: no binary is here"])


if __name__ == "__main__":
    problems = check(sys.argv[1], "hardened" in sys.argv[2:])
    print("\n".join(problems) or "no run path leads to the current folder")
    sys.exit(bool(problems))
