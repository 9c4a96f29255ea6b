"""Surprise's SVD."""

from surprise import SVD, Dataset, Reader
from wire import serve


def prepare(users, items, ratings, scale):
    rows = list(zip(users.tolist(), items.tolist(), ratings.tolist(), [None] * len(ratings)))
    train = Dataset(Reader(rating_scale=tuple(scale))).construct_trainset(rows)
    assert train.n_ratings == len(rows)
    return lambda params: lambda: SVD(biased=True, **params).fit(train)


serve(prepare)
