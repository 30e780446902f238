# SPDX-License-Identifier: MIT
"""Writes the calls of test_null.c: every function of include/mien with NULL.

null_calls.py INCLUDE/mien NULL_OPTIONAL.txt OUT.c

Reads each declaration marked MIEN_API. A call each has all arguments NULL or 0; then, for every
pointer that NULL_OPTIONAL.txt does not name, that one alone is NULL, the others point to zeroed
memory, and counts are 1. Functions without pointers are left out.
"""
import pathlib
import re
import sys

COUNTS = re.compile(r"(int|int64_t|size_t|uint64_t|uint32_t)$")


def declarations(text):
    """(returned type, name, parameters) of each public function of a header."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)
    text = re.sub(r"^\s*#.*(?:\\\n.*)*$", " ", text, flags=re.M)
    for found in re.finditer(r"\bMIEN_API\s+([^;{]+);", text):
        words = " ".join(found[1].split())
        words = re.sub(r"\s*MIEN_PRINTF\([^)]*\)$", "", words)
        head = re.match(r"(.*?[\s*])(mien_\w+)\((.*)\)$", words)
        if not head and "(" in words:
            sys.exit(f"null_calls.py: not understood: {words}")
        if head:
            yield head[1].strip(), head[2], [described(p) for p in split(head[3])]


def split(parameters):
    """The parameters of a list; commas inside parentheses part nothing."""
    parts, depth = [""], 0
    for letter in parameters:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    parts = [part.strip() for part in parts]
    return [] if parts == ["void"] else [part for part in parts if part != "..."]


def described(parameter):
    """(name, type, form) of a parameter; form: value, pointer, function."""
    function = re.match(r".*\(\*\s*(\w+)\).*$", parameter)
    if function:
        return function[1], "", "function"
    array = re.match(r".*?(\w+)(?:\[[^\]]*\])+$", parameter)
    if array:
        return array[1], "", "pointer"
    plain = re.match(r"(.*?[\s*])(\w+)$", parameter)
    kind = plain[1].strip()
    return plain[2], kind, "pointer" if kind.endswith("*") else "value"


def argument(parameter, alone, callbacks):
    """What stands for a parameter; alone: another one is NULL."""
    _, kind, form = parameter
    if form == "value":
        return f"({kind}){{{1 if alone and COUNTS.match(kind) else 0}}}"
    if not alone:
        return "NULL"
    bare = re.sub(r"const\s+|\s*\*", "", kind)
    return "(void *)null_callback" if form == "function" or bare in callbacks else "(void *)null_zeros"


def calls_of(kind, name, parameters, optional, callbacks):
    """(label, whether it fails, statement) of each call of a function."""
    pointers = [p for p in parameters if p[2] != "value"]
    text = ", ".join(argument(p, False, callbacks) for p in parameters)
    yield name, False, f"{name}({text})"
    for missing in pointers:
        label = f"{name}.{missing[0]}"
        if label in optional or name in optional or len(parameters) == 1 and kind != "mien_status":
            continue
        text = ", ".join("NULL" if p is missing else argument(p, True, callbacks) for p in parameters)
        yield label, kind == "mien_status", f"{name}({text})"


def main(include, optional_path, out):
    texts = [path.read_text() for path in sorted(pathlib.Path(include).glob("*.h"))]
    optional = {line for line in pathlib.Path(optional_path).read_text().splitlines()
                if line and not line.startswith("#")}
    callbacks = set(re.findall(r"typedef\s+[\w\s*]+?\b(mien_\w+)\([^;]*\);", "\n".join(texts)))
    functions = sorted((d[1], d[0], d[2]) for text in texts for d in declarations(text))
    known = {name for name, _, _ in functions} | {
        f"{name}.{p[0]}" for name, _, parameters in functions for p in parameters}
    if optional - known:
        sys.exit(f"{optional_path}: not in the headers: {', '.join(sorted(optional - known))}")
    calls = [call for name, kind, parameters in functions if any(p[2] != "value" for p in parameters)
             for call in calls_of(kind, name, parameters, optional, callbacks)]
    lines = ["/* Written by tests/contract/null_calls.py. */", '#include "contract/null_calls.h"', ""]
    rows = []
    for number, (label, fails, call) in enumerate(calls):
        body = f"return {call};" if fails else f"(void){call};\n    return MIEN_OK;"
        lines += [f"static mien_status call_{number}(void) {{", f"    {body}", "}"]
        rows.append(f'    {{"{label}", {str(fails).lower()}, call_{number}}},')
    lines += ["const null_call null_calls[] = {", *rows, "};",
              f"const int null_calls_count = {len(calls)};", ""]
    pathlib.Path(out).write_text("\n".join(lines))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 4 else __doc__)
