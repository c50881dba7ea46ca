"""Reference values for the statistics, by independent implementations. Needs numpy, scipy, scikit-learn, statsmodels.

    python test/measure/reference/make.py > test/measure/reference/reference.json
"""
import json

import numpy as np
from scipy.stats import beta, binomtest, norm
from sklearn.metrics import roc_auc_score, roc_curve
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

rng = np.random.default_rng(20260930)
out = {"clopperPearson": [], "wilson": [], "unpaired": [], "paired": [], "roc": []}

pairs = [(0, 1), (1, 1), (0, 300), (300, 300), (1, 300), (3, 1000), (7, 10), (12, 4000), (55, 4000), (500000, 1000000), (1, 10_000_000)]
pairs += [(int(rng.integers(0, n + 1)), int(n)) for n in rng.integers(1, 5000, 60)]
for k, n in pairs:
    exact = binomtest(k, n).proportion_ci(0.95, method="exact")
    one = 1.0 if k == n else float(beta.ppf(0.95, k + 1, n - k))
    out["clopperPearson"].append({"k": k, "n": n, "lower": float(exact.low), "upper": float(exact.high), "oneSided": one})
    low, high = proportion_confint(k, n, method="wilson")
    out["wilson"].append({"k": k, "n": n, "lower": float(low), "upper": float(high)})

for _ in range(40):
    n1, n2 = (int(v) for v in rng.integers(2, 2000, 2))
    k1, k2 = int(rng.integers(0, n1 + 1)), int(rng.integers(0, n2 + 1))
    low, high = confint_proportions_2indep(k1, n1, k2, n2, method="newcomb", compare="diff")
    out["unpaired"].append({"attack": {"k": k1, "n": n1}, "baseline": {"k": k2, "n": n2}, "lower": float(low), "upper": float(high)})


def newcombe_paired(a, b, c, d):
    """Newcombe 1998, method 10, written out from the paper's formulas."""
    n = a + b + c + d
    z = norm.ppf(0.975)

    def score(k):
        p = k / n
        centre, half = (p + z * z / (2 * n)) / (1 + z * z / n), z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return p, centre - half, centre + half

    p1, l1, u1 = score(a + b)
    p2, l2, u2 = score(a + c)
    product = (a + b) * (c + d) * (a + c) * (b + d)
    cross = a * d - b * c
    if product == 0:
        phi = 0.0
    elif cross > n / 2:
        phi = (cross - n / 2) / np.sqrt(product)
    elif cross >= 0:
        phi = 0.0
    else:
        phi = cross / np.sqrt(product)
    low = p1 - p2 - np.sqrt((p1 - l1) ** 2 - 2 * phi * (p1 - l1) * (u2 - p2) + (u2 - p2) ** 2)
    high = p1 - p2 + np.sqrt((u1 - p1) ** 2 - 2 * phi * (u1 - p1) * (p2 - l2) + (p2 - l2) ** 2)
    return float(low), float(high)


for _ in range(40):
    a, b, c, d = (int(v) for v in rng.integers(0, 120, 4))
    if a + b + c + d == 0:
        continue
    low, high = newcombe_paired(a, b, c, d)
    out["paired"].append({"both": a, "attackOnly": b, "baselineOnly": c, "neither": d, "lower": low, "upper": high})


def delong_variance(members, non_members):
    """The definition, by all pairs."""
    psi = (members[:, None] > non_members[None, :]) + 0.5 * (members[:, None] == non_members[None, :])
    return float(psi.mean(axis=1).var(ddof=1) / len(members) + psi.mean(axis=0).var(ddof=1) / len(non_members))


for n1, n0, ties in [(2, 2, False), (5, 7, True), (50, 60, False), (50, 60, True), (400, 20, True), (20, 1500, False), (1500, 1500, True), (3, 1000, True), (1000, 1000, False)]:
    members = rng.normal(0.6, 1, n1)
    non_members = rng.normal(0, 1, n0)
    if ties:
        members, non_members = np.round(members, 1), np.round(non_members, 1)
    labels = np.concatenate([np.ones(n1), np.zeros(n0)])
    scores = np.concatenate([members, non_members])
    area = float(roc_auc_score(labels, scores))
    variance = delong_variance(members, non_members)
    fpr, tpr, _ = roc_curve(labels, scores, drop_intermediate=False)
    case = {"members": members.tolist(), "nonMembers": non_members.tolist(), "auc": area, "variance": variance, "tpr": []}
    if 0 < area < 1 and variance > 0:
        centre, half = np.log(area / (1 - area)), norm.ppf(0.975) * np.sqrt(variance) / (area * (1 - area))
        case["lower"], case["upper"] = float(1 / (1 + np.exp(-(centre - half)))), float(1 / (1 + np.exp(-(centre + half))))
    for limit in (0.001, 0.01, 0.1, 0.5):
        within = fpr <= limit + 1e-12
        case["tpr"].append({"limit": limit, "truePositives": int(round(tpr[within].max() * n1)), "falsePositives": int(round(fpr[within].max() * n0))})
    out["roc"].append(case)

print(json.dumps(out))
