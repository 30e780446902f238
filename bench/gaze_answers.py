# SPDX-License-Identifier: MIT
"""The part gaze_answers of bench/run.py: right answers on synthetic reactions, none where nothing
is planted, and pooling where people looked against plain pooling. Needs no peers.

`mien synth emoeye` says in closed form what can be read out; studies/emoeye-features*.yaml are
held against it in the cells of crossed folds, then with no signal in any sensor, seed by seed."""
import csv
import json
import shutil

INPUTS = ("pupil", "skin", "heart", "gaze", "light")
KNOWN = {"all sensors": INPUTS[:4], "pupil": INPUTS[:1], "picture": INPUTS[4:],
         "picture + all sensors": INPUTS}
CELLS = {"both-unseen": "unseen", "person-seen": "seen"}
BELOW, ABOVE, SEEDS, SEEDS_OF_ANSWERS = .06, .05, 20, (1, 2)
RULES = "jackknife", "bootstrap"
STUDIES = {"ridge": "emoeye-features", "network": "emoeye-features-network"}


def study(bench, name, keep):
    """A study of studies/ with some of its inputs."""
    lines = (bench.TOP / "studies" / f"{name}.yaml").read_text().splitlines()
    wanted = [line for line in lines
              if not any(line.startswith(f"  {i}: ") for i in INPUTS if i not in keep)]
    if len(keep) == 1:
        wanted = [line for line in wanted if not line.startswith("modality-dropout")]
    text = "\n".join(wanted) + "\n"
    return text.replace("branches:\nfusion", "fusion") if keep == INPUTS[4:] else text


def synth(bench, name, seed, *options):
    folder = bench.WORK / f"emoeye-{name}"
    if not (folder / "ideal.csv").exists():
        shutil.rmtree(folder, ignore_errors=True)
        bench.text_of(bench.MIEN, "synth", "emoeye", "-o", folder, "--seed", seed, *options)
    return folder


def figures(bench, folder, text):
    """r of each target in each cell, with its interval."""
    run = bench.WORK / "gaze-run"
    shutil.rmtree(run, ignore_errors=True)
    path = folder / "study.yaml"
    path.write_text(text.replace("trials: emoeye.tsv", "trials: trials.tsv"))
    bench.text_of(bench.MIEN, "train", path, "-o", run, "--quiet")
    results = json.loads((run / "results.json").read_text())
    found = {}
    for target in results["targets"]:
        for cell in target["crossed"]["cells"]:
            for m in cell["metrics"]:
                if m["name"] == "r":
                    within = " within" if m["within_persons"] else ""
                    found[f"{target['name']} {cell['cell']}{within}"] = m["model"]
    return found


def ideals(folder, column):
    with open(folder / "ideal.csv", encoding="utf-8") as file:
        return {(r["target"], r["known"], r["person"]): float(r[column])
                for r in csv.DictReader(file)}


def held(bench, folder, column, name):
    rows = []
    ideal = ideals(folder, column)
    for known, keep in KNOWN.items():
        got = figures(bench, folder, study(bench, name, keep))
        for target in ("arousal", "valence"):
            for cell, person in CELLS.items():
                want = ideal.get((target, known, person))
                if want is not None:
                    rows.append({"known": known, "target": target, "cell": cell, "ideal": want,
                                 "got": got[f"{target} {cell}"]})
                    bench.say("gaze_answers", name, rows[-1])
    return rows


def kept(bench, name):
    """What a piece measured before, with its commit; None: nothing."""
    path = bench.WORK / "gaze_answers" / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def keep(bench, name, found):
    path = bench.WORK / "gaze_answers" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"commit": bench.commit(), "found": found}))


def answers(bench, kind, seed, which):
    """Ridge or the network on one seed, with all sensors or a tenth of them lost."""
    options = ("--persons", 60, "--stimuli", 120, "--per-person", 120)
    lost = which == "lost"
    folder = synth(bench, f"{which}-{seed}", seed, *options, *(() if lost else ("--missing", 0)))
    return held(bench, folder, "r_rating_missing" if lost else "r_rating", STUDIES[kind])


def chance(bench, seed):
    """The intervals of both rules, of one training: in the cell both-unseen those of the run are the
    jackknife's, and evaluate draws anew."""
    folder = synth(bench, "none", seed, "--per-person", 60, "--pupil", 0, "--gsr", 0, "--hr", 0,
                   "--gaze", 0)
    found = {"jackknife": figures(bench, folder, study(bench, STUDIES["ridge"], INPUTS[:4]))}
    drawn = bench.text_of(bench.MIEN, "evaluate", bench.WORK / "gaze-run", "--intervals", "bootstrap", "-f", "csv")
    found["bootstrap"] = {
        f"{row['target']} both-unseen": {k: float(row[k]) for k in ("value", "low", "high")}
        for row in csv.DictReader(drawn.splitlines()) if row["metric"] == "r"}
    shutil.rmtree(folder)
    bench.say("gaze_answers", "no signal, seed", seed, found["jackknife"]["arousal both-unseen"])
    return found


def pooling(bench):
    """studies/emoeye-gaze.yaml against plain pooling, in pairs."""
    bench.real_weights()
    folder = synth(bench, "pooling", 1, "--per-person", 60)
    text = (bench.TOP / "studies/emoeye-gaze.yaml").read_text()
    text = text.replace("trials: emoeye.tsv", "trials: trials.tsv")
    plain = text.replace("grid: 8, optional", "grid: 8, even: true, optional")
    for name, study_text in ("gaze", text), ("plain", plain):
        (folder / f"{name}.yaml").write_text(study_text)
        shutil.rmtree(folder / name, ignore_errors=True)
        bench.text_of(bench.MIEN, "train", folder / f"{name}.yaml", "-o", folder / name, "--quiet")
    rows = csv.DictReader(bench.text_of(bench.MIEN, "compare", folder / "gaze", folder / "plain", "-f",
                                        "csv").splitlines())
    return [row for row in rows if row["metric"] == "r"]


def pieces_of():
    """Every piece: its group, its name and what measures it."""
    for seed in range(1, SEEDS + 1):
        yield "chance", f"chance-{seed}", lambda bench, seed=seed: chance(bench, seed)
    for kind in STUDIES:
        for seed in SEEDS_OF_ANSWERS:
            for which in "whole", "lost":
                yield kind, f"{kind}-{seed}-{which}", \
                    lambda bench, k=kind, s=seed, w=which: answers(bench, k, s, w)
    yield "pooling", "pooling", pooling


def measure(bench, groups=()):
    """All pieces, or those of some groups; yields after each what there is of all."""
    known = {"again", *(group for group, _, _ in pieces_of())}
    if set(groups) - known:
        raise SystemExit(f"gaze_answers: no piece {', '.join(sorted(set(groups) - known))}; "
                         f"{', '.join(sorted(known))} are")
    asked = set(groups) - {"again"}
    for group, name, piece in pieces_of():
        if asked and group not in asked:
            continue
        if "again" in groups or not kept(bench, name):
            keep(bench, name, piece(bench))
            yield {"pieces": {n: kept(bench, n) for _, n, _ in pieces_of()}}
    yield {"pieces": {n: kept(bench, n) for _, n, _ in pieces_of()}}


def answers_row(found, i, seed):
    """One row of the table; a dash where a piece has not been measured."""
    rows = {key: found.get(f"{key[0]}-{seed}-{key[1]}") for key in
            [(kind, which) for which in ("whole", "lost") for kind in STUDIES]}
    any_row = next(r for r in rows.values() if r)["found"][i]
    cells = []
    for which in "whole", "lost":
        ideal = next((r["found"][i]["ideal"] for (_, w), r in rows.items() if w == which and r), None)
        cells.append("–" if ideal is None else f"{ideal:.3f}")
        for kind in STUDIES:
            r = rows[kind, which] and rows[kind, which]["found"][i]["got"]["value"]
            cells.append("–" if r is None else
                         f"{r:.3f}" if ideal - BELOW <= r <= ideal + ABOVE else f"**{r:.3f}**")
    return (f"| {any_row['known']} | {any_row['target']} | {CELLS[any_row['cell']]} | {seed} | "
            f"{' | '.join(cells)} |")


def page(m, mark):
    yield "## Gaze and body: right answers\n"
    yield ("`mien synth emoeye --persons 60 --stimuli 120 --per-person 120`, ratings from 1 to 7: r of prediction "
           "and rating in crossed folds (4 × 4), beside that of the best linear read-out as `ideal.csv` has it; with "
           "all sensors, and with a tenth of persons' sensors lost. A figure is right between .06 below the ideal "
           "and .05 above it (bold: it is not). Ridge is `studies/emoeye-features.yaml`, the network "
           "`emoeye-features-network.yaml`.\n")
    yield ("| known | target | persons | seed | ideal | ridge | network | ideal, sensors lost | ridge | network |")
    yield "| --- " * 10 + "|"
    found = {name: piece for name, piece in m["pieces"].items() if piece}
    for i in range(2 * sum(2 if known != "pupil" else 1 for known in KNOWN)):
        for seed in SEEDS_OF_ANSWERS:
            if any(f"{kind}-{seed}-{which}" in found for kind in STUDIES for which in ("whole", "lost")):
                yield answers_row(found, i, seed)
    yield ""
    drawn = [piece["found"] for name, piece in found.items() if name.startswith("chance-")]
    if drawn:
        yield from chance_table(drawn)
    if "pooling" in found:
        yield from pooling_table(found["pooling"]["found"])
    commits = sorted({piece["commit"] for piece in found.values()})
    yield f"Pieces were measured at {', '.join(commits)}; a dash stands where one has not been measured."
    yield "`./run bench gaze_answers:ridge,network` (`chance`, `pooling`) makes some of them, `:again` anew.\n"


def chance_table(drawn):
    yield (f"No signal in any sensor (24 persons × 60 pictures, {len(drawn)} seeds, ridge on all sensors, both unseen): "
           "how often the interval of r holds 0, and r's mean over seeds; pooled, and within persons.\n")
    yield "| target | r | intervals | holds 0 | must | mean r |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for target in "arousal", "valence":
        for within in "", " within":
            for rule in RULES:
                got = [c[rule].get(f"{target} both-unseen{within}") for c in drawn]
                if None in got:
                    continue
                holds = sum(g["low"] <= 0 <= g["high"] for g in got)
                aim = len(got) * 17 // 20
                shown = f"{holds}" if holds >= aim else f"**{holds}**"
                yield (f"| {target} |{within or ' pooled'} | {rule} | {shown} of {len(got)} | ≥ {aim} | "
                       f"{sum(g['value'] for g in got) / len(got):.3f} |")
    yield ""


def pooling_table(rows):
    yield ("Pooling where people looked (`studies/emoeye-gaze.yaml`: MobileNetV2, `at: gaze`) against plain pooling "
           "of the same maps, 24 persons × 60 pictures, both unseen, in pairs:\n")
    yield "| target | r, at gaze | r, plain | difference |"
    yield "| --- | --- | --- | --- |"
    for row in rows:
        a, b, d, low, high = (float(row[k]) for k in ("a", "b", "difference", "low", "high"))
        yield f"| {row['target']} | {a:.3f} | {b:.3f} | {d:.3f} [{low:.3f}, {high:.3f}] |"
