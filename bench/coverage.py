# SPDX-License-Identifier: MIT
"""`./run bench coverage`: simulates how often intervals hold what they are about (coverage.c and
coverage_folds.c, by the built library) and writes the tables into docs/numerics.md. 2,000 repeats a
cell, 300 of the bootstrap; some twelve minutes on one core. `./run bench coverage folds` makes the
second tables alone, in some two minutes. Fails where a cell lies outside of what the page
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
FOLDS_BEGIN, FOLDS_END = "<!-- coverage of folds: ./run bench coverage -->", "<!-- end of coverage of folds -->"
GROUPS = (5, 10, 20, 50)
MORE_GROUPS = (5, 10, 20, 50, 200)


def simulate(name, *arguments):
    built = TOP / "build/release"
    WORK.mkdir(parents=True, exist_ok=True)
    program = WORK / name
    paths = [f"-Wl,-rpath,{p}" for p in (built, TOP / ".deps/onednn/lib")]
    subprocess.run([os.environ.get("CC", "cc"), "-std=c17", "-O2", f"-I{TOP / 'include'}",
                    TOP / f"bench/{name}.c", built / "libmien.so", "-lm", *paths, "-o", program],
                   check=True)
    text = subprocess.run([program, *map(str, arguments)], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    (WORK / f"{name}.tsv").write_text(text)
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


def fold_cells(text):
    """kind, what is drawn, groups or rows, figure, share"""
    for line in text.splitlines():
        kind, what, count, figure, share = line.split("\t")
        yield kind, what, int(count), figure, float(share)


def fold_tables(all_cells, repeats):
    rules = [c for c in all_cells if c[0] == "rule"]
    yield (f"The same of r, RMSE and R² under each rule of folds, predictions made around each fold's own null prediction "
           f"(r 0.7, 30 % of variance between groups; {repeats:,} repeats; of `crossed` 20 stimuli, intervals over persons and stimuli); "
           "in brackets the share of differences of equal models whose interval shuts out 0:\n")
    yield "| rule | " + " | ".join(f"{g} groups" for g in MORE_GROUPS) + " |"
    yield "| --- |" + " --- |" * len(MORE_GROUPS)
    for rule in dict.fromkeys(c[1] for c in rules):
        row = []
        for g in MORE_GROUPS:
            held = [c[4] for c in all_cells if c[:3] == ("rule", rule, g)]
            apart = [c[4] for c in all_cells if c[:3] == ("rule-difference", rule, g)]
            row.append(f"{percent(held)} ({percent(apart)})")
        yield f"| `{rule}` | " + " | ".join(row) + " |"
    yield f"| **mean** | " + " | ".join(f"{100 * mean([c[4] for c in rules if c[2] == g]):.1f}" for g in MORE_GROUPS) + " |"
    conformal = [c for c in all_cells if c[0] == "conformal"]
    heads = list(dict.fromkeys(c[3] for c in conformal))
    yield ("\nConformal intervals at 90 %, skewed errors whose size grows fourfold along the prediction, 60 next rows; "
           "thirds are those of the predictions' range:\n")
    yield "| intervals | rows | " + " | ".join(heads) + " |"
    yield "| --- | --- |" + " --- |" * len(heads)
    for key in dict.fromkeys((c[1], c[2]) for c in conformal):
        row = [f"{100 * c[4]:.1f}" for c in conformal if (c[1], c[2]) == key]
        yield f"| {key[0]} | {key[1]} | " + " | ".join(row) + " |"
    found = ", ".join(f"{c[4]:.2g} of {c[2]} rows" for c in all_cells if c[0] == "permutation")
    yield (f"\np of labels that are exchanged 99 times and fitted anew in 5 folds, where there is nothing to learn: uniform by "
           f"Kolmogorov and Smirnov with p {found}.")


def check_folds(all_cells):
    """As check(); of crossed folds intervals are wide by intent, so that only too narrow ones are told."""
    chance = 2.5 * (0.95 * 0.05 / 2000) ** 0.5
    for kind, what, count, figure, share in all_cells:
        low, high = {"rule": (0.92, 0.98), "rule-difference": (0.03, 0.07), "conformal": (0.88, 0.92),
                     "permutation": (0.01 / 3, 1)}[kind]
        if what == "crossed":
            low, high = (low, 1) if kind == "rule" else (0, high)
        if what == "one width" and figure != "all":
            continue  # what thirds are for
        if not low - chance <= share <= high + chance:
            yield f"{kind}, {what}, {count}, {figure}: {share}"
    rules = [c[4] for c in all_cells if c[0] == "rule"]
    if not 0.94 <= mean(rules) <= 0.96:
        yield f"mean over rules: {mean(rules)}"


def put(lines, begin, end):
    page = PAGE.read_text()
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.S)
    if not pattern.search(page):
        sys.exit(f"coverage: {PAGE} has no place for the table")
    PAGE.write_text(pattern.sub(lambda _: f"{begin}\n{lines}\n{end}", page))
    print(lines)


def main(repeats="2000", bootstrapped="300", given=None):
    bad = []
    if repeats != "folds":
        text = pathlib.Path(given).read_text() if given else simulate("coverage", repeats, bootstrapped)
        found = list(cells(text))
        put("\n".join(table(found, int(repeats))), BEGIN, END)
        bad += check(found)
    repeats = "2000" if repeats == "folds" else repeats
    found = list(fold_cells(pathlib.Path(given).read_text() if given else simulate("coverage_folds", repeats)))
    put("\n".join(fold_tables(found, int(repeats))), FOLDS_BEGIN, FOLDS_END)
    bad += check_folds(found)
    print("\n".join(bad), file=sys.stderr)
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
