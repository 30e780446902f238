# SPDX-License-Identifier: MIT
"""Times mien against NeuroKit2 and pymovements in one process, one thread each; mien through its
shared library, so that both work on the same arrays in memory.

usage: signals.py physiology LIBMIEN.SO DATA_FOLDER ROUNDS
       signals.py gaze LIBMIEN.SO ROUNDS
Prints a line of JSON: processor seconds of each round, and how many events each found.
"""
import ctypes
import json
import os
import sys
import time
import warnings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402

c_int64, c_double, c_void = ctypes.c_int64, ctypes.c_double, ctypes.c_void_p


class Span(ctypes.Structure):
    _fields_ = [("onset", c_int64), ("offset", c_int64)]


class Spans(ctypes.Structure):
    _fields_ = [("items", ctypes.POINTER(Span)), ("count", c_int64), ("room", c_int64)]


class Mien:
    def __init__(self, path):
        self.lib = ctypes.CDLL(path)
        self.lib.mien_error.restype = ctypes.c_char_p
        self.lib.mien_free.argtypes = [c_void]

    def call(self, name, *arguments):
        if getattr(self.lib, name)(*arguments):
            sys.exit(f"{name}: {self.lib.mien_error().decode()}")

    def listed(self, name, x, *arguments):
        """A function that ends in a list and its length: how many, the list, freed by free()."""
        found, count = c_void(), c_int64()
        self.call(name, pointer(x), c_int64(len(x)), *arguments, ctypes.byref(found),
                  ctypes.byref(count))
        return found, count.value

    def free(self, found):
        self.lib.mien_free(found)


def pointer(x):
    return x.ctypes.data_as(ctypes.POINTER(c_double))


def seconds(work, rounds):
    times, value = [], None
    for _ in range(rounds):
        began = time.process_time()
        value = work()
        times.append(time.process_time() - began)
    return times, value


# ---- an hour of a body -----------------------------------------------------------------------

RATE = 100


def hour(path, column):
    """A recording there and back again until an hour is full: no steps where it is joined."""
    table = np.genfromtxt(path, delimiter=",", names=True)
    x = np.concatenate([table[column], table[column][::-1]])
    return np.ascontiguousarray(np.resize(x, 3600 * RATE), float)


def mien_physiology(mien, body):
    rate, n = c_double(RATE), c_int64(3600 * RATE)
    out = {k: np.empty(3600 * RATE) for k in ("a", "b", "c")}
    a, b, c = (pointer(out[k]) for k in "abc")
    counts = []
    hrv = ctypes.create_string_buffer(256)
    mien.call("mien_eda_clean", pointer(body["EDA"]), n, rate, a)
    mien.call("mien_eda_split", a, n, rate, b, c)
    found, count = mien.listed("mien_eda_peaks", out["c"], rate, None)
    counts.append(count)
    mien.free(found)
    for name, cleaner, finder in (("ECG", "mien_ecg_clean", "mien_ecg_peaks"),
                                  ("PPG", "mien_ppg_clean", "mien_ppg_peaks")):
        mains = [c_double(50)] if name == "ECG" else []
        mien.call(cleaner, pointer(body[name]), n, rate, *mains, a)
        found, count = mien.listed(finder, out["a"], rate)
        mien.call("mien_rate_series", found, c_int64(count), rate, n, b)
        mien.call("mien_hrv_time", found, c_int64(count), rate, hrv)
        counts.append(count)
        mien.free(found)
    mien.call("mien_respiration_clean", pointer(body["RSP"]), n, rate, a)
    found, count = mien.listed("mien_respiration_peaks", out["a"])
    mien.call("mien_breathing_measure", a, found, c_int64(count), rate, hrv)
    counts.append(count)
    mien.free(found)
    return counts


def neurokit_physiology(nk, body):
    n, counts = 3600 * RATE, []
    clean = nk.eda_clean(body["EDA"], RATE)
    phasic = nk.eda_phasic(clean, RATE)["EDA_Phasic"].values
    _, info = nk.eda_peaks(phasic, sampling_rate=RATE, method="neurokit", amplitude_min=0.1)
    counts.append(len(info["SCR_Peaks"]))
    _, info = nk.ecg_peaks(nk.ecg_clean(body["ECG"], RATE), RATE)
    nk.signal_rate(info["ECG_R_Peaks"], RATE, desired_length=n)
    nk.hrv_time(info["ECG_R_Peaks"], RATE)
    counts.append(len(info["ECG_R_Peaks"]))
    peaks = nk.ppg_findpeaks(nk.ppg_clean(body["PPG"], RATE), RATE)["PPG_Peaks"]
    nk.signal_rate(peaks, RATE, desired_length=n)
    nk.hrv_time(peaks, RATE)
    counts.append(len(peaks))
    clean = nk.rsp_clean(body["RSP"], RATE)
    _, info = nk.rsp_peaks(clean, RATE)
    nk.signal_rate(info["RSP_Troughs"], RATE)
    counts.append(len(info["RSP_Peaks"]))
    return counts


def physiology(library, folder, rounds):
    import neurokit2 as nk

    rest = os.path.join(folder, "bio_resting_5min_100hz.csv")
    body = {name: hour(rest, name) for name in ("ECG", "PPG", "RSP")}
    body["EDA"] = hour(os.path.join(folder, "bio_eventrelated_100hz.csv"), "EDA")
    mien = Mien(library)
    ours, theirs = [], []
    for _ in range(rounds):
        times, found = seconds(lambda: mien_physiology(mien, body), 5)
        ours += times
        times, others = seconds(lambda: neurokit_physiology(nk, body), 1)
        theirs += times
    return {"mien": ours, "peer": theirs, "events": found, "peer_events": others,
            "version": nk.__version__}


# ---- an hour of gaze -------------------------------------------------------------------------

HZ = 1000


def wandering():
    """Fixations of 0.15 to 0.6 s joined by saccades of 40 ms, with noise: 3.6 million samples."""
    draw = np.random.default_rng(1)
    x, y = np.empty(3600 * HZ), np.empty(3600 * HZ)
    at, place = 0, np.array([960.0, 540.0])
    while at < len(x):
        rest, new = int(draw.integers(150, 600)), draw.uniform((100, 100), (1820, 980))
        way = 0.5 - 0.5 * np.cos(np.pi * np.arange(1, 41) / 40)
        for axis, values in enumerate((x, y)):
            course = np.concatenate([place[axis] + (new[axis] - place[axis]) * way,
                                     np.full(rest, new[axis])])
            values[at:at + len(course)] = course[:len(values) - at]
        at, place = at + 40 + rest, new
    return x + draw.normal(0, 0.2, len(x)), y + draw.normal(0, 0.2, len(y))


def mien_gaze(mien, x, y):
    n, rate = c_int64(len(x)), c_double(HZ)
    deg, speed = (np.empty_like(x), np.empty_like(x)), (np.empty_like(x), np.empty_like(x))
    for axis, (values, pixels, size) in enumerate(((x, 1920, 53.1), (y, 1080, 29.9))):
        mien.lib.mien_gaze_degrees(pointer(values), n, c_double(pixels), c_double(size),
                                   c_double(60), pointer(deg[axis]))
        mien.lib.mien_gaze_velocity(pointer(deg[axis]), n, rate, 0, pointer(speed[axis]))
    counts = []
    for name, more in (("mien_fixations_by_velocity", [c_double(30), c_double(0.1)]),
                       ("mien_saccades_engbert_kliegl", [c_double(6), c_double(0.006), None])):
        spans = Spans()
        mien.call(name, pointer(speed[0]), pointer(speed[1]), n, rate, *more, ctypes.byref(spans))
        counts.append(spans.count)
        mien.lib.mien_spans_clear(ctypes.byref(spans))
    return counts


def pymovements_gaze(pm, polars, x, y, t):
    screen = pm.gaze.Experiment(
        screen_width_px=1920, screen_height_px=1080, screen_width_cm=53.1, screen_height_cm=29.9,
        distance_cm=60, origin="upper left", sampling_rate=HZ)
    gaze = pm.Gaze(polars.DataFrame({"time": t, "x": x, "y": y}), experiment=screen,
                   pixel_columns=["x", "y"], time_column="time")
    gaze.pix2deg()
    gaze.pos2vel(method="fivepoint")
    gaze.detect("ivt", minimum_duration=100, velocity_threshold=30)
    gaze.detect("microsaccades", minimum_duration=6, threshold="engbert2015", threshold_factor=6)
    names = gaze.events.frame["name"]
    return [int((names == "fixation").sum()), int((names == "saccade").sum())]


def gaze(library, rounds):
    import polars
    import pymovements as pm

    x, y = wandering()
    t, mien = np.arange(len(x)), Mien(library)
    ours, theirs = [], []
    for _ in range(rounds):
        times, found = seconds(lambda: mien_gaze(mien, x, y), 5)
        ours += times
        times, others = seconds(lambda: pymovements_gaze(pm, polars, x, y, t), 1)
        theirs += times
    return {"mien": ours, "peer": theirs, "events": found, "peer_events": others,
            "version": pm.__version__}


if __name__ == "__main__":
    what, library, *rest = sys.argv[1:]
    made = physiology(library, rest[0], int(rest[1])) if what == "physiology" else \
        gaze(library, int(rest[0]))
    print(json.dumps(made))
