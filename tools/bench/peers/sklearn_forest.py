"""scikit-learn's random forest of numbers. Standard input: JSON lines, each answered by one; arrays are base64 of little
endian float32 (uint32 for numbers of rows). One thread, as in a browser's worker.

    {data, seed}                                  → {columns, rows, target}     a set that is made or kept here
    {columns, rows, target}                       → {}                          what is learned from from now on
    {trees, maxFeatures, seed, train, test}       → {fit, predict, said}        milliseconds, and what is expected of `test`
"""

import base64
import json
import platform
import sys
import time

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor


def decoded(text, kind="<f4"):
    return np.frombuffer(base64.b64decode(text), dtype=kind)


def encoded(array):
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()


def houses(seed, rows=4000):
    """Prices as in the Californian census, made up: where they are high lies on a map, the rest says little of it."""
    rng = np.random.default_rng(seed)
    place = rng.uniform([-124, 32.5], [-114, 42], size=(rows, 2))
    income = np.exp(rng.normal(1.25, 0.45, rows))
    age = rng.integers(1, 53, rows)
    rooms = np.exp(rng.normal(1.65, 0.25, rows)) + 0.3 * income
    bedrooms = rooms * rng.normal(0.2, 0.02, rows).clip(0.1)
    people = np.exp(rng.normal(7, 0.7, rows))
    together = np.exp(rng.normal(1.05, 0.25, rows))
    coast = np.abs(place[:, 0] + 118.5 + 0.85 * (place[:, 1] - 34))
    cities = [(-122.4, 37.8, 1.1), (-118.3, 34.0, 0.9), (-117.2, 32.8, 0.6)]
    near = sum(g * np.exp(-((place[:, 0] - x) ** 2 + (place[:, 1] - y) ** 2) / 0.8) for x, y, g in cities)
    value = 0.45 * income + 1.2 * near + 1.5 * np.exp(-coast) - 0.25 * (together - 3) + 0.004 * age
    value = (value * np.exp(rng.normal(0, 0.2, rows))).clip(0.15, 5)
    columns = ["income", "age", "rooms", "bedrooms", "people", "together", "latitude", "longitude"]
    x = np.column_stack([income, age, rooms, bedrooms, people, together, place[:, 1], place[:, 0]])
    return columns, x, value


def made(name, seed):
    if name == "diabetes":
        data = load_diabetes()
        return list(data.feature_names), data.data, data.target
    if name == "houses":
        return houses(seed)
    raise ValueError(f"no data {name}")


def say(answer):
    print(json.dumps(answer), flush=True)


say({"python": platform.python_version()})
x = y = None
for line in iter(sys.stdin.readline, ""):
    ask = json.loads(line)
    if "data" in ask:
        columns, rows, target = made(ask["data"], ask["seed"])
        say({"columns": columns, "rows": encoded(rows), "target": encoded(target)})
    elif "rows" in ask:
        x, y = decoded(ask["rows"]).reshape(-1, ask["columns"]), decoded(ask["target"]).astype(np.float64)
        say({})
    else:
        train, test = decoded(ask["train"], "<u4"), decoded(ask["test"], "<u4")
        # A share: the whole number 1 would be one column.
        share = float(ask["maxFeatures"])
        forest = RandomForestRegressor(
            n_estimators=ask["trees"], max_features=share, random_state=ask["seed"], n_jobs=1
        )
        learned, asked = (x[train], y[train]), x[test]
        began = time.perf_counter()
        forest.fit(*learned)
        fitted = time.perf_counter()
        said = forest.predict(asked)
        ended = time.perf_counter()
        say({"fit": 1000 * (fitted - began), "predict": 1000 * (ended - fitted), "said": encoded(said)})
