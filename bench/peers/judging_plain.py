# SPDX-License-Identifier: MIT
"""What scikit-learn (SciPy for r, NumPy for CCC) says of the numbers and classes of a table, without
intervals. Prints processor seconds of reading by pandas, of the figures (labels made to numbers in the
quicker of both ways, which counts), and megabytes of the table as pandas has it; with a second argument
the table's size alone."""
import sys
import time

import numpy
import pandas
import scipy.stats
from sklearn import metrics

began = time.process_time()
table = pandas.read_csv(sys.argv[1])
read = time.process_time() - began
size = table.memory_usage(deep=True).sum() / 1e6
if len(sys.argv) > 2:
    print(f"{read} 0 {size}")
    sys.exit()
began = time.process_time()
t, p = table.v_truth.to_numpy(), table.v_prediction.to_numpy()
cov = numpy.cov(t, p, bias=True)
figures = [scipy.stats.pearsonr(t, p)[0], metrics.root_mean_squared_error(t, p), metrics.mean_absolute_error(t, p),
           metrics.r2_score(t, p), 2 * cov[0, 1] / (cov[0, 0] + cov[1, 1] + (t.mean() - p.mean()) ** 2)]
truth, prediction = (pandas.factorize(table[f"e_{what}"], sort=True)[0] for what in ("truth", "prediction"))
figures += [metrics.accuracy_score(truth, prediction), metrics.f1_score(truth, prediction, average="macro")]
print(read, time.process_time() - began, size)
