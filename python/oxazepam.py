# SPDX-License-Identifier: MIT
"""Physiology and rated unpleasantness of the oxazepam study, for `mien import features`.

python oxazepam.py DATA FOLDER writes FOLDER/labels.csv (person, condition, unpleasantness) and
emg.csv, heart.csv and skin.csv, eight values of each trial: corrugator EMG (log, instruction and
stimulus), heart rate in four windows (relative), skin conductance (log, instruction and stimulus),
as z over the person's own trials. No rating enters these. That event n of a condition is rating n of it is
an assumption about the order of the files, which their authors do not state.
"""
import contextlib
import csv
import pathlib
import statistics
import sys

EMG = ["log_emg_corr_mean_instruction", "log_emg_corr_mean_stimulus"]
HEART = ["hr_mean_stimulus_rel", "hr_mean_stimulus2_rel", "hr_mean_stimulus3_rel",
         "hr_mean_stimulus4_rel"]
SKIN = ["log_SCR_mean_instruction", "log_SCR_mean_stimulus"]


def read(name, number):
    rows = csv.DictReader(open(pathlib.Path(sys.argv[1]) / name, encoding="utf-8-sig"))
    return {(r["Subject"], r["instruction"], r["valence"], int(float(r[number]))): r for r in rows}


def value(row, column):
    try:
        x = float(row[column])
        return x if abs(x) < 1e300 else None
    except ValueError:
        return None


emg = read("CorrugatorEventData_ER.csv", "event_no")
heart = read("HeartRateEventData_ER.csv", "event_no")
skin = read("SCREventData_ER.csv", "event_no")
ratings = read("RatingsData_ER.csv", "RatingNo")
trials = []
for key, rating in sorted(ratings.items(), key=lambda item: (int(item[0][0]), item[0])):
    felt = value(rating, "RatedUnpleasantness")
    if felt is not None and key in emg and key in heart and key in skin:
        trials.append((key, felt, [value(emg[key], c) for c in EMG] +
                       [value(heart[key], c) for c in HEART] +
                       [value(skin[key], c) for c in SKIN]))

folder = pathlib.Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
sensors = {"emg": (0, EMG), "heart": (len(EMG), HEART), "skin": (len(EMG + HEART), SKIN)}
with open(folder / "labels.csv", "w", newline="") as out, contextlib.ExitStack() as stack:
    labels = csv.writer(out)
    labels.writerow(["person", "group", "condition", "unpleasantness"])
    files = {name: csv.writer(stack.enter_context(open(folder / f"{name}.csv", "w", newline="")))
             for name in sensors}
    for name, (_, columns) in sensors.items():
        files[name].writerow(columns)
    for person in dict.fromkeys(t[0][0] for t in trials):
        own = [t for t in trials if t[0][0] == person]
        columns = []
        for column in zip(*(t[2] for t in own)):
            there = [x for x in column if x is not None]
            mean = statistics.fmean(there) if there else 0
            spread = statistics.pstdev(there) if there else 0
            columns.append([None if x is None else (x - mean) / spread if spread else 0
                            for x in column])
        for t, values in zip(own, zip(*columns)):
            labels.writerow([person, person, f"{t[0][1]} {t[0][2]}", t[1]])
            for name, (first, names) in sensors.items():
                part = values[first:first + len(names)]
                files[name].writerow(["" if x is None else "%.9g" % x for x in part])
