# SPDX-License-Identifier: MIT
"""Makes a trial table of CEAP-360VR: continuous valence and arousal of each person and film in bins of five
seconds, and what eyes did in each (fixations), z within each person over all of their bins.

usage: ceap360vr.py DATA_FOLDER OUTPUT_FOLDER
"""
import json
import math
import os
import sys

BIN_S, FILM_S, FRAMES_HZ = 5, 60, 25
FEATURES = ("fixations", "share of the time", "mean duration", "SD of yaw", "SD of pitch",
            "mean pitch", "path", "mean amplitude")


def sd(x):
    mean = sum(x) / len(x)
    return math.sqrt(sum((v - mean) ** 2 for v in x) / len(x))


def fixations(all_of_film, start):
    """FEATURES of the fixations that touch the bin."""
    rows = []
    for f in all_of_film:
        begin, end = f["StartFrame"] / FRAMES_HZ, (f["EndFrame"] + 1) / FRAMES_HZ
        if begin < start + BIN_S and end > start:
            rows.append((min(end, start + BIN_S) - max(begin, start), float(f["Yaw"]),
                         float(f["Pitch"])))
    if not rows:
        return [0.0] * len(FEATURES)
    lengths, yaw, pitch = zip(*rows)
    steps = [math.hypot(yaw[i + 1] - yaw[i], pitch[i + 1] - pitch[i])
             for i in range(len(rows) - 1)] or [0.0]
    return [len(rows), sum(lengths) / BIN_S, sum(lengths) / len(rows), sd(yaw), sd(pitch),
            sum(pitch) / len(pitch), sum(steps), sum(steps) / len(steps)]


def read(folder, *path):
    with open(os.path.join(folder, *path)) as file:
        return json.load(file)


def bins_of(folder, person):
    annotation = read(folder, "3_AnnotationData", "Transformed",
                      f"{person}_Annotation_TransData.json")
    behaviour = read(folder, "4_BehaviorData", "EM_Fixation",
                     f"{person}_Behavior_FixationData.json")
    seen = {v["VideoID"]: v["Fixation"]
            for v in behaviour["Behavior_FixationData"][0]["Video_Behavior_FixationData"]}
    for film in annotation["ContinuousAnnotation_TransData"][0]["Video_Annotation_TransData"]:
        trace = [(float(p["TimeStamp"]), float(p["Valence"]), float(p["Arousal"]))
                 for p in film["TimeStamp_Valence_Arousal"]]
        for start in range(0, FILM_S, BIN_S):
            own = [p for p in trace if start <= p[0] < start + BIN_S]
            if own:
                yield (film["VideoID"], start, sum(p[1] for p in own) / len(own),
                       sum(p[2] for p in own) / len(own),
                       fixations(seen[film["VideoID"]], start))


def main(folder, output):
    rows = [(f"P{i}", *b) for i in range(1, 13) for b in bins_of(folder, f"P{i}")]
    for person in {r[0] for r in rows}:
        own = [r[5] for r in rows if r[0] == person]
        for k in range(len(FEATURES)):
            x = [r[k] for r in own]
            mean, spread = sum(x) / len(x), sd(x)
            for r in own:
                r[k] = (r[k] - mean) / (spread or 1)
    os.makedirs(output, exist_ok=True)
    with open(os.path.join(output, "ceap360vr.gaze.csv"), "w") as file:
        for r in rows:
            file.write(",".join(f"{v:.9g}" for v in r[5]) + "\n")
    with open(os.path.join(output, "ceap360vr.tsv"), "w") as table:
        table.write("trial\tperson\tgroup\tfilm\tstimulus\tstart_s\tend_s\tvalence\tarousal\t"
                    "features.gaze_transductive\n")
        for i, (person, film, start, valence, arousal, _) in enumerate(rows):
            table.write(f"{person}/{film}/{start:02}\t{person}\t{person}\t{film}\t"
                        f"{film}@{start:02}\t{start}\t{start + BIN_S}\t{valence:.9g}\t"
                        f"{arousal:.9g}\tceap360vr.gaze.csv#{i}\n")
    numbers = {"range": [1, 9], "unit": "1-9", "construct": "evoked", "perspective": "subjective"}
    with open(os.path.join(output, "ceap360vr.json"), "w") as file:
        json.dump({
            "version": 1, "name": "ceap360vr",
            "source": "https://github.com/cwi-dis/CEAP-360VR-Dataset",
            "citation": "Xue et al., CEAP-360VR: a continuous physiological and behavioral emotion "
                        "annotation dataset for 360 VR videos, 2021", "licence": "CC BY-NC 4.0",
            "targets": {"valence": numbers, "arousal": numbers},
            "columns": {"film": "the film", "stimulus": "film and second"},
            "features": {"gaze_transductive": {
                "width": len(FEATURES),
                "about": "z over all bins of the person (transductive): " + ", ".join(FEATURES)}}},
            file, indent=2)
    print(f"{len(rows)} bins of {len({r[0] for r in rows})} people")


if __name__ == "__main__":
    main(*sys.argv[1:])
