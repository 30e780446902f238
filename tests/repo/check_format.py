# SPDX-License-Identifier: MIT
"""Fails where C stands otherwise than .clang-format says. Other versions of clang-format lay out
some lines otherwise, so that without the one that the files are written for nothing is checked.

usage: check_format.py CHECKOUT
"""
import pathlib
import re
import shutil
import subprocess
import sys

import check_tree

VERSION = "14."
BATCH = 100


def tool():
    found = shutil.which("clang-format")
    if not found:
        return None
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"version (\S+)", said)
    return found if version and version[1].startswith(VERSION) else None


def check(root, program):
    names = [p for p in check_tree.tracked(root) if p.suffix in {".c", ".h"}]
    bad = []
    for first in range(0, len(names), BATCH):
        done = subprocess.run([program, "--dry-run", "-Werror", *names[first:first + BATCH]], cwd=root,
                              capture_output=True, text=True)
        bad += re.findall(r"^(\S+:\d+):\d+: error: ", done.stderr, re.M)
    return bad


if __name__ == "__main__":
    top, clang_format = pathlib.Path(sys.argv[1]).resolve(), tool()
    if not clang_format:
        print(f"skipped: no clang-format {VERSION}x")
        sys.exit(77)
    problems = [f"{line}: run clang-format -i" for line in check(top, clang_format)]
    print("\n".join(problems[:40]) or "every file of C is laid out as .clang-format says")
    sys.exit(bool(problems))
