# SPDX-License-Identifier: MIT
"""Puts the table of ONNX's own cases into docs/onnx.md.

usage: MIEN_ONNX_TABLE=table.tsv build/release/tests/test_models_import_cases
       onnx_table.py table.tsv docs/onnx.md
"""
import pathlib
import sys

BEGIN, END = "<!-- cases -->\n", "<!-- end of cases -->\n"


def main():
    rows = [line.split("\t") for line in pathlib.Path(sys.argv[1]).read_text().splitlines()]
    out = ["| tier | accepted and right | refused | wrong |", "| --- | --- | --- | --- |"]
    for tier in "ABC":
        count = [sum(r[2] == tier and r[3] == v for r in rows)
                 for v in ("right", "refused", "WRONG")]
        out.append(f"| {tier} | {count[0]} | {count[1]} | {count[2]} |")
    out += ["", "| set | case | tier | result |", "| --- | --- | --- | --- |"]
    for folder, name, tier, verdict, reason in rows:
        reason = reason.replace("|", "\\|").lstrip(": ").strip()
        short = reason if len(reason) < 110 else reason[:107] + "…"
        out.append(f"| {folder} | {name.removeprefix('test_')} | {tier} | "
                   f"{verdict}{': ' + short if short else ''} |")
    page = pathlib.Path(sys.argv[2])
    text = page.read_text()
    head, rest = text.split(BEGIN)
    page.write_text(head + BEGIN + "\n".join(out) + "\n" + END + rest.split(END)[1])


if __name__ == "__main__":
    main()
