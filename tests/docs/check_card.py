# SPDX-License-Identifier: MIT
"""Fails when the card of a shipped model does not say what the model says, or tools/model_card.py
does not find a changed figure.

usage: check_card.py CHECKOUT
"""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

METRIC = {"value": 0.5, "low": 0.4, "high": 0.6}


def write_model(path, r):
    """A file with a contract of one target, two rows, and no tensors."""
    metrics = [{"name": "r", "title": "Pearson r", **METRIC, "value": r, "plain": METRIC,
                "baseline": None},
               {"name": "rmse", "title": "RMSE", **METRIC, "plain": METRIC, "baseline": METRIC}]
    chosen = {"candidates": [{"candidate": "pool; gamma 0", "weight": 1, "lambda": 0.1}]}
    training = {"created_by": "mien", "notes": [], "folds": {"k": 2, "by": "group", "seed": 0},
                "trials": {"rows": 4, "stimuli": 4, "groups": 4, "sha256": "0"},
                "bootstrap": {"level": 0.95, "repeats": 10},
                "trained_on": {"rows": 4, "inputs": 4, "fingerprints": "0" * 48},
                "deals": {"seeds": [0, 1], "targets": [{"name": "joy", "metrics": [
                    {"name": "r", "mean": 0.55, "values": [0.5, 0.6]}]}]},
                "targets": [{"name": "joy", "ceiling": {"r": 0.9}, "metrics": metrics,
                             "chosen": chosen, "chosen_by_fold": [chosen, {"candidates": []}]}]}
    target = {"name": "joy", "range": [1, 7], "unit": "", "construct": "evoked",
              "perspective": "normative", "interval": [-1, 1]}
    preprocess = {"crop_height": 8, "crop_width": 8, "fit": "none", "resize": "bilinear",
                  "order": "rgb"}
    contract = {"backbone": {"name": "b", "sha256": "1"}, "layers": "pool", "licence": "MIT",
                "preprocess": preprocess, "targets": [target], "training": training}
    header = json.dumps({"__metadata__": {"mien": json.dumps(contract)}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    return training


def write_run(run, training, miss):
    run.mkdir()
    told = {k: v for k, v in training.items() if k != "trained_on"}
    (run / "results.json").write_text(json.dumps(told))
    # r of these is 0.5 and RMSE 0.5 where miss is 0
    truth, prediction = [3, 3, 4, 4], [3, 4, 4 + miss, 4]
    rows = "".join(f"{i},{t},{p}\n" for i, (t, p) in enumerate(zip(truth, prediction)))
    (run / "predictions.csv").write_text("trial,joy_truth,joy_prediction\n" + rows)
    (run / "trials.tsv").write_text("trial\tgroup\tcategory\n" + "".join(
        f"{i}\tg\t{'Cat' if i < 2 else 'Dog'}\n" for i in range(4)))


def card(tool, *words):
    return subprocess.run([sys.executable, tool, *map(str, words)], text=True, capture_output=True)


def check_tool(tool, folder):
    page, model, other = (folder / name for name in ("card.md", "a.safetensors", "b.safetensors"))
    page.write_text("".join(f"<!-- figures: {name} -->\nold\n<!-- end -->\n" for name in (
        "made", "scores", "intervals", "chosen", "categories", "extremes", "groups", "deals",
        "coverage")))
    r = 1 / 3 ** 0.5
    training = write_model(model, r)
    write_model(other, 0.1)
    write_run(folder / "run", training, 0)
    write_run(folder / "wrong", training, 1)
    steps = [(("--check", page, model), 1, "is not what"), ((page, other), 0, ""),
             (("--check", page, other), 0, ""), (("--check", page, model), 1, "is not what"),
             (("--run", folder / "wrong", page, model), 1, "in predictions.csv is not"),
             (("--run", folder / "run", page, other), 1, "another run made it"),
             (("--run", folder / "run", page, model), 0, ""), (("--check", page, model), 0, "")]
    for words, status, text in steps:
        done = card(tool, *words)
        if done.returncode != status or text not in done.stderr:
            yield f"model_card.py {words}: exit {done.returncode}, {done.stderr}"
    text = page.read_text()
    for part in ("0.58 [0.40, 0.60]", "| Dog | 2 |", "| joy | `pool; gamma 0` | 1.00 | 0.1 | 1 of 2",
                 "−1.00 to +1.00", "lowest third: 3.00 to 3.00",
                 "| joy | Pearson r | 0.550 | 0.500, 0.600 |", "| joy | 0.67 | prediction | 100 % |", "| joy | g | 4 | 3.50 | 3.75 | 0.50"):
        if part not in text:
            yield f"model_card.py does not write {part!r}:\n{text}"
    if "\nold\n" in text:
        yield "model_card.py leaves an old block"


def main(root):
    tool = root / "tools/model_card.py"
    with tempfile.TemporaryDirectory() as folder:
        bad = list(check_tool(tool, pathlib.Path(folder)))
    models = sorted(root.glob("share/mien/models/*.safetensors"))
    for model in models:
        page = root / "docs/models" / (model.stem + ".md")
        if not page.exists():
            bad.append(f"{model.name} has no card, {page}")
        elif (done := card(tool, "--check", page, model)).returncode:
            bad.append(done.stderr)
    print("\n".join(bad) or f"cards of {len(models)} models say what the models say")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
