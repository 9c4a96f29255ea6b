"""Times Surprise's SVD. Standard input: a JSON line {rows, scale}, the columns user, item (uint32) and rating
(float32), then a JSON line of parameters per training, each answered by a JSON line {ms}."""

import json
import platform
import sys
import time

import numpy as np
from surprise import SVD, Dataset, Reader

stdin = sys.stdin.buffer


def say(answer):
    print(json.dumps(answer), flush=True)


def column(kind, rows):
    return np.frombuffer(stdin.read(4 * rows), dtype=kind).tolist()


about = json.loads(stdin.readline())
rows = about["rows"]
users, items, ratings = (column(kind, rows) for kind in ("<u4", "<u4", "<f4"))
data = Dataset(Reader(rating_scale=tuple(about["scale"])))
train = data.construct_trainset(list(zip(users, items, ratings, [None] * rows)))
assert train.n_ratings == rows
say({"python": platform.python_version()})

for line in iter(stdin.readline, b""):
    algorithm = SVD(biased=True, **json.loads(line))
    began = time.perf_counter()
    algorithm.fit(train)
    say({"ms": 1000 * (time.perf_counter() - began)})
