"""The reviews that two classifiers predict differently, with both rows of probabilities.

The candidate's are joined with their reviews; the reference may come from anywhere, as long as its rows and classes
are in the candidate's order: a baseline, a classifier that ran beside the candidate, another run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from harness.errors import RunError
from harness.report import examples
from harness.report.examples import LONGEST, Joined

if TYPE_CHECKING:
    from harness.runs import PredictionTable

Kind = Literal["lost", "gained", "changed"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TITLES: Mapping[Kind, str] = {"lost": "Lost", "gained": "Gained", "changed": "Both wrong, but changed"}
MEANINGS: Mapping[Kind, str] = {
    "lost": "the reference predicts the label, the candidate does not",
    "gained": "the candidate predicts the label, the reference does not",
    "changed": "neither predicts the label, and they predict different classes",
}


@dataclass(frozen=True)
class Flipped:
    """One review as the page shows it: what either classifier says of it."""

    id: str
    gold: int
    candidate: tuple[float, ...]
    """E probabilities."""
    reference: tuple[float, ...]
    """E probabilities."""
    text: str | None
    """`None` where the run keeps no texts."""

    @property
    def predicted(self) -> int:
        """By the candidate: the most probable class, the lowest one on a tie."""
        return int(np.argmax(self.candidate))

    @property
    def was(self) -> int:
        """Predicted by the reference."""
        return int(np.argmax(self.reference))


@dataclass(frozen=True)
class Flips:
    """Which reviews flipped."""

    joined: Joined
    """The candidate's N reviews."""
    reference: np.ndarray[Any, Any]
    """(N, E) float64."""
    places: Mapping[Kind, np.ndarray[Any, Any]]
    """(n,) int64 of each kind: rows of the N, in the order in which they are shown."""

    @property
    def counts(self) -> dict[Kind, int]:
        return {kind: len(rows) for kind, rows in self.places.items()}

    def shown(self, kind: Kind, most: int, longest: int = LONGEST) -> list[Flipped]:
        """The first `most` reviews of a kind, their texts shortened to `longest` characters."""
        rows = self.places[kind][:most].tolist()
        return [
            Flipped(one.id, one.gold, one.probabilities, tuple(self.reference[row].tolist()), one.text)
            for row, one in zip(rows, examples.at(self.joined, rows, longest), strict=True)
        ]

    def ways(self, kind: Kind) -> list[tuple[int, int, int]]:
        """From which class to which one the reviews of a kind went, and how many; the most common first."""
        rows = self.places[kind]
        pairs = np.column_stack([self.reference[rows].argmax(axis=1), self.joined.probabilities[rows].argmax(axis=1)])
        ways, counts = np.unique(pairs, axis=0, return_counts=True)
        found = zip(ways.tolist(), counts.tolist(), strict=True)
        return sorted(((was, now, count) for (was, now), count in found), key=lambda way: -way[2])


def find(joined: Joined, reference: PredictionTable) -> Flips:
    """The reviews that flipped; of each kind those whose label changed its probability the most come first.

    Args:
        joined: The candidate's predictions with their reviews, N rows and E classes.
        reference: N rows and E classes, in the same order.

    Raises:
        RunError: The reference is of other reviews, or in another order.
    """
    _check(joined, reference)
    of_reference = reference.probabilities.astype(np.float64)
    gold, now, was = joined.gold, joined.predicted, of_reference.argmax(axis=1)
    masks: dict[Kind, np.ndarray[Any, Any]] = {
        "lost": (was == gold) & (now != gold),
        "gained": (was != gold) & (now == gold),
        "changed": (was != gold) & (now != gold) & (was != now),
    }
    places = {}
    for kind, inside in masks.items():
        rows = np.flatnonzero(inside)
        moved = np.abs(joined.probabilities[rows, gold[rows]] - of_reference[rows, gold[rows]])
        places[kind] = rows[np.argsort(-moved, kind="stable")]
    return Flips(joined, of_reference, places)


def _check(joined: Joined, reference: PredictionTable) -> None:
    """A reference in another order would show reviews that never flipped."""
    same = _same(joined.ids, reference.ids) and joined.probabilities.shape == reference.probabilities.shape
    if not same or not np.array_equal(joined.gold, reference.gold):
        raise RunError(
            "the reference's predictions are not of the candidate's reviews in their order",
            where=f"{len(reference.ids):,} rows and {reference.probabilities.shape[1]} classes of the reference",
            expected=f"{len(joined.ids):,} rows and {joined.probabilities.shape[1]} classes, "
            "with the same ids and gold labels",
            remedy="compare the run with its reference again",
        )


def _same(one: Sequence[str], other: Sequence[str]) -> bool:
    return len(one) == len(other) and all(a == b for a, b in zip(one, other, strict=True))
