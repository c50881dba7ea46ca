"""Reference values for Gaussian differential privacy, by implementations of others.

Needs jax_privacy 2.0.0 (its auditing module alone), dp-accounting, numpy and scipy.

    python test/statistics/reference/gaussian.py > test/statistics/reference/gaussian.json
"""
import json

import numpy as np
from dp_accounting.pld import privacy_loss_mechanism
from jax_privacy.auditing import CanaryScoreAuditor

out = {"audits": [], "epsilons": []}

# Scores of 0 and 1 leave one threshold between accusing all and nobody; the auditor shares its error over all three.
counts = [(400, 1000, 2, 1000), (990, 1000, 30, 1000), (50, 1000, 0, 5000), (2500, 5000, 5, 5000), (30, 32, 1, 32),
          (9000, 10000, 1000, 10000), (120, 200, 60, 20000)]
for true_positives, members, false_positives, non_members in counts:
    inside = np.r_[np.ones(true_positives), np.zeros(members - true_positives)]
    outside = np.r_[np.ones(false_positives), np.zeros(non_members - false_positives)]
    auditor = CanaryScoreAuditor(inside, outside)
    for delta in (1e-5, 1e-3):
        out["audits"].append({
            "truePositives": true_positives, "members": members,
            "falsePositives": false_positives, "nonMembers": non_members,
            "thresholds": len(auditor._fn_counts), "delta": delta,
            "epsilon": float(auditor.epsilon_from_gdp(significance=0.05, delta=delta, eps_tol=1e-11)),
        })

# The mechanism by itself: noise of 1/mu on a sum whose one term moves it by one.
for mu in (0.1, 0.5, 1.0, 2.0, 4.0):
    mechanism = privacy_loss_mechanism.GaussianPrivacyLoss(standard_deviation=1 / mu)
    for epsilon in (0.05, 0.5, 1.0, 4.0, 8.0):
        out["epsilons"].append({"mu": mu, "epsilon": epsilon, "delta": float(mechanism.get_delta_for_epsilon(epsilon))})

print(json.dumps(out, indent=1))
