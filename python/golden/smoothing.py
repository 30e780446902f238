# SPDX-License-Identifier: MIT
"""Values for tests/signal/test_smooth.c: python smoothing.py FOLDER writes smoothing.txt.

scipy.signal.butter and sosfiltfilt in float64 on a random walk with a step in it; where the
series is shorter than scipy's usual extension it is told the length of ours.
"""
import sys

import numpy as np
import scipy
from scipy.signal import butter, sosfiltfilt

random = np.random.default_rng(7)


with open(sys.argv[1] + "/smoothing.txt", "w") as out:
    out.write("# scipy %s, numpy %s: order, cutoff, n, x, y\n" % (
        scipy.__version__, np.__version__))
    for n in 2, 5, 40, 90:
        x = np.round(np.cumsum(random.normal(size=n)) * 256) / 256
        x[n // 2:] += 5
        for order in 1, 2, 3, 4, 7:
            for cutoff in 0.05, 0.3, 0.8:
                sections = butter(order, cutoff, output="sos")
                edge = 3 * (2 * len(sections) + 1 - order % 2)
                y = sosfiltfilt(sections, x, padlen=min(edge, n - 1))
                out.write("%d %g %d" % (order, cutoff, n))
                out.write("".join(" %.10g" % v for v in x))
                out.write("".join(" %.14g" % v for v in y) + "\n")
print("scipy", scipy.__version__)
