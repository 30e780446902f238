# SPDX-License-Identifier: MIT
"""Values for tests/base/test_random.c and tests/data/test_folds_*.c,
by NumPy's RandomState, pandas and scikit-learn (versions printed)."""
import numpy as np
import pandas as pd
import sklearn
from sklearn.model_selection import GroupShuffleSplit, StratifiedKFold, train_test_split

print("# numpy", np.__version__, "pandas", pd.__version__, "scikit-learn", sklearn.__version__)
r = np.random.RandomState
print("choice, replace", r(42).choice(10, 12).tolist())
print("choice, once", r(42).choice(10, 4, replace=False).tolist())
print("randint", r(3).randint(5, 25, 8).tolist())
print("sample", pd.DataFrame({"i": range(20)}).sample(n=6, random_state=42)["i"].tolist())

label = [2, 0, 1, 1, 2, 0, 0, 1, 2, 2, 0, 1, 1, 0, 2, 2, 2, 1, 0, 2, 2, 1, 1]
for seed, k in (0, 3), (42, 4):
    fold = np.full(len(label), -1)
    for f, (_, test) in enumerate(StratifiedKFold(k, shuffle=True, random_state=seed).split(label, label)):
        fold[test] = f
    print("stratified", k, seed, fold.tolist())

rows = np.arange(23)
print("validation rows", sorted(train_test_split(rows, test_size=0.3, random_state=7)[1].tolist()))
group = [f"g{i * 7 % 9}" for i in range(23)]
_, test = next(GroupShuffleSplit(1, test_size=0.3, random_state=7).split(rows, groups=group))
print("validation groups", sorted(test.tolist()))
names = np.unique([f"p{i * 5 % 11}" for i in range(30)])
print("held out", sorted(r(42).choice(names, 4, replace=False).tolist()))
