"""Which rules can be followed: a kind that fits its subject, and a limit that can be met and missed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from harness.errors import UsageError
from harness.gates.subjects import RANGES, in_words, sort_of
from harness.metrics.scales import SCALES

if TYPE_CHECKING:
    from harness.gates.rules import Rule
    from harness.records.verdicts import Kind

SAID: Mapping[Kind, str] = {
    "floor": "a floor",
    "ceiling": "a ceiling",
    "max_drop": "a largest drop",
    "no_worse": "to be no worse",
    "max_slowdown": "a largest slowdown",
}


def check(rule: Rule) -> None:
    """Nothing, where the rule can be followed.

    Raises:
        UsageError: An unknown subject, a kind that does not fit the subject, half a slice, or a limit that cannot be.
    """
    sort = sort_of(rule.subject)
    if (sort == "metric") == (rule.kind == "max_slowdown"):
        raise UsageError(
            f"{SAID[rule.kind]} cannot be asked of {rule.subject}, which is a {sort}",
            expected="of a metric: min (>=), max (<=), max_drop (-drop<=) or no_worse (-no-worse)\n"
            "of a stage or a scenario: max_slowdown (-slowdown<=)",
            remedy="change the rule, or its subject",
        )
    if (rule.column is None) != (rule.value is None) or rule.column == "":
        raise UsageError(
            "a slice needs a column and a value", expected="@COLUMN=VALUE, such as @language=de", remedy="name both"
        )
    if sort != "metric":
        _check_time(rule, sort)
    elif rule.kind in ("floor", "ceiling"):
        _check_bound(rule)
    else:
        _check_drop(rule)


def check_together(rules: tuple[Rule, ...]) -> None:
    """Nothing, where no floor is above the ceiling of the same metric and slice.

    Raises:
        UsageError: One is, so that one of the two always fails.
    """
    ceilings = {rule.scope[1:]: rule for rule in rules if rule.kind == "ceiling"}
    for floor in rules:
        ceiling = ceilings.get(floor.scope[1:])
        if floor.kind == "floor" and ceiling is not None and floor.limit > ceiling.limit:
            raise UsageError(
                f"no value meets both {floor.id} and {ceiling.id}",
                where="\n".join(dict.fromkeys(rule.where for rule in (floor, ceiling) if rule.where)),
                expected="a floor that is at most the ceiling",
                remedy="correct one of the two",
            )


def _check_time(rule: Rule, sort: str) -> None:
    if rule.column is not None:
        raise UsageError(
            f"{rule.subject} has no slices: a {sort} is timed as a whole",
            expected="slices of a metric",
            remedy="leave the slice out",
        )
    if not 0 < rule.limit <= 1:
        raise UsageError(
            f"{rule.subject} cannot be held to a slowdown of {rule.limit:g}",
            expected="a share above 0 and at most 1",
            remedy="write 0.05 in a settings file, and 5% in an option, for 5 %",
        )


def _check_bound(rule: Rule) -> None:
    low, high = values = RANGES[rule.subject]
    if not (math.isfinite(rule.limit) and low <= rule.limit <= high):
        share = "; 50 % is written 0.5" if values == (0, 1) else ""
        raise UsageError(
            f"{rule.subject} cannot be {rule.limit:g}", expected=in_words(values), remedy=f"correct the limit{share}"
        )


def _check_drop(rule: Rule) -> None:
    """Against a baseline: a direction, an interval of the difference, and a limit that a difference can go beyond."""
    scale = SCALES[rule.subject]
    if not scale.better or not scale.paired:
        why = "no interval of its difference is known to hold" if scale.better else "neither way is better"
        raise UsageError(
            f"{SAID[rule.kind]} cannot be asked of {rule.subject}: {why}",
            expected="a metric with a better way, and with an interval of the difference",
            remedy="bound it with min (>=) or max (<=)",
        )
    if rule.kind == "no_worse":
        if rule.limit != 0:
            raise UsageError(
                f"{rule.subject} cannot be no worse by {rule.limit:g}",
                expected="no limit",
                remedy="use max_drop (-drop<=)",
            )
        return
    low, high = RANGES[rule.subject]
    if not (math.isfinite(rule.limit) and 0 < rule.limit < high - low):
        below = f" and below {high - low:g}" if math.isfinite(high - low) else ""
        raise UsageError(
            f"{rule.subject} cannot be held to a drop of {rule.limit:g}",
            expected=f"a number above 0{below}, in the unit of the metric",
            remedy="correct the limit: one point is 0.01; for no drop at all use no_worse (-no-worse)",
        )
