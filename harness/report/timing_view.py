"""The timings of a run as the page's template needs them: everything computed, nothing to decide."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from harness.records import Run
from harness.report import machine, memory, timed, timing_charts
from harness.report import versus as compared
from harness.report.machine import Fact
from harness.report.memory import SIZES, Memory
from harness.report.numbers import percent, ratio, ratio_interval
from harness.report.rounds import axis, ratios
from harness.report.timed import Group, Shape, Stage
from harness.report.versus import Versus
from harness.rounds import TimingComparison

FEW_SHAPES = 6
"""Whose tables of every stage stand open."""
FEW_ROWS = 10
"""Comparisons that are shown stage by stage at once; above, those of `classify` come first."""


@dataclass(frozen=True)
class StageRow:
    """One stage of one shape, with its rounds drawn."""

    stage: Stage
    strip: Markup
    meter: Markup
    """Its share of what the machine can do; empty where that is not known."""


@dataclass(frozen=True)
class ShapeRow:
    """One shape at a glance."""

    shape: Shape
    bar: Markup
    """Where the time of `classify` goes; empty where that was not measured."""
    parts: tuple[tuple[str, str], ...]
    """The same as figures: stage, and the rest, with the share of each."""
    meter: Markup
    """FLOP/s of forward as a share of the machine's peak; empty where that is not known."""
    rows: tuple[StageRow, ...]


@dataclass(frozen=True)
class GroupView:
    """One classifier at one dtype on one device."""

    group: Group
    rows: tuple[ShapeRow, ...]
    axis: tuple[float, float]
    """Of the strips."""

    @property
    def has_whole(self) -> bool:
        """`classify` was measured."""
        return any(row.bar for row in self.rows)

    @property
    def has_peak(self) -> bool:
        return any(row.meter for row in self.rows)

    @property
    def has_achieved(self) -> bool:
        return any(row.stage.achieved for shape in self.rows for row in shape.rows)

    @property
    def has_device(self) -> bool:
        return any(row.stage.rates.device_share is not None for shape in self.rows for row in shape.rows)


@dataclass(frozen=True)
class ComparedRow:
    """One comparison, drawn."""

    row: TimingComparison
    drawn: Markup
    ratio: str
    interval: str
    floor: str
    verdict: str


@dataclass(frozen=True)
class VersusView:
    """One classifier against another."""

    versus: Versus
    first: tuple[ComparedRow, ...]
    """Shown at once: all where they are few, else those of `classify`."""
    every: tuple[ComparedRow, ...]
    """Folded; empty where all are shown at once."""
    axis: tuple[float, float]


@dataclass(frozen=True)
class TimingsView:
    """What the template of the timings shows."""

    groups: tuple[GroupView, ...]
    versus: tuple[VersusView, ...]
    distrust: tuple[str, ...]
    is_open: bool
    """The tables of every stage are, since they are short or all there is."""
    words: frozenset[str]
    """What is said of any rest: `large`, `unsure`."""
    best: tuple[Fact, ...]
    memory: tuple[Memory, ...]
    sizes: tuple[str, ...]
    """Columns of the memory table that are known of any classifier."""
    steps: tuple[str, ...]
    """Stages whose rise in memory is known."""


def view(run: Run) -> TimingsView:
    """Everything that the page says of the timings of a run."""
    groups = timed.groups(run)
    found = memory.of(run)
    shapes = [shape for group in groups for shape in group.shapes]
    return TimingsView(
        groups=tuple(_group(group) for group in groups),
        versus=tuple(_versus(each) for each in compared.pairs(run)),
        distrust=timed.distrust(groups, every=False),
        is_open=len(shapes) <= FEW_SHAPES or not any(shape.breakdown for shape in shapes),
        words=frozenset(shape.rest_word for shape in shapes) - {""},
        best=machine.best(run),
        memory=found,
        sizes=tuple(name for name, size in SIZES.items() if any(size(each) for each in found)),
        steps=tuple(step for step in timed.STEPS if any(step in each.stages for each in found)),
    )


def _group(group: Group) -> GroupView:
    span = axis([stage.timing for shape in group.shapes for stage in shape.stages])
    return GroupView(group, tuple(_shape(shape, span) for shape in group.shapes), span)


def _shape(shape: Shape, span: tuple[float, float]) -> ShapeRow:
    parts: list[tuple[str, float]] = []
    if shape.breakdown is not None:
        parts = [(part.stage, part.share) for part in shape.breakdown.parts]
        if shape.breakdown.rest.value is not None:
            parts.append(("rest", shape.breakdown.rest.value))
    forward = shape.stage("forward")
    return ShapeRow(
        shape=shape,
        bar=timing_charts.shares(parts) if parts else Markup(),
        parts=tuple((name, percent(share)) for name, share in parts),
        meter=timing_charts.meter(forward.peak) if forward is not None and forward.peak is not None else Markup(),
        rows=tuple(_stage(stage, span) for stage in shape.stages),
    )


def _stage(stage: Stage, span: tuple[float, float]) -> StageRow:
    share = stage.peak if stage.rates.flops_per_s is not None else stage.bandwidth
    meter = timing_charts.meter(share, 56) if share is not None else Markup()
    return StageRow(stage, timing_charts.strip(ratios(stage.timing), span), meter)


def _versus(versus: Versus) -> VersusView:
    span = timing_charts.ratio_span(versus.rows)
    every = tuple(_compared(row, span) for row in versus.rows)
    whole = tuple(each for each in every if each.row.stage == "classify")
    if len(every) <= FEW_ROWS or not whole:
        return VersusView(versus, every, (), span)
    return VersusView(versus, whole, every, span)


def _compared(row: TimingComparison, span: tuple[float, float]) -> ComparedRow:
    return ComparedRow(
        row=row,
        drawn=timing_charts.ratio(row, span),
        ratio="–" if row.ratio.value is None else ratio(row.ratio.value),
        interval=ratio_interval(row.ratio) or "–",
        floor=compared.floor(row),
        verdict=compared.verdict(row),
    )
