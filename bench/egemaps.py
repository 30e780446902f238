# SPDX-License-Identifier: MIT
"""The part egemaps of bench/run.py: eGeMAPS against openSMILE's own through its Python package
(peers/smile_egemaps.py), values of 47 clips of speech by group, and speed on one thread. None of
openSMILE's values is kept."""
import json
import subprocess
import os

from sound import long_sound, processor_time

TURNS = 3
GROUPS = {
    "loudness, its percentiles": ("loudness_sma3_amean", "loudness_sma3_s", "loudness_sma3_p"),
    "loudness, rises and falls": ("loudness_sma3_mean", "loudness_sma3_std"),
    "flux, MFCC 1 to 4": ("spectralFlux_", "mfcc1_", "mfcc2_", "mfcc3_", "mfcc4_"),
    "the same, voiced and unvoiced": ("spectralFluxV", "spectralFluxUV", "mfcc1V", "mfcc2V", "mfcc3V",
                                      "mfcc4V"),
    "alpha ratio, Hammarberg index, slopes": ("alphaRatio", "hammarberg", "slope"),
    "pitch, its percentiles": ("F0semitoneFrom27.5Hz_sma3nz_amean", "F0semitoneFrom27.5Hz_sma3nz_stddevNorm",
                               "F0semitoneFrom27.5Hz_sma3nz_p"),
    "pitch, rises and falls": ("F0semitoneFrom27.5Hz_sma3nz_mean", "F0semitoneFrom27.5Hz_sma3nz_std"),
    "jitter, shimmer": ("jitter", "shimmer"),
    "HNR": ("HNR",),
    "H1-H2, H1-A3": ("logRelF0",),
    "formants' frequencies": ("F1freq", "F2freq", "F3freq"),
    "formants' bandwidths": ("F1band", "F2band", "F3band"),
    "formants' levels": ("F1amp", "F2amp", "F3amp"),
    "peaks and runs": ("loudnessPeaks", "VoicedSeg", "MeanVoiced", "StddevVoiced", "MeanUnv", "StddevUnv"),
    "sound level": ("equivalent",),
}


def group_of(name):
    """The longest beginning that fits."""
    return max((start, group) for group, starts in GROUPS.items() for start in starts
               if name.startswith(start))[1]


def ours_of(bench, clips, folder):
    import h5py
    import numpy

    (folder / "clips.h5").unlink(missing_ok=True)
    bench.text_of(bench.MIEN, "extract", "--features", "egemaps", "--segment", "1h", "--threads", 1, "--quiet",
                  *clips, "-o", folder / "clips.h5")
    with h5py.File(folder / "clips.h5") as file:
        names = [n.decode() if isinstance(n, bytes) else n
                 for n in file[f"{clips[0].stem}/egemaps"].attrs["columns"]]
        return names, numpy.array([file[f"{clip.stem}/egemaps"][0] for clip in clips])


def measure(bench):
    """bench: the module bench/run.py."""
    import numpy

    folder = bench.WORK / "egemaps"
    folder.mkdir(parents=True, exist_ok=True)
    clips = sorted((bench.SHARED / "data/speech_va").glob("*.wav"))
    told = {"clips": len(clips)}
    if clips:
        names, ours = ours_of(bench, clips, folder)
        theirs = json.loads(bench.peer("smile_egemaps.py", "values", *clips))
        assert theirs["names"] == names, "other names, or another order"
        want = numpy.array(theirs["values"])
        rows = {}
        for k, name in enumerate(names):
            away = numpy.abs(ours[:, k] - want[:, k]) / (numpy.abs(want[:, k]) + 1e-3)
            spread = ours[:, k].std() > 0 and want[:, k].std() > 0
            r = float(numpy.corrcoef(ours[:, k], want[:, k])[0, 1]) if spread else None
            rows[name] = [r, float(numpy.median(away)), float((away <= 1e-3).mean())]
        told["values"] = rows
    length_s = {"mien": long_sound(bench, folder / "long.wav", 4),
                "openSMILE": long_sound(bench, folder / "short.wav", 1)}
    runs = {"mien": [], "openSMILE": []}
    for _ in range(TURNS):
        (folder / "long.h5").unlink(missing_ok=True)
        runs["mien"].append(processor_time(
            bench, bench.MIEN, "extract", "--features", "egemaps", "--segment", "1h", "--threads", 1, "--quiet",
            folder / "long.wav", "-o", folder / "long.h5"))
        runs["openSMILE"] += json.loads(bench.peer("smile_egemaps.py", "time", folder / "short.wav"))["s"]
    return {**told, "times": {who: length_s[who] / min(runs[who]) for who in runs}}


def page(m, mark):
    ours, theirs = m["times"]["mien"], m["times"]["openSMILE"]
    yield "## eGeMAPS\n"
    yield (f"88 values of speech at 16 kHz on one thread, in processor time: {ours:.0f} times real time, openSMILE through its "
           f"Python package {theirs:.0f}: {mark(ours / theirs, 1)} times as fast.\n")
    if "values" not in m:
        return
    yield (f"Values of each of {m['clips']} clips of speech against openSMILE 3.0.1's: r over clips (the lowest and the median of "
           "the group's values), the median of |Δ| / (|value| + 1e-3), and the share of all values within 1e-3.\n")
    yield "| values | how many | r, lowest | r, median | median deviation | within 1e-3 |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for group in GROUPS:
        rows = sorted((v for n, v in m["values"].items() if group_of(n) == group),
                      key=lambda v: -2 if v[0] is None else v[0])
        r = [v[0] for v in rows if v[0] is not None] or [float("nan")]
        away = sorted(v[1] for v in rows)
        yield (f"| {group} | {len(rows)} | {r[0]:.3f} | {r[len(r) // 2]:.4f} | {away[len(away) // 2]:.1e} | "
               f"{sum(v[2] for v in rows) / len(rows):.2f} |")
