# SPDX-License-Identifier: MIT
"""A whole study with a frozen backbone: the part `frozen` of run.py."""
import json
import shutil

FOLDS, EPOCHS, BATCH = 5, 40, 16
STUDY = f"""\
method: network
trials: {{trials}}
targets: [valence]
backbone: {{{{name: mobilenet_v2}}}}
train: {{{{what: head}}}}
head: {{{{layers: [27, 27]}}}}
optimiser: {{{{name: adam, rate: 0.001}}}}
epochs: {EPOCHS}
batch: {BATCH}
folds: {{{{k: {FOLDS}, by: group}}}}
"""


def measure(run):
    """run: what run.py offers (paths, commands, timers)."""
    weights = run.real_weights()
    data = run.SHARED / "data/oasis"
    if not data.is_dir():
        run.say(f"frozen: {data} is not there: nothing measured")
        return None
    work = run.WORK
    trials, study = work / "frozen.tsv", work / "frozen.yaml"
    trials.unlink(missing_ok=True)
    run.text_of(run.MIEN, "import", "oasis", data, "-o", trials)
    study.write_text(STUDY.format(trials=trials))
    table = [line.split("\t") for line in trials.read_text().splitlines()]
    image = table[0].index("image")
    pictures = work / "frozen.txt"
    pictures.write_text("".join(f"{(trials.parent / row[image]).resolve()}\n" for row in table[1:]))
    runs = {"study": [], "forward": []}
    for i in range(3):
        shutil.rmtree(work / f"frozen-run{i}", ignore_errors=True)
        runs["study"].append(run.timed(
            run.MIEN, "train", study, "-o", work / f"frozen-run{i}", "--quiet", "--threads", run.THREADS))
        runs["forward"].append(run.timed(
            run.MIEN, "extract", "--backbone", "mobilenet_v2", "--quiet", "--threads", run.THREADS,
            pictures, "-o", work / "frozen.npy"))
        run.say("frozen", runs["study"][-1], runs["forward"][-1])
    peer = run.peer("frozen.py", weights, trials, FOLDS, EPOCHS, BATCH, run.THREADS)
    run.say("frozen", peer)
    return {"runs": runs, "peer": json.loads(peer), "rows": len(table) - 1}


def page(m, mark):
    best = {name: min(r["s"] for r in runs) for name, runs in m["runs"].items()}
    share = best["study"] / best["forward"]
    peer = m["peer"]
    yield "## A study with a frozen backbone\n"
    yield (f"Valence of {m['rows']} OASIS pictures, MobileNetV2 frozen, a head 27-27-1, {FOLDS} folds of "
           f"{EPOCHS} epochs and the model on all rows: `mien train` from start to end, against `mien "
           "extract` of the same pictures (one forward pass, decoding included). *PyTorch* is the same study "
           "written plainly: a loader (its decoded pictures kept), the frozen network and the head run at "
           f"every step; {peer['steps']} of its {peer['all']} steps were timed and the rest counted alike.\n")
    yield "| | s | ÷ one forward pass | aim |"
    yield "| --- | --- | --- | --- |"
    yield f"| one forward pass | {best['forward']:.2f} | 1 | |"
    yield f"| mien, the whole study | {best['study']:.2f} | {mark(-share, -1.5).replace('-', '')} | ≤ 1.5 |"
    yield (f"| PyTorch, the whole study | {peer['s']:.0f} | {peer['s'] / best['forward']:.0f} | "
           f"{peer['s'] / best['study']:.0f} × mien |")
