# SPDX-License-Identifier: MIT
"""The part signals of bench/run.py: an hour of a body against NeuroKit2, an hour of gaze against
pymovements (peers/signals.py), and the memory that a recording of ten hours takes."""
import json
import random

ROUNDS = 3
HOURS, HZ = 10, 1000


def long_recording(bench):
    """Ten hours at 1000 Hz: EDA in the counts of a 12-bit amplifier, 0.2 GB of text."""
    path = bench.WORK / f"eda-{HOURS}h.txt"
    if not path.exists():
        bench.say(f"making a recording of {HOURS} h")
        draw = random.Random(1)
        rows = []
        for _ in range(60 * HZ):  # a minute that is written over and over
            rows.append(f"{2000 + draw.randint(-3, 3)}\n")
        minute = "".join(rows)
        new = path.with_suffix(".new")
        with open(new, "w") as file:
            file.write("# Simple Text Format\n# Sampling Rate (Hz):= 1000.00\n"
                       "# Resolution:= 12\n# Labels:= EDA\n")
            for _ in range(60 * HOURS):
                file.write(minute)
        new.rename(path)
    return path


def measure(bench):
    """bench: the module bench/run.py."""
    library = bench.TOP / "build/release/libmien.so"
    folder = bench.SHARED / "data/signals"
    m = {}
    if folder.exists():
        m["physiology"] = json.loads(
            bench.peer("signals.py", "physiology", library, folder, ROUNDS))
        bench.say("signals", "physiology", m["physiology"])
    m["gaze"] = json.loads(bench.peer("signals.py", "gaze", library, ROUNDS))
    bench.say("signals", "gaze", m["gaze"])
    recording, bids = long_recording(bench), bench.WORK / "eda-bids"
    lab = bench.WORK / "eda-lab"
    lab.mkdir(exist_ok=True)
    (lab / "long.txt").unlink(missing_ok=True)
    (lab / "long.txt").symlink_to(recording)
    m["extract"] = bench.timed(
        bench.MIEN, "extract", "--signals", "eda", "--transfer", "EDA=eda", "--every", "60s",
        recording, "-o", "/dev/null", "--threads", 1)
    bench.text_of("rm", "-rf", bids)
    m["convert"] = bench.timed(bench.MIEN, "import", "recordings", lab, "-o", bids, "--threads", 1)
    bench.say("signals", m["extract"], m["convert"])
    return m


def page(m, mark):
    yield "## Signals\n"
    yield ("An hour of a body at 100 Hz (EDA, ECG, PPG, respiration: cleaned, peaks, rates, variability) "
           "and an hour of gaze at 1000 Hz (degrees, five-point velocities, I-VT fixations, "
           "Engbert–Kliegl saccades), from arrays in memory, in one process, one thread each, "
           "interleaved; processor seconds, minimum of the rounds. The shared library is called from Python.\n")
    yield "| | mien, s | peer, s | peer ÷ mien | aim | events | peer's events |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for name, peer, aim in (("physiology", "NeuroKit2", 30), ("gaze", "pymovements", 20)):
        if name in m:
            r = m[name]
            ours, theirs = min(r["mien"]), min(r["peer"])
            yield (f"| {name}, {peer} {r['version']} | {ours:.3f} | {theirs:.2f} | "
                   f"{mark(theirs / ours, aim)} | ≥ {aim} | {', '.join(map(str, r['events']))} | "
                   f"{', '.join(map(str, r['peer_events']))} |")
    yield ""
    yield (f"A recording of {HOURS} hours at {HZ} Hz, text of {HOURS * 3600 * HZ * 5 / 1e6:.0f} MB: read, "
           "cleaned and cut into windows (`mien extract --signals`), and converted (`mien import "
           "recordings`).\n")
    yield "| | s | peak memory, MB | aim |"
    yield "| --- | --- | --- | --- |"
    for name in "extract", "convert":
        shown = f"{m[name]['mb']:.0f}" if m[name]["mb"] < 300 else f"**{m[name]['mb']:.0f}**"
        yield f"| {name} | {m[name]['s']:.1f} | {shown} | < 300 |"
