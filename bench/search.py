# SPDX-License-Identifier: MIT
"""Fifty points of a linear head on frozen VGG16 over OASIS: the part `search` of run.py."""
import json
import shutil

POINTS, FOLDS = 50, 5
STUDY = f"""\
method: ridge
trials: {{trials}}
targets: [valence]
backbone: {{{{name: vgg16}}}}
folds: {{{{k: {FOLDS}, by: group}}}}
search:
  name: grid
  inner: {{{{k: 1, share: 0.2}}}}
"""
OVER = "ridge.lambda={over}"


def measure(run):
    """run: what run.py offers (paths, commands, timers)."""
    data = run.SHARED / "data/oasis"
    if not data.is_dir():
        run.say(f"search: {data} is not there: nothing measured")
        return None
    weights = run.random_weights("vgg16")
    work = run.WORK
    trials, study, pictures = work / "search.tsv", work / "search.yaml", work / "search.txt"
    trials.unlink(missing_ok=True)
    run.text_of(run.MIEN, "import", "oasis", data, "-o", trials)
    study.write_text(STUDY.format(trials=trials))
    table = [line.split("\t") for line in trials.read_text().splitlines()]
    image = table[0].index("image")
    pictures.write_text("".join(f"{(trials.parent / row[image]).resolve()}\n" for row in table[1:]))
    values = json.dumps([[10 ** (-4 + 6 * k / (POINTS - 1))] for k in range(POINTS)])
    runs = {"search": [], "forward": []}
    for i in range(3):
        shutil.rmtree(work / f"search-run{i}", ignore_errors=True)
        runs["search"].append(run.timed(
            run.MIEN, "search", study, "-o", work / f"search-run{i}", "--weights", weights,
            "--over", OVER.format(over=values), "--quiet",
            "--threads", run.THREADS))
        runs["forward"].append(run.timed(
            run.MIEN, "extract", "--backbone", "vgg16", "--weights", weights, "--quiet",
            "--threads", run.THREADS, pictures, "-o", work / "search.npy"))
        run.say("search", runs["search"][-1], runs["forward"][-1])
    return {"runs": runs, "rows": len(table) - 1}


def page(m, mark):
    best = {name: min(r["cpu"] for r in runs) for name, runs in m["runs"].items()}
    share = best["search"] / best["forward"]
    yield "## A search on a frozen backbone\n"
    yield (f"{POINTS} points of a linear head (ridge) on VGG16, frozen, over valence of {m['rows']} OASIS pictures, in each "
           f"of {FOLDS} folds by group and on all rows: `mien search` from start to end, against `mien "
           "extract` of the same pictures (one forward pass, decoding included). Processor time of 2 threads, "
           "the least of 3 turns; the weights are random, which changes no time.\n")
    yield "| | processor s | ÷ one forward pass | aim |"
    yield "| --- | --- | --- | --- |"
    yield f"| one forward pass | {best['forward']:.1f} | 1 | |"
    yield f"| the whole search | {best['search']:.1f} | {mark(-share, -3).replace('-', '')} | ≤ 3 |"
