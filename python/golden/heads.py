# SPDX-License-Identifier: MIT
"""Values for tests/train/test_learner.c: python heads.py FOLDER writes heads.tsv.

Logistic regression and ridge regression by scikit-learn 1.x in float64, to an optimum
whose gradient is checked here. Rows are rounded to 6 binary digits, so that they are the
same as float and as text.
"""
import sys

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge

draw = np.random.RandomState(11)
out = open(sys.argv[1] + "/heads.tsv", "w")
out.write("learner\tsetting\tclasses\trows\twidth\tblocks\tx\ty\tweights\tweight\tbias\n")


def text(values, form="%.17g"):
    return " ".join(form % v for v in np.asarray(values, float).ravel())


def rows(n, width, scales=1.0):
    return np.round(draw.randn(n, width) * scales * 64) / 64


def write(learner, setting, classes, blocks, x, y, weights, weight, bias):
    out.write("\t".join([learner, "%.17g" % setting, str(classes), str(len(x)), str(x.shape[1]),
                         text(blocks), text(x), text(y), text(weights), text(weight, "%.13g"),
                         text(bias, "%.13g")]) + "\n")


def logistic(c, classes, n, width, scales=1.0, balanced=False):
    x = rows(n, width, scales)
    z = x @ draw.randn(width, classes) / np.asarray(scales).max() + draw.gumbel(size=(n, classes))
    y = z.argmax(1)
    y[:classes] = np.arange(classes)
    weights = len(y) / (classes * np.bincount(y)[y]) if balanced else np.ones(n)
    model = LogisticRegression(C=c, tol=1e-13, max_iter=100000, solver="newton-cholesky")
    model.fit(x, y, sample_weight=weights)
    w, b = model.coef_, model.intercept_
    if classes == 2:
        p = 1 / (1 + np.exp(-(x @ w[0] + b[0])))
        gradient = c * (weights * (p - y)) @ x + w[0]
        w, b = np.vstack([0 * w, w]), np.array([0, b[0]])
    else:
        z = x @ w.T + b
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p[np.arange(n), y] -= 1
        gradient = c * (weights[:, None] * p).T @ x + w
        b = b - b.mean()
    assert np.abs(gradient).max() < 1e-8, gradient
    write("logistic", c, classes, [width], x, y, weights, w, b)


def ridge(setting, blocks, n):
    x = rows(n, sum(blocks), np.repeat(np.arange(1, len(blocks) + 1), blocks))
    y = np.round((x @ draw.randn(x.shape[1]) / 8 + draw.randn(n)) * 64) / 64
    d = x - x.mean(0)
    ends = np.cumsum(blocks)
    scale = np.concatenate([np.full(b, 1 / np.sqrt((d[:, e - b:e] ** 2).sum() / n * len(blocks)))
                            for b, e in zip(blocks, ends)])
    model = Ridge(alpha=setting * n, solver="cholesky").fit(d * scale, y)
    w = model.coef_ * scale
    write("ridge", setting, 0, blocks, x, y, np.ones(n), w, [model.intercept_ - w @ x.mean(0)])


logistic(1, 3, 60, 6)
logistic(0.01, 2, 50, 5)
logistic(100, 4, 80, 4)
logistic(1, 3, 40, 4, scales=np.array([1, 20, 0.25, 4]))
logistic(1, 2, 60, 3, balanced=True)
logistic(10, 5, 12, 30)
ridge(0.1, [5], 40)
ridge(0.01, [3, 9], 30)
ridge(1, [20, 4], 12)
