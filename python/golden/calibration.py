# SPDX-License-Identifier: MIT
"""tests/golden/calibration.tsv: temperatures by SciPy's bounded minimiser (refined by its root
finder), and calibration errors by NumPy's histograms, for tests/eval/test_calibration.c. A line a
case: classes, figures as name=value, truth, probabilities by row; all but the first are lists with
commas."""
import numpy as np
import scipy
from scipy.optimize import brentq
from scipy.special import expit, log_softmax, logsumexp

random = np.random.default_rng(11)


def line(truth, p, **figures):
    print(p.shape[1], ",".join(f"{name}={value!r}" for name, value in figures.items()),
          ",".join(str(int(t)) for t in truth), ",".join(f"{v:.6g}" for v in np.ravel(p)), sep="\t")


def rounded(p):
    """As it is written."""
    return np.array([float(f"{v:.6g}") for v in np.ravel(p)]).reshape(p.shape)


def by_softmax(beta, t, z):
    """The derivative by beta of mean -ln softmax(beta z)[t]."""
    p = np.exp(log_softmax(beta * z, axis=1))
    return np.mean((p * z).sum(1) - z[np.arange(len(t)), t])


def by_thresholds(beta, t, z):
    k = np.arange(z.shape[1])
    sign = np.where(k < t[:, None], 1, np.where(k == t[:, None], -1, 0))
    return np.mean((-sign * z * expit(-sign * beta * z)).sum(1))


def temperature(slope, t, z):
    low, high = 1 / 20, 1 / 0.05
    if slope(low, t, z) >= 0:
        return 20.0 if slope(high, t, z) > 0 else 1.0
    if slope(high, t, z) <= 0:
        return 0.05
    return 1 / brentq(slope, low, high, args=(t, z), xtol=1e-15, rtol=1e-14)


def corn(z):
    above = np.cumprod(expit(z), axis=1)
    reached = np.hstack([np.ones((len(z), 1)), above])
    return np.hstack([reached[:, :-1] * expit(-z), reached[:, -1:]])


def errors(t, p):
    confidence, right = p.max(1), p.argmax(1) == t
    edges = np.linspace(0, 1, 16)
    rows = np.histogram(confidence, edges)[0]
    sums = np.histogram(confidence, edges, weights=right - confidence)[0]
    gap = np.abs(sums / np.maximum(rows, 1))
    return (gap * rows).sum() / len(t), gap.max()


def all_of(t, z):
    p = rounded(np.exp(z - logsumexp(z, axis=1, keepdims=True)))
    ece, mce = errors(t, p)
    figures = {"temperature": temperature(by_softmax, t, np.log(p)), "ece": ece, "mce": mce}
    for share in (1.0, 0.5, 0.1):
        # of rows that are equally sure a part stands for all
        kept = int(np.ceil(share * len(t) - 1e-9))
        least = np.sort(p.max(1))[::-1][kept - 1]
        right = p.argmax(1) == t
        above, same = p.max(1) > least, p.max(1) == least
        hits = right[above].sum() + right[same].mean() * (kept - above.sum())
        figures[f"kept{int(100 * share)}"] = hits / kept
    line(t, p, **{name: float(value) for name, value in figures.items()})


def thresholds(p):
    """The logits that probabilities of ordered classes tell."""
    above = np.cumsum(p[:, ::-1], axis=1)[:, ::-1]
    return np.log(above[:, 1:]) - np.log(p[:, :-1])


print("# numpy", np.__version__, "scipy", scipy.__version__, sep="\t")
for k in (2, 3, 8):
    for n in (1, 6, 40):
        t = random.integers(0, k, n)
        z = random.normal(size=(n, k))
        all_of(t, z + 1.5 * np.eye(k)[t])     # about as sure as right
        all_of(t, 6 * (z + np.eye(k)[t]))     # much too sure
        all_of(t, 0.2 * (z + 3 * np.eye(k)[t]))  # not sure enough
        all_of(t, z + 9 * np.eye(k)[t])       # all right
        all_of(t, z - 9 * np.eye(k)[t])       # all wrong
    t = random.integers(0, k, 20)
    all_of(t, 1e-3 * random.normal(size=(20, k)) * (np.arange(20) > 18)[:, None])  # nearly flat
    for scale in (0.3, 1, 5):
        t = random.integers(0, k, 40)
        z = scale * (random.normal(size=(40, k - 1)) + 2 * (t[:, None] - np.arange(k - 1) - 0.5))
        p = rounded(corn(z))
        line(t, p, ordered=float(temperature(by_thresholds, t, thresholds(p))))
