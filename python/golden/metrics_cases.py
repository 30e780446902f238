# SPDX-License-Identifier: MIT
"""tests/golden/metrics.tsv: metrics of ordinary and degenerate inputs by SciPy and scikit-learn, for
tests/eval/test_golden.c. A line a figure: metric, classes (0: numbers), value ("nan" where the peer
has none, or mien says by intent that there is none), truth, prediction, probabilities by row; the
last three are lists with commas."""
import sys
import warnings

import numpy as np
import scipy
import sklearn
from scipy.stats import pearsonr
from sklearn import metrics as m

warnings.simplefilter("ignore")
random = np.random.default_rng(4)


def text(values):
    return ",".join(repr(float(v)) for v in np.ravel(values))


def line(name, classes, value, truth, prediction, probability=()):
    print(name, classes, repr(float(value)), text(truth), text(prediction), text(probability) or "-", sep="\t")


def constant(x):
    return np.ptp(x) <= 1e-14 * max(abs(x))


def numbers(t, p):
    t, p = np.array(t, float), np.array(p, float)
    has_r = len(t) > 1 and not constant(t) and not constant(p)
    line("r", 0, pearsonr(t, p)[0] if has_r else np.nan, t, p)
    line("r2", 0, m.r2_score(t, p) if len(t) > 1 and not constant(t) else np.nan, t, p)
    line("rmse", 0, m.root_mean_squared_error(t, p), t, p)
    line("mae", 0, m.mean_absolute_error(t, p), t, p)
    line("mse", 0, m.mean_squared_error(t, p), t, p)
    if all(t != 0):
        line("mape", 0, 100 * m.mean_absolute_percentage_error(t, p), t, p)
    if len(t) > 1 and has_r:
        ccc = 2 * np.cov(t, p, bias=True)[0, 1] / (t.var() + p.var() + (t.mean() - p.mean()) ** 2)
        line("ccc", 0, ccc, t, p)


def classes(t, p, k):
    t, p = np.array(t), np.array(p, float)
    p = p / p.sum(1, keepdims=True)
    said = p.argmax(1)
    labels = range(k)
    present = sorted(set(t) | set(said))
    line("accuracy", k, m.accuracy_score(t, said), t, said, p)
    line("balanced_accuracy", k, m.balanced_accuracy_score(t, said), t, said, p)
    line("macro_f1", k, m.f1_score(t, said, labels=present, average="macro", zero_division=0), t, said, p)
    line("kappa", k, m.cohen_kappa_score(t, said), t, said, p)
    line("log_loss", k, m.log_loss(t, p, labels=list(labels)), t, said, p)
    if k > 2 and len(np.unique(p[0])) == k:  # of equals mien takes the first, scikit-learn the last
        line("top2", k, m.top_k_accuracy_score(t, p, k=2, labels=list(labels)), t, said, p)


print("# numpy", np.__version__, "scipy", scipy.__version__, "scikit-learn", sklearn.__version__, sep="\t")
for n in (2, 3, 12):
    t = random.normal(size=n)
    numbers(t, 0.5 * t + random.normal(size=n))
    numbers(1e6 + t, 1e6 + 0.5 * t + random.normal(size=n))      # a large mean
    numbers(1e-5 * t, 1e-5 * random.normal(size=n))              # a small unit
    numbers(t, t)                                                # the truth itself
    numbers(t, -3 * t + 2)
    numbers(t, np.full(n, 4.1))                                  # constant predictions
    numbers(np.full(n, 0.1), t)                                  # constant truth
    numbers(np.full(n, 0.1), np.full(n, 0.7))
numbers([2.5], [3.0])
for k in (2, 3, 7):
    for n in (1, 5, 16):
        t = random.integers(0, k, n)
        classes(t, random.random((n, k)) + 0.01, k)
        classes(t, np.eye(k)[t] + 1e-3 * random.random((n, k)), k)  # nearly certain, and right
    classes(np.zeros(6, int), random.random((6, k)) + 0.01, k)      # one class alone is there
    classes(random.integers(0, k, 8), np.tile([1.0] + [0.5] * (k - 1), (8, 1)), k)  # always the first
