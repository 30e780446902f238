# SPDX-License-Identifier: MIT
"""Fails when a source file lacks its licence line and first sentence, a file names a path of
somebody's machine or a package registry's host, or something large or built was committed.

usage: check_tree.py CHECKOUT
"""
import pathlib
import re
import subprocess
import sys

SOURCES = {".c", ".h", ".py", ".sh", ".def", ".cmake"}
NO_HEAD = {".def", ".cmake"}
LARGEST = 6 << 20
LARGEST_MODEL = 12_000_000  # of those that are shipped, share/mien/models: image-va-large has 11.7 MB

# written so that this file does not name them itself
MACHINE_PATH = re.compile(r"(?<![\w./${}-])/(?:work|root|home/\w+|opt/peers|Users/\w+)/")
HOSTS = re.compile(r"pypi\.(?:org|python)|pythonhosted\.org|(?:deb|security)\.debian\.org"
                   r"|archive\.ubuntu\.com|registry\.npmjs|proxy\.golang", re.I)


def tracked(root):
    try:
        listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True,
                                check=True)
        names = listed.stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):  # no git, or an unpacked archive
        skip = {"build", ".deps", "demo", "runs", ".git"}
        names = [str(p.relative_to(root)) for p in root.rglob("*")
                 if p.is_file() and p.relative_to(root).parts[0] not in skip
                 and "__pycache__" not in p.parts]
    return [root / name for name in sorted(names) if name and (root / name).is_file()]


def check_head(name, text):
    """C: SPDX comment, then a sentence. Python, shell: SPDX within the first two lines."""
    lines = text.splitlines()
    if name.suffix in {".c", ".h"}:
        if not lines or lines[0] != "/* SPDX-License-Identifier: MIT */":
            return [f"{name}:1: does not start with the SPDX line"]
        if len(lines) < 2 or not re.match(r"/\*+ ?\S|/\*\*?$", lines[1]):
            return [f"{name}:2: no sentence on what the file is for"]
        return []
    if "SPDX-License-Identifier: MIT" not in "".join(lines[:2]):
        return [f"{name}:1: no SPDX line"]
    return []


def check_text(name, text):
    bad = []
    for number, line in enumerate(text.splitlines(), 1):
        for what, pattern in ("a machine's own path", MACHINE_PATH), ("a registry", HOSTS):
            if found := pattern.search(line):
                bad.append(f"{name}:{number}: names {what}: {found[0]}")
    return bad


def check(root):
    root, bad = pathlib.Path(root).resolve(), []
    for path in tracked(root):
        name = path.relative_to(root)
        if path.stat().st_size > (LARGEST_MODEL if name.match("share/mien/models/*") else LARGEST):
            bad.append(f"{name}: {path.stat().st_size} bytes is too large for the repository")
        if name.suffix in {".o", ".so", ".a", ".pyc"}:
            bad.append(f"{name}: built files are not committed")
        if "seeds" in name.parts or name.match("tests/golden/*"):
            continue  # bytes, not text
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        shebang = text.startswith("#!")
        if (name.suffix in SOURCES - NO_HEAD or shebang) and text:
            bad += check_head(name, text)
        bad += check_text(name, text)
    return bad


if __name__ == "__main__":
    problems = check(sys.argv[1])
    print("\n".join(problems) or "every file has its head and names no machine")
    sys.exit(bool(problems))
