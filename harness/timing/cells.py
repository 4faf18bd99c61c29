"""A cell: every case of one batch size and length on one device, measured in turn, with its controls.

To the cases that were asked for a cell adds an A/A control, the same case once more, for the noise
floor, and the bare call of the `tokenizers` library, for what the tokenize stage adds to it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.records import Role, Step, Timing
from harness.timing.cases import Case, Inputs, case
from harness.timing.interleaving import Effort, Rounds, Series, interleave

if TYPE_CHECKING:
    from harness.classifier import Classifier


QUEUED: tuple[Step, ...] = ("forward", "softmax")
"""What returns before a GPU is done with it; the other steps wait for the device themselves."""


@dataclass(frozen=True, eq=False)
class Member:
    """One classifier of a cell: at its dtype, with the batch that it is timed on."""

    classifier: Classifier
    ids: tuple[str, str]
    """Of the classifier and of the review set, in this run."""
    ready: Inputs
    seq_len: int
    """Tokens that were asked for."""
    stages: tuple[Step, ...]


@dataclass(frozen=True, eq=False)
class Timed:
    """A timing, and what the last call of it answered."""

    timing: Timing
    answer: Any


@dataclass(frozen=True, eq=False)
class Cell:
    """What a cell came to."""

    cases: Mapping[tuple[str, Step], Timed]
    """By the id of the classifier and the stage."""
    others: tuple[Timing, ...] = field(default=())
    """Controls and plain calls."""

    @property
    def timings(self) -> tuple[Timing, ...]:
        return (*(each.timing for each in self.cases.values()), *self.others)


@dataclass(frozen=True, eq=False)
class _Planned:
    member: Member
    case: Case
    role: Role
    series: Series


def measure(members: Sequence[Member], effort: Effort, *, seed: int = 0) -> Cell:
    """Measure the cases of a cell in turn.

    Args:
        members: The classifiers of the cell; the first is what the others are compared with.
        effort: How long.
        seed: Of the order within the cycles.
    """
    planned = [each for member in members for each in _cases(member)]
    compared = len(members) > 1
    controlled = planned[: len(members[0].stages)]
    planned += [dataclasses.replace(each, role="control") for each in (controlled if compared else controlled[-1:])]
    planned += [
        _plain(each, bare)
        for each in planned
        if (each.role, each.case.stage) == ("case", "tokenize") and (bare := each.member.classifier.bare_tokenize)
    ]
    measured = interleave([each.series for each in planned], effort, compared=compared, seed=seed)
    worked = {id(member): _work(member) for member in members}
    timed = [
        Timed(_timing(each, rounds, worked[id(each.member)]), rounds.answer)
        for each, rounds in zip(planned, measured, strict=True)
    ]
    cases = {(each.timing.classifier, each.timing.stage): each for each in timed if each.timing.role == "case"}
    return Cell(cases, tuple(each.timing for each in timed if each.timing.role != "case"))


def finished(members: Sequence[Member], timings: Sequence[Timing]) -> Cell | None:
    """The cell as an earlier process measured it; None where it did not, or not all of it.

    Args:
        members: The classifiers of the cell.
        timings: Of that process.
    """
    planned = [each for member in members for each in _cases(member)]
    known = {each.id: each for each in timings if each.cell == planned[0].case.cell}
    if not all(each.case.id in known for each in planned):
        return None
    cases = {(each.case.classifier, each.case.stage): Timed(known[each.case.id], each.case.run()) for each in planned}
    return Cell(cases, tuple(each for each in known.values() if each.role != "case"))


def timing(case: Case, seconds: Sequence[float], iterations: int, member: Member) -> Timing:
    """The record of rounds of a case that were measured elsewhere, one after another.

    Args:
        seconds: Of one call, for each round in the order measured.
        iterations: Calls in a round.
        member: The classifier and its batch.
    """
    flops, moved = _work(member)[case.stage]
    return Timing.model_validate(
        {
            **case.facts(),
            "id": case.id,
            "seconds": tuple(seconds),
            "iterations": iterations,
            "flops": flops,
            "bytes": moved,
        }
    )


def _cases(member: Member) -> list[_Planned]:
    made = [
        case(member.classifier, stage, member.ready, seq_len=member.seq_len, ids=member.ids) for stage in member.stages
    ]
    return [
        _Planned(member, each, "case", Series(each.run, each.device, each.stage in QUEUED, kind=each.stage))
        for each in made
    ]


def _plain(case: _Planned, bare: Callable[[list[str]], object]) -> _Planned:
    """The bare tokenizer on the texts of a case."""
    texts = list(case.case.texts)
    series = dataclasses.replace(case.series, run=lambda: bare(texts))
    return dataclasses.replace(case, role="plain", series=series)


def _work(member: Member) -> dict[Step, tuple[int | None, int | None]]:
    """FLOPs and least bytes of one call, by stage."""
    from harness.timing.work import (
        bytes_of_forward,
        bytes_of_place,
        bytes_of_softmax,
        bytes_of_tokenize,
        flops_of_forward,
    )

    classifier, ready = member.classifier, member.ready
    counted = {"forward", "classify"} & set(member.stages)
    flops = flops_of_forward(classifier, ready.batch) if counted else None
    return {
        "tokenize": (None, bytes_of_tokenize(ready.texts, ready.encoding)),
        "place": (None, bytes_of_place(ready.encoding, ready.batch)),
        "forward": (flops, bytes_of_forward(classifier.model, ready.batch, ready.logits)),
        "softmax": (None, bytes_of_softmax(ready.logits)),
        "classify": (flops, None),
    }


def _timing(planned: _Planned, rounds: Rounds, worked: Mapping[Step, tuple[int | None, int | None]]) -> Timing:
    flops, moved = worked[planned.case.stage]
    suffix = "" if planned.role == "case" else f".{planned.role}"
    return Timing.model_validate(
        {
            **planned.case.facts(),
            "id": planned.case.id + suffix,
            "cell": planned.case.cell,
            "role": planned.role,
            "seconds": tuple(rounds.seconds),
            "iterations": rounds.iterations,
            "device_seconds": tuple(rounds.device_seconds),
            "flops": flops,
            "bytes": moved,
            "resident_before_bytes": rounds.resident_before,
            "resident_peak_bytes": rounds.resident_peak,
            "device_peak_bytes": rounds.device_peak,
        }
    )
