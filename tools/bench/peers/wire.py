"""What all peers have in common. Standard input: a JSON line {rows, scale}, the columns user, item (uint32) and rating
(float32), then a JSON line of parameters per training, each answered by a JSON line {ms}. One thread, as in a browser."""

import json
import platform
import sys
import time

import numpy as np

stdin = sys.stdin.buffer


def say(answer):
    print(json.dumps(answer), flush=True)


def column(kind, rows):
    return np.frombuffer(stdin.read(4 * rows), dtype=kind)


def serve(prepare):
    """`prepare(users, items, ratings, scale)` gives `begin(params)`, and that gives what is timed."""
    about = json.loads(stdin.readline())
    columns = (column(kind, about["rows"]) for kind in ("<u4", "<u4", "<f4"))
    begin = prepare(*columns, about["scale"])
    say({"python": platform.python_version()})
    for line in iter(stdin.readline, b""):
        work = begin(json.loads(line))
        began = time.perf_counter()
        work()
        say({"ms": 1000 * (time.perf_counter() - began)})
