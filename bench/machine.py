# SPDX-License-Identifier: MIT
"""Pictures and columns in one model: the part `machine` of run.py."""
import array
import csv
import json
import math
import random
import shutil
import struct

PLANTED = {"strong": 0.5, "weak": 0.3}  # correlation of a made-up column with valence
MISSING = 3  # every so many rows the weak column is missing
SEED = 1
ROWS, WIDTHS = 50_000, {"mood": 64, "skin": 16}  # of the study whose memory is taken
FEW = 160  # pictures that VGG16 runs over
MIXED = """\
method: network
trials: {trials}
targets: [valence]
inputs: {{{inputs}}}
branches: {{{branches}}}
fusion: {{name: concat}}
head: {{layers: [{layers}]}}
optimiser: {{name: adamw, rate: 0.001, decay: 0.01}}
epochs: {epochs}
batch: {batch}
folds: {{k: {k}, by: group}}
"""
STAGES = {"image": "[backbone]", "strong": "[{project: {width: 16}}]", "weak": "[{project: {width: 16}}]",
          "mood": "[{project: {width: 16}}]", "skin": "[{project: {width: 16}}]"}


def study(path, trials, inputs, backbone=None, epochs=20, batch=16, k=10, layers=32):
    kinds = ", ".join(f"{name}: {{kind: {'picture' if name == 'image' else 'features'}}}"
                      for name in inputs)
    text = MIXED.format(trials=trials, inputs=kinds, epochs=epochs, batch=batch, k=k, layers=layers,
                        branches=", ".join(f"{name}: {STAGES[name]}" for name in inputs))
    if "image" in inputs:
        text += f"backbone: {{name: {backbone}}}\ntrain: {{what: head}}\n"
    path.write_text(text)
    return path


def npy(path, rows, width, value):
    """Rows of float32, value(row, column)."""
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {width}), }}"
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    values = array.array("f", (value(r, c) for r in range(rows) for c in range(width)))
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + values.tobytes())


def plant(run, folder):
    """OASIS with two made-up columns of four values each; returns its table."""
    trials = folder / "oasis.tsv"
    if not trials.exists():
        run.text_of(run.MIEN, "import", "oasis", run.SHARED / "data/oasis", "-o", trials)
    with trials.open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    draw = random.Random(SEED)
    y = [float(row["valence"]) for row in rows]
    mean = sum(y) / len(y)
    sd = math.sqrt(sum((v - mean) ** 2 for v in y) / len(y))
    for name, r in PLANTED.items():
        # the first value carries r, three others nothing
        told = [[r * (v - mean) / sd + math.sqrt(1 - r * r) * draw.gauss(0, 1),
                 *(draw.gauss(0, 1) for _ in range(3))] for v in y]
        npy(folder / f"{name}.npy", len(rows), 4, lambda i, c, told=told: told[i][c])
    for i, row in enumerate(rows):
        for name in PLANTED:
            missing = name == "weak" and i % MISSING == 0
            row[f"features.{name}"] = "n/a" if missing else f"{name}.npy#{i}"
    path = folder / "planted.tsv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    shutil.copy(trials.with_suffix(".json"), path.with_suffix(".json"))
    return path, rows


def figure(folder):
    results = json.loads((folder / "results.json").read_text())
    return next(m for m in results["targets"][0]["metrics"] if m["name"] == "r")


def train(run, yaml, out, *options):
    shutil.rmtree(out, ignore_errors=True)
    return run.timed(run.MIEN, "train", yaml, "-o", out, "--quiet", "--threads", run.THREADS, *options)


def measure_mixed(run, folder, trials):
    """The joint model, each input alone, their differences, and what the explanation ranks."""
    joint, found = ("image", *PLANTED), {}
    weights = run.real_weights()
    for inputs in (joint, *((name,) for name in joint)):
        name = "+".join(inputs)
        yaml = study(folder / f"{name}.yaml", trials, inputs, "mobilenet_v2")
        weight = ("--weights", weights) if "image" in inputs else ()
        train(run, yaml, folder / name, "--set", "missing-targets=drop", *weight)
        found[name] = figure(folder / name)
        run.say("machine", name, found[name]["value"])
    whole = "+".join(joint)
    gains = {}
    for name in joint:
        text = run.text_of(run.MIEN, "compare", folder / whole, folder / name, "-f", "jsonl")
        first = json.loads(text.splitlines()[0])
        gains[name] = {"value": first["difference"], "low": first["low"], "high": first["high"]}
    text = run.text_of(run.MIEN, "explain", folder / whole, "--quiet", "--threads", run.THREADS, "-f", "jsonl")
    losses = {row["input"]: {"value": row["loss"], "low": row["loss_low"], "high": row["loss_high"]}
              for row in map(json.loads, text.splitlines())
              if row["how"] == "left_out" and row["metric"] == "r"}
    return {"r": found, "gains": gains, "losses": losses}


def measure_frozen(run, folder, trials, rows):
    """VGG16 beside columns that learn, against one forward pass and the columns' study alone."""
    weights = run.random_weights("vgg16")
    some = folder / "few.tsv"
    lines = trials.read_text().splitlines()
    some.write_text("\n".join(lines[:FEW + 1]) + "\n")
    shutil.copy(trials.with_suffix(".json"), some.with_suffix(".json"))
    pictures = folder / "few.txt"
    pictures.write_text("".join(f"{(folder / row['image']).resolve()}\n" for row in rows[:FEW]))
    both = study(folder / "vgg.yaml", some, ("image", "strong"), "vgg16", k=5)
    alone = study(folder / "columns.yaml", some, ("strong",), k=5)
    runs = {"both": [], "columns": [], "forward": []}
    for _ in range(3):
        runs["both"].append(train(run, both, folder / "vgg-run", "--weights", weights))
        runs["columns"].append(train(run, alone, folder / "columns-run"))
        runs["forward"].append(run.timed(
            run.MIEN, "extract", "--backbone", "vgg16", "--weights", weights, "--layer", "pool", "--quiet",
            "--threads", run.THREADS, pictures, "-o", folder / "vgg.npy"))
        run.say("machine", {name: r[-1] for name, r in runs.items()})
    return runs


def measure_memory(run, folder):
    """Peak memory of a study of many rows of features, with two folds and with ten."""
    draw = random.Random(SEED)
    for name, width in WIDTHS.items():
        npy(folder / f"{name}.npy", ROWS, width, lambda r, c: draw.random())
    with (folder / "many.tsv").open("w") as out:
        out.write("trial\tgroup\tvalence\tfeatures.mood\tfeatures.skin\n")
        for i in range(ROWS):
            out.write(f"t{i}\tg{i % 100}\t{draw.uniform(-1, 1):.3f}\tmood.npy#{i}\tskin.npy#{i}\n")
    (folder / "many.json").write_text(json.dumps({"version": 1, "name": "many", "targets": {"valence": {
        "range": [-1, 1], "unit": "rating", "construct": "evoked", "perspective": "normative"}}}))
    found = {}
    for k in 2, 10:
        yaml = study(folder / f"many{k}.yaml", folder / "many.tsv", tuple(WIDTHS), epochs=1, batch=256, k=k)
        found[k] = train(run, yaml, folder / f"many{k}-run")
        run.say("machine", k, found[k])
    return found


def measure(run):
    """run: what run.py offers (paths, commands, timers)."""
    if not (run.SHARED / "data/oasis").is_dir():
        run.say("machine: the real data are not there: nothing measured")
        return
    folder = run.WORK / "machine"
    folder.mkdir(parents=True, exist_ok=True)
    trials, rows = plant(run, folder)
    state = {"rows": len(rows), "memory": measure_memory(run, folder)}
    yield state
    state["mixed"] = measure_mixed(run, folder, trials)
    yield state
    state["frozen"] = measure_frozen(run, folder, trials, rows)
    yield state


def interval(m):
    return f"{m['value']:.3f} [{m['low']:.3f}, {m['high']:.3f}]"


def page_mixed(m):
    mixed = m["mixed"]
    yield (f"Valence of {m['rows']} OASIS pictures beside two made-up columns that carry a correlation of "
           f"{PLANTED['strong']} and {PLANTED['weak']} with it (and three values of noise each); the weak one is "
           f"missing in every third row. MobileNetV2 frozen, a projection of each column, concat, a head of 32; "
           "10 folds by theme. The gain is the joint model's r less that of the input alone, paired, by leaving "
           "themes out; the loss is the joint model's without the input (`mien explain`).\n")
    yield "| inputs | r out of fold | gain of all three | loss of r without it |"
    yield "| --- | --- | --- | --- |"
    for name, r in mixed["r"].items():
        gain = mixed["gains"].get(name)
        loss = mixed["losses"].get(name)
        yield (f"| {name.replace('+', ', ')} | {interval(r)} | {interval(gain) if gain else ''} | "
               f"{interval(loss) if loss else ''} |")


def page_frozen(m, mark):
    best = {name: min(r["cpu"] for r in runs) for name, runs in m["frozen"].items()}
    share = best["both"] / (best["forward"] + best["columns"])
    yield ""
    yield (f"A study of {FEW} of the pictures by a frozen VGG16 (random weights) beside the strong column, which "
           "learns, 5 folds of 20 epochs and the model on all rows; processor time, the least of three.\n")
    yield "| | s of processor time |"
    yield "| --- | --- |"
    yield f"| one forward pass (`mien extract`, decoding included) | {best['forward']:.2f} |"
    yield f"| the study of the column alone | {best['columns']:.2f} |"
    yield f"| the study of both | {best['both']:.2f} |"
    yield (f"| both ÷ (one pass + the column's study), must ≤ 1.1 | "
           f"{mark(-share, -1.1).replace('-', '')} |")


def page(m, mark):
    yield "## One machine\n"
    if "mixed" in m:
        yield from page_mixed(m)
    if "frozen" in m:
        yield from page_frozen(m, mark)
    memory = m["memory"]
    mb = sum(WIDTHS.values()) * ROWS * 4 / 1e6
    yield ""
    yield (f"A study of {ROWS:,} rows of two inputs of {' and '.join(map(str, WIDTHS.values()))} values "
           f"({mb:.0f} MB as float32), one epoch: items stand in memory once, not once a fold.\n")
    yield "| folds | peak memory, MB |"
    yield "| --- | --- |"
    for k, r in memory.items():
        yield f"| {k} | {r['mb']:.0f} |"
