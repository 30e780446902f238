# SPDX-License-Identifier: MIT
"""Values for tests/train/test_ridge.c: python ridge.py FOLDER writes ridge.csv, ridge_chosen.csv.

Every group is left out by solving the penalised problem with a free intercept again, without
its rows; the kernel (its standardisation, centring and scale) stays that of all rows.
"""
import sys

import numpy as np

ROWS, NEW, WIDTH, GAMMA = 24, 6, 4, 1.0
LAMBDAS = 10.0 ** np.arange(-3, 2.01, 0.5)

rng = np.random.default_rng(8)
x = rng.normal(size=(ROWS + NEW, WIDTH)).astype(np.float32).astype(np.float64)
x[:, 1] = np.float32(40) * x[:, 1]
x = x.astype(np.float32).astype(np.float64)
group = rng.integers(0, 7, ROWS)
y = np.stack([
    np.sin(x[:ROWS, 0]) + x[:ROWS, 1] / 40 + 0.3 * rng.normal(size=ROWS) + 4,
    rng.normal(size=ROWS) + 0.5 * x[:ROWS, 3],
], 1).round(4)

z = (x - x[:ROWS].mean(0)) / x[:ROWS].std(0)
z /= np.linalg.norm(z, axis=1, keepdims=True)
raw = np.exp(GAMMA * z @ z[:ROWS].T)
kernel = raw - raw.mean(1, keepdims=True) - raw[:ROWS].mean(0) + raw[:ROWS].mean()
kernel /= np.trace(kernel[:ROWS]) / ROWS


def solve(keep, lam, t):
    """Coefficients and intercept of the fit on the rows in keep."""
    n = len(keep)
    a = np.zeros((n + 1, n + 1))
    a[:n, :n] = kernel[np.ix_(keep, keep)] + lam * np.eye(n)
    a[:n, n] = a[n, :n] = 1
    answer = np.linalg.solve(a, np.append(y[keep, t], 0))
    return answer[:n], answer[n]


def leave_out(lam, t):
    out = np.empty(ROWS)
    for g in np.unique(group):
        keep, gone = np.flatnonzero(group != g), np.flatnonzero(group == g)
        a, b = solve(keep, lam, t)
        out[gone] = kernel[np.ix_(gone, keep)] @ a + b
    return out


every = np.arange(ROWS)
chosen, columns = [], []
for t in range(2):
    left = np.stack([leave_out(lam, t) for lam in LAMBDAS])
    errors = ((left - y[:, t]) ** 2).mean(1)
    best = errors.argmin()
    a, b = solve(every, LAMBDAS[best], t)
    chosen.append((LAMBDAS[best], errors[best], b))
    columns.append((np.append(left[best], kernel[ROWS:] @ a + b), np.append(a, [0] * NEW)))

with open(sys.argv[1] + "/ridge.csv", "w") as out:
    names = ["x%d" % i for i in range(WIDTH)]
    out.write(",".join(["group", *names, "y0", "y1", "out0", "out1", "a0", "a1"]) + "\n")
    for i in range(ROWS + NEW):
        new = i >= ROWS
        cells = ["n/a" if new else str(group[i]), *("%.9g" % v for v in x[i])]
        cells += ["n/a"] * 2 if new else ["%.4f" % v for v in y[i]]
        cells += ["%.15g" % columns[t][0][i] for t in range(2)]
        cells += ["%.15g" % columns[t][1][i] for t in range(2)]
        out.write(",".join(cells) + "\n")
with open(sys.argv[1] + "/ridge_chosen.csv", "w") as out:
    out.write("lambda,error,intercept\n")
    for row in chosen:
        out.write(",".join("%.15g" % v for v in row) + "\n")
print("numpy", np.__version__)
