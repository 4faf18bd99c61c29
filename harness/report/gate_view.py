"""The verdicts of a gate as the page's template needs them: everything computed, nothing to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.records import FlippedReview, Outcome, Reference, Run, SliceVerdict, Verdict
from harness.records.verdicts import ORDER
from harness.report import gate_charts, gate_words, numbers, paired_view, verdict_figures, verdicts

FEW = 8
"""Verdicts up to which those that passed stand beside the others; above, they are folded."""


@dataclass(frozen=True)
class Link:
    """Where the evidence of a verdict stands on the page."""

    target: str
    said: str


@dataclass(frozen=True)
class WorstSlice:
    """A slice under a rule that judges the whole set."""

    record: SliceVerdict
    difference: str
    interval: str


@dataclass(frozen=True)
class Entry:
    """One verdict."""

    record: Verdict
    word: str
    mark: Markup
    judged: str
    """What it judged, and against what."""
    drawn: Markup
    """The interval beside the limit; empty where nothing was measured."""
    level: str
    """Of the interval; empty where none is drawn."""
    evidence: Link | None
    slices: tuple[WorstSlice, ...]
    flips: tuple[FlippedReview, ...]
    """Lost reviews that no other part of the page shows."""


@dataclass(frozen=True)
class GateView:
    """What the template of the gate shows."""

    summary: str
    tally: tuple[tuple[Outcome, str, Markup, int], ...]
    """Outcome, its word, its mark, and how many verdicts."""
    note: str
    """What inconclusive means; empty where nothing is."""
    shown: tuple[Entry, ...]
    folded: tuple[Entry, ...]
    """Those that passed, where all of them would hide the others."""


def view(run: Run, names: Mapping[str, str], compared: Mapping[str, tuple[Reference, int]]) -> GateView | None:
    """Everything that the page says of a gate; None where the run has no verdict.

    Args:
        run: The record.
        names: Evaluation id -> the name that the page gives it.
        compared: Name that the page gives a comparison -> what was compared with, and how many reviews were lost.
    """
    if not run.verdicts:
        return None
    evidence = _Evidence(run, names, compared)
    ordered = sorted(run.verdicts, key=lambda each: ORDER.index(each.outcome))
    entries = tuple(_entry(each, evidence) for each in ordered)
    passed = tuple(each for each in entries if each.record.outcome == "pass")
    folded = passed if len(entries) > FEW and len(passed) < len(entries) else ()
    return GateView(
        summary=gate_words.summary(run.verdicts, run.settings),
        tally=tuple(
            (outcome, verdicts.MEANINGS.get(outcome, outcome), gate_charts.mark(outcome), number)
            for outcome, number in gate_words.tally(run.verdicts)
        ),
        note=gate_words.on_inconclusive(run.verdicts, run.settings),
        shown=tuple(each for each in entries if not folded or each.record.outcome != "pass"),
        folded=folded,
    )


def _entry(verdict: Verdict, evidence: _Evidence) -> Entry:
    drawn, link = gate_charts.verdict(verdict), evidence.of(verdict)
    of_flips = link is not None and link.target.startswith("r") and verdict.column is None
    return Entry(
        record=verdict,
        word=verdicts.word(verdict),
        mark=gate_charts.mark(verdict.outcome),
        judged=gate_words.judged(verdict, str, against=verdict.baseline),
        drawn=drawn,
        level=_level(verdict) if drawn else "",
        evidence=link,
        slices=()
        if verdict.identical
        else tuple(
            WorstSlice(each, *numbers.change(verdict.subject, each.difference)) for each in verdict.worst_slices
        ),
        flips=() if of_flips else verdict.flips,
    )


def _level(verdict: Verdict) -> str:
    metric = verdict.candidate if verdict.kind in ("floor", "ceiling") else verdict.difference
    if metric is None or metric.low is None:
        return "no interval"
    # All looks at a ratio of times share its level.
    return "interval as judged" if verdict.kind == "max_slowdown" else verdict_figures.level([verdict])


class _Evidence:
    """Where on the page the evidence of each verdict stands."""

    def __init__(self, run: Run, names: Mapping[str, str], compared: Mapping[str, tuple[Reference, int]]) -> None:
        self._evaluations = {(each.classifier, each.review_set): each for each in run.evaluations}
        self._names, self._compared = names, compared
        self._cases: Sequence[paired_view.Case] = tuple(paired_view.cases(run))

    def of(self, verdict: Verdict) -> Link | None:
        if verdict.kind == "max_slowdown":
            found = next((each for each in self._cases if each.verdict is verdict), None)
            return Link(found.name, "the pairs of rounds") if found else None
        evaluation = self._evaluations.get((verdict.classifier, verdict.review_set))
        if evaluation is None:
            return None
        if verdict.kind in ("floor", "ceiling"):
            name = self._names[evaluation.id]
            if verdict.column is not None and any(column.slices for column in evaluation.slices):
                return Link(f"{name}-slices", "the slices")
            return Link(f"{name}-numbers", "every number")
        for name, (reference, lost) in self._compared.items():
            if (reference.evaluation, reference.name) == (evaluation.id, verdict.baseline):
                return self._of_comparison(name, lost, verdict)
        return None

    def _of_comparison(self, name: str, lost: int, verdict: Verdict) -> Link:
        if not lost or verdict.outcome == "error":
            return Link(name, "the comparison")
        if verdict.column is not None:
            return Link(f"{name}-lost", "the lost reviews of all slices")
        return Link(f"{name}-lost", "the lost review" if lost == 1 else f"the {numbers.count(lost)} lost reviews")
