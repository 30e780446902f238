# SPDX-License-Identifier: MIT
"""`./run bench audit`: plants 30 leaks of 6 kinds into small sets and looks whether `mien train --check`
ends with the planted trial's name, and passes where `audit.allow` names the kind; then looks at 20 sets
without leaks, in which nothing may be found. Prints a table and fails where something was missed."""
import json
import math
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import zlib

TOP = pathlib.Path(__file__).resolve().parent.parent
MIEN = TOP / "build/release/mien"
SHARED = TOP.parent / "shared"
WORK = TOP / "build/bench/audit"
PEOPLE, EACH, WIDTH = 20, 4, 12

NETWORK = """method: network
inputs: {image: {kind: picture, fit: squash, height: 32, width: 32}}
branches: {image: [{backbone: {name: resnet_small}}]}
train: {what: all}
"""
RIDGE = "method: ridge\ninputs: [x]\n"
GROUPS = "folds: {k: 5, by: group}\n"
KIND = {"construct": "evoked", "perspective": "subjective"}
SIDECAR = {"version": 2, "name": "audit", "targets": {
    "valence": {"range": [1, 7], **KIND}, "emotion": {"classes": ["a", "b", "c"], **KIND}}}


# ---- pictures ---------------------------------------------------------------------------

def scene(draw, wide=160, high=120):
    """Smooth patches of colour that no other picture has."""
    waves = [(draw.uniform(-4, 4), draw.uniform(-4, 4), draw.uniform(0, 6.3), draw.uniform(20, 50))
             for _ in range(9)]
    rows = []
    for y in range(high):
        row = []
        for x in range(wide):
            value = [128.0, 128.0, 128.0]
            for k, (a, b, c, size) in enumerate(waves):
                value[k % 3] += size * math.sin(a * x / wide * 3 + b * y / high * 3 + c)
            row.append(tuple(min(255, max(0, int(v))) for v in value))
        rows.append(row)
    return rows


def ppm(rows):
    return b"P6 %d %d 255\n" % (len(rows[0]), len(rows)) + bytes(v for row in rows for p in row for v in p)


def png(rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    raw = b"".join(b"\0" + bytes(v for p in row for v in p) for row in rows)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))


def mirrored(rows):
    return [row[::-1] for row in rows]


def cropped(rows, share):
    high, wide = len(rows), len(rows[0])
    return [row[int(share * wide):wide - int(share * wide)]
            for row in rows[int(share * high):high - int(share * high)]]


# ---- sets -------------------------------------------------------------------------------

class Set:
    """Twenty people with four rows each, a group a person; nothing in it tells anything."""

    def __init__(self, name, seed, pictures=False):
        self.draw = random.Random(seed)
        self.folder = WORK / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.rows, self.x, self.picture = [], [], []
        self.study = (NETWORK if pictures else RIDGE) + "targets: [valence]\n" + GROUPS
        for i in range(PEOPLE * EACH):
            valence = self.draw.uniform(1, 7)
            self.rows.append({"trial": f"t{i}", "person": f"p{i // EACH}", "group": f"p{i // EACH}",
                              "valence": f"{valence:.6f}", "emotion": "abc"[i % 3]})
            self.x.append([self.draw.gauss(0, 1) for _ in range(WIDTH)])
            if pictures:
                self.picture.append(scene(self.draw))
                self.rows[i]["image"] = f"{i}.ppm"
                (self.folder / f"{i}.ppm").write_bytes(ppm(self.picture[i]))

    def segments(self, films=10):
        """Ten films of eight segments of two seconds, one after the other."""
        for i, row in enumerate(self.rows):
            row.update(person="", group=f"f{i % films}", film=f"f{i % films}.mp4",
                       start_s=str(2 * (i // films)), end_s=str(2 * (i // films) + 2))
            del row["person"]

    def check(self, *sets):
        if "image" not in self.rows[0]:
            for i, row in enumerate(self.rows):
                row["features.x"] = f"x.csv#{i}"
            (self.folder / "x.csv").write_text(
                "".join(",".join(f"{v:.9g}" for v in x) + "\n" for x in self.x))
        names = list(self.rows[0])
        (self.folder / "t.tsv").write_text("\n".join(
            "\t".join(r[n] for n in names) for r in [dict(zip(names, names)), *self.rows]) + "\n")
        (self.folder / "t.json").write_text(json.dumps(SIDECAR))
        (self.folder / "study.yaml").write_text("trials: t.tsv\n" + self.study)
        return check(self.folder / "study.yaml", *sets)


def check(study, *sets):
    """The exit code and what was told."""
    words = [w for s in sets for w in ("--set", s)]
    done = subprocess.run([MIEN, "train", study, "--check", "--threads", "1", *words], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


# ---- leaks ------------------------------------------------------------------------------

def target(s, variant):
    for i, row in enumerate(s.rows):
        v, k = float(row["valence"]), i % 3
        s.x[i][5] = [2 * v - 3, -v / 7, round(v, 2), k, float(k == 1)][variant]
    s.study = s.study.replace("[valence]", "[emotion]") if variant > 2 else s.study
    return None


def person(s, variant):
    s.rows[6]["group"] = s.rows[50]["group"]  # one row of p1 among those of p12
    s.study = s.study.replace(GROUPS, "folds: {rule: leave-one-group-out, by: group}\n" if variant < 2 else GROUPS)
    if variant == 1:  # everyone sees the same four stimuli
        for i, row in enumerate(s.rows):
            row["stimulus"] = f"s{i % EACH}"
    if variant >= 2:
        for i, row in enumerate(s.rows):
            row["split"] = "train" if i // EACH < 15 else ["test", "validation"][variant == 3 and i % 2]
            row["group"] = row["person"] if variant < 4 else row["trial"]
        s.rows[6]["split"] = "test"
        s.study = s.study.replace(GROUPS, "folds: {rule: prescribed}\n")
    return ["t4", "t6"]


def put_picture(s, variant, rows):
    at, by = 3 + variant, 41 + 7 * variant
    name = f"copy.{'png' if variant % 2 else 'ppm'}"
    (s.folder / name).write_bytes((png if variant % 2 else ppm)(rows))
    s.rows[by]["image"] = name
    return [f"t{at}", f"t{by}"]


def picture(s, variant):
    return put_picture(s, variant, s.picture[3 + variant])


def near_picture(s, variant):
    rows = s.picture[3 + variant]
    rows = [mirrored(rows), cropped(rows, 0.05), cropped(rows, 0.1), mirrored(cropped(rows, 0.04)),
            mirrored(rows)][variant]
    return put_picture(s, variant, rows)


def features(s, variant):
    at, by = 3 + variant, 41 + 7 * variant
    noise = [0, 1e-6, 1e-3, 3e-3, 1e-2][variant]
    s.x[by] = [v + noise * s.draw.gauss(0, 1) for v in s.x[at]]
    return [f"t{at}", f"t{by}"]


def segment(s, variant):
    s.segments()
    if variant < 2:  # the same film under two groups
        s.rows[20]["group"] = "other"
        s.rows[20]["start_s"] = ["3", "2.5"][variant]
        return ["t20", "t10", "t30"]
    if variant == 2:  # a mistake within one film
        s.rows[34]["start_s"] = "5.2"
        return ["t34", "t24"]
    for i, row in enumerate(s.rows):
        row["split"] = "train" if i // 10 < 5 else "test"
    s.study = s.study.replace(GROUPS, "folds: {rule: prescribed}\n")
    s.rows[50]["start_s"] = ["9", "8.1"][variant - 3]
    return ["t50", "t40"]


KINDS = {"target": target, "person": person, "picture": picture, "near-picture": near_picture,
         "features": features, "segment": segment}
# Splits within films put the films on both sides too: that is told as well, and allowed here.
ALSO = {"segment": "stimulus"}


def plant():
    found = {}
    for number, (kind, change) in enumerate(KINDS.items()):
        hits = []
        for variant in range(5):
            s = Set(f"{kind}-{variant}", 100 * number + variant, "picture" in kind)
            trials = change(s, variant)
            also = [f"audit.allow={ALSO[kind]}"] if kind in ALSO else []
            code, text = s.check(*also)
            told = [line for line in text.splitlines() if f"audit: {kind}" in line]
            right = any(trials is None or any(f"trial {t}:" in line for t in trials) for line in told)
            passes, allowed = s.check(f"audit.allow={';'.join([kind, *([ALSO[kind]] if also else [])])}")
            hit = code == 1 and right and passes == 0 and f"allowed: {kind}" in allowed
            hits.append(hit)
            if not hit:
                print(f"audit: {kind} {variant} is not found:\n{text}\n{allowed}", file=sys.stderr)
        found[kind] = sum(hits)
    return found


# ---- clean sets ---------------------------------------------------------------------------

def made_sets():
    for seed in range(3):
        yield f"pictures, seed {seed}", Set(f"clean-pictures-{seed}", 900 + seed, True)
    for seed in range(3):
        yield f"features, seed {seed}", Set(f"clean-features-{seed}", 910 + seed)
    s = Set("clean-crossed", 920)
    for i, row in enumerate(s.rows):
        row["stimulus"] = f"s{i % EACH}"
    yield "everyone sees the same stimuli, people left out", s
    s = Set("clean-films", 921)
    for i, row in enumerate(s.rows):
        row["stimulus"] = row["group"] = f"s{i % EACH}"
    s.study = s.study.replace("k: 5", "k: 4")
    yield "everyone sees the same stimuli, stimuli left out", s
    s = Set("clean-segments", 922)
    s.segments()
    yield "segments of films", s
    s = Set("clean-sliding", 923)
    s.segments()
    for row in s.rows:
        row["end_s"] = str(float(row["end_s"]) + 1)
    yield "windows that slide, films left out", s
    s = Set("clean-split", 924)
    for i, row in enumerate(s.rows):
        row["split"] = "train" if i // EACH < 15 else "test"
    s.study = s.study.replace(GROUPS, "folds: {rule: prescribed}\n")
    yield "a prescribed split", s


SYNTHS = [
    ("emoeye", [], "emoeye-features", []),
    ("emoeye", ["--seed", "2"], "emoeye-features", []),
    ("cognimuse", ["--segments", "60"], "cognimuse", []),
    ("cognimuse", ["--segments", "60", "--seed", "2"], "cognimuse", []),
    ("gaped", ["--set", "share=0.1"], "s2-kinds", ["backbone.name=mobilenet_v2"]),
    ("bboe", ["--set", "share=0.2"], "s1-readout", ["backbone.name=mobilenet_v2"]),
]


def synths():
    for name, options, study, sets in SYNTHS:
        folder = WORK / f"synth-{name}-{len(options)}-{options[-1] if options else ''}"
        shutil.rmtree(folder, ignore_errors=True)
        done = subprocess.run([MIEN, "synth", name, *options, "-o", folder], text=True, stderr=subprocess.PIPE)
        if done.returncode:
            subprocess.run([MIEN, "synth", name, "-o", folder], check=True, stderr=subprocess.DEVNULL)
        yield (f"synth {' '.join([name, *options])}", TOP / f"studies/{study}.yaml",
               [*sets, f"trials={folder / 'trials.tsv'}"])


def copies():
    """Copies of pictures made beforehand, whose groups keep them on their original's side."""
    source, folder = WORK / "copied", WORK / "copies"
    for old in (source, folder):
        shutil.rmtree(old, ignore_errors=True)
    subprocess.run([MIEN, "synth", "gaped", "--set", "share=0.05", "-o", source], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subprocess.run([MIEN, "augment", source / "trials.tsv", "--pass", "zoom 0.2", "--pass", "flip p=1",
                    "--size", "128x128", "-o", folder], check=True, stderr=subprocess.DEVNULL)
    yield "copies made beforehand", TOP / "studies/s2-readout.yaml", [
        "backbone.name=mobilenet_v2", "folds.rule=groups", "folds.by=group", f"trials={folder / 'trials.tsv'}"]


def crossed():
    """People and stimuli both left out, by crossed folds."""
    folder = WORK / "crossed"
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([MIEN, "synth", "emoeye", "--seed", "3", "-o", folder], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield "crossed folds of persons and stimuli", TOP / "studies/emoeye-features.yaml", [
        "folds.rule=crossed", f"trials={folder / 'trials.tsv'}"]


def shared_sets():
    for name, sets, source in (("oasis", ["backbone.name=mobilenet_v2"], "oasis"),):
        table = WORK / f"{name}.tsv"
        if (SHARED / "data" / source).exists():
            done = subprocess.run([MIEN, "import", name, SHARED / "data" / source, "-o", table],
                                  text=True, stderr=subprocess.PIPE)
            if done.returncode == 0:
                yield f"data {name}", TOP / f"studies/{name}.yaml", [*sets, f"trials={table}"]
            else:
                print(f"audit: {name} is not imported: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)


def clean():
    bad, names = [], []
    for name, s in made_sets():
        names.append((name, *s.check()))
    for name, study, sets in [*synths(), *copies(), *crossed(), *shared_sets()]:
        names.append((name, *check(study, *sets)))
    for name, code, text in names:
        if code or "found" in text:
            bad.append(name)
            print(f"audit: {name}:\n{text[-1500:]}", file=sys.stderr)
    return len(names), bad


def main(part=None):
    WORK.mkdir(parents=True, exist_ok=True)
    found = plant() if part != "clean" else {}
    count, bad = clean() if part != "planted" else (0, [])
    print("| planted | found of 5 |\n| --- | --- |")
    for kind, hits in found.items():
        print(f"| {kind} | {hits} |")
    print(f"\n{count} sets without leaks, an error in {len(bad)}: {', '.join(bad) or 'none'}")
    return any(hits < 5 for hits in found.values()) or bool(bad)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
