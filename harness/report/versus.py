"""Classifiers that were timed in turn, one against another, with the noise floor beside every comparison."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from harness import rounds
from harness.records import Run, Timing
from harness.report import numbers
from harness.report.timed import label_of, where_of
from harness.rounds import Cell, Level, Member, TimingComparison

# Asked for by the page and the terminal, at the end of one session.
_comparisons = lru_cache(maxsize=256)(rounds.comparisons)


@dataclass(frozen=True)
class Versus:
    """One classifier against another, in all cells that have both on one device."""

    candidate: str
    reference: str
    where: str
    rows: tuple[TimingComparison, ...]

    @property
    def title(self) -> str:
        return f"{self.candidate} against {self.reference}, on {self.where}"

    @property
    def cells(self) -> tuple[tuple[TimingComparison, ...], ...]:
        """The rows of each cell."""
        found: dict[Cell, list[TimingComparison]] = {}
        for row in self.rows:
            found.setdefault(row.cell, []).append(row)
        return tuple(tuple(rows) for rows in found.values())

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why some rows are undecided, each reason once."""
        return tuple(dict.fromkeys(row.reason for row in self.rows if row.reason))


def pairs(run: Run) -> tuple[Versus, ...]:
    """Every classifier that was timed in turn with another, against the first of its cells."""
    level = Level.of(run)
    found: dict[tuple[Member, Member, str, str], list[TimingComparison]] = {}
    for cell in rounds.cells(run.timings):
        for each in _comparisons(cell, level):
            key = (_member(each.candidate), _member(each.reference), cell.device, cell.timings[0].review_set)
            found.setdefault(key, []).append(each)
    return tuple(
        Versus(label_of(candidate), label_of(reference), where_of(run, device, review_set), tuple(rows))
        for (candidate, reference, device, review_set), rows in found.items()
    )


def verdict(one: TimingComparison) -> str:
    """`slower`, `faster`, `within noise` or `undecided`."""
    if one.beyond_noise is None:
        return "undecided"
    if not one.beyond_noise:
        return "within noise"
    assert one.ratio.value is not None
    return "slower" if one.ratio.value > 1 else "faster"


def floor(one: TimingComparison) -> str:
    """The noise floor as the ratios within it, `0.97–1.03`; a dash where there is none."""
    reach = one.floor.reach
    return "–" if reach is None else f"{numbers.digits(1 / reach)}–{numbers.digits(reach)}"


def _member(timing: Timing) -> Member:
    return Member(timing.classifier, timing.dtype)
