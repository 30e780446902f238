# SPDX-License-Identifier: MIT
"""The part aan of bench/run.py: a whole study of films, every film left out once, with three
seeds, against PyTorch doing one fold after another (peers/aan.py)."""
import json
import shutil
import sys

FILMS, SEGMENTS, SEEDS, EPOCHS, BATCH = 12, 360, 3, 50, 30
WIDTHS = {"resnet50": 2048, "flownet": 1024, "i3d": 1024, "vggish": 128, "emobase2010": 1582}
PEER_EPOCHS = 5
STUDY = f"""trials: films.tsv
method: network
inputs: [{', '.join(WIDTHS)}]
targets: [arousal]
model: {{name: aan, width: 8, layers: 6, heads: 2}}
folds: {{rule: leave-one-group-out}}
seeds: {SEEDS}
epochs: {EPOCHS}
batch: {BATCH}
optimiser: {{name: adam, rate: 0.001}}
"""


def make(folder):
    """Features that follow a slow walk of the affect, as much as noise lets them."""
    import numpy
    random = numpy.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    felt = numpy.zeros((FILMS, SEGMENTS))
    for t in range(1, SEGMENTS):
        felt[:, t] = 0.97 * felt[:, t - 1] + 0.2 * random.normal(size=FILMS)
    felt = numpy.tanh(felt).ravel()
    for name, width in WIDTHS.items():
        weights = random.normal(size=width) * (random.random(width) < 0.05)
        values = 0.3 * felt[:, None] * weights + random.normal(size=(len(felt), width))
        numpy.save(folder / f"{name}.npy", values.astype("float32"))
    numpy.save(folder / "target.npy", felt.round(5))
    columns = ["trial", "group", "start_s", "end_s", *(f"features.{n}" for n in WIDTHS), "arousal"]
    rows = ["\t".join(columns)]
    for i, x in enumerate(felt):
        film, at = divmod(i, SEGMENTS)
        rows.append("\t".join([f"t{i}", f"film{film}", str(5 * at), str(5 * at + 5),
                               *(f"{n}.npy#{i}" for n in WIDTHS), f"{x:.5f}"]))
    (folder / "films.tsv").write_text("\n".join(rows) + "\n")
    target = {"range": [-1, 1], "unit": "-1 to 1", "construct": "evoked", "perspective": "normative"}
    (folder / "films.json").write_text(json.dumps(
        {"version": 2, "name": "made films", "targets": {"arousal": target}}))
    (folder / "study.yaml").write_text(STUDY)


def measure(bench):
    """bench: the module bench/run.py."""
    folder = bench.WORK / "aan"
    make(folder)
    ours, runs = [], folder / "run"
    for _ in range(2):
        shutil.rmtree(runs, ignore_errors=True)
        ours.append(bench.timed(bench.MIEN, "train", folder / "study.yaml", "-o", runs, "--threads",
                                bench.THREADS, "--quiet"))
        bench.say("aan mien", ours[-1])
    r = json.loads((runs / "results.json").read_text())["targets"][0]["metrics"][0]["value"]
    theirs = {}
    for threads in 1, bench.THREADS:
        text = bench.text_of(sys.executable, bench.PEERS / "aan.py", folder, threads, PEER_EPOCHS)
        theirs[threads] = json.loads(text)
        bench.say("aan pytorch", threads, theirs[threads])
    return {"mien": ours, "r": r, "pytorch": theirs}


def page(m, mark):
    fits = (FILMS + 1) * SEEDS
    best = min(m["pytorch"].values(), key=lambda p: min(p["epochs"]))
    whole = fits * (best["set_up"] + EPOCHS * min(best["epochs"]) + best["predict"])
    ours = min(run["s"] for run in m["mien"])
    steps = fits * EPOCHS * best["steps"]
    yield "## A study of films\n"
    yield (f"AttendAffectNet (width 8, 6 layers, batch {BATCH}) over five features of {FILMS} films × {SEGMENTS} "
           f"segments, made by this bench: every film left out once and a model on all, {SEEDS} seeds, {EPOCHS} "
           f"epochs: {fits} fits, about {steps / 1e3:.0f} thousand steps. `mien train` from start to the written run, "
           "2 threads, the better of two. PyTorch, eager, does one fit after another; its time is "
           f"**extrapolated**: {fits} × (set-up + {EPOCHS} × the fastest of {PEER_EPOCHS} epochs + predicting) of one "
           "fold, with 1 or 2 threads, whichever is faster.\n")
    yield "| | mien | PyTorch (extrapolated) | PyTorch ÷ mien | aim |"
    yield "| --- | --- | --- | --- | --- |"
    yield f"| the whole study, s | {ours:.1f} | {whole:.0f} | {mark(whole / ours, 25)} | ≥ 25 |"
    yield (f"| a step, all told, ms | {ours / steps * 1e3:.3f} | {whole / steps * 1e3:.2f} | | |")
    yield f"| peak memory, MB | {max(run['mb'] for run in m['mien']):.0f} | | | |"
