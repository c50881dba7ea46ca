"""Trains small models on synthetic claims and attacks them for real: membership inference and attribute inference.

Needs numpy and scikit-learn (made with numpy 2 and scikit-learn 1.9). Writes into evidence/scores and evidence/probes.
No real person's data: every record is drawn from the generator below. Seeds are fixed, so a second run writes the same.
"""
import json
import os
import warnings

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))
SCORES = os.path.join(HERE, "..", "scores")
PROBES = os.path.join(HERE, "..", "probes")
FEATURES = 24


def claims(rng, n, odd_share=0.03):
    """Synthetic claims: numeric features, a yes/no decision, and a few odd records whose decision follows no rule."""
    x = rng.normal(size=(n, FEATURES))
    weights = np.linspace(1.2, -1.2, FEATURES)
    y = (x @ weights + rng.normal(scale=1.5, size=n) > 0).astype(int)
    odd = rng.random(n) < odd_share
    x[odd] = rng.normal(scale=3.5, size=(int(odd.sum()), FEATURES))
    y[odd] = rng.integers(0, 2, size=int(odd.sum()))
    return x, y


def train(x, y, seed, epochs=55):
    model = make_pipeline(StandardScaler(), MLPClassifier((48,), alpha=0.02, max_iter=epochs, random_state=seed, learning_rate_init=0.004))
    return model.fit(x, y)


def confidence(model, x, y):
    """Logit of the probability that the model gives to the true decision."""
    p = np.clip(model.predict_proba(x)[np.arange(len(y)), y], 1e-9, 1 - 1e-9)
    return np.log(p / (1 - p))


def blind_baseline(rng, x, y, member):
    """Cross-fitted classifier on the raw records: what can be told without the model."""
    score = np.zeros(len(y))
    features = np.column_stack([x, y, x**2])
    # Folds hold as many members as non-members; otherwise a fold's surplus shows up reversed in the training rest.
    fold = np.zeros(len(y), dtype=int)
    for kind in (0, 1):
        places = np.flatnonzero(member == kind)
        fold[rng.permutation(places)] = np.arange(len(places)) % 5
    for k in range(5):
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
        model.fit(features[fold != k], member[fold != k])
        score[fold == k] = model.predict_proba(features[fold == k])[:, 1]
    return score


def attack_by_ratio(rng, x, y, member, fit):
    """Online likelihood-ratio attack with 16 reference models of the same making as the target (Carlini et al. 2022)."""
    n = len(y)
    target = fit(x[member == 1], y[member == 1], seed=1)
    inside = [[] for _ in range(n)]
    outside = [[] for _ in range(n)]
    for reference in range(16):
        # Every second reference takes the other half, so that each record is inside half of them.
        if reference % 2 == 0:
            picked = np.zeros(n, dtype=bool)
            picked[rng.permutation(n)[: n // 2]] = True
        else:
            picked = ~picked
        model = fit(x[picked], y[picked], seed=100 + reference)
        values = confidence(model, x, y)
        for i in range(n):
            (inside if picked[i] else outside)[i].append(values[i])
    observed = confidence(target, x, y)
    spread_in = np.sqrt(np.mean([np.var(v) for v in inside])) + 1e-6
    spread_out = np.sqrt(np.mean([np.var(v) for v in outside])) + 1e-6
    mean_in = np.array([np.mean(v) for v in inside])
    mean_out = np.array([np.mean(v) for v in outside])
    return -((observed - mean_in) ** 2) / (2 * spread_in**2) + ((observed - mean_out) ** 2) / (2 * spread_out**2)


def likelihood_ratio():
    """The attack on the triage model, with members drawn at random before training."""
    rng = np.random.default_rng(20261112)
    n = 8000
    x, y = claims(rng, n, odd_share=0.06)
    member = np.zeros(n, dtype=int)
    member[rng.permutation(n)[: n // 2]] = 1
    score = attack_by_ratio(rng, x, y, member, train)
    baseline = blind_baseline(rng, x, y, member)
    with open(os.path.join(SCORES, "triage-likelihood-ratio.csv"), "w") as out:
        out.write("record_id,score,is_member,baseline_score\n")
        for i in range(n):
            out.write(f"c{i:05d},{score[i]:.6g},{member[i]},{baseline[i]:.6g}\n")


def overfitted(x, y, seed):
    """A wider network without any restraint."""
    model = make_pipeline(StandardScaler(), MLPClassifier((160,), alpha=0, max_iter=40, random_state=seed, learning_rate_init=0.01, n_iter_no_change=400))
    return model.fit(x, y)


def positive_control():
    """
    The same attack on an over-fitted twin, where it has to succeed: what shows that it could have. Three decisions in ten go
    against a rule over eight fields, and two hundred fields give the twin the room to learn those by heart.
    """
    rng = np.random.default_rng(20261120)
    n = 4000
    x = rng.normal(size=(n, 200))
    y = (x[:, :8].sum(axis=1) > 0).astype(int)
    against = rng.random(n) < 0.3
    y[against] = 1 - y[against]
    member = np.zeros(n, dtype=int)
    member[rng.permutation(n)[: n // 2]] = 1
    score = attack_by_ratio(rng, x, y, member, overfitted)
    with open(os.path.join(SCORES, "triage-overfitted-twin.csv"), "w") as out:
        out.write("record_id,score,is_member\n")
        for i in range(n):
            out.write(f"t{i:05d},{score[i]:.6g},{member[i]}\n")


def small_sample():
    """A confidence attack on 400 and 400 records: too few to see one accusation in a thousand. ML Privacy Meter's layout."""
    rng = np.random.default_rng(20261113)
    x, y = claims(rng, 4400)
    model = train(x[:4000], y[:4000], seed=2)
    scores = np.concatenate([confidence(model, x[:400], y[:400]), confidence(model, x[4000:], y[4000:])])
    memberships = np.concatenate([np.ones(400, dtype=bool), np.zeros(400, dtype=bool)])
    path = os.path.join(SCORES, "attack_result_0.npz")
    np.savez(path, scores=scores.astype(np.float32), memberships=memberships)
    # numpy stamps entries with the time of writing; a fixed stamp keeps the bytes the same.
    import zipfile

    with zipfile.ZipFile(path) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 13, 0, 0, 0)), data)


def shifted_populations():
    """Non-members from a later season, whose claims differ: the attack looks strong, and so does a blind baseline."""
    rng = np.random.default_rng(20261114)
    x1, y1 = claims(rng, 2000)
    x0, y0 = claims(rng, 2000)
    x0[:, :4] += 0.8
    model = train(x1, y1, seed=3, epochs=15)
    x, y = np.vstack([x1, x0]), np.concatenate([y1, y0])
    member = np.concatenate([np.ones(2000, dtype=int), np.zeros(2000, dtype=int)])
    # This attack scores what the input looks like to the model, which is where the season shows.
    score = -np.abs(confidence(model, x, y) - confidence(model, x1, y1).mean()) - 0.6 * x[:, :4].sum(axis=1)
    baseline = blind_baseline(rng, x, y, member)
    with open(os.path.join(SCORES, "notes-later-season.jsonl"), "w") as out:
        for i in rng.permutation(len(y)):
            out.write(json.dumps({"record_id": f"s{i:05d}", "score": round(float(score[i]), 6), "is_member": int(member[i]), "baseline_score": round(float(baseline[i]), 6)}) + "\n")


def embedding_membership():
    """Distance of a record's embedding to its re-encoded noisy copy, on an earlier model: evidence that grew old."""
    rng = np.random.default_rng(20260730)
    x, y = claims(rng, 3000)
    encoder = MLPClassifier((16,), max_iter=30, random_state=4).fit(x[:1500], y[:1500])

    def embed(v):
        return np.maximum(v @ encoder.coefs_[0] + encoder.intercepts_[0], 0)

    noise = rng.normal(scale=0.1, size=x.shape)
    score = -np.linalg.norm(embed(x) - embed(x + noise), axis=1)
    with open(os.path.join(SCORES, "embeddings-july.csv"), "w") as out:
        out.write("distance,in_training\n")
        for i in range(3000):
            out.write(f"{-score[i]:.6g},{1 if i < 1500 else 0}\n")


def read_conditions_from_notes(rng, condition):
    """Searches a store of notes for each claimant and guesses the condition from the words of the best match."""
    telling = ["inhaler", "insulin", "dialysis"]
    plain = ["roof", "hail", "bumper", "invoice", "leak", "kitchen", "photo", "garage", "estimate", "call"]
    notes = []
    for i, has in enumerate(condition):
        words = list(rng.choice(plain, size=12)) + [f"claimant-{i:04d}"]
        if rng.random() < (0.62 if has else 0.08):
            words.append(str(rng.choice(telling)))
        notes.append(" ".join(rng.permutation(words)))
    index = TfidfVectorizer(token_pattern=r"[a-z0-9-]+").fit(notes)
    matrix = index.transform(notes)
    best = (index.transform([f"claimant-{i:04d} medication" for i in range(len(notes))]) @ matrix.T).toarray().argmax(axis=1)
    guess = np.array([int(any(word in notes[j] for word in telling)) for j in best])
    return guess == condition


def attribute_inference():
    """Infers a hidden yes/no condition from the model's answers, against imputation from the other fields alone."""
    rng = np.random.default_rng(20261115)
    n, targets = 6000, 900
    x, y = claims(rng, n)
    condition = (x[:, 0] + 0.9 * x[:, 1] + rng.normal(scale=1.2, size=n) > 0).astype(int)
    full = np.column_stack([x, condition])
    decision = ((x @ np.linspace(1.2, -1.2, FEATURES) + 0.5 * condition + rng.normal(scale=1.5, size=n)) > 0).astype(int)
    model = train(full, decision, seed=5, epochs=25)
    public = LogisticRegression(max_iter=500).fit(x[3000:], condition[3000:])
    chosen = rng.permutation(3000)[:targets]
    prior = public.predict_proba(x[chosen])[:, 1]
    with_one = model.predict_proba(np.column_stack([x[chosen], np.ones(targets)]))[np.arange(targets), decision[chosen]]
    with_zero = model.predict_proba(np.column_stack([x[chosen], np.zeros(targets)]))[np.arange(targets), decision[chosen]]
    posterior = prior * with_one / (prior * with_one + (1 - prior) * with_zero)
    truth = condition[chosen]
    attack = (posterior > 0.5).astype(int) == truth
    impute = (prior > 0.5).astype(int) == truth
    both, attack_only = int((attack & impute).sum()), int((attack & ~impute).sum())
    baseline_only, neither = int((~attack & impute).sum()), int((~attack & ~impute).sum())
    # The retrieval test: the attack on notes of one office, the baseline measured on another office's records.
    hits = read_conditions_from_notes(rng, condition[3000:3400])
    other = public.predict(x[4000:4320]) == condition[4000:4320]
    document = {
        "apiVersion": "probity/v1",
        "kind": "ProbeResult",
        "tool": {"name": "claims-attacks", "version": "1.0"},
        "collected": "2026-11-15",
        "description": "Attribute inference on the triage model and through retrieval; the hidden attribute is a health condition of synthetic claimants.",
        "results": [
            {
                "attackClass": "inversion",
                "technique": "attribute-inference",
                "surface": "model-api",
                "probe": "condition from triage confidence",
                "detector": "exact match with the generator's value",
                "advantage": {
                    "attack": {"successes": both + attack_only, "n": targets},
                    "baseline": {"successes": both + baseline_only, "n": targets},
                    "paired": {"both": both, "attackOnly": attack_only, "baselineOnly": baseline_only, "neither": neither},
                    "baselineMethod": "logistic imputation from the other fields, trained on records outside the training data",
                },
            },
            {
                "attackClass": "inversion",
                "technique": "attribute-inference",
                "surface": "retrieval-store",
                "probe": "condition from retrieved notes",
                "detector": "exact match with the generator's value",
                "advantage": {
                    "attack": {"successes": int(hits.sum()), "n": 400},
                    "baseline": {"successes": int(other.sum()), "n": 320},
                    "sameTargets": False,
                    "baselineMethod": "logistic imputation, measured on claimants of another office",
                },
            },
        ],
    }
    with open(os.path.join(PROBES, "attribute-inference.json"), "w") as out:
        json.dump(document, out, indent=2)
        out.write("\n")


if __name__ == "__main__":
    os.makedirs(SCORES, exist_ok=True)
    os.makedirs(PROBES, exist_ok=True)
    for step in (small_sample, shifted_populations, embedding_membership, attribute_inference, likelihood_ratio, positive_control):
        step()
        print(step.__name__, "written")
