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
STUDIES = "emoeye-features", "emoeye-features-network"


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


def kept(bench, name, piece):
    """What a piece measured, or measured before with the same commit: the whole takes hours."""
    path = bench.WORK / "gaze_answers" / f"{bench.commit()}-{name}.json"
    if not path.exists():
        found = piece()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found))
    return json.loads(path.read_text())


def answers(bench, name, seed):
    many = ("--persons", 60, "--stimuli", 120, "--per-person", 120)
    whole = synth(bench, f"whole-{seed}", seed, *many, "--missing", 0)
    lost = synth(bench, f"lost-{seed}", seed, *many)
    return {"all": held(bench, whole, "r_rating", name),
            "lost": held(bench, lost, "r_rating_missing", name)}


def chance(bench, seed):
    folder = synth(bench, "none", seed, "--per-person", 60, "--pupil", 0, "--gsr", 0, "--hr", 0,
                   "--gaze", 0)
    text = study(bench, STUDIES[0], INPUTS[:4])
    found = {rule: figures(bench, folder, f"{text}intervals: {rule}\n") for rule in RULES}
    shutil.rmtree(folder)
    bench.say("gaze_answers", "no signal, seed", seed, found)
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


def measure(bench):
    m = {"answers": {}, "chance": []}
    m["pooling"] = kept(bench, "pooling", lambda: pooling(bench))
    for seed in range(1, SEEDS + 1):
        m["chance"].append(kept(bench, f"chance-{seed}", lambda seed=seed: chance(bench, seed)))
    for seed in SEEDS_OF_ANSWERS:
        for name in STUDIES:
            m["answers"].setdefault(str(seed), {})[name] = kept(
                bench, f"{name}-{seed}", lambda name=name, seed=seed: answers(bench, name, seed))
    return m


def answers_row(by_study, i, seed):
    row, cells = by_study[STUDIES[0]]["all"][i], []
    for which in "all", "lost":
        ideal = by_study[STUDIES[0]][which][i]["ideal"]
        cells.append(f"{ideal:.3f}")
        for name in STUDIES:
            r = by_study[name][which][i]["got"]["value"]
            cells.append(f"{r:.3f}" if ideal - BELOW <= r <= ideal + ABOVE else f"**{r:.3f}**")
    return f"| {row['known']} | {row['target']} | {CELLS[row['cell']]} | {seed} | {' | '.join(cells)} |"


def page(m, mark):
    yield "## Gaze and body: right answers\n"
    yield ("`mien synth emoeye --persons 60 --stimuli 120 --per-person 120`, ratings from 1 to 7: r of prediction "
           "and rating in crossed folds (4 × 4), beside that of the best linear read-out as `ideal.csv` has it; with "
           "all sensors, and with a tenth of persons' sensors lost. A figure is right between .06 below the ideal "
           "and .05 above it (bold: it is not). Ridge is `studies/emoeye-features.yaml`, the network "
           "`emoeye-features-network.yaml`.\n")
    yield ("| known | target | persons | seed | ideal | ridge | network | ideal, sensors lost | ridge | network |")
    yield "| --- " * 10 + "|"
    seeds = list(m["answers"])
    for i in range(len(m["answers"][seeds[0]][STUDIES[0]]["all"])):
        for seed in seeds:
            yield answers_row(m["answers"][seed], i, seed)
    yield ""
    yield (f"No signal in any sensor (24 persons × 60 pictures, {len(m['chance'])} seeds, ridge on all sensors, both unseen): "
           "how often the interval of r holds 0, and r's mean over seeds; pooled, and within persons.\n")
    yield "| target | r | intervals | holds 0 | must | mean r |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for target in "arousal", "valence":
        for within in "", " within":
            for rule in RULES:
                got = [c[rule].get(f"{target} both-unseen{within}") for c in m["chance"]]
                if None in got:
                    continue
                holds = sum(g["low"] <= 0 <= g["high"] for g in got)
                aim = len(got) * 17 // 20
                shown = f"{holds}" if holds >= aim else f"**{holds}**"
                yield (f"| {target} |{within or ' pooled'} | {rule} | {shown} of {len(got)} | ≥ {aim} | "
                       f"{sum(g['value'] for g in got) / len(got):.3f} |")
    yield ""
    yield ("Pooling where people looked (`studies/emoeye-gaze.yaml`: MobileNetV2, `at: gaze`) against plain pooling "
           "of the same maps, 24 persons × 60 pictures, both unseen, in pairs:\n")
    yield "| target | r, at gaze | r, plain | difference |"
    yield "| --- | --- | --- | --- |"
    for row in m["pooling"]:
        a, b, d, low, high = (float(row[k]) for k in ("a", "b", "difference", "low", "high"))
        yield f"| {row['target']} | {a:.3f} | {b:.3f} | {d:.3f} [{low:.3f}, {high:.3f}] |"
