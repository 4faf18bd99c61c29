"""The timings that belong together, found by classifier, stage and role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, get_args

import numpy as np

from harness.records import Role, Step, Timing

STEPS: tuple[Step, ...] = get_args(Step)
"""In the order of a call; the whole of it last."""


class Member(NamedTuple):
    """One classifier of a cell, at its dtype."""

    classifier: str
    """Its id in the run."""
    dtype: str


@dataclass(frozen=True)
class Cell:
    """Timings of one batch size and length on one device."""

    name: str
    """As in the record; empty where the rounds were measured one after another, as in older runs."""
    timings: tuple[Timing, ...]
    """In the run's order; each has a round or more."""

    @property
    def device(self) -> str:
        return self.timings[0].device

    @property
    def batch_size(self) -> int:
        return self.timings[0].batch_size

    @property
    def seq_len(self) -> int:
        return self.timings[0].seq_len

    @property
    def members(self) -> tuple[Member, ...]:
        """The first is what the others are compared with: that with a control, else the first of the run."""
        ordered = sorted(self.timings, key=lambda each: each.role != "control")
        return tuple(dict.fromkeys(Member(each.classifier, each.dtype) for each in ordered))

    @property
    def stages(self) -> tuple[Step, ...]:
        """Those that were measured, in the order of a call."""
        measured = {each.stage for each in self.timings}
        return tuple(stage for stage in STEPS if stage in measured)

    def case(self, member: Member, stage: Step) -> Timing | None:
        """None where it was not measured, here as below."""
        return self._find(member, stage, "case")

    def control(self, member: Member, stage: Step) -> Timing | None:
        """The case, measured once more."""
        return self._find(member, stage, "control")

    def plain(self, member: Member) -> Timing | None:
        """The bare call of the `tokenizers` library."""
        return self._find(member, "tokenize", "plain")

    def in_turn(self, *timings: Timing) -> bool:
        """Whether round i of all of them is from the same cycle."""
        return bool(self.name) and len({len(each.seconds) for each in timings}) == 1

    def _find(self, member: Member, stage: Step, role: Role) -> Timing | None:
        return next(
            (
                each
                for each in self.timings
                if (each.classifier, each.dtype, each.stage, each.role) == (*member, stage, role)
            ),
            None,
        )


NOT_IN_TURN = "the rounds were not measured in turn"


def cells(timings: Iterable[Timing]) -> tuple[Cell, ...]:
    """The cells in the run's order, timings without a round left out.

    Timings of older runs, which have no cell, are put together by review set, device, batch size and length.
    """
    found: dict[tuple[str, str, str, int, int], list[Timing]] = {}
    for each in timings:
        if each.seconds:
            key = (each.cell, each.review_set, each.device, each.batch_size, each.seq_len)
            found.setdefault(key, []).append(each)
    return tuple(Cell(name, tuple(together)) for (name, *_), together in found.items())


def seconds_of(timing: Timing) -> np.ndarray:
    """(rounds,) float64."""
    return np.asarray(timing.seconds, dtype=np.float64)
