"""Writes metrics.json: a small made-up measurement and what scikit-learn, SciPy and NumPy say of it.

    pip install numpy scipy scikit-learn && python tests/known/metrics.py > tests/known/metrics.json
"""

import json

import numpy as np
from scipy.stats import norm
from sklearn.metrics import log_loss, mean_absolute_error, ndcg_score, roc_auc_score, root_mean_squared_error

PEOPLE, ITEMS, K, SEED, RESAMPLES = 36, 40, 5, 7, 1000
RELEVANT, RECOMMENDED, BOUNDARY = 3.875, 3.5, 3.75


class Xoshiro:
    """xoshiro256++ seeded through SplitMix64, as in src/ground/rng.rs."""

    MASK = 2**64 - 1

    def __init__(self, seed, stream):
        z = seed ^ (stream * 0xD1B54A32D192ED03 & self.MASK)
        self.s = []
        for _ in range(4):
            z = (z + 0x9E3779B97F4A7C15) & self.MASK
            x = z
            x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & self.MASK
            x = (x ^ (x >> 27)) * 0x94D049BB133111EB & self.MASK
            self.s.append(x ^ (x >> 31))

    def next(self):
        rotate = lambda x, n: (x << n | x >> (64 - n)) & self.MASK
        s = self.s
        out = (rotate((s[0] + s[3]) & self.MASK, 23) + s[0]) & self.MASK
        t = s[1] << 17 & self.MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotate(s[3], 45)
        return out

    def below(self, n):
        return self.next() * n >> 64


rng = np.random.default_rng(897)
taste = rng.normal(size=(PEOPLE, 3)) @ rng.normal(size=(3, ITEMS))
weight = 1 / (1 + np.arange(ITEMS))
train, test = [], []
for user in range(PEOPLE):
    rated = rng.choice(ITEMS, size=4 + user // 2, replace=False, p=weight / weight.sum())
    for item in rated:
        rating = float(np.clip(np.round(2 * (3.3 + 0.8 * taste[user, item] + rng.normal() * 0.5)) / 2, 0.5, 5))
        (test if rng.random() < 0.35 else train).append([user, int(item), rating])


def model(noise):
    """Rounded, so that there are ties."""
    ranked = (taste + rng.normal(size=taste.shape) * noise).round(1)
    predicted = [np.clip(3.3 + 0.8 * taste[u, i] + rng.normal() * noise * 0.6, 0.5, 5).round(3) for u, i, _ in test]
    deviation = [np.round(0.3 + 0.6 * noise * rng.random(), 3) for _ in test]
    return {"ranked": ranked.tolist(), "predicted": predicted, "deviation": deviation}


models = [model(0.6), model(1.2)]
counts = np.bincount([i for _, i, _ in train], minlength=ITEMS)
trained = len({u for u, _, _ in train})
order = np.argsort(-counts, kind="stable")
before = np.concatenate([[0], np.cumsum(counts[order])[:-1]])
popular = np.zeros(ITEMS, dtype=bool)
popular[order[before < counts.sum() / 2]] = True
raters = [{u for u, i, _ in train if i == item} for item in range(ITEMS)]
history = [sum(1 for u, _, _ in train if u == user) for user in range(PEOPLE)]


def jaccard(a, b):
    return len(raters[a] & raters[b]) / max(len(raters[a] | raters[b]), 1)


def measure(m):
    """Rows of (sum, weight) per person and figure, and the figures that are not of people."""
    rows, shown, said = {}, np.zeros(ITEMS, dtype=int), []
    for user in range(PEOPLE):
        mine = [n for n, row in enumerate(test) if row[0] == user]
        if not mine:
            continue
        row = rows[user] = {}
        item = np.array([test[n][1] for n in mine])
        rating = np.array([test[n][2] for n in mine])
        predicted = np.array([m["predicted"][n] for n in mine])
        deviation = np.array([m["deviation"][n] for n in mine])
        squared, relevant = (predicted - rating) ** 2, rating >= RELEVANT
        for name, mask in [("rmse", rating > 0), ("rmsePopular", popular[item]), ("rmseTail", ~popular[item])]:
            row[name] = (squared[mask].sum(), mask.sum())
        row["mae"] = (mean_absolute_error(rating, predicted) * len(mine), len(mine))
        low, high = norm.interval(0.9, predicted, deviation)
        row["coverage90"] = (((low <= rating) & (rating <= high)).sum(), len(mine))
        p = norm.sf(BOUNDARY, predicted, deviation)
        row["logLoss"] = (log_loss(relevant, p, labels=[False, True], normalize=False), len(mine))
        said += list(zip(p, relevant))
        first = np.argsort(-predicted, kind="stable")[:K]
        taken = first[predicted[first] >= RECOMMENDED]
        row["ratedPrecision"] = (relevant[taken].mean() if len(taken) else 0, 1)
        row["ratedRecall"] = (relevant[taken].sum() / relevant.sum() if relevant.any() else 0, 1)
        if not relevant.any():
            continue
        wanted = np.isin(np.arange(ITEMS), item[relevant])
        unseen = np.array([i for i in range(ITEMS) if [user, i] not in [r[:2] for r in train]])
        score = np.array(m["ranked"][user], dtype=np.float32)[unseen]
        ranking = unseen[np.argsort(-score, kind="stable")]
        top, hits = ranking[:K], wanted[ranking[:K]]
        row["precision"] = (hits.mean(), 1)
        row["recall"] = (hits.sum() / wanted.sum(), 1)
        row["ndcg"] = (ndcg_score([wanted[ranking]], [-np.arange(len(ranking))], k=K), 1)
        precisions = np.cumsum(hits) / np.arange(1, K + 1)
        row["map"] = ((precisions * hits).sum() / min(K, wanted.sum()), 1)
        row["mrr"] = (1 / (1 + np.argmax(hits)) if hits.any() else 0, 1)
        row["hitRate"] = (float(hits.any()), 1)
        row["auc"] = (roc_auc_score(wanted[unseen], score), 1)
        row["novelty"] = (np.mean(-np.log2(np.maximum(counts[top], 1) / trained)), 1)
        pairs = [jaccard(a, b) for n, a in enumerate(top) for b in top[n + 1 :]]
        row["diversity"] = (1 - np.mean(pairs), 1)
        for name, mask in [("Popular", popular), ("Tail", ~popular)]:
            if (wanted & mask).any():
                part = wanted & mask
                row["recall" + name] = (part[top].sum() / part.sum(), 1)
                row["ndcg" + name] = (ndcg_score([part[ranking]], [-np.arange(len(ranking))], k=K), 1)
        shown[top] += 1
    return rows, shown, np.array(said)


def figures(rows):
    out = {}
    for name in sorted({name for row in rows for name in row}):
        mean = sum(row[name][0] for row in rows if name in row) / sum(row[name][1] for row in rows if name in row)
        out[name] = float(np.sqrt(mean) if name.startswith("rmse") else mean)
    return out


def expected(m):
    rows, shown, said = measure(m)
    out = figures(rows.values())
    assert np.isclose(out["rmse"], root_mean_squared_error([r for _, _, r in test], m["predicted"]))
    bins = np.minimum((said[:, 0] * 10).astype(int), 9)
    gaps = [abs(said[bins == b, 1].mean() - said[bins == b, 0].mean()) * (bins == b).sum() for b in set(bins)]
    ascending = np.sort(shown) / shown.sum()
    gini = ((2 * np.arange(1, ITEMS + 1) - ITEMS - 1) * ascending).sum() / (ITEMS - 1)
    out |= {
        "ece": sum(gaps) / len(said),
        "coverage": float((shown > 0).mean()),
        "gini": float(gini),
        "tailShare": float(shown[~popular].sum() / shown.sum()),
    }
    known = [history[u] for u in rows if history[u] >= 10]
    median = sorted(known)[len(known) // 2]
    parts = {
        "new": lambda n: n < 10,
        "light": lambda n: 10 <= n < median,
        "heavy": lambda n: n >= max(10, median),
    }
    segments = {}
    for name, inside in parts.items():
        of = figures([row for u, row in rows.items() if inside(history[u])])
        segments[name] = {key: of[key] for key in ("rmse", "recall", "ndcg") if key in of}
    return out, segments, list(rows.values())


def drawings(rows):
    draw = Xoshiro(SEED, 5)
    return [figures([rows[draw.below(len(rows))] for _ in rows]) for _ in range(RESAMPLES)]


answers, drawn = [], []
for m in models:
    out, segments, rows = expected(m)
    drawn.append(drawings(rows))
    intervals = {
        name: np.percentile([d[name] for d in drawn[-1] if name in d], [2.5, 97.5]).tolist()
        for name in ("rmse", "ndcg", "recallTail", "coverage90")
    }
    answers.append({"metrics": out, "segments": segments, "intervals": intervals})
difference = {}
for name in ("rmse", "ndcg", "novelty"):
    d = np.array([a[name] - b[name] for a, b in zip(*drawn)])
    p = min(1, 2 * (min((d <= 0).sum(), (d >= 0).sum()) + 1) / (RESAMPLES + 1))
    difference[name] = np.percentile(d, [2.5, 97.5]).tolist() + [float(p)]
print(
    json.dumps(
        {
            "people": PEOPLE,
            "items": ITEMS,
            "k": K,
            "seed": SEED,
            "train": train,
            "test": test,
            "models": models,
            "expected": answers,
            "difference": difference,
        }
    ).replace("], [", "],\n[")
)
