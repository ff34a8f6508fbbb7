"""Which items go with which: the strongest neighbours of each item, learnt from who took both."""

from __future__ import annotations

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
    overlap = _ease(taste, ridge) if len(log.items) <= DENSE_LIMIT else None
    index, weight = _strongest_dense(overlap) if overlap is not None else _strongest_cosines(taste)
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


def _ease(taste: csr_array, ridge: float) -> npt.NDArray[np.float64]:
    """[items, items] weights of EASE: Steck, 'Embarrassingly Shallow Autoencoders for Sparse Data', WWW 2019, eq. 8."""
    gram = (taste.T @ taste).toarray()
    diagonal = np.arange(len(gram))
    gram[diagonal, diagonal] += max(ridge * float(gram[diagonal, diagonal].mean()), 1e-9)
    inverse = _inverse(gram)
    weights = inverse / -np.diag(inverse)
    weights[diagonal, diagonal] = 0.0
    return weights


def _inverse(positive: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The inverse of a symmetric positive definite matrix, by Cholesky: half the work of the general one."""
    from scipy.linalg.lapack import dpotrf, dpotri

    factor, _ = dpotrf(positive, lower=1, overwrite_a=1)
    inverse, _ = dpotri(factor, lower=1, overwrite_c=1)
    # Only the lower half is filled in; the upper one holds what was there.
    upper = np.triu_indices(len(inverse), 1)
    inverse[upper] = inverse.T[upper]
    return np.asarray(inverse)


def _strongest_dense(weights: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    kept = min(NEIGHBOURS, weights.shape[1])
    index = np.argpartition(-weights, kept - 1, axis=1)[:, :kept]
    values = np.take_along_axis(weights, index, axis=1)
    order = np.lexsort((index, -values), axis=1)
    index, values = np.take_along_axis(index, order, axis=1), np.take_along_axis(values, order, axis=1)
    return np.where(values > 0, index, -1).astype(np.int32), np.maximum(values, 0).astype(np.float32)


def _strongest_cosines(taste: csr_array) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Cosines of the items' columns, damped so that a pair seen once is not taken for a perfect one; by blocks."""
    columns = taste.tocsc()
    squares = np.asarray(columns.multiply(columns).sum(axis=0)).ravel()
    scale = 1.0 / np.sqrt(squares + squares[squares > 0].mean())
    count, block = taste.shape[1], 512
    index = np.full((count, NEIGHBOURS), -1, np.int32)
    weight = np.zeros((count, NEIGHBOURS), np.float32)
    for start in range(0, count, block):
        stop = min(start + block, count)
        cosines = (columns[:, start:stop].T @ taste).toarray() * scale * scale[start:stop, None]
        cosines[np.arange(stop - start), np.arange(start, stop)] = 0.0
        found, values = _strongest_dense(cosines)
        index[start:stop, : found.shape[1]], weight[start:stop, : found.shape[1]] = found, values
    return index, weight
