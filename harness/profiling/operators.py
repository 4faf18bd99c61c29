"""What each operator cost within the rounds of a profile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.records.profiles import Operator, OperatorShapes

MICROSECOND = 1e-6
"""Seconds."""


@dataclass(frozen=True)
class Within:
    """What ran within the rounds of a profile. Seconds, in all rounds."""

    rounds: tuple[float, ...]
    """Of each, in their order."""
    operators: tuple[Operator, ...]
    """Those that cost most first."""
    outside: float
    device_idle: float | None


def within(events: Iterable[Any], names: Sequence[str], *, device: bool) -> Within:
    """What each operator took within the rounds.

    Args:
        events: Of the profiler: `torch.autograd.profiler_util.FunctionEvent`, whose times are in microseconds.
        names: Of the rounds' ranges, in their order.
        device: Whether the profiler watched a device.
    """
    from torch.autograd import DeviceType  # type: ignore[attr-defined]

    lengths: dict[str, float] = {}
    groups: dict[str, dict[Any, list[Any]]] = defaultdict(lambda: defaultdict(list))
    wanted = set(names)
    for event in events:
        # On a device the profiler repeats a range, for the time from its first kernel to its last.
        if event.device_type != DeviceType.CPU:
            continue
        if event.cpu_parent is None:
            if event.name in wanted:
                lengths[event.name] = (event.time_range.end - event.time_range.start) * MICROSECOND
        elif _outermost(event).name in wanted:
            shapes = tuple(tuple(dims) for dims in event.input_shapes or () if dims)
            groups[event.name][shapes].append(event)
    rounds = tuple(lengths[name] for name in names)
    operators = [_operator(name, by_shapes, device=device) for name, by_shapes in groups.items()]
    on_device = sum(each.device_self_seconds or 0.0 for each in operators)
    return Within(
        rounds,
        tuple(sorted(operators, key=_cost, reverse=True)),
        # A range of the trace is rounded to a nanosecond, and so may be shorter than what is in it.
        outside=max(0.0, sum(rounds) - sum(each.self_seconds for each in operators)),
        device_idle=max(0.0, sum(rounds) - on_device) if on_device else None,
    )


def _outermost(event: Any) -> Any:
    while event.cpu_parent is not None:
        event = event.cpu_parent
    return event


def _operator(name: str, by_shapes: dict[Any, list[Any]], *, device: bool) -> Operator:
    parts = [
        OperatorShapes(
            shapes=shapes,
            calls=len(events),
            self_seconds=_sum(event.self_cpu_time_total for event in events),
            # A range within a round has no kernels: those in it are its operators'.
            device_self_seconds=_sum(
                0.0 if event.is_user_annotation else event.self_device_time_total for event in events
            )
            if device
            else None,
        )
        for shapes, events in by_shapes.items()
    ]
    return Operator(
        name=name,
        calls=sum(each.calls for each in parts),
        self_seconds=sum(each.self_seconds for each in parts),
        device_self_seconds=sum(each.device_self_seconds or 0.0 for each in parts) if device else None,
        shapes=tuple(sorted(parts, key=_cost, reverse=True)),
    )


def _sum(microseconds: Iterable[float]) -> float:
    """In seconds. A self time is a difference, so rounding can leave it just below 0."""
    return max(0.0, sum(microseconds) * MICROSECOND)


def _cost(each: Operator | OperatorShapes) -> tuple[float, float]:
    """Device time first; where there is none, it is 0 for all."""
    return each.device_self_seconds or 0.0, each.self_seconds
