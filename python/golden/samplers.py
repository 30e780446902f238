# SPDX-License-Identifier: MIT
"""Values for tests/data/test_sampler.c by pandas and NumPy (versions printed): EmoEye's two
balanced draws, written from their description, on made ratings."""
import numpy as np
import pandas as pd

print("# numpy", np.__version__, "pandas", pd.__version__)
SEED, ROWS = 42, 400
i = np.arange(ROWS)
data = pd.DataFrame({"arousal": i * i % 23 % 7 + 1, "valence": (i * 5 + i // 7) % 29 % 7 + 1})
print("counts", np.bincount(data.arousal)[1:].tolist(), np.bincount(data.valence)[1:].tolist())


def order(frame):
    """A checksum that depends on the order, and the first rows."""
    n = np.arange(1, len(frame) + 1, dtype=np.int64)
    return len(frame), int((n * frame.index.to_numpy()).sum()), frame.index[:10].tolist()


k = min(np.bincount(data[c], minlength=8)[1:].min() for c in data)
parts = [data[data[c] == v].sample(n=k, random_state=SEED) for c in data for v in range(1, 8)]
print("over", order(pd.concat(parts).sample(frac=1, random_state=SEED)))

data = pd.DataFrame({"arousal": 1 + (i % 5) + (i % 31 == 0), "valence": 3 + (i % 3) + (i % 17 == 0) * 2 - (i % 19 == 0) * 2})
print("second", np.bincount(data.arousal, minlength=8)[1:].tolist(), np.bincount(data.valence, minlength=8)[1:].tolist())
neutral = (data.arousal <= 5) & data.valence.between(3, 5)
k = max([(data.arousal == v).sum() for v in (5, 6, 7)] + [(data.valence == v).sum() for v in (1, 2, 6, 7)])
kept = pd.concat([data[neutral].sample(n=k, random_state=SEED), data[~neutral]])
print("neutral", order(kept.sample(frac=1, random_state=SEED)))
for epoch in range(2):
    print("shuffled", epoch, np.random.RandomState(7 + epoch).permutation(12).tolist())
