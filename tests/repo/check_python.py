# SPDX-License-Identifier: MIT
"""Fails where a Python is started so that it looks for modules in the current folder. With the
options m and c, or a program on standard input, that folder comes first among its paths unless
-I stands before them, so that a file `pip.py` or `json.py` that lies there is run.

usage: check_python.py CHECKOUT
"""
import pathlib
import re
import sys

import check_tree

# a call: its Python (a name, a variable, a quoted word of a list) and the options before -m, -c
# or a lone -
PYTHON = r"(?:\bpython3?|\$\{?python\}?|\$\{Python3_EXECUTABLE\}|\bsys\.executable)"
GAP = r"[\"',)\]]*[\s,]+[\"']?"
CALL = re.compile(PYTHON + r"((?:" + GAP + r"-[A-Za-z]+)*?)" + GAP + r"-(?:[mc]\b|(?=[\s\"']))")
ISOLATED = re.compile(r"-[A-Za-z]*I")
READ = {".c", ".h", ".sh", ".cmake", ".py", ".md", ".txt", ".yaml", ""}


def check(root):
    root, bad = pathlib.Path(root).resolve(), []
    for path in check_tree.tracked(root):
        name = path.relative_to(root)
        if name.suffix not in READ or "seeds" in name.parts or "golden" in name.parts:
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for call in CALL.finditer(text):
            if not ISOLATED.search(call[1]):
                line = text.count("\n", 0, call.start()) + 1
                bad.append(f"{name}:{line}: imports from the current folder, as -I is missing: "
                           f"{' '.join(call[0].split())}")
    return bad


if __name__ == "__main__":
    problems = check(sys.argv[1])
    print("\n".join(problems) or "no Python looks for modules in the current folder")
    sys.exit(bool(problems))
