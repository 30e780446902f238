# SPDX-License-Identifier: MIT
"""`./run bench coverage`: simulates how often intervals hold what they are about (coverage.c, by
the built library) and writes the table into docs/numerics.md. 2,000 repeats a cell, 300 of the
bootstrap; some ten minutes on one core. Fails where a cell lies outside of what the page
promises."""
import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
WORK = TOP / "build/coverage"
PAGE = TOP / "docs/numerics.md"
BEGIN, END = "<!-- coverage: ./run bench coverage -->", "<!-- end of coverage -->"
GROUPS = (5, 10, 20, 50)


def simulate(repeats, bootstrapped):
    built = TOP / "build/release"
    WORK.mkdir(parents=True, exist_ok=True)
    program = WORK / "coverage"
    paths = [f"-Wl,-rpath,{p}" for p in (built, TOP / ".deps/onednn/lib")]
    subprocess.run([os.environ.get("CC", "cc"), "-std=c17", "-O2", f"-I{TOP / 'include'}",
                    TOP / "bench/coverage.c", built / "libmien.so", "-lm", *paths, "-o", program],
                   check=True)
    text = subprocess.run([program, str(repeats), str(bootstrapped)], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    (WORK / "cells.tsv").write_text(text)
    return text


def cells(text):
    """kind, population, rho, groups, figure, share, share by the bootstrap"""
    for line in text.splitlines():
        kind, name, rho, groups, figure, share, other = line.split("\t")
        yield kind, f"{name}, {'p' if figure == 'accuracy' else 'r'} {rho}", int(groups), figure, \
            float(share), float(other)


def percent(values):
    low, high = min(values), max(values)
    return f"{100 * low:.1f}–{100 * high:.1f}"


def mean(values):
    return sum(values) / len(values)


def table(all_cells, repeats):
    yield (f"Share of {repeats:,} repeats, in percent, whose 95 % interval holds the truth (lowest and highest of "
           "r, CCC, RMSE, MAE and R², or accuracy), and, last, in which the interval of the difference of two "
           "equal models shuts out 0; 20 rows a group:\n")
    heads = [f"{g} groups" for g in GROUPS]
    yield "| groups are drawn so that | " + " | ".join(heads) + " |"
    yield "| --- |" + " --- |" * len(GROUPS)
    intervals = [c for c in all_cells if c[0] == "interval"]
    for name in dict.fromkeys(c[1] for c in intervals):
        row = [percent([c[4] for c in intervals if c[1] == name and c[2] == g]) for g in GROUPS]
        yield f"| {name} | " + " | ".join(row) + " |"
    for title, at in ("mean", 4), ("mean of the bootstrap", 5):
        row = [f"{100 * mean([c[at] for c in intervals if c[2] == g]):.1f}" for g in GROUPS]
        yield f"| **{title}** | " + " | ".join(row) + " |"
    apart = [c for c in all_cells if c[0] == "difference"]
    for title, at in ("difference of equal models", 4), ("the same, bootstrap", 5):
        row = [percent([c[at] for c in apart if c[2] == g]) for g in GROUPS]
        yield f"| {title} | " + " | ".join(row) + " |"


def check(all_cells):
    """What of the promises does not hold; 2.5 errors of a share of 2,000 are allowed for chance."""
    chance = 2.5 * (0.95 * 0.05 / 2000) ** 0.5
    intervals = [c for c in all_cells if c[0] == "interval"]
    for _, name, groups, figure, share, _ in intervals:
        low, high = (0.93, 0.97) if groups >= 20 else (0.92, 0.98)
        if not low - chance <= share <= high + chance:
            yield f"{name}, {groups} groups, {figure}: {share}"
    if not 0.94 <= mean([c[4] for c in intervals]) <= 0.96:
        yield f"mean over cells: {mean([c[4] for c in intervals])}"
    for _, name, groups, figure, share, _ in (c for c in all_cells if c[0] == "difference"):
        if not 0.03 - chance <= share <= 0.07 + chance:
            yield f"difference, {name}, {groups} groups, {figure}: {share}"


def main(repeats="2000", bootstrapped="300", given=None):
    text = pathlib.Path(given).read_text() if given else simulate(int(repeats), int(bootstrapped))
    found = list(cells(text))
    page = PAGE.read_text()
    lines = "\n".join(table(found, int(repeats)))
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.S)
    if not pattern.search(page):
        sys.exit(f"coverage: {PAGE} has no place for the table")
    PAGE.write_text(pattern.sub(lambda _: f"{BEGIN}\n{lines}\n{END}", page))
    print(lines)
    bad = list(check(found))
    print("\n".join(bad), file=sys.stderr)
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
