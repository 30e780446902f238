# SPDX-License-Identifier: MIT
"""Correlation within people: python within.py RUN/predictions.csv TARGET prints the mean over
groups of r between truth and prediction, with a 95 % bootstrap interval over groups."""
import csv
import math
import random
import statistics
import sys

groups = {}
for row in csv.DictReader(open(sys.argv[1])):
    pair = float(row[sys.argv[2] + "_truth"]), float(row[sys.argv[2] + "_prediction"])
    groups.setdefault(row["group"], []).append(pair)


def correlation(pairs):
    a, b = zip(*pairs)
    x, y = statistics.fmean(a), statistics.fmean(b)
    spread = math.sqrt(sum((u - x) ** 2 for u in a) * sum((v - y) ** 2 for v in b))
    return sum((u - x) * (v - y) for u, v in pairs) / spread if spread else None


each = [r for r in map(correlation, groups.values()) if r is not None]
random.seed(0)
drawn = sorted(statistics.fmean(random.choices(each, k=len(each))) for _ in range(4000))
print("mean r within %d groups: %.3f [%.3f, %.3f]" %
      (len(each), statistics.fmean(each), drawn[100], drawn[3899]))
