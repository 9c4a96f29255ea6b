"""implicit's alternating least squares, on every rating as one sign of interest."""

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix
from wire import serve


def prepare(users, items, ratings, scale):
    told = csr_matrix((np.ones(len(ratings), dtype=np.float32), (users, items)))

    def begin(params):
        model = AlternatingLeastSquares(num_threads=1, dtype=np.float32, **params)
        return lambda: model.fit(told, show_progress=False)

    return begin


serve(prepare)
