# SPDX-License-Identifier: MIT
"""The part sound of bench/run.py: emobase2010 against openSMILE, speed in turns in one run
(peers/smile.py) and values by group against openSMILE's own where they are beside the checkout."""
import json
import os
import subprocess
import sys
import wave

TURNS = 3
SIGNALS = ("00", "05", "27", "36", "film16k", "pulses", "film44k")
GROUPS = {"loudness": ("pcm_loudness",), "log mel": ("logMelFreqBand",),
          "MFCC": ("pcm_fftMag_mfcc",), "F0": ("F0fin",), "voicing": ("voicing",),
          "jitter, shimmer": ("jitter", "shimmer"), "LSP": ("lspFreq",)}


def processor_time(bench, *command):
    """Seconds of processor time of one command from start to end, on one thread."""
    child = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL,
                             env={**os.environ, "OMP_NUM_THREADS": "1"})
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"bench: {' '.join(map(str, command))}: exit {child.returncode}")
    return usage.ru_utime + usage.ru_stime


def long_sound(bench, path, times):
    """All voices of speech_va one after the other (else the test sound), about two minutes, so
    many times; its length in seconds."""
    voices = sorted((bench.SHARED / "data/speech_va").glob("*.wav"))
    sounds = voices or [bench.TOP / "tests/golden/sound/pulses.wav"] * 60
    with wave.open(str(path), "wb") as to:
        to.setnchannels(1)
        to.setsampwidth(2)
        to.setframerate(16000)
        for sound in sounds * times:
            with wave.open(str(sound)) as source:
                to.writeframes(source.readframes(source.getnframes()))
        return to.getnframes() / 16000


def extract(bench, path, rate, output):
    output.unlink(missing_ok=True)
    bench.text_of(bench.MIEN, "extract", "--features", "emobase2010", "--segment", "1h",
                  "--rate", rate, "--threads", 1, path, "-o", output)


def accuracy(bench, folder):
    import h5py
    import numpy

    golden = bench.SHARED / "golden/film/emobase"
    if not (golden / "functionals.npy").exists():
        return None
    theirs = numpy.load(golden / "functionals.npy")
    names = (golden / "names.txt").read_text().split()
    order = (golden / "signals.txt").read_text().split()
    shares = {group: [] for group in GROUPS}
    counts = {}
    for signal in SIGNALS:
        own = golden / f"{signal}.wav"
        path = own if own.exists() else bench.SHARED / f"data/speech_va/{signal}.wav"
        with wave.open(str(path)) as file:
            rate = file.getframerate()
        extract(bench, path, rate, folder / "one.h5")
        with h5py.File(folder / "one.h5") as file:
            ours = file["emobase2010"][0]
        want = theirs[order.index(signal)]
        away = abs(ours - want) / (abs(want) + 1e-3)
        counts[signal] = [int((away > 1e-3).sum()), int((away > 1e-2).sum())]
        for group, starts in GROUPS.items():
            shares[group] += [float(a) for a, n in zip(away, names) if n.startswith(starts)]
    rows = {group: [float(numpy.quantile(v, q)) for q in (0.95, 0.99, 1)]
            for group, v in shares.items()}
    return {"groups": rows, "counts": counts}


def measure(bench):
    """bench: the module bench/run.py."""
    folder = bench.WORK / "sound"
    folder.mkdir(parents=True, exist_ok=True)
    # its start and reading are measured with it, so mien gets more to do a start
    length_s = {"mien": long_sound(bench, folder / "long.wav", 4),
                "openSMILE": long_sound(bench, folder / "short.wav", 1)}
    runs = {"mien": [], "openSMILE": []}
    values = 0
    for _ in range(TURNS):
        for _ in range(3):
            (folder / "long.h5").unlink(missing_ok=True)
            runs["mien"].append(processor_time(
                bench, bench.MIEN, "extract", "--features", "emobase2010", "--segment", "1h",
                "--threads", 1, "--quiet", folder / "long.wav", "-o", folder / "long.h5"))
        peer = json.loads(bench.peer("smile.py", folder / "short.wav", 1))
        runs["openSMILE"] += peer["s"]
        values = peer["values"]
        bench.say("sound", length_s, runs)
    return {"length_s": length_s, "runs": runs, "values": values,
            "accuracy": accuracy(bench, folder)}


def page(m, mark):
    low = {name: min(runs) for name, runs in m["runs"].items()}
    speed = {name: m["length_s"][name] / s for name, s in low.items()}
    yield "## Features of sound\n"
    yield (f"emobase2010 of {m['length_s']['mien']:.0f} s of speech at 16 kHz on one thread: `mien extract --features "
           "emobase2010` from the start of the program to the written file, against openSMILE through its "
           f"Python package (its IS10 set of as many values, {m['values']}, of {m['length_s']['openSMILE']:.0f} s; without start and reading). Processor time, "
           "the least of several turns, in turns with each other.\n")
    yield "| | mien | openSMILE | mien ÷ openSMILE | aim |"
    yield "| --- | --- | --- | --- | --- |"
    yield (f"| times real time | {speed['mien']:.0f} | {speed['openSMILE']:.0f} | "
           f"{mark(speed['mien'] / speed['openSMILE'], 8)} | ≥ 8 (and mien ≥ 500 on an idle machine) |")
    if not m["accuracy"]:
        return
    yield ("\nValues against openSMILE 3.0.1's own, |Δ| / (|value| + 1e-3), over "
           f"{', '.join(m['accuracy']['counts'])}:\n")
    yield "| group | 95 % | 99 % | worst |"
    yield "| --- | --- | --- | --- |"
    for group, quantiles in m["accuracy"]["groups"].items():
        yield f"| {group} | " + " | ".join(f"{q:.0e}" for q in quantiles) + " |"
    counts = "; ".join(f"{s} {a} and {b}" for s, (a, b) in m["accuracy"]["counts"].items())
    yield f"\nBeyond 1e-3 and 1e-2 of 1,582: {counts}."
