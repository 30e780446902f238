# SPDX-License-Identifier: MIT
"""The part from_file of bench/run.py: features of whole files by mien against PyAV, Pillow and the
same networks with the same weights in PyTorch (peers/film_from_file.py)."""
import json

import films

FILMS = ("bigbuckbunny.mp4", "bikes.mp4", "carphone_pristine.mp4")
FAMILIES = ("resnet50", "i3d", "i3d-s5", "flownet-s5", "vggish")
BY_BATCH = ("resnet50", "i3d", "i3d-s5")  # with --statistics batch too


def measure(bench):
    """bench: the module bench/run.py."""
    import h5py
    import numpy

    folder = bench.WORK / "films"
    folder.mkdir(parents=True, exist_ok=True)
    given = films.weights(bench, folder)
    rows = []
    for name in FILMS:
        film = bench.SHARED / "data/video" / name
        if not film.exists():
            bench.say(film, "is not there")
            continue
        theirs = numpy.load(bench.peer("film_from_file.py", film, folder, bench.THREADS).strip())
        for families, statistics in ((FAMILIES, "eval"), (BY_BATCH, "batch")):
            output = folder / f"from_file_{statistics}.h5"
            output.unlink(missing_ok=True)
            # a film without sound is told, and is no failure here
            command = [bench.MIEN, "extract", "--features", ",".join(families), "--flow-size", 256, "--frame-rate",
                       "native", "--statistics", statistics, "--weights", given, "--threads", bench.THREADS, "--quiet",
                       film, "-o", output]
            bench.subprocess.run([str(c) for c in command], check=False)
            with h5py.File(output) as file:
                for family in families:
                    label = family + (", by the batch" if statistics == "batch" else "")
                    ours, want = file[family][:], theirs[label]
                    for k in range(min(len(ours), len(want))):
                        if not numpy.isfinite(want[k]).all():
                            continue
                        a, b = ours[k].astype("f8"), want[k].astype("f8")
                        rows.append([name, label, k, float(a @ b / numpy.sqrt((a @ a) * (b @ b))),
                                     float(abs(a - b).max() / abs(b).max()), len(ours), len(want)])
                        bench.say(*rows[-1])
    return {"rows": json.loads(json.dumps(rows))}


def page(m, mark):
    yield "## From the file\n"
    yield ("Features of a segment by `mien extract`, against PyAV, Pillow and the same networks in PyTorch with the same weights (made by a rule), from "
           "the file on, `--flow-size 256 --frame-rate native`: the lowest cosine and the largest difference ÷ the largest value over all segments "
           "(≥ .9999 and ≤ 2 % are allowed; colours are converted by PyAV's default on one side and bicubic on the other).\n")
    yield "| film | segments | family | lowest cosine | largest difference |"
    yield "| --- | --- | --- | --- | --- |"
    for film, family in dict.fromkeys((r[0], r[1]) for r in m["rows"]):
        mine = [r for r in m["rows"] if r[:2] == [film, family]]
        yield (f"| {film} | {len(mine)} | {family} | {min(r[3] for r in mine):.7f} | "
               f"{100 * max(r[4] for r in mine):.2f} % |")
