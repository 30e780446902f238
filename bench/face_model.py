# SPDX-License-Identifier: MIT
"""The part face_model of bench/run.py: what the shipped model face-expression does on FER+'s validation
faces, with and without those whose very picture is a training face; on faces made smaller; on animals and
statues; how many faces a second. tools/model_card.py puts build/bench/face_model.json into its card.

MIEN_FACE_MODEL names another model file, MIEN_FACE_RUNS the run folders of the seeds (joined by ":")."""
import collections
import csv
import json
import math
import os
import pathlib
import resource
import subprocess

SIZES = (48, 32, 24, 16, 12)
THINGS = ("Bear", "Cat", "Dog", "Lion", "Statue", "Lake")
METRICS = ("accuracy", "balanced_accuracy", "macro_f1", "kappa", "log_loss", "brier", "top2", "top3")
BINS = 15


def read(path, delimiter=","):
    with open(path, newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def write_table(path, rows, sidecar):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    path.with_suffix(".json").write_text(json.dumps(sidecar))


def predict(bench, model, folder, output, *more):
    """Processor seconds of one thread."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([bench.MIEN, "predict", model, folder, "--threads", "1", "-q", "--force", "-o", output, *more],
                   check=True, env={**os.environ, "OMP_WAIT_POLICY": "passive"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def evaluate(bench, predictions, table):
    text = subprocess.run([bench.MIEN, "evaluate", predictions, "--trials", table, "-q", "-f", "csv"], check=True,
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return {row["metric"]: {"value": float(row["value"]), "low": float(row["low"]), "high": float(row["high"]),
                            "rows": int(row["rows"])}
            for row in csv.DictReader(text.splitlines()) if row["metric"] in METRICS}


def classes_of(rows, said, classes):
    """n, how often it was said, precision and recall of each class."""
    pairs = [(row["emotion"], said[row["trial"]]["emotion"]) for row in rows]
    lines = []
    for name in classes:
        n, right = sum(t == name for t, _ in pairs), sum(t == s == name for t, s in pairs)
        told = sum(s == name for _, s in pairs)
        lines.append({"class": name, "n": n, "said": told, "precision": right / told if told else None,
                      "recall": right / n if n else None})
    return lines


def calibration_error(rows, said, classes):
    """Expected calibration error of the class that is said, in bins of equal width."""
    bins = collections.defaultdict(list)
    for row in rows:
        one = said[row["trial"]]
        share = max(float(one[f"p_{name}"]) for name in classes)
        bins[min(BINS - 1, int(share * BINS))].append((share, one["emotion"] == row["emotion"]))
    return sum(abs(math.fsum(p - good for p, good in some)) for some in bins.values()) / len(rows)


def by_trial(path):
    return {pathlib.Path(row["input"]).stem: row for row in read(path)}


def smaller(rows, side, folder):
    """The faces at side × side, as files of their names."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    for row in rows:
        to = folder / f"{row['trial']}.png"
        if not to.exists():
            Image.open(row["file"]).resize((side, side), Image.Resampling.BOX).save(to)
    return folder


def by_size(bench, model, rows, work):
    found = []
    for side in SIZES:
        folder = smaller(rows, side, work / f"side-{side}")
        predict(bench, model, folder, work / f"side-{side}.csv", "--faces", "whole")
        said = by_trial(work / f"side-{side}.csv")
        found.append({"side": side, "accuracy": sum(said[r["trial"]]["emotion"] == r["emotion"] for r in rows) /
                      len(rows)})
        bench.say("face_model", found[-1])
    return found


def things(bench, model, work):
    """What it says of animals, a statue and lakes in which a face is found."""
    images = sorted((bench.SHARED / "data/oasis/images").glob("*.jpg"))
    found = []
    for theme in THINGS:
        some = [p for p in images if p.stem.rsplit(" ", 1)[0] == theme]
        if not some:
            continue
        folder = work / f"things-{theme}"
        folder.mkdir(parents=True, exist_ok=True)
        for path in some:
            if not (folder / path.name).exists():
                (folder / path.name).symlink_to(path)
        predict(bench, model, folder, work / f"things-{theme}.csv", "--faces.only")
        rows = [r for r in read(work / f"things-{theme}.csv") if r["emotion"] != "n/a"]
        told = collections.Counter(r["emotion"] for r in rows).most_common()
        shares = [max(float(v) for k, v in r.items() if k.startswith("p_")) for r in rows]
        found.append({"theme": theme, "pictures": len(some), "with": len({r["input"] for r in rows}),
                      "faces": len(rows), "said": told, "share": sum(shares) / len(rows) if rows else None})
        bench.say("face_model", found[-1])
    return found


def seeds():
    found = []
    for run in filter(None, os.environ.get("MIEN_FACE_RUNS", "").split(":")):
        results = json.loads((pathlib.Path(run) / "results.json").read_text())
        metrics = {m["name"]: {k: m[k] for k in ("value", "low", "high")} for m in results["targets"][0]["metrics"]}
        found.append({"run": pathlib.Path(run).name, "metrics": metrics, "fits": results["fits"]})
    return found


def measure(bench):
    """bench: the module bench/run.py."""
    data = bench.SHARED / "data/ferplus_whole"
    model = pathlib.Path(os.environ.get("MIEN_FACE_MODEL") or
                         bench.TOP / "share/mien/models/face-expression.safetensors")
    if not data.exists() or not model.exists():
        bench.say(f"face_model: no {data} or no {model}: left out")
        return None
    work = bench.WORK / "face_model"
    work.mkdir(parents=True, exist_ok=True)
    whole = work / "all.tsv"
    subprocess.run([bench.MIEN, "import", "ferplus", data, "-q", "--force", "-o", whole], check=True)
    sidecar = json.loads(whole.with_suffix(".json").read_text())
    classes = sidecar["targets"]["emotion"]["classes"]
    rows = read(whole, "\t")
    trained = {row["group"] for row in rows if row["split"] == "train"} - {"n/a"}
    judged = [row for row in rows if row["split"] == "validation" and row["emotion"] != "n/a"]
    apart = [row for row in judged if row["group"] not in trained]
    sidecar.pop("table_sha256", None)
    seconds = predict(bench, model, data / "images/validation", work / "validation.csv", "--faces", "whole")
    said = by_trial(work / "validation.csv")
    found = {"file": model.name, "classes": classes, "faces_per_s": len(said) / seconds}
    for name, some in ("all", judged), ("apart", apart):
        table = work / f"{name}.tsv" if name != "all" else work / "judged.tsv"
        write_table(table, some, sidecar)
        found[name] = {"n": len(some), "metrics": evaluate(bench, work / "validation.csv", table),
                       "classes": classes_of(some, said, classes),
                       "calibration_error": calibration_error(some, said, classes)}
        bench.say("face_model", name, {k: v["value"] for k, v in found[name]["metrics"].items()})
    for row in apart:
        row["file"] = data / "images/validation" / f"{row['trial']}.png"
    return {**found, "sizes": by_size(bench, model, apart, work), "things": things(bench, model, work),
            "seeds": seeds()}


def page(m, mark):
    a = m["apart"]["metrics"]
    yield "## The face model\n"
    yield (f"`face-expression` on FER+'s validation faces without those whose very picture is a training face "
           f"({m['apart']['n']}): accuracy {a['accuracy']['value']:.3f} [{a['accuracy']['low']:.3f}, "
           f"{a['accuracy']['high']:.3f}] (must ≥ 0.85), macro-F1 {a['macro_f1']['value']:.3f} "
           f"[{a['macro_f1']['low']:.3f}, {a['macro_f1']['high']:.3f}], log loss {a['log_loss']['value']:.3f} "
           f"[{a['log_loss']['low']:.3f}, {a['log_loss']['high']:.3f}]. "
           f"{m['faces_per_s']:.0f} faces a second of processor time, decoding their files included "
           "(must ≥ 100). More in its [card](models/face-expression.md).")
