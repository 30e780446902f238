# SPDX-License-Identifier: MIT
"""Fails unless libmien exports exactly what its headers mark MIEN_API, all of it mien_, and
nothing that leaves a source file of src/ is named otherwise, or if it calls by name a library
that is loaded only when it is needed (a macro may do that unseen).

usage: check_symbols.py CHECKOUT LIBMIEN.SO BUILD
"""
import pathlib
import re
import subprocess
import sys

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
LOADED = ("H5", "av_", "avcodec_", "avformat_", "sws_")
DECLARED = re.compile(r"^MIEN_API\b[^;{]*?\b(\w+)\s*(?:\(|\[|;)", re.M)


def declared(root):
    names = set()
    for header in sorted((root / "include/mien").glob("*.h")):
        text = COMMENT.sub("", header.read_text())
        names |= {name for name in DECLARED.findall(text)}
        stray = re.findall(r"^(?!MIEN_API|typedef|static|#|\s|extern|struct|enum|union)"
                           r"[\w* ]+\bmien_\w+\s*\(", text, re.M)
        names |= {f"{s.strip()} in {header.name} lacks MIEN_API" for s in stray}
    return names


def nm(*arguments):
    """(file, name) of each symbol listed."""
    out = subprocess.run(["nm", "-A", *map(str, arguments)], text=True, capture_output=True,
                         check=True)
    found = (line.rpartition(":") for line in out.stdout.splitlines())
    return {(file, rest.split()[-1].split("@")[0]) for file, _, rest in found if rest.split()}


def check(root, library, build):
    root, bad = pathlib.Path(root), []
    want = declared(root)
    # names that start with _ are the linker's or a sanitizer's
    got = {name for _, name in nm("-D", "--defined-only", library) if not name.startswith("_")}
    bad += [f"{name}: declared MIEN_API, not in the library" for name in sorted(want - got)]
    bad += [f"{name}: exported, not declared MIEN_API" for name in sorted(got - want)]
    bad += [f"{name}: does not start with mien_" for name in sorted(got)
            if not name.startswith("mien_")]
    bad += [f"{name}: called by name, though its library is to be loaded on demand"
            for _, name in sorted(nm("-D", "--undefined-only", library))
            if name.startswith(LOADED)]
    objects = sorted(pathlib.Path(build).glob("CMakeFiles/mien_*.dir/src/**/*.o"))
    for path, name in sorted(nm("-g", "--defined-only", *objects)):
        # the command is a program of its own; what it shares between files is cli_
        allowed = ("cli_", "main", "_") if "/src/cli/" in path else ("mien_", "_")
        if not name.startswith(allowed):
            bad.append(f"{path}: {name} leaves its file without {allowed[0]}")
    return bad


if __name__ == "__main__":
    problems = check(*sys.argv[1:])
    print("\n".join(problems) or "the library exports what its headers say")
    sys.exit(bool(problems))
