"""Stage timings, latency comparisons and scenarios as short Markdown tables; every figure is on the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.records import Run, ScenarioRecord, Step
from harness.report import numbers, scenarios, timed, versus
from harness.report.markdown.escaping import code, text
from harness.report.markdown.tables import Part, bullets, table
from harness.report.numbers import count, counted
from harness.report.timed import Group, Shape, Stage
from harness.report.versus import Versus
from harness.rounds import TimingComparison

MOST_ROWS = 12
"""Of each table."""
NOISY = "\\*"
"""Behind a median that is not to be believed."""


def parts(run: Run) -> Iterator[Part]:
    """A table of medians, one of ratios, and one of scenarios, where there are such."""
    if run.timings:
        yield Part("the stage timings", _stages(run))
        if pairs := versus.pairs(run):
            yield Part("the comparisons of times", _comparisons(pairs))
    if run.scenarios:
        yield Part("the scenarios", _scenarios(run))


def _stages(run: Run) -> str:
    groups = timed.groups(run)
    rows = [(group, shape) for group in groups for shape in group.shapes]
    steps = [step for step in timed.STEPS if any(shape.stage(step) for _, shape in rows)]
    shown = [_shape(group, shape, steps) for group, shape in rows[:MOST_ROWS]]
    said = ["### Stages, median of a batch"]
    said.append(table("lr" + "r" * len(steps), ("classifier", "batch × length", *steps), shown))
    said += _left_out(len(rows))
    if any(group.is_random for group in groups):
        said.append(f"Some classifiers have {timed.RANDOM}.")
    said += [f"{NOISY} {text(each)}" for each in timed.distrust(groups, every=False)]
    return "\n\n".join(said)


def _shape(group: Group, shape: Shape, steps: Sequence[Step]) -> list[str]:
    return [code(group.title), shape.size, *(_median(shape.stage(step)) for step in steps)]


def _median(stage: Stage | None) -> str:
    if stage is None:
        return "–"
    return numbers.seconds(stage.rounds.median) + (NOISY if stage.rounds.noisy else "")


def _comparisons(pairs: Sequence[Versus]) -> str:
    """Of `classify` alone, where it was timed: the page has the stages."""
    every = [(pair, row) for pair in pairs for row in pair.rows]
    rows = [each for each in every if each[1].stage == "classify"] or every
    head = ("timed in turn", "stage", "batch × length", "ratio", "interval", "A/A floor", "verdict")
    shown = [[code(pair.title), *_ratio(row)] for pair, row in rows[:MOST_ROWS]]
    reasons = dict.fromkeys(reason for pair in pairs for reason in pair.reasons)
    undecided = [f"undecided: {text(reason)}" for reason in list(reasons)[:MOST_ROWS]]
    said = ["### Times ÷ those of the reference", table("llrrrrl", head, shown), *_left_out(len(rows))]
    return "\n\n".join([*said, *([bullets(undecided)] if undecided else [])])


def _ratio(row: TimingComparison) -> list[str]:
    size = f"{count(row.cell.batch_size)} × {count(row.cell.seq_len)}"
    value = "–" if row.ratio.value is None else numbers.ratio(row.ratio.value)
    interval = numbers.ratio_interval(row.ratio) or "–"
    return [row.stage, size, value, interval, versus.floor(row), versus.verdict(row)]


def _scenarios(run: Run) -> str:
    every = [(load, one) for load in scenarios.loads(run) for one in load.records]
    shown = [[code(load.title), *_scenario(one)] for load, one in every[:MOST_ROWS]]
    head = ("under load", "scenario", "reviews/s", *scenarios.PERCENTILES)
    told = [
        f"{code(load.title)}, {scenarios.name(one)}: {text(sentence)}"
        for load, one in every[:MOST_ROWS]
        for sentence in (scenarios.outcome(one, run.settings), *scenarios.unmet(one))
        if sentence
    ]
    said = ["### Scenarios", table("llrrrr", head, shown), *_left_out(len(every))]
    return "\n\n".join([*said, *([bullets(told)] if told else [])])


def _scenario(one: ScenarioRecord) -> list[str]:
    rate = scenarios.throughput(one)
    percentiles = [scenarios.latency(one.latency.get(each))[0] for each in scenarios.PERCENTILES]
    return [scenarios.name(one), "–" if rate is None else numbers.short(rate), *percentiles]


def _left_out(rows: int) -> list[str]:
    return [f"Left out: {counted(rows - MOST_ROWS, 'row')}, which the page has."] if rows > MOST_ROWS else []
