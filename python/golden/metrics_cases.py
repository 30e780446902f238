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
from scipy.spatial.distance import cosine
from scipy.stats import linregress, pearsonr
from sklearn import metrics as m

warnings.simplefilter("ignore")
random = np.random.default_rng(4)


def text(values):
    return ",".join(repr(float(v)) for v in np.ravel(values))


def line(name, classes, value, truth, prediction, probability=()):
    print(name, classes, repr(float(value)), text(truth), text(prediction), text(probability) or "-", sep="\t")


def constant(x):
    return np.ptp(x) <= 1e-14 * max(abs(x))


def slope(t, p):
    return 0.0 if constant(t) else linregress(p, t).slope  # of no variance SciPy warns, or has rounding


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
    line("cosine", 0, 1 - cosine(t, p) if any(t) and any(p) else np.nan, t, p)
    line("slope", 0, slope(t, p) if len(t) > 1 and not constant(p) else np.nan, t, p)
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
    line("brier", k, m.brier_score_loss(np.eye(k)[t], p, scale_by_half=False) if k > 2 else
         2 * m.brier_score_loss(t, p[:, 1], pos_label=1, labels=[0, 1]), t, said, p)
    for most in (2, 3):  # of equals mien takes the first, scikit-learn the last: classes are turned round
        top = m.top_k_accuracy_score(k - 1 - t, p[:, ::-1], k=most, labels=list(labels)) if most < k else 1
        line(f"top{most}", k, top, t, said, p)


def counts(t, said, k):
    """Answers without probabilities, some classes never there or never said."""
    present = sorted(set(t) | set(said))
    line("accuracy", k, m.accuracy_score(t, said), t, said)
    line("balanced_accuracy", k, m.balanced_accuracy_score(t, said), t, said)
    line("macro_f1", k, m.f1_score(t, said, labels=present, average="macro", zero_division=0), t, said)
    line("kappa", k, m.cohen_kappa_score(t, said), t, said)
    for name in ("log_loss", "brier", "top2", "top3"):
        line(name, k, np.nan, t, said)


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
for n in (2, 30):
    numbers(np.repeat([1.0, 2.0], n // 2), np.tile([3.0, 3.0 + 1e-6], n // 2))  # ties; hardly any variance
    numbers(random.integers(1, 8, n), random.integers(1, 8, n))    # ratings
    numbers(np.zeros(n), random.normal(size=n))                    # a truth of zeros
    numbers(random.normal(size=n), np.zeros(n))
    numbers(1e-12 * random.normal(size=n), 1e-12 * random.normal(size=n))
    numbers(1e60 * random.normal(size=n), 1e60 * random.normal(size=n))
numbers([0.0], [0.0])
numbers([-1.0], [2.0])
for k in (2, 3, 5):
    for n in (1, 4, 30):
        t = random.integers(0, k, n)
        classes(t, np.ones((n, k)), k)                               # all are equal
        classes(t, random.integers(1, 3, (n, k)), k)                 # many ties
        classes(t, np.eye(k)[t], k)                                  # certain, and right
        classes(t, np.eye(k)[(t + 1) % k], k)                        # certain, and wrong
        counts(t, random.integers(0, k, n), k)
        counts(t, np.full(n, k - 1), k)                              # always the last
        counts(np.zeros(n, int), np.full(n, k - 1), k)               # one class, another is said
        counts(np.full(n, k - 1), np.full(n, k - 1), k)              # one class on both sides
