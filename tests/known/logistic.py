"""Writes logistic.json: made-up rows and what scikit-learn's logistic regression learns from them.

    pip install numpy scikit-learn && python tests/known/logistic.py > tests/known/logistic.json

The file was made with scikit-learn 1.9.1 and NumPy 2.4.6. Rows are rounded to three digits and then to single
precision, so that both sides see the same numbers. The intercept is never penalised: Newton's method for squares and
SAGA for absolute values leave it out, LIBLINEAR would not. Each answer is checked against the conditions of optimality
here, so it is the minimum and not where a solver happened to stop.
"""

import json

import numpy as np
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(897)


def labels(x, w, b):
    return rng.random(len(x)) < 1 / (1 + np.exp(-(x @ w + b)))


def rounded(x):
    """As it is written, and as both sides see it."""
    written = np.round(x, 3)
    return written, written.astype(np.float32).astype(np.float64)


def fixture(name, x, y, lam, penalty="l2", balanced=False, weights=None):
    written, x = rounded(x)
    how = {"solver": "newton-cholesky", "tol": 1e-13, "max_iter": 1000}
    if penalty == "l1":
        how = {"l1_ratio": 1.0, "solver": "saga", "tol": 1e-14, "max_iter": 10**6, "random_state": 0}
    model = LogisticRegression(C=1 / lam, class_weight="balanced" if balanced else None, **how)
    model.fit(x, y, sample_weight=weights)
    w, b = model.coef_[0], model.intercept_[0]
    p = model.predict_proba(x)[:, 1]
    counts = np.ones(len(y)) if weights is None else weights.copy()
    if balanced:
        counts = counts * (len(y) / (2 * np.bincount(y)))[y.astype(int)]
    residual = counts * (p - y)
    slope = residual @ x
    if penalty == "l2":
        off = np.abs(slope + lam * w)
    else:
        off = np.where(w == 0, np.maximum(np.abs(slope) - lam, 0), np.abs(slope + lam * np.sign(w)))
    assert abs(residual.sum()) < 1e-6 and (off / (1 + x.std(axis=0))).max() < 1e-6, (name, residual.sum(), off)
    return {
        "name": name,
        "lambda": lam,
        "penalty": penalty,
        "balanced": balanced,
        "weights": None if weights is None else weights.tolist(),
        "rows": written.tolist(),
        "labels": y.astype(int).tolist(),
        "coefficients": [float(f"{v:.10g}") for v in w],
        "intercept": float(f"{b:.10g}"),
        "probabilities": p.round(9).tolist(),
    }


plain = rng.normal(size=(120, 5))
strong = rng.normal(size=(80, 12)) + 0.5
few = rng.normal(size=(200, 12))
rare = rng.normal(size=(150, 4)) * [1, 2, 0.5, 1]
one_hot = np.eye(4)[rng.integers(4, size=100)]
year = rng.integers(1950, 2024, size=100)
size = rng.normal(size=100) * 1e4 + 1e5
tiny = rng.normal(size=100) * 0.02
bad = np.column_stack([one_hot, year, size, 2 * tiny, tiny, np.full(100, 3.0), one_hot[:, 0] + one_hot[:, 1]])
bad_w = np.array([1, -1, 0.5, 0, 0.03, 1e-4, 10, 10, 0, 0.3])

print(
    json.dumps(
        [
            fixture("plain", plain, labels(plain, np.array([1, -2, 0.5, 0, 0.2]), 0.3), 1.0),
            fixture(
                "strong and weighted",
                strong,
                labels(strong, rng.normal(size=12), -0.5),
                25.0,
                weights=rng.integers(0, 4, size=80).astype(float) / 2,
            ),
            fixture("few columns", few, labels(few, np.array([2, -1.5, 1] + 9 * [0.0]), 0.5), 8.0, "l1"),
            fixture("balanced", rare, labels(rare, np.array([1.5, -0.5, 0, 0.3]), -2.5), 0.5, balanced=True),
            fixture("badly scaled and collinear", bad, labels(bad - bad.mean(axis=0), bad_w, 0.2), 0.3),
        ]
    ).replace("], [", "],\n[")
)
