"""Writes tables.json: made-up rows and what scikit-learn's trees and forests learn from them.

    pip install numpy scikit-learn && python tests/known/tables.py > tests/known/tables.json

The file was made with scikit-learn 1.9.1 and NumPy 2.4.6. Friedman's first function with noise, 200 rows to learn from
and 100 new ones; rows are rounded to six digits and then to single precision, so that both sides see the same numbers.
A single tree of all rows draws nothing, so its predictions are the same to the last digits; of forests, which draw, the
errors are: means of ten seeds. (Logistic regression has a file of its own, logistic.json.)
"""

import json

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.tree import DecisionTreeRegressor

rng = np.random.default_rng(1991)
written = np.round(rng.random((300, 6)), 6)
x = written.astype(np.float32).astype(np.float64)
signal = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
values = np.round(signal + rng.normal(size=300), 3)
y = values.astype(np.float32).astype(np.float64)
yes = (y > 14).astype(int)
old, new = slice(0, 200), slice(200, 300)


def rmse(p, t):
    return float(np.sqrt(np.mean((p - t) ** 2)))


# Which of two columns that part the rows alike is taken is chance: here there are none, whatever the seed.
trees = [DecisionTreeRegressor(max_depth=4, min_samples_leaf=5, random_state=seed).fit(x[old], y[old]) for seed in range(50)]
said = [tree.predict(x[new]) for tree in trees]
assert all(np.array_equal(one, said[0]) for one in said)
forests = [
    RandomForestRegressor(n_estimators=200, oob_score=True, random_state=seed).fit(x[old], y[old])
    for seed in range(10)
]
classifiers = [
    RandomForestClassifier(n_estimators=200, max_features=None, oob_score=True, random_state=seed).fit(x[old], yes[old])
    for seed in range(10)
]
print(
    json.dumps(
        {
            "rows": written.tolist(),
            "values": values.tolist(),
            "labels": yes.tolist(),
            "learned": 200,
            "tree": [float(f"{v:.9g}") for v in said[0]],
            "forest": {
                "rmse": float(np.mean([rmse(f.predict(x[new]), y[new]) for f in forests])),
                "outOfBag": float(np.mean([rmse(f.oob_prediction_, y[old]) for f in forests])),
                "importance": np.mean([f.feature_importances_ for f in forests], axis=0).round(6).tolist(),
            },
            "classifier": {
                "brier": float(np.mean([rmse(f.predict_proba(x[new])[:, 1], yes[new]) for f in classifiers])),
                "outOfBag": float(np.mean([f.oob_score_ for f in classifiers])),
            },
        }
    ).replace("], [", "],\n[")
)
