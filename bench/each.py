# SPDX-License-Identifier: MIT
"""A model for each of 500 people on frozen VGG16: the part `each` of run.py."""
import csv
import json
import shutil

PEOPLE = 500
STUDY = """\
method: readout
trials: {trials}
targets: [beauty]
each: person
backbone: {{name: vgg16}}
readout: {{layers: [pool]}}
folds: {{rule: rows, by: none, k: 5, seed: 5}}
"""


def write_table(run, path):
    """The ratings of the first people, with the pictures of OASIS; how many different ones."""
    with open(run.SHARED / "data/oasis_beauty/ratings.tsv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    people = set(sorted({row["person"] for row in rows})[:PEOPLE])
    images = run.SHARED / "data/oasis/images"
    lines, seen = ["trial\tperson\timage\tbeauty"], {}
    for i, row in enumerate(rows):
        if row["person"] in people:
            seen[images / row["image"]] = True
            lines.append(f"b{i}\t{row['person']}\t{images / row['image']}\t{row['beauty']}")
    path.write_text("\n".join(lines) + "\n")
    target = {"range": [1, 7], "unit": "1-7 rating", "construct": "evoked",
              "perspective": "subjective"}
    path.with_suffix(".json").write_text(json.dumps(
        {"version": 1, "name": "beauty", "targets": {"beauty": target}}))
    return list(seen), len(lines) - 1


def measure(run):
    """run: what run.py offers (paths, commands, timers)."""
    if not (run.SHARED / "data/oasis_beauty").is_dir():
        run.say("each: the ratings are not there: nothing measured")
        return None
    weights = run.random_weights("vgg16")
    work = run.WORK
    trials, study, pictures = work / "each.tsv", work / "each.yaml", work / "each.txt"
    images, rows = write_table(run, trials)
    study.write_text(STUDY.format(trials=trials))
    pictures.write_text("".join(f"{path.resolve()}\n" for path in images))
    runs = {"study": [], "forward": []}
    for i in range(2):
        shutil.rmtree(work / "each-run", ignore_errors=True)
        runs["study"].append(run.timed(
            run.MIEN, "train", study, "-o", work / "each-run", "--weights", weights, "--quiet",
            "--threads", run.THREADS))
        runs["forward"].append(run.timed(
            run.MIEN, "extract", "--backbone", "vgg16", "--weights", weights, "--quiet",
            "--threads", run.THREADS, pictures, "-o", work / "each.npy"))
        run.say("each", runs["study"][-1], runs["forward"][-1])
    return {"runs": runs, "rows": rows, "images": len(images)}


def page(m, mark):
    best = {name: min(r["cpu"] for r in runs) for name, runs in m["runs"].items()}
    share = best["study"] / best["forward"]
    yield "## A model for each of 500 people\n"
    yield (f"`each: person` over {PEOPLE} people, {m['rows']} ratings of {m['images']} OASIS pictures (Brielmann & Pelli), a "
           "read-out on VGG16, frozen, 5 folds of each one's rows and a model of each: `mien train` from start to end, "
           "against `mien extract` of the same pictures (one forward pass, decoding included). Processor time of 2 "
           "threads, the least of 2 turns; the weights are random, which changes no time.\n")
    yield "| | processor s | ÷ one forward pass | aim |"
    yield "| --- | --- | --- | --- |"
    yield f"| one forward pass | {best['forward']:.1f} | 1 | |"
    yield f"| 500 people | {best['study']:.1f} | {mark(-share, -2).replace('-', '')} | ≤ 2 |"
