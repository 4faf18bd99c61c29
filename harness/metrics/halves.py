"""Halves and folds of the examples, told apart by the index of an example and the seed alone.

So a figure can be chosen on one part and measured on another, in one pass, whatever the batches are.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Int, UInt64

# integers: the place of each example in the whole set, counted from 0
Indices = Int[np.ndarray, " examples"]

# int64: 0 or 1
HalfOf = Int[np.ndarray, " examples"]

# int64: from 0 to the number of folds less one
FoldOf = Int[np.ndarray, " examples"]

# 64 bits without a sign, whose arithmetic wraps around
Bits = UInt64[np.ndarray, " examples"]

STEP = np.uint64(0x9E3779B97F4A7C15)
MULTIPLIERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def half_of(indices: Indices, seed: int) -> HalfOf:
    """The half that each example belongs to, (N,) int64 of 0 and 1.

    It is the top bit of a hash: the mixing step of SplitMix64 (Steele, Lea & Flood 2014, OOPSLA), of the
    seed and then of the index, so that the halves of neighbouring seeds have nothing to do with each other.

    >>> half_of(np.arange(8), seed=0)
    array([1, 1, 0, 1, 1, 1, 0, 1])
    """
    halves: HalfOf = (_hashed(indices, seed) >> np.uint64(63)).astype(np.int64)
    return halves


def fold_of(indices: Indices, folds: int, seed: int) -> FoldOf:
    """The fold of each example, (N,) int64 in 0 … folds - 1: the remainder of the same hash.

    >>> fold_of(np.arange(8), folds=5, seed=0).max() < 5
    np.True_
    """
    folded: FoldOf = (_hashed(indices, seed) % np.uint64(folds)).astype(np.int64)
    return folded


def _hashed(indices: Indices, seed: int) -> Bits:
    start = _mixed(np.array([seed % 2**64], dtype=np.uint64))
    return _mixed(start + indices.astype(np.uint64))


def _mixed(state: Bits) -> Bits:
    # Arrays wrap around silently, as is meant here; numpy warns of it in single numbers only.
    bits: Bits = (state + np.uint64(1)) * STEP
    bits = (bits ^ (bits >> np.uint64(30))) * MULTIPLIERS[0]
    bits = (bits ^ (bits >> np.uint64(27))) * MULTIPLIERS[1]
    bits = bits ^ (bits >> np.uint64(31))
    return bits
