"""The timings of a run as the terminal and the page show them: by classifier, dtype and device, shape by shape.

Controls and plain calls are no rows: they are the noise floor and what tokenize is compared with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import get_args

from harness import rounds
from harness.records import ClassifierRecord, Metric, Run, Step, Timing
from harness.report import numbers
from harness.report.public import without_folders
from harness.rounds import LARGEST_REST, Breakdown, Cell, Level, Member, Rates, Rounds

# A bootstrap each. The page and the terminal ask for the same ones, at the end of one session.
_rounds_of = lru_cache(maxsize=4096)(rounds.of)
_breakdown = lru_cache(maxsize=1024)(rounds.breakdown)
_plain_ratio = lru_cache(maxsize=1024)(rounds.plain_ratio)

STEPS: tuple[Step, ...] = get_args(Step)
"""In the order of a call; the whole of it last."""
RANDOM = "random weights: only its times mean something"
"""Said of a classifier that is for timing only."""
REST = "rest: the time of classify that is in no stage"


@dataclass(frozen=True)
class Stage:
    """One stage of one shape."""

    timing: Timing
    rounds: Rounds
    rates: Rates
    share: float | None
    """Of `classify`; None where that was not measured."""
    peak: float | None
    """Share of the machine's fastest matrix product; None where there is none to compare with, here as below."""
    bandwidth: float | None
    """Share of the machine's fastest copy."""

    @property
    def name(self) -> Step:
        return self.timing.stage

    @property
    def achieved(self) -> str:
        """FLOP/s of what has matrix products, bytes/s of the rest; empty where neither was counted."""
        if self.rates.flops_per_s is not None:
            return numbers.flops_rate(self.rates.flops_per_s)
        return "" if self.rates.bytes_per_s is None else f"{numbers.size(round(self.rates.bytes_per_s))}/s"

    @property
    def of_best(self) -> str:
        """Share of the peak, or of the bandwidth where there are no matrix products; empty where unknown."""
        if self.rates.flops_per_s is not None:
            return "" if self.peak is None else numbers.percent(self.peak)
        if self.bandwidth is None:
            return ""
        # A batch that stays in the cache may move more than memory could.
        return numbers.percent(self.bandwidth) if self.bandwidth <= 1 else "cached"


@dataclass(frozen=True)
class Shape:
    """One classifier at one batch size and length."""

    cell: Cell
    member: Member
    stages: tuple[Stage, ...]
    """In the order of a call; `classify`, the whole, last."""
    breakdown: Breakdown | None
    """None where `classify` was not measured."""
    plain: Metric
    """tokenize ÷ the bare call of the `tokenizers` library."""

    @property
    def size(self) -> str:
        """Batch and length: `8 × 64`."""
        return f"{numbers.count(self.cell.batch_size)} × {numbers.count(self.cell.seq_len)}"

    def stage(self, name: Step) -> Stage | None:
        """None where it was not measured."""
        return next((each for each in self.stages if each.name == name), None)

    @property
    def rest(self) -> str:
        """Share of `classify` that is in no stage; empty where that is not known."""
        if self.breakdown is None or self.breakdown.rest.value is None:
            return ""
        return numbers.percent(self.breakdown.rest.value)

    @property
    def rest_word(self) -> str:
        """`large` above 5 %, `unsure` where that may be noise or it is as far below 0; else empty."""
        if self.breakdown is None or self.breakdown.rest.value is None:
            return ""
        if not self.breakdown.flagged:
            # No whole takes less time than its parts: the rounds were slowed unevenly.
            return "unsure" if self.breakdown.rest.value < -LARGEST_REST else ""
        return "unsure" if self.breakdown.noise_explains else "large"


@dataclass(frozen=True)
class Group:
    """The shapes of one classifier at one dtype on one device."""

    label: str
    """`builtin (float32)`."""
    where: str
    """`cpu`, with the review set where the run has timings on several."""
    record: ClassifierRecord | None
    """None where the run does not describe the classifier."""
    shapes: tuple[Shape, ...]

    @property
    def title(self) -> str:
        return f"{self.label} on {self.where}"

    @property
    def is_random(self) -> bool:
        """Its weights are."""
        return self.record is not None and self.record.timing_only

    @property
    def steps(self) -> tuple[Step, ...]:
        """The stages that any shape has."""
        return tuple(step for step in STEPS if any(shape.stage(step) for shape in self.shapes))


def groups(run: Run) -> tuple[Group, ...]:
    """Every classifier × dtype × device, in the run's order, with what its timings come to."""
    level = Level.of(run)
    known = {record.id: record for record in run.classifiers}
    found: dict[tuple[Member, str, str], list[Shape]] = {}
    for cell in rounds.cells(run.timings):
        for member in cell.members:
            key = (member, cell.device, cell.timings[0].review_set)
            found.setdefault(key, []).append(_shape(run, cell, member, level))
    return tuple(
        Group(label_of(member), where_of(run, device, review_set), known.get(member.classifier), tuple(shapes))
        for (member, device, review_set), shapes in found.items()
    )


def distrust(shown: Iterable[Group], *, every: bool = True) -> tuple[str, ...]:
    """Which medians are noisy and why, a sentence for each remedy; none where all are to be believed.

    Args:
        shown: The groups whose medians are counted.
        every: All reasons of each median, not the first alone.
    """
    medians = [(group, shape, stage) for group in shown for shape in group.shapes for stage in shape.stages]
    reasons: dict[str, dict[str, list[str]]] = {}
    for group, shape, stage in medians:
        for doubt in stage.rounds.doubts if every else stage.rounds.doubts[:1]:
            place = f"{stage.name} at {shape.size} of {group.label}"
            reasons.setdefault(doubt.remedy, {}).setdefault(place, []).append(doubt.reason)
    return tuple(_distrust(remedy, places, len(medians)) for remedy, places in reasons.items())


def _distrust(remedy: str, places: dict[str, list[str]], total: int) -> str:
    said = [reason for reasons in places.values() for reason in reasons]
    number = f"{numbers.count(len(places))} of {numbers.counted(total, 'median')}"
    if len(places) == 1:
        return f"{number} is noisy, {next(iter(places))}: {' and '.join(said)}; {remedy}"
    if len(set(said)) == 1:
        return f"{number} are noisy: {said[0]}; {remedy}"
    return f"{number} are noisy, such as {next(iter(places))}: {said[0]}; {remedy}"


def label_of(member: Member) -> str:
    """A classifier without its folders, with its dtype unless its id has that already.

    >>> label_of(Member("builtin", "float32")), label_of(Member("builtin-bfloat16", "bfloat16"))
    ('builtin (float32)', 'builtin-bfloat16')
    """
    name = without_folders(member.classifier)
    return name if name.endswith(member.dtype) else f"{name} ({member.dtype})"


def where_of(run: Run, device: str, review_set: str) -> str:
    """`cpu`, with the review set where the run has timings on several."""
    several = len({timing.review_set for timing in run.timings}) > 1
    return f"{device}, texts of {without_folders(review_set)}" if several else device


def _shape(run: Run, cell: Cell, member: Member, level: Level) -> Shape:
    found = _breakdown(cell, member, level)
    shares = {part.stage: part.share for part in found.parts} if found else {}
    if found:
        shares["classify"] = 1.0
    return Shape(
        cell=cell,
        member=member,
        stages=tuple(_stages(run, cell, member, level, shares)),
        breakdown=found,
        plain=_plain_ratio(cell, member, level),
    )


def _stages(run: Run, cell: Cell, member: Member, level: Level, shares: dict[Step, float]) -> Iterator[Stage]:
    for step in cell.stages:
        timing = cell.case(member, step)
        if timing is not None:
            yield Stage(
                timing=timing,
                rounds=_rounds_of(timing, level),
                rates=rounds.rates(timing),
                share=shares.get(step),
                peak=rounds.peak_share(timing, run.peaks),
                bandwidth=rounds.bandwidth_share(timing, run.bandwidths),
            )
