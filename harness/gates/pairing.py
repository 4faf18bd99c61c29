"""The baseline's rows in the candidate's order, or why the two are not about the same reviews."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.errors import PredictionsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.runs.tables import PredictionTable


@dataclass(frozen=True)
class Side:
    """One of the two that are compared: its predictions, and the texts that they are about."""

    name: str
    table: PredictionTable
    texts: Mapping[str, str] | None = None
    """By id; None where none were kept."""


def paired_probabilities(candidate: Side, baseline: Side) -> np.ndarray:
    """(N, E) floats, the baseline's probabilities with its rows in the order of the candidate's.

    Raises:
        PredictionsError: Other classes, other ids, an id that stands twice, or another gold label of the same id.
    """
    _check_classes(candidate, baseline)
    order = _order(candidate, baseline)
    probabilities, gold = baseline.table.probabilities, baseline.table.gold
    if order is not None:
        probabilities, gold = probabilities[order], gold[order]
    _check_gold(candidate, baseline, gold)
    return probabilities


def _order(candidate: Side, baseline: Side) -> np.ndarray | None:
    """(N,) int64, the baseline's row of each of the candidate's; None where they are in the same order already."""
    known = {name: row for row, name in enumerate(baseline.table.ids)}
    own = set(candidate.table.ids)
    for side, distinct in ((candidate, len(own)), (baseline, len(known))):
        if distinct < len(side.table.ids):
            raise PredictionsError(
                f"{side.name} has {len(side.table.ids) - distinct:,} ids more than once",
                where=f"predictions of {side.name}",
                expected="each id once",
                remedy="give each review an id of its own",
            )
    only_here, only_there = len(own - known.keys()), len(known.keys() - own)
    if only_here or only_there:
        raise PredictionsError(
            f"candidate and baseline are not of the same reviews: {_missing(only_here, own, baseline)}"
            f" and {_missing(only_there, known, candidate)}",
            where=f"predictions of {candidate.name} and {baseline.name}",
            expected="the same ids on both sides",
            remedy="evaluate both on the same review set",
        )
    if candidate.table.ids == baseline.table.ids:
        return None
    return np.fromiter((known[name] for name in candidate.table.ids), np.int64, len(own))


def _missing(absent: int, among: set[str] | dict[str, int], side: Side) -> str:
    """
    >>> from types import SimpleNamespace as Fake
    >>> _missing(2, {"a", "b", "c"}, Fake(name="main"))
    '2 of 3 ids are missing in main'
    """
    return f"{absent:,} of {len(among):,} ids are missing in {side.name}"


def _check_classes(candidate: Side, baseline: Side) -> None:
    if candidate.table.classes != baseline.table.classes:
        raise PredictionsError(
            f"candidate and baseline have other classes: {', '.join(candidate.table.classes)}"
            f" and {', '.join(baseline.table.classes)}",
            where=f"predictions of {candidate.name} and {baseline.name}",
            expected="the same classes in the same order",
            remedy="evaluate both with the same label scheme",
        )


def _check_gold(candidate: Side, baseline: Side, gold: np.ndarray) -> None:
    other = np.flatnonzero(candidate.table.gold != gold)
    if not len(other):
        return
    row = int(other[0])
    names = candidate.table.classes
    raise PredictionsError(
        f"{len(other):,} of {len(gold):,} reviews have another gold label in {baseline.name}: the first is"
        f" {candidate.table.ids[row]!r}, {names[int(candidate.table.gold[row])]} and {names[int(gold[row])]}",
        where=f"predictions of {candidate.name} and {baseline.name}",
        expected="the same gold label for the same id",
        remedy="evaluate both on the same review set, with the same label map",
    )
