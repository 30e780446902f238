# SPDX-License-Identifier: MIT
"""The part planted of ./run bench: films as files with a planted signal, from picture and sound to
figures of films left out, and whether it is found where it is and nowhere else.

planted.py MIEN STUDY FOLDER [RUN...]: makes the films and the four runs in FOLDER (the runs that
are given are taken as they are: all colour motion emobase2010) and prints the table of
docs/results.md; exits with 1 where a figure is not as it was planted.
"""
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys

PLANTED = {"colour": 0.3, "motion": 0.0, "emobase2010": 0.6}
MODALITIES = "colour=0.3,motion=0,sound=0.6"
ALL = ",".join(PLANTED)
LIST = "inputs: [colour, motion, emobase2010]"
LINEAR = ("colour", "motion")  # a dozen columns: a straight line
NEAR = 0.1  # of what was planted in an input alone
LEAST_OF_ALL = 0.8  # share of what all inputs can reach


def make(mien, study, folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run([mien, "synth", "cognimuse", "--media", "--modalities", MODALITIES, "-q",
                    "-o", folder / "media"], check=True)
    runs = {}
    for name in ALL, *PLANTED:
        runs[name] = folder / name
        text = pathlib.Path(study).read_text().replace(LIST, f"inputs: [{name}]")
        if name in LINEAR:
            text = re.sub(r"^trees: .*\n", "", text.replace("method: trees", "method: ridge"),
                          flags=re.M)
        (folder / "study.yaml").write_text(text)
        subprocess.run([mien, "train", folder / "study.yaml", "-o", runs[name], "-q", "--set",
                        f"trials={folder / 'media/trials.tsv'}"], check=True,
                       env={**os.environ, "MIEN_CACHE": str(folder / "cache")})
    return runs


def figures(run):
    results = json.loads((pathlib.Path(run) / "results.json").read_text())
    return {t["name"]: next(m for m in t["metrics"] if m["name"] == "r")
            for t in results["targets"]}


def main(mien, study, folder, *given):
    runs = (dict(zip((ALL, *PLANTED), given, strict=True)) if given
            else make(mien, study, pathlib.Path(folder)))
    planted = {**PLANTED, ALL: math.sqrt(sum(r * r for r in PLANTED.values()))}
    missed = []
    print("| inputs | planted | valence r | arousal r |\n| --- | --- | --- | --- |")
    for name, run in runs.items():
        r = figures(run)
        print(f"| {name.replace(',', ', ')} | {planted[name]:.2f} | " + " | ".join(
            f"{r[t]['value']:.3f} [{r[t]['low']:.3f}, {r[t]['high']:.3f}]"
            for t in ("valence", "arousal")) + " |")
        for t, m in r.items():
            good = (LEAST_OF_ALL * planted[name] <= m["value"] <= planted[name] + NEAR
                    if name == ALL else abs(m["value"] - planted[name]) <= NEAR)
            if not good:
                missed.append(f"{name}, {t}: {m['value']:.3f} where {planted[name]:.2f} was planted")
    return "; ".join(missed) or 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) in (4, 8) else __doc__)
