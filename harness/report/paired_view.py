"""Pairs of rounds as the page's template needs them: each case with the verdict on it, and both environments."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from markupsafe import Markup

from harness.records import Metric, PairedRounds, Run, Verdict
from harness.report import environments, gate_charts, numbers
from harness.report.environments import Fact
from harness.report.numbers import count, counted

UNJUDGED = "no rule of the gate judged these rounds"


@dataclass(frozen=True)
class Case:
    """One stage at one size, or one scenario."""

    name: str
    """`p1`, `p2` …: its fragment."""
    record: PairedRounds
    verdict: Verdict | None
    """The one that was made of these rounds."""
    ratio: Metric
    """Candidate ÷ reference, with the interval as it was judged."""
    drawn: Markup

    @property
    def size(self) -> str:
        """Batch size and length of a stage; reviews of a round of a scenario, and the rate of a server."""
        one = self.record
        if one.batch_size is not None and one.seq_len is not None:
            return f"{count(one.batch_size)} × {count(one.seq_len)}"
        rate = "" if one.rate is None else f" at {numbers.rate(one.rate)}"
        return f"{counted(one.reviews or 0, 'review')}{rate}"

    @property
    def value(self) -> str:
        return "–" if self.ratio.value is None else f"{self.ratio.value:.3f} ×"

    @property
    def interval(self) -> str:
        """Empty where there is none."""
        if self.ratio.low is None or self.ratio.high is None:
            return ""
        return f"{self.ratio.low:.3f}–{self.ratio.high:.3f}"

    @property
    def pairs(self) -> str:
        rows = self.record.candidate.seconds
        return f"{count(sum(map(len, rows)))} of {counted(len(rows), 'process pair')}"


@dataclass(frozen=True)
class PairedView:
    """Two classifiers that were timed in pairs, each in one environment."""

    candidate: str
    reference: str
    cases: tuple[Case, ...]
    facts: tuple[Fact, ...]
    """What is known of either side."""

    @property
    def title(self) -> str:
        """Who against whom; dtypes where they differ, since a classifier may be timed against itself."""
        dtypes = next(each for each in self.facts if each.name == "dtype")
        sides = (self.candidate, dtypes.candidate), (self.reference, dtypes.reference)
        return " against ".join(f"{name} ({dtype})" if dtypes.differs else name for name, dtype in sides)

    @property
    def shown(self) -> tuple[Fact, ...]:
        """What is told of both sides in a table: of packages, those that differ."""
        return tuple(each for each in self.facts if each.differs or not each.is_package)

    @property
    def alike(self) -> tuple[Fact, ...]:
        """Packages that are the same on both sides."""
        return tuple(each for each in self.facts if each.is_package and not each.differs)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why some case has no ratio or no interval, each reason once."""
        found = (each.ratio.reason or each.ratio.interval_reason for each in self.cases)
        return tuple(dict.fromkeys(reason for reason in found if reason))


def view(run: Run) -> tuple[PairedView, ...]:
    """Every case of a run, by who was compared with whom."""
    groups: dict[tuple[Fact, ...], list[Case]] = {}
    for case in cases(run):
        sides = (environments.of_side(side) for side in (case.record.candidate, case.record.reference))
        groups.setdefault(environments.facts(*sides), []).append(case)
    return tuple(
        PairedView(
            candidate=found[0].record.candidate.classifier,
            reference=found[0].record.reference.classifier,
            cases=tuple(found),
            facts=facts,
        )
        for facts, found in groups.items()
    )


def cases(run: Run) -> Iterator[Case]:
    """Every case of a run with the verdict on it, in order."""
    for place, record in enumerate(run.paired, start=1):
        found = _verdict(record, run.verdicts)
        ratio = found.difference if found is not None and found.difference is not None else _unjudged(record)
        limit = None if found is None else 1 + found.limit
        outcome = None if found is None else found.outcome
        drawn = gate_charts.process_pairs(medians(record), ratio, limit, outcome)
        yield Case(f"p{place}", record, found, ratio, drawn)


def medians(record: PairedRounds) -> list[float]:
    """The median ratio of each process pair."""
    return [median(ratios) for row in _ratios(record) if (ratios := list(row))]


def _ratios(record: PairedRounds) -> list[list[float]]:
    rows = zip(record.candidate.seconds, record.reference.seconds, strict=True)
    return [[one / other for one, other in zip(*row, strict=True) if other > 0] for row in rows]


def _whole(record: PairedRounds) -> float | None:
    """The median over all pairs, as a gate takes it."""
    every = [ratio for row in _ratios(record) for ratio in row]
    return median(every) if every else None


def _unjudged(record: PairedRounds) -> Metric:
    value = _whole(record)
    if value is None:
        return Metric(value=None, reason="no pair was measured")
    return Metric(value=value, interval_reason=UNJUDGED)


def _verdict(record: PairedRounds, verdicts: Sequence[Verdict]) -> Verdict | None:
    """The verdict that was made of these rounds: a record of it names its subject and both sides, but not the size, so
    that it is known by its ratio."""
    value = _whole(record)
    named = (record.subject, record.candidate.classifier, record.reference.classifier)
    for each in verdicts:
        if each.kind != "max_slowdown" or each.difference is None or each.difference.value is None or value is None:
            continue
        known = math.isclose(each.difference.value, value, rel_tol=1e-9)
        if known and (each.subject, each.classifier, each.baseline) == named:
            return each
    return None
