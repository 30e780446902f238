# SPDX-License-Identifier: MIT
"""The part films of bench/run.py: all five families of a film with sound, time and memory, against
PyAV + PyTorch + openSMILE (peers/film_features.py); memory over length; AttendAffectNet's figure."""
import csv
import os
import subprocess
import sys

BACKBONES = ("resnet50", "i3d", "flownets", "vggish")
FEATURES = "resnet50,i3d,flownet,vggish,emobase2010"
TURNS = 2


def cost(bench, threads, *command):
    """Seconds, seconds of processor time and the peak of memory of a command."""
    env = {**os.environ, "OMP_NUM_THREADS": str(threads), "MIEN_CACHE": str(bench.WORK / "films/cache")}
    import time

    began = time.perf_counter()
    child = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL, env=env)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"bench: {' '.join(map(str, command))}: exit {child.returncode}")
    return {"s": time.perf_counter() - began, "cpu": usage.ru_utime + usage.ru_stime,
            "mb": usage.ru_maxrss / 1024}


def weights(bench, folder):
    """Those made by the rule, as --weights takes them: the published ones cannot be had here."""
    maker = next((bench.TOP / "build/release/tests").rglob("cli_files"), None)
    if not maker:
        bench.text_of("cmake", "--build", bench.TOP / "build/release", "--target", "cli_files")
        maker = next((bench.TOP / "build/release/tests").rglob("cli_files"))
    for name in BACKBONES:
        path = folder / f"rule_{name}.safetensors"
        if not path.exists():
            bench.text_of(maker, "rule", name, path)
    return ",".join(f"{n}={folder / f'rule_{n}.safetensors'}" for n in BACKBONES)


def film_of(bench, folder, seconds, size):
    path = folder / f"film-{size}-{seconds}s.mp4"
    if not path.exists():
        bench.peer("film_features.py", "make", bench.SAMPLE, seconds, size, f"{path}.new.mp4")
        os.replace(f"{path}.new.mp4", path)
    return path


def extract(bench, folder, given, film, *more):
    output = folder / "film.h5"
    output.unlink(missing_ok=True)
    return cost(bench, bench.THREADS, bench.MIEN, "extract", "--features", FEATURES, "--flow-size", 256,
                "--weights", given, "--threads", bench.THREADS, "--quiet", film, "-o", output, *more)


def attendaffectnet(bench, folder, given):
    """Arousal by the published model over video of the shared film, from the film."""
    data = bench.SHARED / "data"
    model = (data / "attendaffectnet" /
             "MDB_arousal_COGNIMUSE_attention_model_Feature_AAN_only_video.pth")
    film = data / "video/bigbuckbunny.mp4"
    if not model.exists() or not film.exists():
        return None
    cost(bench, bench.THREADS, bench.MIEN, "predict", model, film, "--flow-size", 256, "--weights", given,
         "-o", folder / "aan.csv", "--force")
    with open(folder / "aan.csv", newline="") as file:
        rows = list(csv.reader(file))
    return float(rows[1][3])


def measure(bench):
    """bench: the module bench/run.py. BENCH_FILMS_S: the length of the 720p film, default 60."""
    folder = bench.WORK / "films"
    folder.mkdir(parents=True, exist_ok=True)
    given = weights(bench, folder)
    length_s = int(os.environ.get("BENCH_FILMS_S", "60"))
    film = film_of(bench, folder, length_s, "1280x720")
    runs = {"mien": [], "python": []}
    for _ in range(TURNS):
        runs["mien"].append(extract(bench, folder, given, film))
        runs["python"].append(cost(
            bench, bench.THREADS, sys.executable, bench.PEERS / "film_features.py", "extract", film,
            bench.THREADS))
        bench.say("films", runs["mien"][-1], runs["python"][-1])
    lengths = {}
    for minutes in 3, 30:
        small = film_of(bench, folder, minutes * 60, "176x144")
        # what is kept of a segment does not depend on how many of its frames are taken
        lengths[str(minutes)] = extract(bench, folder, given, small, "--frames", 8)
        bench.say("films", minutes, lengths[str(minutes)])
    return {"length_s": length_s, "runs": runs, "lengths": lengths,
            "arousal": attendaffectnet(bench, folder, given)}


def page(m, mark):
    least = {who: min(runs, key=lambda r: r["s"]) for who, runs in m["runs"].items()}
    yield "## All features of a film\n"
    yield (f"ResNet-50, I3D, FlowNetS, VGGish and emobase2010 of {m['length_s']} s of 720p with sound, `--flow-size 256`, 64 frames a "
           "segment, from the start of the program to the written file; PyAV, PyTorch (eager), torchvision and openSMILE "
           f"with the same settings, one decoding for all. {len(m['runs']['mien'])} turns, the better of each, 2 threads.\n")
    yield "| | mien | Python | Python ÷ mien | aim |"
    yield "| --- | --- | --- | --- | --- |"
    for key, title in ("s", "seconds"), ("cpu", "seconds of processor time"):
        mine, theirs = least["mien"][key], least["python"][key]
        yield f"| {title} | {mine:.0f} | {theirs:.0f} | {mark(theirs / mine, 2)} | ≥ 2.5 (≥ 2) |"
    yield f"| peak memory, MB | {least['mien']['mb']:.0f} | {least['python']['mb']:.0f} | | ≤ 1024 |"
    short, long = m["lengths"]["3"]["mb"], m["lengths"]["30"]["mb"]
    yield (f"\nPeak memory of 3 and 30 minutes at 176 × 144 (8 frames a segment): {short:.0f} and {long:.0f} MB, "
           f"{100 * (long / short - 1):+.1f} % (5 % is allowed).")
    if m["arousal"] is not None:
        yield ("\nAttendAffectNet over video (the published arousal model, weights of the networks by a rule) gives "
               f"`bigbuckbunny.mp4` {m['arousal']:.4f}; .2170 ± .01 is expected.")
