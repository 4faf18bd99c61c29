"""Scenarios in words, and as tables for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from harness.records import Metric, Run, ScenarioRecord
from harness.report import numbers, timed
from harness.report.layout import plain_table
from harness.report.numbers import count
from harness.report.public import printable, without_folders
from harness.rounds import Member

PERCENTILES: tuple[Literal["p50", "p90", "p99"], ...] = ("p50", "p90", "p99")


@dataclass(frozen=True)
class Load:
    """The scenarios of one classifier on one set."""

    title: str
    """`builtin (float32) on cpu, reviews of shop`."""
    is_random: bool
    """The weights of the classifier are."""
    records: tuple[ScenarioRecord, ...]


def loads(run: Run) -> tuple[Load, ...]:
    """The scenarios of a run by what was put under load, in the run's order."""
    random = {one.id for one in run.classifiers if one.timing_only}
    found: dict[tuple[str, str, str, str], list[ScenarioRecord]] = {}
    for one in run.scenarios:
        found.setdefault((one.classifier, one.dtype, one.device, one.review_set), []).append(one)
    return tuple(
        Load(
            f"{timed.label_of(Member(classifier, dtype))} on {device}, {without_folders(review_set)}",
            classifier in random,
            tuple(records),
        )
        for (classifier, dtype, device, review_set), records in found.items()
    )


def name(one: ScenarioRecord) -> str:
    """`offline`, `single-stream`, `server, alone` or `server, batching`."""
    if one.batching is None:
        return one.scenario
    return f"{one.scenario}, {'batching' if one.batching else 'alone'}"


def throughput(one: ScenarioRecord) -> float | None:
    """Reviews a second: of a server the arrival rate that it keeps up with; None where no rate met the bound."""
    return one.rate if one.scenario == "server" and one.reviews_per_s is not None else one.reviews_per_s


def outcome(one: ScenarioRecord, settings: Mapping[str, Any]) -> str:
    """What came of the server's bound, as a sentence; empty for the other scenarios.

    Args:
        one: A scenario.
        settings: Of the run: whether a rate was asked for.
    """
    if one.bound_seconds is None:
        return ""
    bound = numbers.seconds(one.bound_seconds)
    rate = numbers.rate(one.rate) if one.rate is not None else ""
    met = one.reviews_per_s is not None
    if settings.get("arrival_rate") is not None:
        return f"At {rate}, as asked, p99 is {'' if met else 'not '}within {bound}{_batch(one)}."
    if not met:
        return f"No rate that was tried keeps p99 within {bound}."
    return f"p99 stays within {bound} up to {rate}{_batch(one)}."


def _batch(one: ScenarioRecord) -> str:
    if not one.batching or one.mean_batch is None:
        return ""
    return f", with {numbers.digits(one.mean_batch)} reviews in a forward pass on average"


def unmet(one: ScenarioRecord) -> tuple[str, ...]:
    """The rules that were not met, each as a sentence."""
    return tuple(_sentence(rule) for rule in one.unmet)


def _sentence(rule: str) -> str:
    # p99 keeps its letter.
    first = rule[:1].upper() if rule[1:2].isalpha() else rule[:1]
    return f"{first}{rule[1:].rstrip('.')}."


def latency(metric: Metric | None) -> tuple[str, str]:
    """Value and interval; a dash and nothing where there is none."""
    if metric is None or metric.value is None:
        return "–", ""
    return numbers.seconds(metric.value), numbers.seconds_interval(metric.low, metric.high)


def tables(run: Run, *, trials: bool = False) -> Iterator[RenderableType]:
    """A table for each classifier and set, then what the bound and the rules came to.

    Args:
        run: With scenarios.
        trials: Also every rate that a server was tried at.
    """
    for place, load in enumerate(loads(run)):
        yield Text(("\n" if place else "") + printable(load.title), style="bold")
        if load.is_random:
            yield Text(timed.RANDOM, style="bold")
        yield _table(load.records)
        grid = Table.grid(padding=(0, 1, 0, 0))
        for one in load.records:
            for sentence in filter(None, (outcome(one, run.settings), *unmet(one))):
                grid.add_row("•", Text(f"{name(one)}: {printable(sentence)}"))
        if grid.row_count:
            yield grid
        for one in load.records if trials else ():
            if one.trials:
                yield Text(f"\n{name(one)}: every rate that was tried", style="bold")
                yield _trials(one)


def _table(records: tuple[ScenarioRecord, ...]) -> RenderableType:
    table = plain_table("scenario", "reviews/s", "tokens/s", *PERCENTILES)
    # Three intervals with a unit at each end fill 80 columns.
    table.padding = 0
    for one in records:
        cells = [latency(one.latency.get(each)) for each in PERCENTILES]
        table.add_row(
            name(one),
            *(numbers.short(each) if each is not None else "–" for each in (throughput(one), one.tokens_per_s)),
            *("\n".join(filter(None, cell)) for cell in cells),
        )
    return table


def _trials(one: ScenarioRecord) -> RenderableType:
    table = plain_table("arrivals/s", "queries", "p99", "interval", "batch", "bound", left=0)
    table.columns[-1].justify = "left"
    for trial in one.trials:
        value, interval = latency(trial.p99)
        batch = numbers.digits(trial.mean_batch) if trial.mean_batch else "–"
        table.add_row(
            numbers.digits(trial.rate), count(trial.queries), value, interval or "–", batch,
            "within" if trial.met else "over",
        )  # fmt: skip
    return table
