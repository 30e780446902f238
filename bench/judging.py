# SPDX-License-Identifier: MIT
"""The part judging of bench/run.py: `mien evaluate` of many rows, against the same resamples by the
moments of groups in NumPy, one thread (peers/judging.py), and against scikit-learn's figures without
intervals (peers/judging_plain.py)."""
import math
import random

REPEATS = 2000
FILES = {"300,000 rows in groups of 50": (300_000, lambda i: i // 50),
         "100,000 rows in groups of 50": (100_000, lambda i: i // 50),
         "1,000,000 rows in groups of 50": (1_000_000, lambda i: i // 50),
         "100,000 rows, half of them in one group": (100_000, lambda i: max(0, i - 50_000))}


def make(path, rows, group):
    draw = random.Random(0)
    with path.open("w") as out:
        out.write("trial,group,v_truth,v_prediction\n")
        for i in range(rows):
            t = draw.gauss(0, 1)
            out.write(f"{i},g{group(i)},{t:.6f},{0.6 * t + 0.8 * draw.gauss(0, 1):.6f}\n")
CLASSES = ("anger", "disgust", "fear", "happy", "neutral", "sad", "surprise")
MIXED = 100_000, 100  # rows, rows of a group


def make_mixed(path):
    """Numbers and classes: some 60 % of the answers are right, besides those by chance."""
    draw = random.Random(1)
    with path.open("w") as out:
        out.write("trial,group,v_truth,v_prediction,e_truth,e_prediction," +
                  ",".join(f"e_p_{name}" for name in CLASSES) + "\n")
        for i in range(MIXED[0]):
            t, label = draw.gauss(0, 1), draw.choice(CLASSES)
            said = label if draw.random() < 0.6 else draw.choice(CLASSES)
            out.write(f"{i},g{i // MIXED[1]},{t:.6f},{0.6 * t + 0.8 * draw.gauss(0, 1):.6f},{label},{said}," +
                      ",".join("0.4" if name == said else "0.1" for name in CLASSES) + "\n")


def measure_mixed(bench, folder):
    path = folder / "mixed.csv"
    make_mixed(path)
    mien, peer = [], []
    for _ in range(5):
        mien.append(bench.timed(bench.MIEN, "evaluate", path, "--intervals", "bootstrap", "--repeats", REPEATS,
                                "--threads", 1, "--quiet"))
        peer.append([float(x) for x in bench.peer("judging_plain.py", path).split()])
    return {"mien": mien, "peer": peer}


def measure(bench):
    """bench: the module bench/run.py."""
    folder = bench.WORK / "judging"
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for name, (rows, group) in FILES.items():
        path = folder / f"{name.split()[0].replace(',', '')}{'-lopsided' if 'half' in name else ''}.csv"
        make(path, rows, group)
        runs = {"leaving out": [], "bootstrap": [], "numpy": []}
        for _ in range(3):
            runs["leaving out"].append(bench.timed(bench.MIEN, "evaluate", path, "--threads", 1, "--quiet"))
            runs["bootstrap"].append(bench.timed(bench.MIEN, "evaluate", path, "--intervals", "bootstrap",
                                                 "--repeats", REPEATS, "--threads", 1, "--quiet"))
            if name == next(iter(FILES)):
                text = bench.peer("judging.py", path, REPEATS)
                runs["numpy"].append({"cpu": float(text.split()[0])})
        bench.say("judging", name, runs)
        table = bench.peer("judging_plain.py", path, "size").split()
        found[name] = {"runs": runs, "bytes": path.stat().st_size, "table": float(table[2])}
    mixed = measure_mixed(bench, folder)
    bench.say("judging", "numbers and classes", mixed)
    return {"files": found, "mixed": mixed}


def page(m, mark):
    yield "## Judging\n"
    yield (f"`mien evaluate` from start to figures (r, CCC, RMSE, MAE, R²), one thread, the better of three: each "
           f"group left out once, and a bootstrap of {REPEATS:,} resamples. NumPy: the same resamples by sums of "
           "groups, without reading the file.\n")
    yield "| file | leaving out, s of CPU | bootstrap, s of CPU | peak, MB (file, MB) | NumPy, s of CPU | mien ÷ NumPy | must |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for name, of in m["files"].items():
        cpu = {k: min((r["cpu"] for r in runs), default=None) for k, runs in of["runs"].items()}
        peak = max(r["mb"] for r in of["runs"]["leaving out"] + of["runs"]["bootstrap"])
        last = (f"{cpu['numpy']:.2f} | {cpu['bootstrap'] / cpu['numpy']:.1f} | ≤ 3" if cpu["numpy"] else "| |")
        yield (f"| {name} | {cpu['leaving out']:.2f} | {cpu['bootstrap']:.2f} | {peak:.0f} "
               f"({of['bytes'] / 1e6:.0f}) | {last} |")
    small, large = (m["files"][name]["runs"] for name in FILES if name.startswith(("100,000 rows in", "1,000,000")))
    least = {k: [min(r["cpu"] for r in runs[k]) for runs in (small, large)] for k in ("leaving out", "bootstrap")}
    powers = " and ".join(f"n^{math.log10(b / a):.2f} ({k})" for k, (a, b) in least.items())
    name = next(name for name in FILES if name.startswith("1,000,000"))
    peak = max(r["mb"] for runs in large.values() for r in runs)
    size, table = m["files"][name]["bytes"] / 1e6, m["files"][name]["table"]
    yield (f"\nFrom 100,000 to 1,000,000 rows processor time grows as {powers}; at most n^1.05 is wanted. Memory of "
           f"1,000,000 rows is {peak / size:.1f} × the file's bytes and {peak / table:.1f} × the table as pandas "
           f"has it ({table:.0f} MB); at most 4 × the table's is wanted.\n")
    of = m["mixed"]
    cpu = min(r["cpu"] for r in of["mien"])
    read, figures = min(r[0] for r in of["peer"]), min(r[1] for r in of["peer"])
    yield (f"Numbers and classes, {MIXED[0]:,} rows in {MIXED[0] // MIXED[1]:,} groups, {REPEATS:,} resamples: mien from start to 13 "
           f"figures with intervals (r, CCC, RMSE, MAE, R², accuracy, balanced accuracy, F1, κ, log loss, Brier, top 2 and 3) "
           f"{cpu:.2f} s of CPU; scikit-learn's 7 (r, RMSE, MAE, R², CCC, accuracy, F1) without intervals {figures:.3f} s, "
           f"{read + figures:.3f} s with pandas reading the file, Python's start and imports not counted: "
           f"mien ÷ scikit-learn {cpu / (read + figures):.1f} (must < 10), or {cpu / figures:.1f} where reading counts for mien alone.")
