"""How a server answers the queries that wait: the oldest alone, or as many together as the token budget takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from harness.encoding import Encoding
from harness.timing.scenarios.scene import Scene, Subject


class Worker(Protocol):
    """Answers the queries of one trial, the oldest first."""

    def answer(self, come: int) -> np.ndarray:
        """Answer one query or more of those that wait.

        Args:
            come: Queries that have arrived so far, answered ones among them; at least one waits.

        Returns:
            (n,) int32, tokens of each query that was answered, in the order of arrival.
        """


class Alone:
    """Dynamic batching off: each query has a forward pass of its own."""

    def __init__(self, scene: Scene, review: np.ndarray) -> None:
        """
        Args:
            scene: Whose reviews are asked for.
            review: (Q,) positions of the reviews, in the order of arrival.
        """
        self._scene = scene
        self._review = review
        self._next = 0

    def answer(self, come: int) -> np.ndarray:
        """The oldest one."""
        text = self._scene.texts[self._review[self._next]]
        self._next += 1
        return self._scene.answer([text])


class Together:
    """Dynamic batching on: the longest run of waiting queries whose padded tokens fit the token budget.

    A query is tokenized once, when there may be room for it; its token ids are kept until it is its turn.
    """

    def __init__(self, scene: Scene, review: np.ndarray) -> None:
        """As `Alone`."""
        self._subject: Subject = scene.subject
        self._texts = scene.texts
        self._review = review
        self._tokenized = 0
        self._kept: Encoding | None = None
        """Tokenized queries that wait."""
        # Before anything is known of lengths there is room for one.
        self._longest = scene.subject.token_budget

    def answer(self, come: int) -> np.ndarray:
        """As many as fit, and at least one."""
        kept = self._with_room_filled(come)
        count = fitting(kept.lengths, self._subject.token_budget)
        places = np.arange(len(kept))
        batch = kept.select(places[:count]) if count < len(kept) else kept
        self._kept = kept.select(places[count:]) if count < len(kept) else None
        self._longest = int(batch.lengths.max())
        # One forward pass: its padded tokens are within the budget.
        self._subject.classify_encoding(batch)
        return batch.lengths

    def _with_room_filled(self, come: int) -> Encoding:
        """The tokenized queries, with those that waited as texts so far as there may be room for."""
        kept, longest = self._kept, self._longest
        while True:
            waiting = len(kept) if kept is not None else 0
            if kept is not None:
                longest = int(kept.lengths.max())
            room = max(1, self._subject.token_budget // longest) - waiting
            more = min(come - self._tokenized, room)
            if more <= 0:
                assert kept is not None, "a query waits"
                return kept
            wanted = self._review[self._tokenized : self._tokenized + more]
            fresh = self._subject.tokenize([self._texts[place] for place in wanted])
            self._tokenized += more
            kept = fresh if kept is None else joined([kept, fresh])


def fitting(lengths: np.ndarray, token_budget: int) -> int:
    """How many of the first reviews fit into one forward pass: rows × longest within the budget; at least one.

    >>> fitting(np.array([3, 9, 4, 3]), token_budget=27)
    3
    """
    padded = np.maximum.accumulate(lengths.astype(np.int64)) * np.arange(1, len(lengths) + 1)
    return max(1, int(np.searchsorted(padded, token_budget, side="right")))


def joined(encodings: Sequence[Encoding]) -> Encoding:
    """The texts of several encodings, in their order, as one. Either all have token types or none."""
    ends = np.cumsum([0, *(len(each.flat_ids) for each in encodings)])
    offsets = [each.offsets[1:] + end for each, end in zip(encodings, ends, strict=False)]
    types = [each.flat_types for each in encodings if each.flat_types is not None]
    return Encoding(
        np.concatenate([each.flat_ids for each in encodings]),
        np.concatenate([[0], *offsets]),
        np.concatenate([each.cut for each in encodings]),
        np.concatenate(types) if types else None,
    )
