# SPDX-License-Identifier: MIT
"""Values for tests/eval/test_metric.c, by SciPy and scikit-learn (versions printed)."""
import numpy as np
import scipy
import sklearn
from scipy.stats import pearsonr
from sklearn.metrics import (mean_absolute_error, mean_absolute_percentage_error, r2_score,
                             root_mean_squared_error)
from sklearn.metrics.pairwise import cosine_similarity

t = np.array([4.685, 4.25, 4.1667, 5.3333, 2.1, 6.02, 1.44, 3.3])
p = np.array([4.2, 4.6, 3.9, 5.8, 3.0, 5.1, 2.2, 2.9])
ccc = 2 * np.cov(t, p, bias=True)[0, 1] / (t.var() + p.var() + (t.mean() - p.mean()) ** 2)
print("# numpy", np.__version__, "scipy", scipy.__version__, "scikit-learn", sklearn.__version__)
for name, value in [
    ("r", pearsonr(t, p)[0]),
    ("ccc", ccc),
    ("rmse", root_mean_squared_error(t, p)),
    ("mae", mean_absolute_error(t, p)),
    ("r2", r2_score(t, p)),
    ("mape", 100 * mean_absolute_percentage_error(t, p)),
    ("cosine", cosine_similarity([t], [p])[0, 0]),
]:
    print(f"{name} {value:.15g}")
