# SPDX-License-Identifier: MIT
"""The part face_training of bench/run.py: what a step of the study face-expression costs on FER+'s faces
(decoding once, augmentation, network, optimiser, average of the weights), against PyTorch.

Everything is processor time of one thread, so that what else the machine does matters little. Ours is a
whole `mien train` with more epochs less one with fewer; PyTorch's faces lie decoded in memory and are
augmented a batch at once. MIEN_FERPLUS names the folder of FER+ (else shared/data/ferplus_whole)."""
import csv
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

from rival import loaded

WAYS = ("eager", "last")
BATCH, STEPS, FEW, MORE, ROUNDS = 64, 40, 1, 3, 3
FACES, MUST = 28558, 1.8


def rival_of(bench, way):
    return loaded(bench.PEERS / "face_training.py", bench.WORK / f"face_training-{way}.log", (way, BATCH, 1), 1)


def study_of(bench, folder, source):
    """The study on as many training faces as STEPS steps take, without a part that chooses the epoch."""
    table, text = folder / "faces.tsv", (bench.TOP / "studies/face-expression.yaml").read_text()
    subprocess.run([bench.MIEN, "import", "ferplus", source, "-q", "-o", folder / "all.tsv", "--set",
                    "leaks=drop", "--set", "labels=leading"], check=True)
    with open(folder / "all.tsv", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    train = [r for r in rows if r["split"] == "train"][:STEPS * BATCH]
    with open(table, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(train + [r for r in rows if r["split"] == "validation"][:BATCH])
    sidecar = json.loads((folder / "all.json").read_text())
    sidecar.pop("table_sha256", None)
    table.with_suffix(".json").write_text(json.dumps(sidecar))
    for old, new in (("trials: face-expression.tsv", "trials: faces.tsv"), ("warmup: 300", "warmup: 10"),
                     ("validation: {rule: groups, share: 0.1}\n", ""), ("stopping: {metric: metric}\n", "")):
        if old not in text:
            sys.exit(f"bench: studies/face-expression.yaml has no {old!r}")
        text = text.replace(old, new)
    for epochs in FEW, MORE:
        (folder / f"{epochs}.yaml").write_text(text.replace("epochs: 30", f"epochs: {epochs}"))


def our_cpu(bench, folder, epochs):
    run = folder / f"run{epochs}"
    shutil.rmtree(run, ignore_errors=True)
    return bench.timed(bench.MIEN, "train", folder / f"{epochs}.yaml", "-o", run, "-q", "--threads", 1)["cpu"]


def measure(bench):
    source = os.environ.get("MIEN_FERPLUS", bench.TOP.parent / "shared/data/ferplus_whole")
    folder = bench.WORK / "face_training"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if not pathlib.Path(source, "fer2013new.csv").exists():
        bench.say("face_training: no FER+ at", source, "- skipped")
        return
    study_of(bench, folder, source)
    rivals, times = {way: rival_of(bench, way) for way in WAYS}, {w: [] for w in ("mien", *WAYS)}
    for _ in range(ROUNDS):
        few = our_cpu(bench, folder, FEW)
        times["mien"].append((our_cpu(bench, folder, MORE) - few) / ((MORE - FEW) * STEPS) * 1e3)
        for way, rival in rivals.items():
            times[way].append(statistics.mean(rival.run(10)))
    for rival in rivals.values():
        rival.close()
    bench.say("face_training", times)
    yield {"times": times}


def page(m, mark):
    yield "## Training the face model\n"
    yield (f"A step of {BATCH} faces of the study `face-expression` on FER+ (network `resnet_small`, soft labels, "
           "SGD, decaying average), augmentation included: processor time of one thread, which is what `mien train` "
           f"of {MORE} epochs takes more than of {FEW}, on {STEPS * BATCH} faces; PyTorch's lie decoded in memory "
           "and are mirrored, turned, moved and erased a batch at once. Milliseconds: the least (median) of "
           f"{ROUNDS}. An epoch is {FACES} faces; its seconds are counted from the step.\n")
    yield "| | mien | eager | channels last | best ÷ mien | must |\n| --- | --- | --- | --- | --- | --- |"
    t = m["times"]
    cells = [f"{min(t[w]):.0f} ({statistics.median(t[w]):.0f})" for w in ("mien", *WAYS)]
    ratio = min(min(t[w]) for w in WAYS) / min(t["mien"])
    yield "| a step | " + " | ".join(cells) + f" | {mark(ratio, MUST)} | ≥ {MUST} |"
    epochs = [f"{min(t[w]) * FACES / BATCH / 1e3:.0f} s" for w in ("mien", *WAYS)]
    yield "| an epoch | " + " | ".join(epochs) + " | | |"
