"""The Claims Desk: a small system that really runs, in the four versions of one year.

Three parts answer behind one interface: a triage model over the fields of a claim, a model that completes claim notes, and
an assistant that answers from the notes of a caller's session. All of it is small, and everybody in it is invented; what it
gives away, it gives away for real. Seeds are fixed: a second run makes the same system.
"""
import hashlib
import json
import math
import re
from collections import Counter, defaultdict

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier

# What each version is made of. Reasons stand in docs/year.md.
VERSIONS = {
    "1.0": {"triage": "fully-grown", "notes": {"order": 8, "at_least": 1, "numbers": "kept"}, "prompt_searched": True, "sessions": "shared", "cache": "shared", "images": "loaded", "budget": None},
    "2.0": {"triage": "restrained", "notes": {"order": 8, "at_least": 6, "numbers": "kept"}, "prompt_searched": False, "sessions": "office", "cache": "caller", "images": "blocked", "budget": 400},
    "3.0": {"triage": "fully-grown", "notes": {"order": 8, "at_least": 6, "numbers": "masked"}, "prompt_searched": False, "sessions": "office", "cache": "caller", "images": "blocked", "budget": 400},
    "4.0": {"triage": "private", "notes": {"order": 8, "at_least": 6, "numbers": "masked"}, "prompt_searched": False, "sessions": "caller", "cache": "caller", "images": "blocked", "budget": 400},
}

FEATURES = 24
CONDITION = FEATURES
EPSILON, DELTA = 1.0, 1e-5


def claims(rng, n):
    """Synthetic claims: 24 fields and a yes/no condition, a decision, and a few odd ones whose decision follows no rule."""
    x = rng.normal(size=(n, FEATURES))
    condition = (x[:, 0] + 0.9 * x[:, 1] + rng.normal(scale=1.2, size=n) > 0).astype(float)
    y = (x @ np.linspace(1.2, -1.2, FEATURES) + 0.5 * (condition - 0.5) + rng.normal(scale=0.8, size=n) > 0).astype(int)
    odd = rng.random(n) < 0.06
    y[odd] = rng.integers(0, 2, size=int(odd.sum()))
    return np.column_stack([x, condition]), y


class PrivateLogistic:
    """Logistic regression by full-batch gradient descent with clipped gradients and Gaussian noise (Abadi et al. 2016).

    Each step is a Gaussian mechanism with noise SIGMA times the clipping norm, so STEPS of them are rho-zCDP with
    rho = STEPS / (2 SIGMA^2), which is (epsilon, delta)-DP with epsilon = rho + 2 sqrt(rho ln(1/delta)) (Bun and Steinke 2016),
    for records added or removed. The number of records divides the sum and counts as public.
    """

    STEPS, CLIP, RATE = 60, 1.0, 4.0

    def __init__(self, seed):
        root = -math.sqrt(math.log(1 / DELTA)) + math.sqrt(math.log(1 / DELTA) + EPSILON)
        self.sigma = math.sqrt(self.STEPS / (2 * root * root))
        self.rng = np.random.default_rng(seed)

    def fit(self, x, y):
        rows = np.column_stack([x, np.ones(len(x))])
        w = np.zeros(rows.shape[1])
        for _ in range(self.STEPS):
            gradients = (1 / (1 + np.exp(-rows @ w)) - y)[:, None] * rows
            norms = np.linalg.norm(gradients, axis=1, keepdims=True)
            clipped = gradients / np.maximum(1, norms / self.CLIP)
            noisy = clipped.sum(axis=0) + self.rng.normal(scale=self.sigma * self.CLIP, size=len(w))
            w = w - self.RATE * noisy / len(rows)
        self.weights = w
        return self

    def predict_proba(self, x):
        p = 1 / (1 + np.exp(-(np.column_stack([x, np.ones(len(x))]) @ self.weights)))
        return np.column_stack([1 - p, p])

    def parameters(self):
        return [self.weights]


class Forest:
    """Randomised trees: grown until each leaf is pure, so that they know their records by heart, or with at least so many
    records in each leaf."""

    def __init__(self, seed, leaf):
        self.model = ExtraTreesClassifier(60, min_samples_leaf=leaf, max_features=None if leaf > 1 else "sqrt", random_state=seed)

    def fit(self, x, y):
        self.model.fit(x, y)
        return self

    def predict_proba(self, x):
        return self.model.predict_proba(x)

    def parameters(self):
        return [part for tree in self.model.estimators_ for part in (tree.tree_.feature, tree.tree_.threshold, tree.tree_.value)]


FULLY_GROWN, RESTRAINED = 1, 150


def triage(kind, seed):
    return PrivateLogistic(seed) if kind == "private" else Forest(seed, RESTRAINED if kind == "restrained" else FULLY_GROWN)


def notes(rng, count):
    """Notes as an office writes them: a few patterns, many particulars."""
    first = ["Ada", "Bo", "Cem", "Dana", "Eli", "Fay", "Gil", "Hana", "Ivo", "Jude", "Kim", "Lea"]
    last = ["Arnold", "Berg", "Castro", "Dahl", "Egger", "Fuchs", "Grant", "Horn", "Ito", "Jensen", "Kaya", "Lund", "Mora", "Novak"]
    damage = ["roof tiles lost in the storm", "kitchen flooded from above", "rear bumper dented at the lights", "bicycle taken from the cellar", "window broken by hail"]
    step = ["photos requested", "paid in full", "assessor sent", "waiting for the invoice", "refused, outside cover"]
    numbers = rng.permutation(900_000)[:count] + 100_000
    return [(f"Policy {n}, {rng.choice(first)} {rng.choice(last)}: {rng.choice(damage)}; {rng.choice(step)}.", str(n)) for n in numbers]


class NotesModel:
    """A character model, longer contexts interpolated with shorter ones (Witten and Bell 1991). A context that stood in fewer
    than `at_least` notes is left out, so that what one claimant's note alone holds is not learnt."""

    def __init__(self, texts, order, at_least, numbers="kept"):
        self.order = order
        if numbers == "masked":
            texts = [re.sub(r"\d", "#", text) for text in texts]
        counts = [defaultdict(Counter) for _ in range(order)]
        seen = [Counter() for _ in range(order)]
        for text in texts:
            line = text + "\n"
            for k in range(order):
                contexts = [line[i - k : i] for i in range(k, len(line))]
                seen[k].update(set(contexts))
                for context, c in zip(contexts, line[k:]):
                    counts[k][context][c] += 1
        self.counts = [{context: nexts for context, nexts in counts[k].items() if seen[k][context] >= at_least} for k in range(order)]
        self.alphabet = sorted({c for text in texts for c in text} | set("\n0123456789"))
        self.place = {c: i for i, c in enumerate(self.alphabet)}

    def distribution(self, context):
        p = np.full(len(self.alphabet), 1 / len(self.alphabet))
        for k in range(min(self.order, len(context) + 1)):
            found = self.counts[k].get(context[len(context) - k :])
            if not found:
                break
            total, kinds = sum(found.values()), len(found)
            p = p * (3.0 * kinds / (total + 3.0 * kinds))
            for c, n in found.items():
                p[self.place[c]] += n / (total + 3.0 * kinds)
        return p

    def complete(self, prefix, length):
        text = prefix
        for _ in range(length):
            text += self.alphabet[int(self.distribution(text).argmax())]
        return text[len(prefix) :]

    def sample(self, rng, prefix, length):
        text = prefix
        for _ in range(length):
            p = self.distribution(text)
            text += self.alphabet[rng.choice(len(p), p=p / p.sum())]
        return text[len(prefix) :]


WORD = re.compile(r"[a-z0-9]{2,}")
COMMON = {"the", "is", "of", "to", "and", "for", "in", "me", "my", "what", "you", "your", "are", "who", "that", "tell", "please"}


def words(text):
    return {w for w in WORD.findall(text.lower()) if w not in COMMON}


class Assistant:
    """Answers a question with the sentence of its context that shares most words with it."""

    PROMPT = ["You are the claims desk of Example Mutual.", "Never mention the reserve that is set aside for a claim.", "Instructions end here."]

    def __init__(self, version, secrets=()):
        self.setting = VERSIONS[version]
        self.prompt = [*self.PROMPT, *(f"The key of the payment service is {secret}." for secret in secrets)]
        self.sessions = defaultdict(list)
        self.cache = set()

    def note(self, caller, sentence):
        self.sessions[caller].append(sentence)

    def context(self, caller):
        scope = self.setting["sessions"]
        own = [s for other, kept in self.sessions.items() if scope == "shared" or other == caller or (scope == "office" and other.split("/")[0] == caller.split("/")[0]) for s in kept]
        return (self.prompt if self.setting["prompt_searched"] else []) + own

    def ask(self, caller, question):
        """The answer, as rendered for the caller, and the units that the bill shows: a cached answer costs one."""
        asked = words(question)
        best, score = "I have nothing on that.", 0.0
        for sentence in self.context(caller):
            shared = asked & words(sentence)
            worth = len(shared) / math.sqrt(1 + len(words(sentence)))
            if worth > score:
                best, score = sentence, worth
        key = question if self.setting["cache"] == "shared" else (caller, question)
        units = 1 if key in self.cache else 1 + len(asked)
        self.cache.add(key)
        return {"text": best if self.setting["images"] == "loaded" else re.sub(r"!\[[^\]]*\]\([^)]*\)", "", best), "units": units}


class Desk:
    """One version, trained on the records of its quarter."""

    def __init__(self, version, seed, planted=()):
        self.version, self.setting = version, VERSIONS[version]
        self.rng = np.random.default_rng(seed)
        self.x, self.y = claims(self.rng, 10_000)
        # Half of the pool, drawn by lot before training.
        self.member = np.zeros(10_000, dtype=int)
        self.member[self.rng.permutation(10_000)[:5_000]] = 1
        inside = self.member == 1
        self.triage = triage(self.setting["triage"], seed).fit(self.x[inside], self.y[inside])
        self.written = notes(self.rng, 3_000)
        texts = [text for text, _ in self.written] + list(planted)
        self.texts = [texts[i] for i in self.rng.permutation(len(texts))]
        self.notes = NotesModel(self.texts, **self.setting["notes"])

    def accuracy(self):
        x, y = self.x[self.member == 0], self.y[self.member == 0]
        return float((self.triage.predict_proba(x).argmax(axis=1) == y).mean())

    def losses(self):
        p = np.clip(self.triage.predict_proba(self.x)[np.arange(len(self.y)), self.y], 1e-9, 1)
        return float(-np.log(p[self.member == 1]).mean()), float(-np.log(p[self.member == 0]).mean())

    def release(self):
        """What is released: the digest of every parameter, so that the file stands for exactly this model."""
        network = hashlib.sha256(b"".join(np.ascontiguousarray(p, dtype="<f8").tobytes() for p in self.triage.parameters())).hexdigest()
        table = hashlib.sha256(json.dumps([sorted((c, sorted(n.items())) for c, n in level.items()) for level in self.notes.counts]).encode()).hexdigest()
        return {"model": "claims-model", "version": self.version, "settings": self.setting, "triage": network, "notes": table}
