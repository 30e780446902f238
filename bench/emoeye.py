# SPDX-License-Identifier: MIT
"""The part emoeye of bench/run.py: a step of EmoEye's network, and its whole study on made-up
people in crossed folds, against PyTorch.

Everything is processor time of one thread, so that what else the machine does matters little."""
import json
import shutil
import statistics

from rival import loaded

WAYS = ("eager", "last", "compile")
BATCHES, ROUNDS, STEPS = (8, 32), 5, 4
BATCH, EPOCHS, FITS, PEER_STEPS = 32, 10, 16, 3
STEP_MUST, STUDY_MUST, STUDY_AIM = 1.3, 12, 20


def rival_of(bench, *arguments):
    """bench/peers/emoeye.py, kept loaded, once it is ready."""
    return loaded(bench.PEERS / "emoeye.py", bench.WORK / f"emoeye-{arguments[1]}.log", arguments, 1)


def our_step(bench, batch):
    """Milliseconds of processor time a step: what STEPS more of them add to a program's."""
    def cpu(count):
        return bench.timed(bench.MIEN, "bench", "--network", "emoeye", "--batch", batch, "--threads", 1,
                           "--train", "*", "--optimiser", "adamw", "--repeat", count)["cpu"]
    few = cpu(1)
    return (cpu(1 + STEPS) - few) / STEPS * 1e3


def measure_step(bench, batch):
    rivals, times = {}, {"mien": [], **{way: [] for way in WAYS}}
    for way in WAYS:
        try:
            rivals[way] = rival_of(bench, "step", way, batch, 1)
        except EOFError as error:
            bench.say(error)
    for _ in range(ROUNDS):
        times["mien"].append(our_step(bench, batch))
        for way, rival in rivals.items():
            times[way].append(statistics.mean(rival.run(STEPS)))
    for rival in rivals.values():
        rival.close()
    bench.say("emoeye", batch, times)
    return {"batch": batch, "times": {way: t for way, t in times.items() if t}}


def study_text(bench, epochs):
    text = (bench.TOP / "studies/emoeye.yaml").read_text()
    return (text.replace("trials: emoeye.tsv", "trials: trials.tsv")
            .replace("epochs: 10", f"epochs: {epochs}")
            .replace("folds: {rule: groups, by: person, k: 5}", "folds: {rule: crossed}"))


def train(bench, weights, epochs):
    folder, run = bench.WORK / "emoeye-study", bench.WORK / "emoeye-run"
    shutil.rmtree(run, ignore_errors=True)
    (folder / "study.yaml").write_text(study_text(bench, epochs))
    took = bench.timed(bench.MIEN, "train", folder / "study.yaml", "-o", run, "--quiet", "--threads", 1,
                       "--weights", weights)
    bench.say("emoeye", epochs, took)
    return took, json.loads((run / "results.json").read_text())["fits"]


def measure_study(bench):
    """Ours with one epoch of every fit and with two; PyTorch's steps, timed a few and multiplied."""
    weights = bench.random_weights("vgg16")
    shutil.rmtree(bench.WORK / "emoeye-study", ignore_errors=True)
    bench.text_of(bench.MIEN, "synth", "emoeye", "-o", bench.WORK / "emoeye-study")
    (one, fits), (two, _) = train(bench, weights, 1), train(bench, weights, 2)
    rival = rival_of(bench, "whole", BATCH, 1, weights)
    steps = rival.run(PEER_STEPS)
    rival.close()
    bench.say("emoeye, PyTorch's steps", steps)
    return {"one": one, "two": two, "steps": [f["steps"] for f in fits], "peer_ms": steps}


def measure(bench):
    m = {"steps": []}
    for batch in BATCHES:
        m["steps"].append(measure_step(bench, batch))
        yield m
    m["study"] = measure_study(bench)
    yield m


def page(m, mark):
    yield "## EmoEye's network\n"
    yield ("A training step behind a frozen VGG16, whose features come in (99 % of it are 5 × 5 convolutions): "
           f"cross-entropy of two heads, AdamW. Milliseconds of processor time on one thread, the least "
           f"(median) of {ROUNDS} turns in turn with each other. PyTorch: eager, eager with channels last, "
           "compiled.\n")
    yield "| batch | mien | eager | channels last | compiled | best ÷ mien | must |"
    yield "| --- " * 7 + "|"
    for row in m["steps"]:
        t = row["times"]
        cells = " | ".join(f"{min(t[w]):.0f} ({statistics.median(t[w]):.0f})" if w in t else "did not run"
                           for w in ("mien", *WAYS))
        best = min(min(t[w]) for w in WAYS if w in t) / min(t["mien"])
        yield f"| {row['batch']} | {cells} | {mark(best, STEP_MUST)} | ≥ {STEP_MUST}, aim 2 |"
    if "study" not in m:
        return
    s = m["study"]
    fit = statistics.mean(s["steps"][:FITS])
    steps = fit * EPOCHS * FITS
    epoch = s["two"]["cpu"] - s["one"]["cpu"]
    theirs, ours = min(s["peer_ms"]) / 1e3 * steps, s["one"]["cpu"] + (EPOCHS - 1) * epoch
    yield ""
    yield (f"`studies/emoeye.yaml` on `mien synth emoeye` (24 persons × 60 pictures) in {FITS} crossed fits of "
           f"{EPOCHS} epochs, batch {BATCH}. mien: the study with one epoch of every fit and of "
           "the final one, from start to written report, and the further epochs as those that a second one adds. "
           f"PyTorch, eager, with VGG16 in each step: {len(s['peer_ms'])} steps timed, times the {steps:.0f} steps of "
           "those fits; nothing for reading pictures and drawing scanpaths. Processor seconds on one thread.\n")
    yield "| | s |"
    yield "| --- | --- |"
    yield f"| mien | {ours:.0f} |"
    yield f"| PyTorch | {theirs:.0f} |"
    yield f"| PyTorch ÷ mien (must ≥ {STUDY_MUST}, aim {STUDY_AIM}) | {mark(theirs / ours, STUDY_MUST)} |"
