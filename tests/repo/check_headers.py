# SPDX-License-Identifier: MIT
"""Fails unless each public header compiles alone, as C17 and as C++17, without a warning.

usage: check_headers.py CHECKOUT CC [CXX]    (exit 77, skipped, without a C++ compiler)
"""
import pathlib
import subprocess
import sys

WARN = ["-Wall", "-Wextra", "-Werror", "-pedantic-errors", "-fsyntax-only"]


def compile_alone(compiler, language, standard, root, header):
    """Included twice, so that a missing guard shows too."""
    name = f"mien/{header.name}"
    source = f"#include <{name}>\n#include <{name}>\nint main(void) {{ return 0; }}\n"
    done = subprocess.run(
        [compiler, "-x", language, f"-std={standard}", *WARN, f"-I{root}/include", "-"],
        input=source, text=True, capture_output=True)
    return [] if done.returncode == 0 else [f"{name} as {standard}:\n{done.stderr}"]


def check(root, cc, cxx=None):
    root, bad = pathlib.Path(root), []
    headers = sorted((root / "include/mien").glob("*.h"))
    for header in headers:
        bad += compile_alone(cc, "c", "c17", root, header)
        if cxx:
            bad += compile_alone(cxx, "c++", "c++17", root, header)
    whole = (root / "include/mien/mien.h").read_text()
    for header in headers:
        if header.name not in {"mien.h", "version.h"} and f'"mien/{header.name}"' not in whole:
            bad.append(f"mien.h does not include mien/{header.name}")
    return bad


if __name__ == "__main__":
    compilers = [c for c in sys.argv[2:] if c and not c.endswith("NOTFOUND")]
    problems = check(sys.argv[1], *compilers)
    print("\n".join(problems) or "every header stands alone")
    if problems:
        sys.exit(1)
    if len(compilers) < 2:
        print("SKIPPED: headers as C++17: no C++ compiler")
        sys.exit(77)
