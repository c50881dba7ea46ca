"""Reference values for privacy loss, large ROC curves, repeated sampling and detectors, by implementations of others.

Needs numpy, scipy, scikit-learn, statsmodels, immutabledict and dp-accounting; R with pROC; and two files of others, by path:

    TF_EPSILON     tensorflow/privacy, tensorflow_privacy/privacy/privacy_tests/epsilon_lower_bound.py (commit 03035d5)
    JAX_AUDITING   google-deepmind/jax_privacy, jax_privacy/auditing.py (commit 8967688)

    python test/measure/reference/more.py > test/measure/reference/more.json
"""
import importlib.util
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from scipy.optimize import brentq
from scipy.stats import beta, binom, rankdata
from sklearn.metrics import roc_auc_score, roc_curve


def module(variable):
    spec = importlib.util.spec_from_file_location(variable.lower(), os.environ[variable])
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


tf = module("TF_EPSILON")
jax = module("JAX_AUDITING")
HERE = os.path.dirname(os.path.abspath(__file__))
out = {"roc": [], "proc": [], "epsilon": [], "oneRun": [], "extraction": [], "detector": []}


def mulberry(seed, count):
    """The generator of src/measure/random.ts, so that large samples need not be stored."""
    with np.errstate(over="ignore"):
        state = np.uint32(seed) + np.uint32(0x6D2B79F5) * np.arange(1, count + 1, dtype=np.uint32)
        t = (state ^ (state >> np.uint32(15))) * (np.uint32(1) | state)
        t = (t + (t ^ (t >> np.uint32(7))) * (np.uint32(61) | t)) ^ t
        return (t ^ (t >> np.uint32(14))).astype(np.float64) / 4294967296.0


def sample(seed, n1, n0, shift, grid):
    u = mulberry(seed, n1 + n0)
    scores = u.copy()
    scores[:n1] = scores[:n1] + shift * u[:n1]
    return (np.floor(scores * grid) / grid if grid else scores), np.concatenate([np.ones(n1, int), np.zeros(n0, int)])


def delong(scores, labels):
    """Variance by midranks, in scipy."""
    members, others = scores[labels == 1], scores[labels == 0]
    n1, n0 = len(members), len(others)
    ranks = rankdata(np.concatenate([members, others]))
    v10 = (ranks[:n1] - rankdata(members)) / n0
    v01 = 1 - (ranks[n1:] - rankdata(others)) / n1
    return float(v10.var(ddof=1) / n1 + v01.var(ddof=1) / n0)


CASES = [(1, 2, 2, 0.5, 0), (2, 2, 40, 0.3, 0), (3, 40, 2, 0.3, 4), (4, 3, 50_000, 0.2, 0), (5, 50_000, 3, 0.2, 100), (6, 1000, 1000, 0.0, 0), (7, 1000, 1000, 0.4, 10), (8, 20_000, 500, 0.1, 1000), (9, 200_000, 200_000, 0.05, 0), (10, 200_000, 200_000, 0.05, 50), (11, 5, 100_000, 0.0, 3)]
rng = np.random.default_rng(7)
CASES += [(100 + i, int(rng.integers(2, 3000)), int(rng.integers(2, 3000)), float(np.round(rng.uniform(0, 0.6), 2)), int(rng.choice([0, 2, 7, 30, 500]))) for i in range(30)]
for seed, n1, n0, shift, grid in CASES:
    scores, labels = sample(seed, n1, n0, shift, grid)
    fpr, tpr, _ = roc_curve(labels, scores, drop_intermediate=False)
    case = {"seed": seed, "members": n1, "nonMembers": n0, "shift": shift, "grid": grid, "auc": float(roc_auc_score(labels, scores)), "variance": delong(scores, labels), "advantage": float((tpr - fpr).max()), "tpr": []}
    for limit in (0.001, 0.01, 0.1):
        within = fpr <= limit + 1e-12
        case["tpr"].append({"limit": limit, "truePositives": int(round(tpr[within].max() * n1)), "falsePositives": int(round(fpr[within].max() * n0))})
    out["roc"].append(case)

with tempfile.TemporaryDirectory() as folder:
    for seed, n1, n0, shift, grid in [c for c in CASES if c[1] + c[2] <= 6000]:
        scores, labels = sample(seed, n1, n0, shift, grid)
        path = os.path.join(folder, "scores.csv")
        with open(path, "w") as handle:
            handle.write("score,member\n" + "".join(f"{s!r},{m}\n" for s, m in zip(scores.tolist(), labels.tolist())))
        auc, variance = subprocess.run(["Rscript", os.path.join(HERE, "proc.R"), path], check=True, capture_output=True, text=True).stdout.split()
        out["proc"].append({"seed": seed, "members": n1, "nonMembers": n0, "shift": shift, "grid": grid, "auc": float(auc), "variance": None if variance == "NA" else float(variance)})

for seed, n1, n0, shift, grid in CASES[:8] + CASES[11:30]:
    scores, labels = sample(seed, n1, n0, shift, grid)
    thresholds = np.quantile(scores, [0.02, 0.2, 0.5, 0.8, 0.95, 0.99, 1.0])
    for alpha in (0.05, 0.05 / 7):
        bounds = []
        for threshold in thresholds:
            tp, fp = int((scores[labels == 1] >= threshold).sum()), int((scores[labels == 0] >= threshold).sum())
            # The library takes counts at a threshold; accusing and clearing are its two one-sided ratios.
            accusing = tf.RatioBound([tp], [fp], n1, n0, alpha).compute_bound(tf.BoundMethod.CLOPPER_PEARSON)[0]
            clearing = tf.RatioBound([n0 - fp], [n1 - tp], n0, n1, alpha).compute_bound(tf.BoundMethod.CLOPPER_PEARSON)[0]
            bounds.append({"threshold": float(threshold), "truePositives": tp, "falsePositives": fp, "epsilon": float(max(0.0, np.log(max(accusing, clearing, 1e-300))))})
        out["epsilon"].append({"members": n1, "nonMembers": n0, "confidence": 1 - alpha, "bounds": bounds})

for m, r, v, delta in [(1000, 1000, 600, 0.0), (1000, 200, 150, 0.0), (1000, 200, 150, 1e-5), (5000, 1000, 900, 1e-5), (1000, 100, 100, 1e-6), (200, 50, 25, 0.0), (100_000, 10_000, 9000, 1e-7), (1000, 500, 499, 1e-4), (1000, 300, 280, 1e-3), (20, 20, 20, 0.0), (10_000, 2000, 1500, 1e-6)]:
    # The library's own search stops at 1e-6; its p-value is solved for more finely here.
    refuted = jax._one_run_p_value(m, r, v, 0.0, delta) < 0.05
    epsilon = brentq(lambda e: jax._one_run_p_value(m, r, v, e, delta) - 0.05, 0.0, 50.0, xtol=1e-13) if refuted else 0.0
    out["oneRun"].append({"canaries": m, "guesses": r, "correct": v, "delta": delta, "epsilon": float(epsilon), "pAtOne": float(min(1, jax._one_run_p_value(m, r, v, 1.0, delta)))})

for i in range(12):
    n, p, samples, targets = int(rng.choice([1, 10, 100, 1000])), float(rng.choice([0.1, 0.5, 0.9])), int(rng.choice([5, 50, 400])), 300
    q = np.where(rng.random(targets) < 0.1, rng.uniform(0, 0.5, targets), rng.uniform(0, 1e-4, targets))
    least = 1 - (1 - p) ** (1 / n)
    k = rng.binomial(samples, q)
    count = next(c for c in range(samples + 2) if binom.sf(c - 1, samples, least) <= 0.05)
    chance = float(binom.sf(count - 1, samples, least))
    often, seen, estimate = int((k >= count).sum()), int((k >= 1).sum()), float((k / samples >= least).mean())
    low = float(beta.ppf(0.025, often, targets - often + 1)) if often else 0.0
    high = float(beta.ppf(0.975, seen + 1, targets - seen)) if seen < targets else 1.0
    out["extraction"].append({"n": n, "p": p, "samples": samples, "successes": k.tolist(), "chances": q.tolist(), "estimate": estimate, "exact": float((q >= least).mean()), "lower": min(estimate, max(0.0, (low - chance) / (1 - chance))), "upper": max(estimate, min(1.0, high / (1 - (1 - p) ** (samples / n))))})


def interval(k, n, tail):
    return (float(beta.ppf(tail, k, n - k + 1)) if k else 0.0), (float(beta.ppf(1 - tail, k + 1, n - k)) if k < n else 1.0)


for flagged, n, se, sp in [(30, 300, (95, 100), (290, 300)), (3, 300, (48, 50), (980, 1000)), (0, 100, (90, 100), (100, 100)), (100, 100, (90, 100), (60, 100)), (12, 500, (200, 200), (199, 200)), (40, 80, (70, 100), (60, 100))]:
    tail = 0.05 / 3 / 2
    (pl, pu), (sel, seu), (spl, spu) = interval(flagged, n, tail), interval(*se, tail), interval(*sp, tail)
    # The extremes over the whole box, found by trying its corners and a grid inside it.
    best = []
    for a in np.linspace(pl, pu, 21):
        for b in np.linspace(sel, seu, 21):
            for c in np.linspace(spl, spu, 21):
                best.append(min(1.0, max(0.0, (a + c - 1) / (b + c - 1))) if b + c > 1 else 1.0)
    rate, s, t = flagged / n, se[0] / se[1], sp[0] / sp[1]
    out["detector"].append({"k": flagged, "n": n, "sensitivity": {"k": se[0], "n": se[1]}, "specificity": {"k": sp[0], "n": sp[1]}, "estimate": float(min(1, max(0, (rate + t - 1) / (s + t - 1)))), "lower": float(min(best)), "upper": float(max(best))})

print(json.dumps(out))
