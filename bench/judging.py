# SPDX-License-Identifier: MIT
"""The part judging of bench/run.py: `mien evaluate` of many rows, against the same resamples by the
moments of groups in NumPy, one thread (peers/judging.py)."""
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
        found[name] = {"runs": runs, "bytes": path.stat().st_size}
    return {"files": found}


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
