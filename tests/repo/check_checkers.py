# SPDX-License-Identifier: MIT
"""Fails unless the checkers beside it find what they are there to find: a small tree with one
fault of each kind."""
import pathlib
import sys
import tempfile

import check_layers
import check_python
import check_tree

HEAD = "/* SPDX-License-Identifier: MIT */\n/* Says what it is for. */\n"


def tree(files):
    root = pathlib.Path(tempfile.mkdtemp())
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


LAYERS = "base:\ntensor: base\nzip.h @ tensor\nlib @ tensor\nlibx/y.h @ base\n"
FAULTS = {
    "may not use tensor": {"src/base/a.c": HEAD + '#include "mien/tensor.h"\n'},
    "may not use tensor ": {"include/mien/base.h": HEAD + '#include "mien/tensor.h"\n'},
    "enters only through tensor": {"src/base/a.c": HEAD + "#include <zip.h>\n"},
    "y.h enters only through base": {"src/tensor/a.c": HEAD + "#include <libx/y.h>\n"},
    "is no room": {"src/attic/a.c": HEAD},
    "row b has no thing_b.c": {"src/base/things.def": "X(b)\n"},
    "thing_c.c has no row": {"src/base/things.def": "", "src/base/thing_c.c": HEAD},
    "stands twice": {"src/base/things.def": "X(b)\nX(b)\n", "src/base/thing_b.c": HEAD},
    "SPDX": {"src/base/a.c": "int a;\n"},
    "no sentence": {"src/base/a.c": HEAD.splitlines()[0] + "\nint a;\n"},
    "a machine's own path": {"docs/a.md": "see /" + "root/a\n"},
    "a registry": {"docs/a.md": "from pypi" + ".org\n"},
    "built files": {"a.o": "x"},
    "as -I is missing: python3" " -m": {"run": "#!/bin/sh\n# " + HEAD.split()[1] + " MIT\npython3 " + "-m pip\n"},
    "as -I is missing: python3\", \"-m": {"src/base/a.c": HEAD + 'char *a[] = {"python3", ' + '"-m"};\n'},
    "as -I is missing: python3" " -B -c": {"tests/a.sh": "# " + HEAD.split()[1] + " MIT\npython3 " + "-B -c 1\n"},
    "not above it": {"tools/layers.txt": "base: tensor\ntensor: base\n"},
}


def problems_of(files):
    root = tree({"tools/layers.txt": LAYERS} | files)
    return check_layers.check(root) + check_tree.check(root) + check_python.check(root)


def main():
    failed = [f"a sound tree is blamed: {p}" for p in problems_of({"src/base/a.c": HEAD + "#include <libx/y.h>\n"})]
    for fault, files in FAULTS.items():
        found = problems_of(files)
        if not any(fault.strip() in problem for problem in found):
            failed.append(f"not found: {fault}; found: {found}")
    print("\n".join(failed) or f"{len(FAULTS)} faults found")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
