# SPDX-License-Identifier: MIT
"""Makes a trial table of the oxazepam study's emotion regulation task (GNilsonne, CC0): skin, heart and
corrugator of each picture, z within each person over all of their trials, and the rated unpleasantness.

usage: oxazepam.py DATA_FOLDER OUTPUT_FOLDER [features]
features: labels.csv, emg.csv, heart.csv and skin.csv for `mien import features` instead, gaps empty.
Joined by person, condition and number: that the number of an event within a condition is that of its
rating is an assumption about the order of the files. What is missing is 0 after the z, with a value
more that is 1 where it is there.
"""
import csv
import json
import math
import os
import sys

SENSORS = {
    "skin": ("SCREventData_ER.csv", ("log_SCR_mean_instruction", "log_SCR_mean_stimulus")),
    "heart": ("HeartRateEventData_ER.csv", (
        "hr_mean_stimulus_rel", "hr_mean_stimulus2_rel", "hr_mean_stimulus3_rel",
        "hr_mean_stimulus4_rel")),
    "corrugator": ("CorrugatorEventData_ER.csv", (
        "log_emg_corr_mean_instruction", "log_emg_corr_mean_stimulus")),
}


def number(text):
    try:
        return float(text)
    except ValueError:
        return math.nan


def rows_of(folder, file, number_column):
    with open(os.path.join(folder, file), newline="") as table:
        return {(r["Subject"], r["instruction"], r["valence"], r[number_column]): r
                for r in csv.DictReader(table)}


def z_within(keys, values):
    """A column as z within each person; NaN stays."""
    out = dict.fromkeys(keys, math.nan)
    for person in {k[0] for k in keys}:
        own = [k for k in keys if k[0] == person and not math.isnan(values[k])]
        if own:
            mean = sum(values[k] for k in own) / len(own)
            sd = math.sqrt(sum((values[k] - mean) ** 2 for k in own) / len(own))
            for k in own:
                out[k] = (values[k] - mean) / (sd or 1)
    return out


def write_features(output, keys, ratings, columns):
    """columns: of each sensor [(name, {key: z})]"""
    keys = sorted(keys, key=lambda k: (int(k[0]), k[1], k[2], int(float(k[3]))))
    with open(os.path.join(output, "labels.csv"), "w", newline="") as file:
        labels = csv.writer(file)
        labels.writerow(["person", "group", "condition", "unpleasantness"])
        for k in keys:
            labels.writerow([k[0], k[0], f"{k[1]} {k[2]}", number(ratings[k]["RatedUnpleasantness"])])
    for sensor, made in columns.items():
        name = "emg" if sensor == "corrugator" else sensor
        with open(os.path.join(output, f"{name}.csv"), "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow([column for column, _ in made])
            for k in keys:
                rows.writerow(["" if math.isnan(z[k]) else f"{z[k]:.9g}" for _, z in made])
    print(f"{len(keys)} trials of {len({k[0] for k in keys})} people")


def main(folder, output, form="trials"):
    ratings = rows_of(folder, "RatingsData_ER.csv", "RatingNo")
    tables = {name: rows_of(folder, file, "event_no") for name, (file, _) in SENSORS.items()}
    keys = [k for k in tables["skin"]
            if k in ratings and all(k in t for t in tables.values())
            and not math.isnan(number(ratings[k]["RatedUnpleasantness"]))]
    os.makedirs(output, exist_ok=True)
    if form == "features":
        write_features(output, keys, ratings, {
            name: [(c, z_within(keys, {k: number(tables[name][k][c]) for k in keys})) for c in columns]
            for name, (_, columns) in SENSORS.items()})
        return
    features = {}
    for name, (_, columns) in SENSORS.items():
        made = [z_within(keys, {k: number(tables[name][k][c]) for k in keys}) for c in columns]
        with open(os.path.join(output, f"oxazepam.{name}.csv"), "w") as file:
            for k in keys:
                x = [m[k] for m in made]
                file.write(",".join([f"{0 if math.isnan(v) else v:.9g}" for v in x]
                                    + [str(int(not math.isnan(v))) for v in x]) + "\n")
        features[f"{name}_transductive"] = {
            "width": 2 * len(columns),
            "about": "z over all trials of the person (transductive): " + ", ".join(columns)
                     + "; then for each whether it is there (else it is 0)"}
    with open(os.path.join(output, "oxazepam.tsv"), "w") as table:
        names = "".join(f"\tfeatures.{n}_transductive" for n in SENSORS)
        table.write(f"trial\tperson\tgroup\tstimulus\tpicture\tinstruction\tunpleasantness{names}\n")
        for i, k in enumerate(keys):
            person, instruction, valence, at = k
            cells = [f"{person}/{valence}/{instruction}/{at}", person, person,
                     f"{valence}/{instruction}/{at}", valence, instruction,
                     ratings[k]["RatedUnpleasantness"]]
            cells += [f"oxazepam.{n}.csv#{i}" for n in SENSORS]
            table.write("\t".join(cells) + "\n")
    with open(os.path.join(output, "oxazepam.json"), "w") as file:
        json.dump({
            "version": 1, "name": "oxazepam", "source": "https://github.com/GNilsonne",
            "citation": "Nilsonne et al., oxazepam and emotional mimicry, empathy, regulation",
            "licence": "CC0",
            "targets": {"unpleasantness": {"range": [0, 100], "unit": "0-100",
                                           "construct": "evoked", "perspective": "subjective"}},
            "columns": {"picture": "negative or neutral", "instruction": "what was to be done"},
            "features": features}, file, indent=2)
    print(f"{len(keys)} trials of {len({k[0] for k in keys})} people")


if __name__ == "__main__":
    main(*sys.argv[1:])
