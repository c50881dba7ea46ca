"""The peer of scores.bench.ts: the same file or the same numbers through scikit-learn. Prints JSON."""
import json
import resource
import sys
import time

import numpy as np
from sklearn.metrics import roc_auc_score, roc_curve

task, path = sys.argv[1], sys.argv[2]
if task == "csv":
    import pandas

    start = time.perf_counter()
    table = pandas.read_csv(path)
    scores, labels = table["score"].to_numpy(), table["is_member"].to_numpy()
else:
    numbers = np.fromfile(path, dtype=np.float64)
    half = len(numbers) // 2
    labels = np.concatenate([np.ones(half, dtype=np.int64), np.zeros(len(numbers) - half, dtype=np.int64)])
    scores = numbers
    start = time.perf_counter()
area = roc_auc_score(labels, scores)
curve = roc_curve(labels, scores)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "auc": area, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
