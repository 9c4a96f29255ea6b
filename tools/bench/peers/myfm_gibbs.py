"""myFM's Gibbs sampler over the ids of people and items."""

import numpy as np
from myfm import MyFMRegressor
from scipy.sparse import csr_matrix
from wire import serve


def prepare(users, items, ratings, scale):
    people, things = int(users.max()) + 1, int(items.max()) + 1
    rows = np.tile(np.arange(len(ratings)), 2)
    columns = np.concatenate([users.astype(np.int64), people + items.astype(np.int64)])
    hot = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(ratings), people + things))
    given = ratings.astype(np.float64)

    def begin(params):
        model = MyFMRegressor(rank=params["rank"], random_seed=params["random_seed"])
        return lambda: model.fit(hot, given, n_iter=params["n_iter"], group_shapes=[people, things])

    return begin


serve(prepare)
