# SPDX-License-Identifier: MIT
"""Fails unless each public header compiles alone, as C17 and as C++17, without a warning, and
opens with a use of it that compiles.

usage: check_headers.py CHECKOUT CC [CXX]    (exit 77, skipped, without a C++ compiler)
"""
import pathlib
import re
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


def use_of(header):
    """The indented lines of the header's first comment after its licence, as code."""
    comments = re.findall(r"/\*.*?\*/", header.read_text(), re.S)
    return "".join(line[7:] + "\n" for line in comments[1].split("\n")
                   if line.startswith(" *     ") or line == " *").strip("\n")


def compile_use(compiler, root, header):
    use, name = use_of(header), f"mien/{header.name}"
    lines = [line for line in use.split("\n") if line]
    if not 5 <= len(lines) <= 24:
        return [f"{name}: opens with a use of {len(lines)} lines; 5 to 24 are wanted"]
    if not re.match(r"static mien_status \w+\(.*\) \{\n", use):
        use = f"mien_status use(void);\nmien_status use(void) {{\n{use}\nreturn status;\n}}"
    done = subprocess.run(
        [compiler, "-x", "c", "-std=c17", *WARN, "-Wno-missing-prototypes", f"-I{root}/include", "-"],
        input=f"#include <stdio.h>\n#include <{name}>\n{use}\n", text=True, capture_output=True)
    return [] if done.returncode == 0 else [f"{name}: its use:\n{done.stderr}"]


def check(root, cc, cxx=None):
    root, bad = pathlib.Path(root), []
    headers = sorted((root / "include/mien").glob("*.h"))
    for header in headers:
        bad += compile_alone(cc, "c", "c17", root, header)
        if header.name != "version.h":
            bad += compile_use(cc, root, header)
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
