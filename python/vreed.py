# SPDX-License-Identifier: MIT
"""Features of gaze as published with VREED, as `mien import features` takes them.

python vreed.py EyeTracking_FeaturesExtracted.csv FOLDER writes FOLDER/labels.csv (person and
quadrant of each trial) and FOLDER/gaze.csv (the 49 statistics, blanks where one is missing).
"""
import csv
import pathlib
import sys

rows = list(csv.reader(open(sys.argv[1], encoding="utf-8-sig")))
folder = pathlib.Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
with open(folder / "labels.csv", "w", newline="") as out:
    csv.writer(out).writerows([["person", "group", "quadrant"]] +
                              [[r[0], r[0], r[1]] for r in rows[1:]])
with open(folder / "gaze.csv", "w", newline="") as out:
    csv.writer(out).writerows([r[2:] for r in rows])
