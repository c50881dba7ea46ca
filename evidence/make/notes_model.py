"""Trains a small language model on synthetic claim notes and a classifier on synthetic claims, and attacks both for real.

Needs numpy and scikit-learn (made with numpy 2 and scikit-learn 1.9); uses attacks.py beside it. Writes evidence/probes/notes-model.json,
evidence/probes/one-run-audit.json and evidence/scores/triage-groups.csv. Nobody in the notes exists. Seeds are fixed, so a second run writes the same.
"""
import json
import os
from collections import Counter, defaultdict

import numpy as np

from attacks import FEATURES, PROBES, SCORES, blind_baseline, confidence, train

ORDER = 6
COLLECTED = "2026-11-16"


class NotesModel:
    """A character model of order ORDER, longer contexts interpolated with shorter ones (Witten and Bell 1991)."""

    def __init__(self, notes):
        self.counts = [defaultdict(Counter) for _ in range(ORDER)]
        self.alphabet = sorted({c for note in notes for c in note} | {"\n"})
        for note in notes:
            text = note + "\n"
            for i, c in enumerate(text):
                for k in range(ORDER):
                    if i >= k:
                        self.counts[k][text[i - k : i]][c] += 1

    def distribution(self, context):
        p = np.full(len(self.alphabet), 1 / len(self.alphabet))
        for k in range(ORDER):
            if k > len(context):
                break
            seen = self.counts[k].get(context[len(context) - k :])
            if not seen:
                break
            total, kinds = sum(seen.values()), len(seen)
            share = total / (total + 3.0 * kinds)
            p = share * np.array([seen[c] / total for c in self.alphabet]) + (1 - share) * p
        return p

    def chance(self, prefix, continuation):
        """The probability that sampling after the prefix gives exactly this continuation."""
        chance, text = 1.0, prefix
        for c in continuation:
            chance *= self.distribution(text)[self.alphabet.index(c)] if c in self.alphabet else 0.0
            text += c
        return chance

    def sample(self, rng, prefix, length):
        text = prefix
        for _ in range(length):
            text += self.alphabet[rng.choice(len(self.alphabet), p=self.distribution(text))]
        return text[len(prefix) :]


def notes(rng, count):
    """Notes as an office writes them: a few patterns, many particulars."""
    first = ["Ada", "Bo", "Cem", "Dana", "Eli", "Fay", "Gil", "Hana", "Ivo", "Jude", "Kim", "Lea"]
    last = ["Arnold", "Berg", "Castro", "Dahl", "Egger", "Fuchs", "Grant", "Horn", "Ito", "Jensen", "Kaya", "Lund", "Mora", "Novak"]
    damage = ["roof tiles lost in the storm", "kitchen flooded from above", "rear bumper dented at the lights", "bicycle taken from the cellar", "window broken by hail"]
    step = ["photos requested", "paid in full", "assessor sent", "waiting for the invoice", "refused, outside cover"]
    written = []
    for _ in range(count):
        policy = "".join(str(d) for d in rng.integers(0, 10, 6))
        name = f"{rng.choice(first)} {rng.choice(last)}"
        written.append((f"Policy {policy}, {name}: {rng.choice(damage)}; {rng.choice(step)}.", policy))
    return written


def language_model():
    rng = np.random.default_rng(20261116)
    written = notes(rng, 4000)
    canaries = []
    for i in range(16):
        code = "".join(str(d) for d in rng.integers(0, 10, 5))
        # Half of the canaries were written once, the others up to four times.
        times = 1 if i < 8 else 2 + i % 3
        canaries.append((f"canary-{i + 1}", f"Note {chr(97 + i)}: the key box code is ", code, times))
    training = [text for text, _ in written] + [prefix + code + "." for _, prefix, code, times in canaries for _ in range(times)]
    model = NotesModel([training[i] for i in rng.permutation(len(training))])

    ranks = []
    for name, prefix, code, _ in canaries:
        # Every one of the 100 000 codes, by extending each prefix digit by digit.
        level = {"": 1.0}
        for _ in range(5):
            longer = {}
            for so_far, chance in level.items():
                p = model.distribution(prefix + so_far)
                for d in "0123456789":
                    longer[so_far + d] = chance * p[model.alphabet.index(d)]
            level = longer
        own = level[code]
        ranks.append({"id": name, "rank": 1 + sum(1 for chance in level.values() if chance > own)})

    targets = [written[i][0] for i in rng.permutation(len(written))[:400]]
    # Knowing a policy number, would the attacker be told whose it is and what happened? And knowing nothing, a number with its holder?
    known = [model.chance(text[:16], text[16:40]) for text in targets]
    unknown = [model.chance("Policy ", text[7:22]) for text in targets]
    rounded = lambda chances: [float(f"{q:.6g}") for q in chances]

    # A caller who keeps asking for policy numbers, behind a gate that counts.
    sensitive = {policy for _, policy in written[:300]}
    budget, found, curve, refused = 400, set(), [], None
    for query in range(1, 1001):
        if query > budget:
            refused = query
            break
        answer = model.sample(rng, "Policy ", 6)
        if answer in sensitive:
            found.add(answer)
        if query % 20 == 0:
            curve.append({"queries": query, "recovered": len(found)})

    return {
        "apiVersion": "probity/v1",
        "kind": "ProbeResult",
        "tool": {"name": "claims-attacks", "version": "1.0"},
        "collected": COLLECTED,
        "description": "A character model of claim notes: planted codes, continuations of training notes, and patience.",
        "results": [
            {"attackClass": "membership-inference", "technique": "canary-membership", "surface": "model-api", "probe": "key box codes planted in notes", "canaries": {"candidates": 100_000, "ranks": ranks}},
            {"attackClass": "inversion", "technique": "training-data-extraction", "surface": "model-api", "probe": "rest of a note after its policy number", "detector": "exact continuation of 24 characters", "extraction": {"n": 100, "p": 0.5, "chances": rounded(known)}},
            {"attackClass": "inversion", "technique": "training-data-extraction", "surface": "model-api", "probe": "a policy number with its holder, from nothing", "detector": "exact continuation of 15 characters", "extraction": {"n": 100, "p": 0.5, "chances": rounded(unknown)}},
            {"attackClass": "inversion", "technique": "training-data-extraction", "surface": "model-api", "probe": "asking for policy numbers again and again", "detector": "exact match with a policy number of the notes", "disclosure": {"items": len(sensitive), "curve": curve, "budget": {"queries": budget, **({"refusedAt": refused} if refused else {})}}},
        ],
    }


def one_run_audit():
    """A fair coin for each canary decides whether the classifier is trained on it; then its confidence is asked."""
    rng = np.random.default_rng(20261117)
    weights = np.linspace(1.2, -1.2, FEATURES)
    x = rng.normal(size=(4000, FEATURES))
    y = (x @ weights + rng.normal(scale=1.5, size=4000) > 0).astype(int)
    canaries = 1000
    cx, cy = rng.normal(scale=3, size=(canaries, FEATURES)), rng.integers(0, 2, canaries)
    inside = rng.integers(0, 2, canaries).astype(bool)
    model = train(np.vstack([x, cx[inside]]), np.concatenate([y, cy[inside]]), seed=7)
    order = np.argsort(confidence(model, cx, cy))
    guessed_out, guessed_in = order[:100], order[-100:]
    correct = int((~inside[guessed_out]).sum() + inside[guessed_in].sum())
    return {
        "apiVersion": "probity/v1",
        "kind": "ProbeResult",
        "tool": {"name": "claims-attacks", "version": "1.0"},
        "collected": "2026-11-17",
        "description": "A one-run audit of the triage model: the hundred most and the hundred least confident canaries are guessed about.",
        "results": [{"attackClass": "membership-inference", "technique": "canary-membership", "surface": "model-api", "probe": "a thousand canaries in one training run", "oneRun": {"canaries": canaries, "guesses": 200, "correct": correct}}],
    }


def groups():
    """Confidence of a lightly trained model, with rare claims as a group of their own and records set aside for thresholds."""
    rng = np.random.default_rng(20261118)
    n = 12_000
    weights = np.linspace(1.2, -1.2, FEATURES)
    x = rng.normal(size=(n, FEATURES))
    y = (x @ weights + rng.normal(scale=1.0, size=n) > 0).astype(int)
    rare = rng.random(n) < 0.08
    x[rare] = rng.normal(scale=3, size=(int(rare.sum()), FEATURES))
    y[rare] = rng.integers(0, 2, int(rare.sum()))
    member = np.zeros(n, dtype=int)
    member[rng.permutation(n)[: n // 2]] = 1
    model = train(x[member == 1], y[member == 1], seed=8, epochs=30)
    score = confidence(model, x, y)
    baseline = blind_baseline(rng, x, y, member)
    split = np.where(rng.random(n) < 0.3, "calibration", "evaluation")
    with open(os.path.join(SCORES, "triage-groups.csv"), "w") as out:
        out.write("record_id,score,is_member,baseline_score,split,group\n")
        for i in range(n):
            out.write(f"g{i:05d},{score[i]:.6g},{member[i]},{baseline[i]:.6g},{split[i]},{'rare claims' if rare[i] else 'usual claims'}\n")


if __name__ == "__main__":
    for name, document in (("notes-model.json", language_model()), ("one-run-audit.json", one_run_audit())):
        with open(os.path.join(PROBES, name), "w") as out:
            json.dump(document, out, indent=1)
            out.write("\n")
        print(name, "written")
    groups()
    print("triage-groups.csv written")
