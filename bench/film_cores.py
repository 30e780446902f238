# SPDX-License-Identifier: MIT
"""How much of the cores is busy while films are predicted, and what key frames alone take."""
import sys

WAYS = {"2 threads": ["--every", "0.2s", "--threads", "2"],
        "1 thread": ["--every", "0.2s", "--threads", "1"],
        "every 2 s": ["--every", "2s", "--threads", "2"],
        "key frames": ["--every", "2s", "--threads", "2", "--sampling", "keyframes"]}
COMPARED = "every 2 s", "key frames"  # of these a build before has another wall time
LIMIT, FASTER, PYTHON = 1.08, 8, 6.2


def measure(run):
    weights = run.real_weights()
    films = {"720p": run.made_film(1), "1080p": run.made_film(1, 1080)}
    rows = []
    for size, film in films.items():
        for way, options in WAYS.items():
            row = {"size": size, "way": way, "mien": [], "before": []}
            for _ in range(3):
                row["mien"].append(run.timed(run.MIEN, "predict", "image-va", film, *options,
                                             "-o", "/dev/null"))
                if run.BEFORE and way == COMPARED[0]:
                    row["before"].append(run.timed(run.BEFORE, "predict", "image-va", film, *options,
                                                   "-o", "/dev/null"))
            run.say("film_cores", size, way, row)
            rows.append(row)
    python = run.timed(sys.executable, run.PEERS / "film.py", "predict", run.MODEL, weights,
                       films["720p"], "0.2", run.THREADS, "/dev/null")
    return {"rows": rows, "peer": python}


def page(m, mark):
    yield "## A film on two cores\n"
    yield ("A minute of the film above and the same in 1080p. *Share* is the processor time of all threads, "
           "divided by the threads: wall time cannot be below it. With `--sampling keyframes` only key frames are "
           "decoded. The best of three runs each.\n")
    yield "| film | | wall, s | processor, s | wall ÷ share | limit |"
    yield "| --- | --- | --- | --- | --- | --- |"
    wall, before = {}, {}
    for r in m["rows"]:
        best = min(r["mien"], key=lambda one: one["s"])
        ratio = best["s"] / (best["cpu"] / (1 if r["way"] == "1 thread" else 2))
        wall[r["size"], r["way"]] = best["s"]
        limit = LIMIT if r["way"] == "2 threads" else 0
        text = f"**{ratio:.2f}**" if limit and ratio > limit else f"{ratio:.2f}"
        yield (f"| {r['size']} | {r['way']} | {best['s']:.2f} | {best['cpu']:.2f} | {text} | "
               f"{f'≤ {limit}' if limit else ''} |")
        if r["before"]:
            before[r["size"]] = min(b["s"] for b in r["before"])
    ratio = m["peer"]["s"] / wall["720p", "2 threads"]
    yield (f"\nPyAV + torchvision + PyTorch take {m['peer']['s']:.1f} s for the minute of 720p: "
           f"{mark(ratio, PYTHON)} times as long (aim: ≥ {PYTHON}).")
    for size, full in before.items():
        faster = full / wall[size, COMPARED[1]]
        yield (f"\nKey frames of {size}, against every 2 s by the build before ({full:.2f} s): "
               f"{mark(faster, FASTER)} times as fast (aim of 1080p: ≥ {FASTER}).")
