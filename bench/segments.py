# SPDX-License-Identifier: MIT
"""The part segments of bench/run.py: a published AttendAffectNet over many segments of films, from
the start of the program to its written file, against PyTorch (peers/segments.py)."""
import sys

ROWS = 10_000
WIDTHS = {"resnet50": 2048, "flownet": 1024, "i3d": 1024, "vggish": 128, "emobase2010": 1582}
FILE = "MDB_arousal_COGNIMUSE_attention_model_Feature_AAN_video_audio.pth"


def measure(bench):
    """bench: the module bench/run.py."""
    published = bench.SHARED / "data/attendaffectnet" / FILE
    if not published.exists():
        bench.say(f"segments: {published} is not there: nothing measured")
        return None
    folder = bench.WORK / "segments"
    folder.mkdir(parents=True, exist_ok=True)
    # in processes of their own: what this one holds would count as a measured one's peak
    bench.peer("segments.py", "make", folder, ROWS, *(f"{n}={w}" for n, w in WIDTHS.items()))
    model = folder / "aan.safetensors"
    model.unlink(missing_ok=True)
    bench.text_of(bench.MIEN, "models", "convert", published, "--as", "aan", "-o", model)
    runs = {"mien": [], "python": []}
    for _ in range(5):
        for _ in range(2):
            runs["mien"].append(bench.timed(
                bench.MIEN, "predict", model, "--features", *(f"{n}={folder / n}.npy" for n in WIDTHS),
                "-o", folder / "mien.csv", "--quiet", "--threads", bench.THREADS))
        runs["python"].append(bench.timed(
            sys.executable, bench.PEERS / "segments.py", "predict", model, folder, bench.THREADS,
            folder / "python.csv", *WIDTHS))
        bench.say("segments", runs["mien"][-1], runs["python"][-1])
    largest = bench.peer("segments.py", "compare", folder / "mien.csv", folder / "python.csv")
    return {"runs": runs, "largest": float(largest), "bytes": model.stat().st_size}


def page(m, mark):
    low = {name: min(r["s"] for r in runs) for name, runs in m["runs"].items()}
    peak = {name: max(r["mb"] for r in runs) for name, runs in m["runs"].items()}
    yield "## Segments of films\n"
    yield (f"The published arousal model of AttendAffectNet (video and audio, converted: {m['bytes'] / 1e3:.0f} "
           f"kB), {ROWS:,} segments of five features in .npy files: `mien predict MODEL --features …` from the "
           "start of the program to the written table, against PyTorch with the same weights in one batch. Files "
           f"are in the system's cache; interleaved, 2 threads. Largest difference of a value: {m['largest']:.1e}.\n")
    yield "| | mien | PyTorch | PyTorch ÷ mien | aim |"
    yield "| --- | --- | --- | --- | --- |"
    yield (f"| wall, minimum, ms | {low['mien'] * 1e3:.0f} | {low['python'] * 1e3:.0f} | "
           f"{mark(low['python'] / low['mien'], 20)} | ≥ 20 |")
    yield f"| peak memory, MB | {peak['mien']:.0f} | {peak['python']:.0f} | | < 60 |"
