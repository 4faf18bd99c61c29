"""Two files of predictions side by side, as terminal tables: what differs, and whether chance explains it."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.text import Text

from harness.records import Comparison
from harness.report import figures, numbers
from harness.report.layout import heading, plain_table
from harness.report.numbers import count, counted
from harness.report.public import printable
from harness.report.quantities import grouped, quantity


def show(one: Comparison, console: Console) -> None:
    """Print the differences of two files of predictions, candidate less baseline."""
    title = f"{printable(one.candidate)} against {printable(one.baseline)}"
    console.print(Text.assemble((f"\n{title}", "bold"), f": {counted(one.reviews, 'example')}"))
    for note in one.notes:
        console.print(Text(f"note: {printable(note)}", style="dim"))
    table = plain_table("metric", "baseline", "candidate", "difference", "interval", "p")
    reasons: dict[str, list[str]] = {}
    for name in (name for names in grouped(one.differences).values() for name in names):
        label, each = quantity(name).label, one.differences[name]
        value = each.difference
        if value.value is None or each.candidate is None or each.baseline is None:
            reasons.setdefault(f"not defined, since {printable(value.reason or '')}", []).append(label)
            continue
        interval = numbers.difference_interval(name, value)
        if not interval:
            reasons.setdefault(f"no interval, since {printable(value.interval_reason or '')}", []).append(label)
        sides = (numbers.plain(name, side) for side in (each.baseline, each.candidate))
        table.add_row(label, *sides, numbers.difference(name, value.value), interval or "–", _p_value(each.p_value))
    notes = [f"{why}: {', '.join(names)}" for why, names in reasons.items()] + figures.drawn(
        one.sampling, any(each.difference.low is not None for each in one.differences.values())
    )
    console.print(Group(Text(), table, *(Text(note, style="dim") for note in notes)))
    console.print(heading("Flips"))
    console.print(Text(_flips(one)))
    if one.detectable_difference is not None:
        points = f"{100 * one.detectable_difference:.1f} points"
        power = "one-sided 5 %, power 80 %, if independent"
        console.print(
            Text(f"so many examples would find a difference in accuracy of about {points} ({power})", style="dim")
        )
    if one.slices:
        console.print(Group(heading("Accuracy by slice"), _slice_differences(one)))


def _flips(one: Comparison) -> str:
    if one.identical:
        return "none: both predict the same class of every example"
    flips = one.flips
    return (
        f"{count(flips.gained)} wrong → right · {count(flips.lost)} right → wrong · "
        f"{count(flips.changed_wrong)} wrong → other wrong · {count(flips.both_right)} both right · "
        f"{count(flips.both_wrong)} the same mistake"
    )


def _slice_differences(one: Comparison) -> RenderableType:
    table = plain_table("slice", "examples", "difference", "interval", "adjusted p", "")
    reasons: dict[str, list[str]] = {}
    for each in one.slices:
        name = f"{printable(each.column)} = {printable(each.value)}"
        value, why = each.difference.value, numbers.missing(each.difference)
        if why:
            reasons.setdefault(f"no interval, since {printable(why)}", []).append(name)
        table.add_row(
            Text(name),
            count(each.reviews),
            "–" if value is None else numbers.difference("accuracy", value),
            numbers.difference_interval("accuracy", each.difference) or "–",
            _p_value(each.adjusted_p_value),
            "worse" if each.warning else "",
        )
    notes = [f"{why}: {', '.join(names)}" for why, names in reasons.items()]
    corrections = dict.fromkeys(each.correction for each in one.slices if each.correction)
    if corrections:
        notes.append(f"p adjusted by {' and '.join(corrections)}; the intervals hold for all slices together")
    return Group(table, *(Text(note, style="dim") for note in notes))


def _p_value(number: float | None) -> str:
    return "–" if number is None else numbers.p_value(number)
