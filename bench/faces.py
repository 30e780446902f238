# SPDX-License-Identifier: MIT
"""The part faces of bench/run.py: YuNet against ONNX Runtime and OpenCV, in turns, one thread; a film of
1280 × 720 with one face against what Python users run (peers/faces.py); memory for films of 1 and 30 minutes.
Ratios are of processor times, which a busy machine lengthens least; frames a second are by the clock on the wall.

MIEN_FACE_MODEL names another model on faces than the shipped one."""
import json
import os
import pathlib
import resource
import statistics
import subprocess

TURNS, LOOKS, RUNS = 5, 40, 2
MINUTES = (1, 30)
TITLES = {"onnxruntime": "ONNX Runtime, the network alone", "opencv": "OpenCV's FaceDetectorYN"}
FILMS = {"haar": "Haar in every frame, mini-Xception in ONNX Runtime (what `fer` does)",
         "yunet": "OpenCV's YuNet at every fifth frame, mini-Xception in ONNX Runtime at every one"}


def passive():
    return {**os.environ, "OMP_WAIT_POLICY": "passive"}


def processor_of(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = subprocess.run([str(c) for c in command], check=True, text=True, env=passive(),
                          stdout=subprocess.PIPE).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, text


def looks(bench):
    """Least milliseconds of each turn."""
    times = {"mien": [], **{name: [] for name in TITLES}}
    for _ in range(TURNS):
        _, line = processor_of([bench.MIEN, "bench", "--finder", "yunet", "--item", "3x384x640", "--threads", 1,
                                "--repeat", LOOKS])
        times["mien"].append(json.loads(line)["min_cpu_ms"])
        for name in TITLES:
            times[name].append(json.loads(bench.peer("faces.py", "look", name, LOOKS,
                                                     bench.SHARED / "data/yunet/yunet_n_320_320.onnx"))["ms"])
    return times


def films(bench, model):
    work = bench.WORK / "faces"
    work.mkdir(parents=True, exist_ok=True)
    film = work / "film.mp4"
    frames = int(bench.peer("faces.py", "film", bench.SHARED / "data/video/carphone_pristine.mp4", film))
    ours = [bench.MIEN, "predict", model, film, "--every", "0", "--faces.every", "5", "--faces.size", "640",
            "--threads", "2", "-q", "--force", "-o", work / "film.csv"]
    times, wall = {"mien": [], **{name: [] for name in FILMS}}, []
    for _ in range(RUNS):
        os.environ["OMP_WAIT_POLICY"] = "passive"
        mine = bench.timed(*ours)
        times["mien"].append(mine["cpu"])
        wall.append(mine["s"])
        for name in FILMS:
            told = json.loads(bench.peer("faces.py", "run", name, film,
                                         bench.SHARED / "data/yunet/yunet_n_320_320.onnx",
                                         bench.SHARED / "golden/faces/onnx/mini_xception_13.onnx"))
            times[name].append(told["s"])
        bench.say("faces", {k: v[-1] for k, v in times.items()})
    return {"frames": frames, "times": times, "wall": wall, "mb": mine["mb"]}


def memory(bench, model):
    """Peak megabytes for small films of some minutes at 5 frames a second, by minutes."""
    work, found = bench.WORK / "faces", {}
    for minutes in MINUTES:
        film = work / f"long-{minutes}.mp4"
        if not film.exists():
            bench.peer("faces.py", "long", bench.SHARED / "data/video/carphone_pristine.mp4", film, minutes)
        told = bench.timed(bench.MIEN, "predict", model, film, "--every", "0", "--threads", "2", "-q", "--force",
                           "-o", work / "long.csv")
        found[str(minutes)] = told["mb"]
        bench.say("faces", minutes, "minutes:", told)
    return found


def measure(bench):
    """bench: the module bench/run.py."""
    model = pathlib.Path(os.environ.get("MIEN_FACE_MODEL") or
                         bench.TOP / "share/mien/models/face-expression.safetensors")
    if not (bench.SHARED / "data/yunet").exists() or not model.exists():
        bench.say(f"faces: no shared data or no {model}: left out")
        return None
    return {"looks": looks(bench), "film": films(bench, model), "memory": memory(bench, model)}


def page(m, mark):
    yield "## Faces\n"
    yield ("One look of YuNet at 640 × 384, one thread: least processor time of a turn, median and least of "
           f"{TURNS} turns. mien's look and OpenCV's take a picture and give faces; of ONNX Runtime it is the "
           "network alone, which is given planes of floats and gives maps.\n")
    mine = m["looks"]["mien"]
    yield "| ms | median | least | ÷ mien, turn by turn | must |"
    yield "| --- | --- | --- | --- | --- |"
    yield f"| mien | {statistics.median(mine):.2f} | {min(mine):.2f} | | |"
    for name, title in TITLES.items():
        theirs = m["looks"][name]
        ratio = statistics.median(t / o for t, o in zip(theirs, mine))
        yield (f"| {title} | {statistics.median(theirs):.2f} | {min(theirs):.2f} | {mark(ratio, 1.15)} | ≥ 1.15 |")
    film = m["film"]
    least = {name: min(t) / film["frames"] for name, t in film["times"].items()}
    yield ""
    yield (f"A film of 1280 × 720 with one face ({film['frames']} frames), expressions of every frame: processor "
           f"milliseconds a frame, least of {RUNS} runs from start to end, and what two cores could do with that.\n")
    yield "| | ms a frame | frames/s on two cores | ÷ mien | must |"
    yield "| --- | --- | --- | --- | --- |"
    yield f"| mien | {least['mien'] * 1e3:.1f} | {mark(2 / least['mien'], 60)} | | ≥ 60 frames/s |"
    for name, title in FILMS.items():
        must = "≥ 5" if name == "haar" else ""
        ratio = least[name] / least["mien"]
        yield (f"| {title} | {least[name] * 1e3:.1f} | {2 / least[name]:.0f} | {mark(ratio, 5 if must else 0)} | "
               f"{must} |")
    fast = film["frames"] / min(film["wall"])
    mb = m["memory"]
    yield ""
    yield (f"By the clock on the wall, on 2 threads from start to end: {mark(fast, 60)} frames a second (must ≥ 60), "
           f"{film['mb']:.0f} MB. Peak memory for small films at 5 frames a second: {mb['1']:.0f} MB for a minute, "
           f"{mb['30']:.0f} MB for thirty (must: the same, < 300).")
