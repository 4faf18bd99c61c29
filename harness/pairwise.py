"""Evaluations of several runs on the same reviews, compared in pairs: no model is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from harness import runs
from harness.errors import NothingMeasured, PredictionsError, RunError, UsageError
from harness.references import Candidate
from harness.report.many.entries import Entry, Flipped, Group, Pair, entries, grouped

if TYPE_CHECKING:
    from harness.records import Run

MOST_PAIRS = 28
"""Of a group: those of eight evaluations. Of more, each is compared with the first."""


def named(names: Sequence[str], output: Path) -> tuple[list[tuple[Path, Run]], list[tuple[str, str]]]:
    """Runs as `harness.runs.find` takes their names; none is left out.

    Raises:
        RunError: One cannot be read.
        UsageError: One is named twice.
        NothingMeasured: None has an evaluation.
    """
    paths = [runs.find(name, output) for name in names]
    twice = [str(path) for path in paths if [each.resolve() for each in paths].count(path.resolve()) > 1]
    if twice:
        raise UsageError(
            "the same run is named twice", where=", ".join(dict.fromkeys(twice)), remedy="name each run once"
        )
    found = [(path, runs.read(path, output)) for path in paths]
    _require_evaluations([run for _, run in found], ", ".join(names))
    return found, []


def of_folder(folder: Path) -> tuple[list[tuple[Path, Run]], list[tuple[str, str]]]:
    """Every finished run of a folder in the order of time, and the folders that are left out, with why.

    Raises:
        NothingMeasured: None has an evaluation.
    """
    found, skipped = [], []
    for path in sorted(each for each in folder.iterdir() if (each / "run.json").is_file()):
        try:
            found.append((path, runs.read(path, folder)))
        except RunError as error:
            skipped.append((path.name, error.message))
    _require_evaluations([run for _, run in found], str(folder))
    return sorted(found, key=lambda each: each[1].started), skipped


def _require_evaluations(found: Sequence[Run], where: str) -> None:
    if not any(run.evaluations for run in found):
        raise NothingMeasured(
            "no evaluation to compare",
            where=where,
            expected="finished runs of `harness evaluate` or `pytest suites/` with an evaluation",
            remedy="name other runs; times are compared within one run, see --against",
        )


def compare(found: Sequence[tuple[Path, Run]], *, pairs: bool = True) -> tuple[Group, ...]:
    """Groups of evaluations on the same reviews, each with its paired differences.

    The later of two is the candidate, the earlier the reference, in the order given.

    Args:
        found: Run folders with their records.
        pairs: Whether evaluations are compared in pairs.

    Raises:
        RunError: Predictions or reviews of a run cannot be read.
        PredictionsError: Two evaluations of the same set whose predictions are not of the same reviews.
    """
    groups = grouped(entries(found))
    return tuple(_group(group) if pairs else Group(group, ()) for group in groups)


def _group(group: Sequence[Entry]) -> Group:
    pairs = list(combinations(group, 2))
    left_out = 0
    if len(pairs) > MOST_PAIRS:
        left_out = len(pairs) - (len(group) - 1)
        pairs = [(group[0], each) for each in group[1:]]
    compared: dict[tuple[str, str], Pair] = {}
    flipped = None
    for candidate in group[1:]:
        read = Candidate.read(candidate.path, candidate.run, candidate.evaluation)
        for reference, _ in (each for each in pairs if each[1] is candidate):
            table = _aligned(reference, candidate, read)
            difference = read.compared(table, (candidate.letter, reference.letter))
            compared[reference.letter, candidate.letter] = Pair(candidate, reference, difference, None)
            if len(pairs) == 1:
                reviews = runs.read_reviews(candidate.path / candidate.evaluation.reviews)
                flipped = Flipped(read.table, table, reviews)
    return Group(
        tuple(group), _corrected([compared[one.letter, other.letter] for one, other in pairs]), left_out, flipped
    )


def _aligned(reference: Entry, candidate: Entry, read: Candidate) -> runs.PredictionTable:
    found = runs.aligned(runs.read_predictions(reference.path / reference.evaluation.predictions), read.table)
    if isinstance(found, runs.Misfit):
        raise PredictionsError(
            f"two evaluations of the same review set have different {found.what}",
            where=f"{reference.run.id} and {candidate.run.id}: {found.sides}",
            expected=f"the same {found.what} in both",
            remedy="make one of the runs again",
        )
    return found


def _corrected(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """With the p values of accuracy corrected for the number of pairs."""
    import numpy as np

    from harness.statistics.multiplicity import holm

    tested = [place for place, each in enumerate(pairs) if _p_value(each) is not None]
    if not tested:
        return tuple(pairs)
    adjusted = holm(np.array([_p_value(pairs[place]) for place in tested], dtype=float))
    by_place = dict(zip(tested, map(float, adjusted), strict=True))
    return tuple(replace(each, adjusted_p_value=by_place.get(place)) for place, each in enumerate(pairs))


def _p_value(pair: Pair) -> float | None:
    return pair.comparison.differences["accuracy"].p_value
