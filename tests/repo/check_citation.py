# SPDX-License-Identifier: MIT
"""Fails unless CITATION.cff has the keys that its format requires and the version of the headers.

usage: check_citation.py CHECKOUT
"""
import pathlib
import re
import sys

REQUIRED = ("cff-version", "message", "title", "authors", "version", "license")


def check(root):
    root, bad = pathlib.Path(root), []
    text = (root / "CITATION.cff").read_text()
    header = (root / "include/mien/version.h").read_text()
    version = re.search(r'define MIEN_VERSION "(.*)"', header)[1]
    keys = dict(re.findall(r"^([a-z-]+):[ \t]*(.*)$", text, re.M))
    bad += [f"CITATION.cff: lacks {key}" for key in REQUIRED if key not in keys]
    if keys.get("version", "").strip("\"'") != version:
        bad.append(f"CITATION.cff: version {keys.get('version')}, the headers have {version}")
    if keys.get("license") != "MIT" or "MIT" not in (root / "LICENSE").read_text():
        bad.append("CITATION.cff: another licence than LICENSE")
    return bad


if __name__ == "__main__":
    problems = check(sys.argv[1])
    print("\n".join(problems) or "the citation is of this version")
    sys.exit(bool(problems))
