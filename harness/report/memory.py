"""The memory that a classifier takes: on disk, loaded, and what each stage adds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text

from harness.records import ClassifierRecord, Run, Step, Timing
from harness.report import numbers
from harness.report.layout import plain_table
from harness.report.public import printable
from harness.report.timed import STEPS


@dataclass(frozen=True)
class Memory:
    """Bytes of one classifier; None where it is not known."""

    classifier: ClassifierRecord
    stages: dict[Step, int]
    """The most that a call added to what was resident, of all shapes; stages without a figure are left out."""
    device_peak: int | None
    """The most that was allocated on the device."""

    @property
    def disk(self) -> str:
        """Empty for random weights, which lie on no disk."""
        return "" if self.classifier.timing_only else numbers.size(self.classifier.weights_bytes)

    @property
    def loaded(self) -> str:
        """Parameters and buffers."""
        return "" if self.classifier.memory_bytes is None else numbers.size(self.classifier.memory_bytes)

    @property
    def loading(self) -> str:
        """The most that was resident while it was loaded, and by how much that rose."""
        before, peak = self.classifier.load_before_bytes, self.classifier.load_peak_bytes
        if peak is None:
            return ""
        return numbers.size(peak) + ("" if before is None else f" (+{numbers.size(max(0, peak - before))})")

    @property
    def on_device(self) -> str:
        """The most that was allocated on the device."""
        return "" if self.device_peak is None else numbers.size(self.device_peak)

    @property
    def is_measured(self) -> bool:
        """Whether there is more than the size on disk."""
        return bool(self.loaded or self.loading or self.stages or self.on_device)


SIZES: dict[str, Callable[[Memory], str]] = {
    "on disk": lambda each: each.disk,
    "in memory": lambda each: each.loaded,
    "most while loading": lambda each: each.loading,
    "most on the device": lambda each: each.on_device,
}
"""Columns of a table, by name."""


def of(run: Run) -> tuple[Memory, ...]:
    """Of every classifier of which more is known than the size on disk."""
    found = (
        _memory(record, [each for each in run.timings if each.classifier == record.id]) for record in run.classifiers
    )
    return tuple(each for each in found if each.is_measured)


def _memory(record: ClassifierRecord, timings: Iterable[Timing]) -> Memory:
    rises: dict[Step, int] = {}
    on_device: list[int] = []
    for each in timings:
        if each.role != "case":
            continue
        if each.resident_before_bytes is not None and each.resident_peak_bytes is not None:
            rise = max(0, each.resident_peak_bytes - each.resident_before_bytes)
            rises[each.stage] = max(rise, rises.get(each.stage, 0))
        if each.device_peak_bytes is not None:
            on_device.append(each.device_peak_bytes)
    return Memory(record, {step: rises[step] for step in STEPS if step in rises}, max(on_device, default=None))


def tables(found: Sequence[Memory]) -> Iterator[RenderableType]:
    """Sizes of each classifier, and what a call of each stage adds at most."""
    columns = {name: [kind(each) for each in found] for name, kind in SIZES.items()}
    known = {name: sizes for name, sizes in columns.items() if any(sizes)}
    table = plain_table("classifier", *known)
    for place, each in enumerate(found):
        table.add_row(Text(printable(each.classifier.id)), *(sizes[place] or "–" for sizes in known.values()))
    yield table
    steps = [step for step in STEPS if any(step in each.stages for each in found)]
    if steps:
        rises = plain_table("a call adds at most", *steps)
        for each in found:
            added = (f"+{numbers.size(each.stages[step])}" if step in each.stages else "–" for step in steps)
            rises.add_row(Text(printable(each.classifier.id)), *added)
        yield Text()
        yield rises
