# SPDX-License-Identifier: MIT
"""Values for tests/eval/test_class_metric.c and test_class_report.c, by scikit-learn (versions
printed)."""
import numpy as np
import sklearn
from sklearn import metrics

rows, classes = 60, 4
i = np.arange(rows)
truth = (i * i % 13 + i // 9) % 4
# 4 classes, of which the last is never predicted first
weight = np.stack([1 + (i * 7 + 3 * c) % 5 + 3 * (truth == c) * (i % 3 > 0) + c / 64 for c in range(classes)], 1)
weight[:, 3] /= 8
p = weight / weight.sum(1, keepdims=True)
prediction = p.argmax(1)
print("# numpy", np.__version__, "scikit-learn", sklearn.__version__)
print("accuracy", repr(metrics.accuracy_score(truth, prediction)))
print("balanced_accuracy", repr(metrics.balanced_accuracy_score(truth, prediction)))
print("macro_f1", repr(metrics.f1_score(truth, prediction, average="macro", zero_division=0)))
print("kappa", repr(metrics.cohen_kappa_score(truth, prediction)))
print("log_loss", repr(metrics.log_loss(truth, p)))
print("brier", repr(metrics.brier_score_loss(truth, p, scale_by_half=False)))
for k in 2, 3:
    print(f"top{k}", repr(metrics.top_k_accuracy_score(truth, p, k=k)))
print("ties in p (none: ties are broken otherwise)", sum(len(set(r)) < classes for r in p.tolist()))
precision, recall, f1, support = metrics.precision_recall_fscore_support(truth, prediction, zero_division=np.nan)
print("precision", precision.tolist(), "recall", recall.tolist(), "f1", f1.tolist(), "support", support.tolist())
print("confusion", metrics.confusion_matrix(truth, prediction).tolist())
print("shares", metrics.confusion_matrix(truth, prediction, normalize="true").tolist())
