# SPDX-License-Identifier: MIT
"""What `mien evaluate --intervals bootstrap` does, in NumPy: sums of groups, weighted by how often
each is drawn. Prints processor seconds of the resampling alone, after the file is read, and the
interval of r."""
import sys
import time

import numpy

path, repeats = sys.argv[1], int(sys.argv[2])
rows = numpy.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 2, 3),
                     converters={1: lambda cell: float(cell[1:])})
began = time.process_time()
group, t, p = rows[:, 0].astype(int), rows[:, 1], rows[:, 2]
count = group.max() + 1
parts = (numpy.ones(len(t)), t, p, t * t, p * p, t * p, abs(t - p), (t - p) ** 2)
sums = numpy.stack([numpy.bincount(group, part, count) for part in parts], 1)
random = numpy.random.default_rng(1)
figures = []
for _ in range(repeats):
    drawn = numpy.bincount(random.integers(0, count, count), minlength=count)
    n, a, b, aa, bb, ab, absolute, square = drawn @ sums
    mean_t, mean_p = a / n, b / n
    var_t, var_p, cov = aa / n - mean_t ** 2, bb / n - mean_p ** 2, ab / n - mean_t * mean_p
    figures.append((cov / (var_t * var_p) ** .5,
                    2 * cov / (var_t + var_p + (mean_t - mean_p) ** 2),
                    (square / n) ** .5, absolute / n, 1 - square / n / var_t))
low, high = numpy.percentile(numpy.array(figures), [2.5, 97.5], 0)
print(time.process_time() - began, low[0], high[0])
