# SPDX-License-Identifier: MIT
"""This build against an earlier one, alternating in one run: the part `before` of run.py.

MIEN_BENCH_BEFORE names the earlier build's command; the part is left out without it.
"""
import json
import math
import os
import shutil
import statistics
import subprocess

PAIRS = 9
T_95 = 2.306  # Student's t for 8 degrees of freedom
SMALL = (("aan", 30, "adam"), ("aan", 128, "adam"), ("aan_512", 30, "adam"), ("cnn_lstm", 32, "adamw"))
STUDY = """\
method: network
trials: {trials}
inputs: [{inputs}]
targets: [valence]
model: {{name: aan, width: 8, layers: 2, heads: 2}}
epochs: 6
batch: 32
folds: {{rule: leave-one-group-out, by: group}}
bootstrap: {{repeats: 200}}
"""


def cpu_of(run, *command):
    return run.timed(*command)["cpu"]


def ms_of(run, *command):
    return json.loads(run.text_of(*command))["min_ms"]


def films(run, folder, before):
    """Made films of features, written by the earlier build, and a study of them."""
    made = folder / "films"
    if not made.exists():
        run.text_of(before, "synth", "cognimuse", "--films", 4, "--segments", 200, "-q", "-o", made)
    head = (made / "trials.tsv").read_text().split("\n", 1)[0].split("\t")
    inputs = [name.split(".", 1)[1] for name in head if name.startswith("features.")][:3]
    study = folder / "films.yaml"
    study.write_text(STUDY.format(trials=made / "trials.tsv", inputs=", ".join(inputs)))
    return study


def jobs(run, folder, before):
    """Name, what is measured, and the function of a command that measures it."""
    for network, batch, optimiser in SMALL:
        yield (f"a step of `{network}`, batch {batch}", "ms, least of a run",
               lambda mien, n=network, b=batch, o=optimiser: ms_of(
                   run, mien, "bench", "--network", n, "--batch", b, "--threads", 1, "--train", "*",
                   "--optimiser", o, "--repeat", 6 if n == "aan_512" else 60))
    for backbone in "mobilenet_v2", "resnet18":
        yield (f"`{backbone}`, one picture through the network", "ms, least of a run", lambda mien, n=backbone:
               ms_of(run, mien, "bench", "--backbone", n, "--threads", 1, "--repeat", 15))
    run.real_weights()
    picture = sorted((run.SHARED / "data/oasis/images").glob("*.jpg"))[0]
    yield ("one picture, from start to row", "s of processor time", lambda mien: cpu_of(
        run, mien, "predict", "image-va", picture, "--threads", 1, "--quiet"))
    study = films(run, folder, before)

    for epochs in 6, 40:
        def trained(mien, epochs=epochs):
            shutil.rmtree(folder / "run", ignore_errors=True)
            return cpu_of(run, mien, "train", study, "-o", folder / "run", "--quiet", "--threads", 1, "--set",
                          f"epochs={epochs}")
        yield f"a study of features (4 films of 200 segments), {epochs} epochs", "s of processor time", trained


def compared(job, now, before):
    """Medians of both and the paired ratio with its interval; who begins changes in turn."""
    values = {now: [], before: []}
    for pair in range(PAIRS):
        for mien in ((now, before), (before, now))[pair % 2]:
            values[mien].append(job(mien))
    logs = [math.log(a / b) for a, b in zip(values[now], values[before], strict=True)]
    mean, half = statistics.mean(logs), T_95 * statistics.stdev(logs) / math.sqrt(PAIRS)
    return {"now": statistics.median(values[now]), "before": statistics.median(values[before]),
            "ratio": math.exp(mean), "low": math.exp(mean - half), "high": math.exp(mean + half)}


def measure(run):
    """run: what run.py offers (paths, commands, timers)."""
    before = os.environ.get("MIEN_BENCH_BEFORE")
    if not before or not (run.SHARED / "data/oasis").is_dir():
        run.say("before: MIEN_BENCH_BEFORE does not name an earlier build, or no real data: left out")
        return
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    folder = run.WORK / "before"
    folder.mkdir(parents=True, exist_ok=True)
    version = subprocess.run([before, "--version"], text=True, capture_output=True).stdout.strip()
    state = {"before": os.environ.get("MIEN_BENCH_BEFORE_NAME", version), "rows": []}
    for name, unit, job in jobs(run, folder, before):
        job(run.MIEN), job(before)  # files into the system's cache
        state["rows"].append({"name": name, "unit": unit, **compared(job, run.MIEN, before)})
        run.say("before", state["rows"][-1])
        yield state


def page(m, mark):
    yield "## This build and an earlier one\n"
    yield (f"The command built from {m['before']} against this one, {PAIRS} pairs in turn, one thread: medians, and the "
           "ratio now ÷ before of each pair with its 95 % interval (geometric mean, Student's t). A figure fails where "
           "the whole interval lies above 1.03.\n")
    yield "| what | unit | before | now | now ÷ before | |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for r in m["rows"]:
        holds = "holds" if r["low"] <= 1.03 else "**fails**"
        yield (f"| {r['name']} | {r['unit']} | {r['before']:.3f} | {r['now']:.3f} | {r['ratio']:.3f} "
               f"[{r['low']:.3f}, {r['high']:.3f}] | {holds} |")
