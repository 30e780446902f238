# SPDX-License-Identifier: MIT
"""Adds a kind of input, a stage of a branch and a fusion to mien, each as one file and one row
of a table and nothing else, builds the command with them and trains a study that needs all
three. Fails if that takes more than these two files each, or if the study does not learn.

usage: check_toys.py CHECKOUT BUILD

Comes in: the sources, toys/ beside this file, and the objects of a build. Only the toys and the
files that include a changed table are compiled anew, by the build's own command lines.
"""
import json
import math
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

TABLES = {"input": "inputs/inputs.def", "branch": "models/parts/branches.def",
          "fusion": "models/parts/fusions.def"}
STUDY = """\
trials: toys.tsv
method: network
targets: [valence]
inputs:
  a: {kind: toy_number}
  b: {kind: toy_number}
branches:
  a: [toy_twice]
  b: [toy_twice]
fusion: {name: toy_sum}
epochs: 60
batch: 10
optimiser: {rate: 0.02}
folds: {k: 3}
bootstrap: {repeats: 20}
"""
SIDECAR = {"version": 2, "name": "toys", "targets": {"valence": {
    "range": [-1, 1], "unit": "-1-1", "construct": "evoked", "perspective": "normative"}}}


def add_rows(root, scratch):
    """The tables with one row more each, in a folder of their own; the toys by their paths."""
    toys = []
    for room, table in TABLES.items():
        toy, = (pathlib.Path(__file__).parent / "toys").glob(f"{room}_*.c")
        row = f"X({toy.stem.removeprefix(room + '_')})\n"
        (scratch / table).parent.mkdir(parents=True, exist_ok=True)
        (scratch / table).write_text((root / "src" / table).read_text() + row)
        toys.append((toy, table))
    return toys


def compile_all(root, build, scratch, toys):
    """Objects of the toys and of the files that include a table: {object of the build: new}."""
    includes = re.compile(r'#include "(%s)"' % "|".join(map(re.escape, TABLES.values())))
    jobs, model = {}, {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])
        output = words[words.index("-o") + 1]
        if not re.match(r"CMakeFiles/mien_\w+\.dir/src/", output):
            continue
        source = pathlib.Path(entry["file"])
        tables = includes.findall(source.read_text())
        if tables:
            jobs[output] = (source, entry)
        model |= {table: entry for table in tables}
    for toy, table in toys:
        jobs[str(toy)] = (toy, model[table])
    made, running = {}, []
    for number, (output, (source, entry)) in enumerate(jobs.items()):
        words = shlex.split(entry["command"])
        new = scratch / f"{number}.o"
        for flag, more in ("-MD", 0), ("-MT", 1), ("-MF", 1):  # the build's own dependencies
            if flag in words:
                del words[words.index(flag):words.index(flag) + 1 + more]
        words[words.index("-o") + 1] = str(new)
        words[words.index("-c") + 1] = str(source)
        first = next(i for i, word in enumerate(words) if word.startswith("-I"))
        words.insert(first, f"-I{scratch}")
        running.append(subprocess.Popen(words, cwd=entry["directory"]))
        made[output] = new
    if any([process.wait() for process in running]):
        sys.exit("a toy does not compile")
    return made


def link(build, scratch, made):
    """The command mien of the build, with the new objects in their places."""
    lines = subprocess.run(["ninja", "-C", str(build), "-t", "commands", "mien"], text=True,
                           capture_output=True, check=True).stdout.splitlines()
    line = next(l for l in reversed(lines) if re.search(r"-o mien\b", l))
    words = shlex.split(line.removeprefix(": && ").removesuffix(" && :"))
    words = [str(made.get(word, word)) for word in words]
    words[words.index("-o") + 1] = str(scratch / "mien")
    words[1:1] = [str(new) for old, new in made.items() if old.endswith(".c")]
    subprocess.run(words, cwd=build, check=True)
    return scratch / "mien"


def train(mien, folder):
    """The correlation out of fold of what only squares of the numbers tell."""
    a = [math.sin(2.1 * i) for i in range(60)]
    b = [math.cos(1.3 * i * i) for i in range(60)]
    for name, numbers in ("a", a), ("b", b):
        (folder / f"{name}.txt").write_text("".join(f"{x:.6f}\n" for x in numbers))
    rows = [f"t{i:02}\tg{i % 12}\t{a[i] ** 2 + b[i] ** 2 - 1:.4f}\ta.txt#{i}\tb.txt#{i}\n"
            for i in range(60)]
    head = "trial\tgroup\tvalence\tfeatures.a\tfeatures.b\n"
    (folder / "toys.tsv").write_text(head + "".join(rows))
    (folder / "toys.json").write_text(json.dumps(SIDECAR))
    (folder / "toys.yaml").write_text(STUDY)
    subprocess.run([mien, "train", "toys.yaml", "-o", "run", "--threads", "1", "-q"], cwd=folder,
                   check=True)
    subprocess.run([mien, "verify", "run/model.safetensors"], cwd=folder, check=True)
    refuse(mien, folder)
    results = json.loads((folder / "run/results.json").read_text())
    return next(m["value"] for m in results["targets"][0]["metrics"] if m["name"] == "r")


def refuse(mien, folder):
    """A fusion that leaves an input out is refused by the input's name."""
    (folder / "less.yaml").write_text(STUDY.replace("name: toy_sum", "name: toy_sum, first: true"))
    result = subprocess.run([mien, "train", "less.yaml", "-o", "less", "-q"], cwd=folder,
                            capture_output=True, text=True)
    if result.returncode != 1 or "does not depend on the input b" not in result.stderr:
        sys.exit(f"an input that is left out: {result.returncode}, {result.stderr}")


def check(checkout, build):
    root, build = pathlib.Path(checkout).resolve(), pathlib.Path(build).resolve()
    if not (build / "build.ninja").exists():
        print("skipped: the command lines of a build are known of ninja alone")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="mien-toys-") as scratch:
        scratch = pathlib.Path(scratch)
        toys = add_rows(root, scratch)
        mien = link(build, scratch, compile_all(root, build, scratch, toys))
        r = train(mien, scratch)
    print(f"two files each; r out of fold {r:.3f}")
    return r > 0.9


if __name__ == "__main__":
    sys.exit(0 if check(*sys.argv[1:]) else 1)
