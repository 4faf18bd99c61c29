"""The scenarios of a run as the page's template needs them: everything computed, nothing to decide."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from harness.records import Run, ScenarioRecord
from harness.report import numbers, scenarios, timing_charts
from harness.report.scenarios import Load


@dataclass(frozen=True)
class LoadRow:
    """One scenario."""

    record: ScenarioRecord
    name: str
    reviews_per_s: str
    tokens_per_s: str
    latency: tuple[tuple[str, str], ...]
    """p50, p90 and p99, each with its interval."""


@dataclass(frozen=True)
class LoadView:
    """The scenarios of one classifier on one set."""

    title: str
    is_random: bool
    """The weights of the classifier are."""
    rows: tuple[LoadRow, ...]
    sentences: tuple[tuple[str, str, bool], ...]
    """Scenario, what is to be said of it, and whether that is a rule that was not met."""
    charts: tuple[tuple[str, Markup], ...]
    """p99 over the arrival rate, of each server with more than one trial."""


def view(run: Run) -> tuple[LoadView, ...]:
    """Everything that the page says of the scenarios of a run."""
    return tuple(_load(run, load) for load in scenarios.loads(run))


def _load(run: Run, load: Load) -> LoadView:
    sentences = []
    for one in load.records:
        if said := scenarios.outcome(one, run.settings):
            sentences.append((scenarios.name(one), said, False))
        sentences += [(scenarios.name(one), rule, True) for rule in scenarios.unmet(one)]
    return LoadView(
        title=load.title,
        is_random=load.is_random,
        rows=tuple(_row(one) for one in load.records),
        sentences=tuple(sentences),
        charts=tuple((scenarios.name(one), timing_charts.trials(one)) for one in load.records if len(one.trials) > 1),
    )


def _row(one: ScenarioRecord) -> LoadRow:
    return LoadRow(
        record=one,
        name=scenarios.name(one),
        reviews_per_s="–" if (rate := scenarios.throughput(one)) is None else numbers.short(rate),
        tokens_per_s="–" if one.tokens_per_s is None else numbers.short(one.tokens_per_s),
        latency=tuple(scenarios.latency(one.latency.get(name)) for name in scenarios.PERCENTILES),
    )
