# SPDX-License-Identifier: MIT
"""Fills the figures of a model card from the run that made the model, so that no number in it
is copied by hand.

usage: model_card.py [--check] [--run RUN] [--facts FACTS.json] CARD MODEL

CARD is a Markdown file with blocks

    <!-- figures: NAME -->
    <!-- end -->

whose insides are replaced. MODEL (.safetensors) says what it was trained on and how well it
does: its contract holds the run's results.json. The blocks where it fails (categories, extremes,
groups, coverage) need the rows themselves: RUN's predictions.csv and trials.tsv; without --run they stay.
Of a model on faces all but the block `made` are what `./run bench face_model` measured, FACTS.json.
--check writes nothing and fails if the card would change.
"""
import argparse
import csv
import hashlib
import json
import math
import pathlib
import re
import struct
import sys

import model_card_faces as faces

BLOCK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.S)
WORST_GROUPS, GROUP_SMALLEST = 8, 3


# ---- reading ------------------------------------------------------------------------


def read_contract(model):
    with open(model, "rb") as file:
        length, = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    return json.loads(header["__metadata__"]["mien"])


def read_rows(run, results):
    """Rows of predictions.csv with the columns of trials.tsv; checked against results.json."""
    told = {k: v for k, v in results.items() if k != "trained_on"}  # of the model's file alone
    if json.loads((run / "results.json").read_text()) != told:
        sys.exit(f"{run}/results.json is not what the model's contract says: another run made it")
    with open(run / "predictions.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    with open(run / "trials.tsv", newline="") as file:
        trials = {row["trial"]: row for row in csv.DictReader(file, delimiter="\t")}
    for row in rows:
        row.update({k: v for k, v in trials[row["trial"]].items() if k not in row})
    for target in results["targets"]:
        truth, prediction = columns(rows, target["name"])
        for metric, compute in ("r", over_null(rows, target["name"])), ("rmse", rmse):
            said = value_of(target, metric)["value"]
            if not math.isclose(compute(truth, prediction), said, rel_tol=1e-9):
                sys.exit(f"{run}: {metric} of {target['name']} in predictions.csv is not {said}")
    return rows


def columns(rows, target):
    return ([float(row[f"{target}_truth"]) for row in rows],
            [float(row[f"{target}_prediction"]) for row in rows])


def over_null(rows, target):
    """Pearson r of prediction - null, where the table has the mean of the training rows."""
    null = [float(row.get(f"{target}_null") or 0) for row in rows]
    return lambda truth, prediction: pearson(truth, [p - n for p, n in zip(prediction, null)])


def value_of(target, metric):
    return next(m for m in target["metrics"] if m["name"] == metric)


# ---- figures ------------------------------------------------------------------------


def mean(x):
    return math.fsum(x) / len(x)


def rmse(x, y):
    return math.sqrt(mean([(a - b) ** 2 for a, b in zip(x, y)]))


def pearson(x, y):
    mx, my = mean(x), mean(y)
    sxy = math.fsum((a - mx) * (b - my) for a, b in zip(x, y))
    sxx, syy = math.fsum((a - mx) ** 2 for a in x), math.fsum((b - my) ** 2 for b in y)
    return sxy / math.sqrt(sxx * syy) if sxx > 0 and syy > 0 else math.nan


def number(x, decimals=2):
    if x is None or math.isnan(x):
        return "–"
    text = f"{x:.{decimals}f}".replace("-", "−")
    return text.lstrip("−") if float(text.replace("−", "-")) == 0 else text


def interval(m):
    if not m or m.get("value") is None:
        return "–"
    return f"{number(m['value'])} [{number(m['low'])}, {number(m['high'])}]"


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


# ---- blocks out of the contract -------------------------------------------------------


def block_scores(contract):
    rows = []
    for target in contract["training"]["targets"]:
        for m in target["metrics"]:
            rows.append([target["name"] if m is target["metrics"][0] else "", m["title"], interval(m),
                         interval(m["plain"]), interval(m["baseline"])])
        if target["ceiling"]:
            rows.append(["", "noise ceiling of r", number(target["ceiling"]["r"]), "", ""])
    return table(["target", "score", "this model", "plain ridge on `pool`", "always the mean"], rows)


def block_intervals(contract):
    return table(["target", "scale", "95 % of ratings lie around the prediction"], [
        [t["name"], f"{t['range'][0]:g} to {t['range'][1]:g} ({t['unit']}; {t['construct']}, "
         f"{t['perspective']})",
         f"{number(t['interval'][0])} to +{number(t['interval'][1])}"] for t in contract["targets"]])


def rule_of(how):
    level = f"{how['level']:.0%}".replace("%", " %")
    return (f"{level}, each group left out once" if how.get("rule") == "jackknife"
            else f"{level} bootstrap of groups, {how['repeats']} times")


def block_made(contract, model):
    training, p = contract["training"], contract["preprocess"]
    folds, trials = training["folds"], training["trials"]
    facts = {
        "made by": training["created_by"],
        "file": f"`{model.name}`, {model.stat().st_size / 1e6:.1f} MB",
        "its SHA-256": f"`{hashlib.sha256(model.read_bytes()).hexdigest()}`",
        "backbone": f"{contract['backbone']['name']}, SHA-256 `{contract['backbone']['sha256']}`",
        "layers": ", ".join(f"`{name}`" for name in contract["layers"].split(",")),
        "input": f"{p['crop_height']} × {p['crop_width']}, fit `{p['fit']}`, kernel "
                 f"`{p['resize']}`, {p['order'].upper()}",
        "trials": f"{trials['rows']} rows, {trials['stimuli']} pictures, {trials['groups']} groups, "
                  f"SHA-256 `{trials['sha256']}`",
        "folds": f"{folds['k']} by {folds['by']}, seed {folds['seed']}",
        "intervals": rule_of(training["bootstrap"]),
        "licence": contract["licence"],
    }
    return table(["what", "which"], facts.items()) + "".join(
        f"\n{note}\n" for note in training["notes"])


def block_chosen(contract):
    lines = []
    for target in contract["training"]["targets"]:
        folds = [{c["candidate"] for c in fold["candidates"]} for fold in target["chosen_by_fold"]]
        for i, c in enumerate(target["chosen"]["candidates"]):
            lines.append([target["name"] if i == 0 else "", f"`{c['candidate']}`",
                          number(c["weight"]), f"{c['lambda']:.3g}",
                          f"{sum(c['candidate'] in fold for fold in folds)} of {len(folds)}"])
    return table(["target", "layer and kernel", "weight", "λ", "in the folds"], lines)


def block_deals(contract):
    """Repeated assignments of groups to folds: what one seed hides."""
    deals = contract["training"].get("deals") or {"seeds": [], "targets": []}
    lines = []
    for target in deals["targets"]:
        titles = {m["name"]: m["title"] for t in contract["training"]["targets"]
                  if t["name"] == target["name"] for m in t["metrics"]}
        for m in target["metrics"]:
            lines.append([target["name"] if m is target["metrics"][0] else "",
                          titles.get(m["name"], m["name"]), number(m["mean"], 3),
                          ", ".join(number(v, 3) for v in m["values"])])
    return table(["target", "score", f"mean of {len(deals['seeds'])} assignments", "each"], lines)


# ---- blocks out of the rows -----------------------------------------------------------


def parts(rows, column):
    found = {}
    for row in rows:
        found.setdefault(row.get(column, "n/a"), []).append(row)
    return dict(sorted(found.items()))


def block_categories(contract, rows):
    names = [t["name"] for t in contract["targets"]]
    lines = []
    for category, some in parts(rows, "category").items():
        line = [category, len(some)]
        for name in names:
            truth, prediction = columns(some, name)
            line += [number(pearson(truth, prediction)), number(rmse(truth, prediction)),
                     number(mean(prediction) - mean(truth))]
        lines.append(line)
    return table(["category", "pictures"] + [f"{what} {name}" for name in names
                                             for what in ("r", "RMSE", "mean miss")], lines)


def block_extremes(contract, rows):
    """Thirds of the ratings: how far predictions are drawn to the middle."""
    lines = []
    for target in contract["targets"]:
        pairs = sorted(zip(*columns(rows, target["name"])))
        cuts = [len(pairs) * k // 3 for k in range(4)]
        for k, part in enumerate(("lowest", "middle", "highest")):
            truth, prediction = zip(*pairs[cuts[k]:cuts[k + 1]])
            lines.append([target["name"] if k == 0 else "", f"{part} third: {number(truth[0])} to "
                          f"{number(truth[-1])}", number(mean(prediction) - mean(truth)),
                          number(rmse(truth, prediction))])
    return table(["target", "ratings", "mean miss", "RMSE"], lines)


def slope(x, y):
    """Of y on x: below 1 where x goes too far from the middle."""
    mx, my = mean(x), mean(y)
    return (math.fsum((a - mx) * (b - my) for a, b in zip(x, y))
            / math.fsum((a - mx) ** 2 for a in x))


def block_coverage(contract, rows):
    """How many ratings lie inside the interval, by thirds of prediction and of rating."""
    lines = []
    for target in contract["targets"]:
        (low, high), (first, last) = target["interval"], target["range"]
        truth, prediction = columns(rows, target["name"])
        inside = [max(p + low, first) <= t <= min(p + high, last)
                  for t, p in zip(truth, prediction)]
        cuts = [len(rows) * k // 3 for k in range(4)]
        for by, values in ("prediction", prediction), ("rating", truth):
            ranked = [held for _, held in sorted(zip(values, inside))]
            shares = [mean(ranked[cuts[k]:cuts[k + 1]]) for k in range(3)] + [mean(ranked)]
            is_first = by == "prediction"
            lines.append([target["name"] if is_first else "",
                          number(slope(prediction, truth)) if is_first else "", by,
                          *(f"{100 * share:.0f} %" for share in shares)])
    return table(["target", "slope", "thirds of the", "lowest", "middle", "highest", "all"], lines)


def block_groups(contract, rows):
    lines = []
    for target in contract["targets"]:
        found = [(rmse(*columns(some, target["name"])), group, some)
                 for group, some in parts(rows, "group").items() if len(some) >= GROUP_SMALLEST]
        for i, (error, group, some) in enumerate(sorted(found, key=lambda x: (-x[0], x[1]))
                                                 [:WORST_GROUPS]):
            truth, prediction = columns(some, target["name"])
            lines.append([target["name"] if i == 0 else "", group, len(some), number(mean(truth)),
                          number(mean(prediction)), number(error)])
    return table(["target", "theme", "pictures", "rated", "predicted", "RMSE"], lines)


# ---- the card -------------------------------------------------------------------------


def fill(text, model, run=None, facts=None):
    contract = read_contract(model)
    if contract.get("design", {}).get("inputs", [{}])[0].get("kind") == "face":
        blocks, later = {"made": faces.block_made(contract, model, table)}, faces.OF_FACTS
        if facts:
            measured = json.loads(facts.read_text())
            measured = measured.get("figures", measured)
            blocks |= {name: make(measured, table) for name, make in later.items()}
    else:
        blocks = {"scores": block_scores(contract), "intervals": block_intervals(contract),
                  "made": block_made(contract, model), "chosen": block_chosen(contract),
                  "deals": block_deals(contract)}
        later = {"categories": block_categories, "extremes": block_extremes, "groups": block_groups,
                 "coverage": block_coverage}
    if run:
        rows = read_rows(run, contract["training"])
        blocks |= {name: make(contract, rows) for name, make in later.items()}
    for _, name, _ in BLOCK.findall(text):
        if name not in blocks and name not in later:
            sys.exit(f"no figures are called {name}; there are {', '.join([*blocks, *later])}")

    def replace(match):
        return (match[1] + "\n" + blocks[match[2]] + "\n" + match[3] if match[2] in blocks
                else match[0])

    return BLOCK.sub(replace, text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--run", type=pathlib.Path)
    parser.add_argument("--facts", type=pathlib.Path)
    parser.add_argument("card", type=pathlib.Path)
    parser.add_argument("model", type=pathlib.Path)
    args = parser.parse_args()
    old = args.card.read_text()
    new = fill(old, args.model, args.run, args.facts)
    if args.check and new != old:
        sys.exit(f"{args.card} is not what {args.model} says: run tools/model_card.py on it")
    if not args.check:
        args.card.write_text(new)


if __name__ == "__main__":
    main()
