"""A profile as a table for a terminal of 80 columns, and as CSV rows: the operators that cost most."""

from __future__ import annotations

import csv
from statistics import median
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.records.profiles import Operator, OperatorShapes, Profile
from harness.report.layout import plain_table
from harness.report.numbers import count, counted, digits, percent, seconds
from harness.report.public import printable
from harness.report.rows import text_cell

TOP = 10
SHAPES = 3
"""How many shapes of the first operator are shown."""
MOSTLY_OUTSIDE = 0.5
"""Share of the rounds from which on the operators are not where to look."""

HEADER = (
    "operator", "calls", "self_seconds", "device_self_seconds", "share", "self_seconds_per_call",
    "device_self_seconds_per_call", "shapes",
)  # fmt: skip


def show(one: Profile, console: Console, *, top: int = TOP) -> None:
    """Print the operators that cost most, what the others cost, and where the trace is."""
    console.print(_title(one))
    console.print(Text(_inflation(one)))
    console.print(Text(_meaning(one), style="dim"))
    console.print()
    console.print(table(one, top=top))
    for line in (_shapes(one), _elsewhere(one)):
        if line:
            console.print(Text(f"\n{line}"))
    console.print(Text(f"\ntrace  {one.trace}"), soft_wrap=True)
    console.print(Text("open it at https://ui.perfetto.dev", style="dim"))


def table(one: Profile, *, top: int = TOP) -> Table:
    """One row for each of the `top` operators, and the rest of a round; the shares add up to 100 %."""
    by_device = one.device_idle_seconds is not None
    device = ["device"] if by_device else []
    made = plain_table("operator", "calls", *device, "host" if by_device else "self time", "share", "a call")
    total, rounds = _total(one), len(one.profiled_seconds)

    def row(name: str, calls: int | None, host: float | None, on_device: float | None, cost: float) -> None:
        times = [on_device, host] if by_device else [host]
        each = seconds(cost / calls) if calls else ""
        cells = ["" if time is None else seconds(time / rounds) for time in times]
        made.add_row(
            Text(name), "" if calls is None else _calls(calls / rounds), *cells, percent(_share(cost, total)), each
        )

    shown, others = one.operators[:top], one.operators[top:]
    for each in shown:
        row(printable(each.name), each.calls, each.self_seconds, each.device_self_seconds, _cost(one, each))
    if others:
        name = f"{counted(len(others), 'other operator')}"
        on_device = sum(each.device_self_seconds or 0.0 for each in others)
        cost = sum(_cost(one, each) for each in others)
        row(name, sum(each.calls for each in others), sum(each.self_seconds for each in others), on_device, cost)
    if one.device_idle_seconds is not None:
        row("no operator on the device", None, None, one.device_idle_seconds, one.device_idle_seconds)
    else:
        row("outside torch operators", None, one.outside_seconds, None, one.outside_seconds)
    made.add_section()
    made.add_row("a round", "", *([""] if by_device else []), seconds(total / rounds), "100 %", "")
    return made


def write(one: Profile, to: TextIO) -> None:
    """Write every operator as a row, a header first; times are those of all rounds, what is unknown is empty."""
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(HEADER)
    total = _total(one)
    for each in one.operators:
        device = each.device_self_seconds
        writer.writerow([
            text_cell(each.name), each.calls, each.self_seconds, _or_empty(device), _share(_cost(one, each), total),
            each.self_seconds / each.calls, _or_empty(None if device is None else device / each.calls),
            _dims(each.shapes[0]) if each.shapes else "",
        ])  # fmt: skip
    if one.device_idle_seconds is not None:
        idle = one.device_idle_seconds
        writer.writerow(["no operator on the device", "", "", idle, _share(idle, total), "", "", ""])
    else:
        outside = one.outside_seconds
        writer.writerow(["outside torch operators", "", outside, "", _share(outside, total), "", "", ""])


# ── within ──


def _title(one: Profile) -> Text:
    facts = f"{counted(one.batch_size, 'review')} of {count(one.seq_len)} tokens, {printable(one.device)}, {one.dtype}"
    where = f"{one.stage} of {printable(one.classifier)} on {printable(one.review_set)}"
    return Text.assemble((where, "bold"), f": {facts}, {counted(one.threads, 'thread')}")


def _inflation(one: Profile) -> str:
    plain, profiled = median(one.seconds), median(one.profiled_seconds)
    rounds = counted(len(one.profiled_seconds), "round")
    cost = f"× {digits(profiled / plain)}" if profiled > plain > 0 else "so the machine's noise hides what it costs"
    return (
        f"median of {rounds}: {seconds(plain)} without the profiler, {seconds(profiled)} under it, {cost}; "
        "below are times under it, which are no timing"
    )


def _meaning(one: Profile) -> str:
    host = "without the operators that it calls; the means of a round"
    if one.device_idle_seconds is None:
        return f"self time: an operator's own, {host}"
    return f"device: the kernels that an operator launched itself; host: its own time, {host}; shares are of the device"


def _shapes(one: Profile) -> str:
    """On what shapes the first operator spends its time."""
    if not one.operators:
        return ""
    first = one.operators[0]
    whole = _cost(one, first)
    parts = [f"{_dims(each)} ({percent(_share(_cost(one, each), whole), 0)})" for each in first.shapes[:SHAPES]]
    rest = len(first.shapes) - SHAPES
    more = f" and {count(rest)} more" if rest > 0 else ""
    return f"{printable(first.name)} by its inputs: {', '.join(parts)}{more}"


def _dims(each: OperatorShapes) -> str:
    return " · ".join("×".join(map(str, dims)) for dims in each.shapes) or "no tensor"


def _elsewhere(one: Profile) -> str:
    """Where to look where the operators are not it."""
    if one.device_idle_seconds is not None:
        share = _share(one.device_idle_seconds, _total(one))
        if share < MOSTLY_OUTSIDE:
            return ""
        return (
            f"{percent(share, 0)} of the time no operator's kernel ran: the device waited for the host. "
            "Larger batches or fewer, larger kernels would help, a faster device would not."
        )
    share = _share(one.outside_seconds, _total(one))
    if not one.device.startswith(("cpu", "cuda")):
        return f"torch's profiler does not see what {printable(one.device)} does: waiting for it is outside."
    if share < MOSTLY_OUTSIDE:
        return ""
    return (
        f"{percent(share, 0)} of the time lies outside torch's operators, in Python and in libraries such as "
        "tokenizers, where this profiler does not look. A sampling profiler does, such as py-spy with --native."
    )


def _cost(one: Profile, each: Operator | OperatorShapes) -> float:
    """What the shares are of."""
    return each.self_seconds if one.device_idle_seconds is None else each.device_self_seconds or 0.0


def _total(one: Profile) -> float:
    rest = one.outside_seconds if one.device_idle_seconds is None else one.device_idle_seconds
    return sum(_cost(one, each) for each in one.operators) + rest


def _share(part: float, whole: float) -> float:
    return min(1.0, part / whole) if whole else 0.0


def _calls(number: float) -> str:
    return count(int(number)) if number == int(number) else digits(number, 2)


def _or_empty(number: float | None) -> float | str:
    return "" if number is None else number
