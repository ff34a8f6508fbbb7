"""Which items go with which: the strongest neighbours of each item, learnt from who took both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from reco_core.interactions import KINDS, Kind, Log

if TYPE_CHECKING:
    from scipy.sparse import csr_array

KIND_WEIGHT = {Kind.VIEW: 0.3, Kind.CLICK: 0.4, Kind.CART: 0.8, Kind.PURCHASE: 1.0}
"""How much an interaction says about taste, set by hand: a purchase is 1."""

NEIGHBOURS = 128
"""How many neighbours an item keeps. More costs speed and hardly moves the order."""

DENSE_LIMIT = 6000
"""Up to so many items the neighbours come from EASE, which inverts a matrix of items × items; above, from cosines."""


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """For each of m items, the items that its buyers took, by falling weight."""

    ids: tuple[str, ...]
    index: npt.NDArray[np.int32]
    """[m, N] places in `ids`; -1 where an item has fewer."""
    weight: npt.NDArray[np.float32]
    """[m, N], above 0; 0 where an item has fewer. Over all pairs of items the mean is 1."""
    popularity: npt.NDArray[np.float64]
    """[m], how many shoppers took the item lately, each at most once, older ones counting less."""


def learn_neighbours(log: Log, *, half_life: float, ridge: float, popular_half_life: float) -> Neighbours:
    """Neighbours from a log, as it stands at its last moment.

    Args:
        log: at least one interaction.
        half_life: after this time an interaction counts half, in the log's unit.
        ridge: EASE's regularisation, as a multiple of the mean of the diagonal of XᵀX; see `_ease`.
        popular_half_life: the same as `half_life`, for popularity.
    """
    taste = shopper_items(log, half_life)
    count = len(log.items)
    index, weight = _strongest(count, _ease(taste, ridge) if count <= DENSE_LIMIT else _cosines(taste))
    # On one scale whatever the log: 1 is what an item of a history adds to an item picked by chance.
    weight *= len(weight) ** 2 / max(float(weight.sum()), 1e-9)
    popularity = np.asarray(shopper_items(log, popular_half_life).sum(axis=0), np.float64).ravel()
    return Neighbours(log.items, index, weight, popularity)


def shopper_items(log: Log, half_life: float) -> csr_array:
    """[users, items]: the decayed weight of what each shopper did with each item, at most 1."""
    from scipy.sparse import csr_array

    kinds = np.asarray([KIND_WEIGHT[kind] for kind in KINDS])[log.kind]
    age = (log.time[-1] - log.time) / half_life
    matrix = csr_array((kinds * 0.5**age, (log.user, log.item)), shape=(len(log.users), len(log.items)))
    matrix.sum_duplicates()
    matrix.data = np.minimum(matrix.data, 1.0)
    return matrix


def _ease(taste: csr_array, ridge: float) -> Callable[[int, int], npt.NDArray[np.float64]]:
    """Rows of the weights of EASE: Steck, 'Embarrassingly Shallow Autoencoders for Sparse Data', WWW 2019, eq. 8."""
    gram = (taste.T @ taste).toarray()
    diagonal = np.arange(len(gram))
    gram[diagonal, diagonal] += max(ridge * float(gram[diagonal, diagonal].mean()), 1e-9)
    inverse = _inverse(gram)
    scale = -np.diag(inverse).copy()
    inverse[diagonal, diagonal] = 0.0
    return lambda start, stop: inverse[start:stop] / scale


def _inverse(positive: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The inverse of a symmetric positive definite matrix, by Cholesky: half the work of the general one."""
    from scipy.linalg.lapack import dpotrf, dpotri

    factor, _ = dpotrf(positive, lower=1, overwrite_a=1)
    inverse, _ = dpotri(factor, lower=1, overwrite_c=1)
    for row in range(len(inverse) - 1):
        # Only the lower half was filled in.
        inverse[row, row + 1 :] = inverse[row + 1 :, row]
    return np.asarray(inverse)


def _strongest(
    count: int, block_of: Callable[[int, int], npt.NDArray[np.float64]]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """The largest weights above 0 of each row; `block_of` gives the rows [start, stop) of [count, count]."""
    kept, block = min(NEIGHBOURS, count), 512
    index = np.full((count, kept), -1, np.int32)
    weight = np.zeros((count, kept), np.float32)
    for start in range(0, count, block):
        stop = min(start + block, count)
        rows = block_of(start, stop)
        found = np.argpartition(-rows, kept - 1, axis=1)[:, :kept]
        values = np.take_along_axis(rows, found, axis=1)
        order = np.lexsort((found, -values), axis=1)
        found, values = np.take_along_axis(found, order, axis=1), np.take_along_axis(values, order, axis=1)
        index[start:stop] = np.where(values > 0, found, -1)
        weight[start:stop] = np.maximum(values, 0)
    return index, weight


def _cosines(taste: csr_array) -> Callable[[int, int], npt.NDArray[np.float64]]:
    """Cosines of the items' columns, damped so that a pair seen once is not taken for a perfect one."""
    columns = taste.tocsc()
    squares = np.asarray(columns.multiply(columns).sum(axis=0)).ravel()
    scale = 1.0 / np.sqrt(squares + squares[squares > 0].mean())

    def block_of(start: int, stop: int) -> npt.NDArray[np.float64]:
        cosines = (columns[:, start:stop].T @ taste).toarray() * scale * scale[start:stop, None]
        cosines[np.arange(stop - start), np.arange(start, stop)] = 0.0
        return np.asarray(cosines)

    return block_of
