"""The sentence of a verdict on a difference: what changed, its interval, the limit, and what would decide."""

from __future__ import annotations

from dataclasses import dataclass

from harness.gates.directions import Turned, lower_is_better, turned
from harness.gates.wording import Figures, decides, interval_name, spoken
from harness.records.verdicts import Outcome
from harness.statistics import Interval


@dataclass(frozen=True)
class Change:
    """One difference, candidate less baseline, as it is told."""

    subject: str
    """Name of the metric."""
    where: str
    """The slice, as ` of language=de`; empty for all reviews."""
    value: float
    bounds: Interval
    """The one that was judged, at 1 - 2 `alpha`."""
    limit: float
    """The largest drop, as a positive number; 0 for none."""
    alpha: float

    @property
    def turned(self) -> Turned:
        return turned(self.subject, self.value, self.bounds)

    def within(self, outcome: Outcome, needed: int | None) -> str:
        """Against a largest drop.

        >>> tango = Interval(-0.004, 0.009, "Tango")
        >>> Change("accuracy", "", 0.002, tango, limit=0.01, alpha=0.05).within("pass", None)
        'accuracy fell by at most 0.4 points (90 % interval −0.4 to +0.9), within 1.0 points'
        """
        figures, size = self._figures, self._figures.amount(self.turned.value)
        limit = figures.amount(self.limit)
        if outcome == "inconclusive":
            return f"{self._changed}, and {self._noun}s of up to {limit} are allowed{decides(needed)}"
        if outcome == "fail":
            return f"{self._verb(worse=True)} by {size} {self._interval}, more than {limit}"
        if self.turned.low >= 0:
            return f"{self._verb(worse=False)} by {size} {self._interval}"
        return f"{self._verb(worse=True)} by at most {figures.amount(self.turned.low)} {self._interval}, within {limit}"

    def none(self, outcome: Outcome, seen: float | None) -> str:
        """Against no drop at all; `seen` is the drop that would have been found.

        >>> tango = Interval(-0.009, 0.005, "Tango")
        >>> Change("accuracy", "", -0.002, tango, limit=0, alpha=0.05).none("pass", 0.0123)
        'accuracy changed by −0.2 points (90 % interval −0.9 to +0.5): a drop of 1.2 points would have been found in 80 of 100 comparisons'
        """  # noqa: E501
        if outcome == "fail":
            return f"{self._verb(worse=True)} by {self._figures.amount(self.turned.value)} {self._interval}"
        if seen is None:
            return f"{self._changed}: what {self._noun} would have been found is not known"
        found = f"a {self._noun} of {self._figures.amount(seen)} would have been found in 80 of 100 comparisons"
        return f"{self._changed}: {found}"

    @property
    def _figures(self) -> Figures:
        ends = (self.turned.value, self.turned.low, self.turned.high)
        return Figures.of(self.subject, -self.limit, ends)

    @property
    def _name(self) -> str:
        return spoken(self.subject) + self.where

    @property
    def _interval(self) -> str:
        return f"({interval_name(self.alpha)} {self._figures.changes(self.bounds.low, self.bounds.high)})"

    @property
    def _changed(self) -> str:
        return f"{self._name} changed by {self._figures.change(self.value)} {self._interval}"

    @property
    def _noun(self) -> str:
        return "rise" if lower_is_better(self.subject) else "drop"

    def _verb(self, *, worse: bool) -> str:
        return f"{self._name} {'rose' if worse == lower_is_better(self.subject) else 'fell'}"
