"""Which reviews go through `forward` together: by token count, under a token budget."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def plan(lengths: np.ndarray, token_budget: int) -> list[np.ndarray]:
    """Batches of reviews of like length, each of at most `token_budget` padded tokens.

    The longest reviews come first: what does not fit the device's memory fails in the first
    seconds and not in the last, later batches fit into memory that is allocated already, and the
    time left is never promised too short. Reviews of one length keep their order.

    Args:
        lengths: (N,) integers: tokens of each review.
        token_budget: Width of a batch times its reviews, at most. A review that is longer than
            that is a batch of its own.

    Returns:
        (n,) int64 indices into `lengths` for each batch; every index stands in exactly one.

    >>> plan(np.array([3, 9, 4, 3]), token_budget=9)
    [array([1]), array([2, 0]), array([3])]
    """
    longest_first = np.argsort(-lengths.astype(np.int64), kind="stable")
    ordered = lengths[longest_first]
    batches = []
    start = 0
    while start < len(ordered):
        reviews = max(1, token_budget // max(1, int(ordered[start])))
        batches.append(longest_first[start : start + reviews])
        start += reviews
    return batches


def padding_share(lengths: np.ndarray, batches: Sequence[np.ndarray]) -> float:
    """Share of the tokens in `batches` that is padding: 0 where all reviews of a batch are of one length.

    >>> round(padding_share(np.array([3, 9, 4, 3]), [np.array([1]), np.array([2, 0]), np.array([3])]), 6)
    0.05
    """
    padded = sum(int(lengths[batch].max()) * len(batch) for batch in batches if len(batch))
    real = sum(int(lengths[batch].sum()) for batch in batches)
    return 1 - real / padded if padded else 0.0
