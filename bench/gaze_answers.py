# SPDX-License-Identifier: MIT
"""The part gaze_answers of bench/run.py: right answers on synthetic reactions, and none where
nothing is planted. Needs no peers.

`mien synth emoeye` says in closed form what can be read out; studies/emoeye-features*.yaml are
held against it in the cells of crossed folds, then with no signal in any sensor, seed by seed."""
import csv
import json
import shutil

INPUTS = ("pupil", "skin", "heart", "gaze", "light")
KNOWN = {"all sensors": INPUTS[:4], "pupil": INPUTS[:1], "picture": INPUTS[4:],
         "picture + all sensors": INPUTS}
CELLS = {"both-unseen": "unseen", "person-seen": "seen"}
BELOW, ABOVE, SEEDS = .06, .05, 20


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
                if m["name"] == "r" and not m["within_persons"]:
                    found[f"{target['name']} {cell['cell']}"] = m["model"]
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


def measure(bench):
    many = ("--persons", 60, "--stimuli", 120, "--per-person", 120)
    whole = synth(bench, "whole", 1, *many, "--missing", 0)
    lost = synth(bench, "lost", 1, *many)
    m = {"answers": {}, "chance": []}
    for name in "emoeye-features", "emoeye-features-network":
        m["answers"][name] = {"all": held(bench, whole, "r_rating", name),
                              "lost": held(bench, lost, "r_rating_missing", name)}
    text = study(bench, "emoeye-features", INPUTS[:4])
    for seed in range(1, SEEDS + 1):
        folder = synth(bench, "none", seed, "--per-person", 60, "--pupil", 0, "--gsr", 0, "--hr", 0,
                       "--gaze", 0)
        m["chance"].append(figures(bench, folder, text))
        shutil.rmtree(folder)
        bench.say("gaze_answers", "no signal, seed", seed, m["chance"][-1])
    return m


def page(m, mark):
    yield "## Gaze and body: right answers\n"
    yield ("`mien synth emoeye --persons 60 --stimuli 120 --per-person 120`, ratings from 1 to 7: r of prediction "
           "and rating in crossed folds (4 × 4), beside that of the best linear read-out as `ideal.csv` has it; with "
           "all sensors, and with a tenth of persons' sensors lost. A figure is right between .06 below the ideal "
           "and .05 above it (bold: it is not). Ridge is `studies/emoeye-features.yaml`, the network "
           "`emoeye-features-network.yaml`.\n")
    names = list(m["answers"])
    yield ("| known | target | persons | ideal | ridge | network | ideal, sensors lost | ridge | network |")
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for i, row in enumerate(m["answers"][names[0]]["all"]):
        cells = []
        for which in "all", "lost":
            ideal = m["answers"][names[0]][which][i]["ideal"]
            cells.append(f"{ideal:.3f}")
            for name in names:
                r = m["answers"][name][which][i]["got"]["value"]
                good = ideal - BELOW <= r <= ideal + ABOVE
                cells.append(f"{r:.3f}" if good else f"**{r:.3f}**")
        yield f"| {row['known']} | {row['target']} | {CELLS[row['cell']]} | {' | '.join(cells)} |"
    yield ""
    yield (f"No signal in any sensor (24 persons × 60 pictures, {len(m['chance'])} seeds, ridge on all sensors, both unseen): "
           "how often the interval of r holds 0, and r's mean over seeds.\n")
    yield "| target | holds 0 | aim | mean r |"
    yield "| --- | --- | --- | --- |"
    for target in "arousal", "valence":
        got = [c[f"{target} both-unseen"] for c in m["chance"]]
        holds = sum(g["low"] <= 0 <= g["high"] for g in got)
        aim = len(got) * 17 // 20
        shown = f"{holds}" if holds >= aim else f"**{holds}**"
        yield f"| {target} | {shown} of {len(got)} | ≥ {aim} | {sum(g['value'] for g in got) / len(got):.3f} |"
