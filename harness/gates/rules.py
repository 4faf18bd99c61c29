"""Rules of the gate, each in one line of text: its id, which is also what `--gate` takes.

    accuracy>=0.52                      floor
    expected_calibration_error<=0.15    ceiling
    accuracy-drop<=0.01                 how much worse than the baseline, in the metric's own unit
    accuracy-no-worse                   not worse than the baseline at all
    accuracy@language=de>=0.45          of one slice
    accuracy-drop@language=de<=0.01     of one slice
    forward-slowdown<=5%                how much slower than the reference: a stage or a scenario

Column and value of a slice are percent-encoded (UTF-8), so that an id is ASCII and a usable name of a test.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal
from urllib.parse import quote, unquote

from harness.errors import UsageError
from harness.gates.limits import check
from harness.gates.subjects import NAMES
from harness.options import nearest
from harness.records.verdicts import Kind

SUFFIXES: Mapping[Kind, str] = {"max_drop": "-drop", "no_worse": "-no-worse", "max_slowdown": "-slowdown"}
NEEDS_BASELINE: tuple[Kind, ...] = ("max_drop", "no_worse")

_FORM = re.compile(
    r"(?P<head>[^@<>=]*)(?:@(?P<column>[^<>=]*)=(?P<value>[^<>]*?))?\s*(?:(?P<sign>>=|<=)(?P<limit>[^<>=]*))?",
    re.DOTALL,
)
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Rule:
    """What is asked of one metric, stage or scenario. Two rules are equal that ask the same.

    `parse` and `harness.gates.reading` make rules that can be followed; see `harness.gates.limits`.
    """

    kind: Kind
    subject: str
    """Name of a metric, a stage or a scenario."""
    limit: float
    """Floor or ceiling; the largest drop, positive, in the metric's own unit; the largest slowdown, as a share.
    0 for `no_worse`."""
    column: str | None = None
    """The slice that is judged, with `value`; None: the whole set."""
    value: str | None = None
    reason: str = field(default="", compare=False)
    """Why the rule is there, as its author wrote."""
    where: str = field(default="", compare=False, repr=False)
    """Where it was written, for errors."""

    def __post_init__(self) -> None:
        # -0.0 is 0.0, and an integer the same number: one rule, one id.
        object.__setattr__(self, "limit", float(self.limit) + 0.0)

    @property
    def id(self) -> str:
        """The rule in one line of ASCII; `parse` gives the rule back."""
        cut = "" if self.column is None else f"@{_escaped(self.column)}={_escaped(self.value or '')}"
        return self.subject + SUFFIXES.get(self.kind, "") + cut + self._comparison()

    @property
    def scope(self) -> tuple[Kind, str, str | None, str | None]:
        """What there is one rule for, at most: kind, subject and slice."""
        return self.kind, self.subject, self.column, self.value

    def _comparison(self) -> str:
        if self.kind == "no_worse":
            return ""
        if self.kind == "max_slowdown":
            # In decimals: 0.07 * 100 is not 7.
            percent = format(Decimal(repr(self.limit)).scaleb(2), "f")
            return f"<={percent.rstrip('0').rstrip('.') if '.' in percent else percent}%"
        return (">=" if self.kind == "floor" else "<=") + repr(self.limit).removesuffix(".0")


@dataclass(frozen=True)
class Gates:
    """The rules, and what holds for all of them."""

    rules: tuple[Rule, ...]
    alpha: float = 0.05
    """Level of each side: what is judged is the interval at 1 - 2 alpha."""
    inconclusive: Literal["show", "fail"] = "show"
    """Whether an inconclusive verdict is only shown, or fails the build."""
    baseline: str | None = None
    """Name of the baseline."""
    against: str | None = None
    """The classifier that times are compared with, and metrics too where no baseline is named."""


def parse(text: str, where: str | None = None) -> Rule:
    """The rule that a text says, as `--gate` takes it: the id of a rule, with room for spaces and for any script.

    Args:
        text: Such as `accuracy>=0.52`.
        where: Where it was given, for errors; None: the option `--gate`.

    Raises:
        UsageError: It is no rule, or one that nothing could follow.
    """
    where = where or f"option --gate {text}"
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise _no_rule(text, where, "write it as in 'accuracy>=0.52' or 'forward-slowdown<=5%'")
    head, sign = found["head"].strip(), found["sign"]
    kind, subject = _kind_of(head, sign)
    for name in NAMES:
        if subject.startswith(f"{name}-") and subject not in NAMES:
            suffix = subject.removeprefix(name)
            raise _no_rule(text, where, f"{nearest(suffix, SUFFIXES.values())}correct {suffix!r}")
    with_limit = kind != "no_worse"
    if kind is None or (sign is None and with_limit):
        raise _no_rule(text, where, "put the rule in quotes, since a shell takes < and > for files; and name its limit")
    if sign != {"floor": ">=", "no_worse": None}.get(kind, "<="):
        right = f"{head}<=…" if with_limit else head
        raise _no_rule(text, where, f"write {right!r}")
    try:
        column, value = (None if part is None else _unescaped(part.strip()) for part in found.group("column", "value"))
        limit = _limit(found["limit"].strip(), kind) if with_limit else 0.0
        rule = Rule(kind, subject, limit, column, value, where=where)
        check(rule)
    except UsageError as error:
        raise placed(error, where) from None
    return rule


def placed(error: UsageError, where: str) -> UsageError:
    """The same error, with where the rule stands."""
    return UsageError(error.message, where=where, expected=error.expected, remedy=error.remedy)


def require_reference(gates: Gates, against: str | None = None) -> None:
    """Rules about times need a reference that is timed in the same run: `against`, else that of the gates.

    Raises:
        UsageError: There is such a rule, and no reference.
    """
    lacking = [rule for rule in gates.rules if rule.kind == "max_slowdown"]
    if lacking and not (against or gates.against):
        raise UsageError(
            f"{_listed(lacking)}: nothing to be timed against",
            where=_places(lacking),
            expected="a reference, which is timed in the same run: times of another run are never compared",
            remedy="name a classifier with --against, or leave the rule out",
        )


def require_baseline(gates: Gates, baseline: str | None = None) -> None:
    """Rules about a change for the worse need a baseline (`baseline`, else that of the gates), or a classifier that
    runs beside the candidate.

    Raises:
        UsageError: There is such a rule, and neither.
    """
    lacking = [rule for rule in gates.rules if rule.kind in NEEDS_BASELINE]
    if lacking and not (baseline or gates.baseline or gates.against):
        raise UsageError(
            f"{_listed(lacking)}: no baseline to be compared with",
            where=_places(lacking),
            expected="the name of a baseline, or a classifier that is evaluated beside this one",
            remedy="name it with --baseline, or as baseline in the table of the gates "
            "(`harness baseline promote RUN --name main` makes one); or name the classifier with --against",
        )


def _listed(rules: list[Rule]) -> str:
    return ", ".join(rule.id for rule in rules)


def _places(rules: list[Rule]) -> str:
    return "\n".join(dict.fromkeys(rule.where for rule in rules if rule.where))


def _kind_of(head: str, sign: str | None) -> tuple[Kind | None, str]:
    """Kind and subject of what stands before a slice and a limit; None: a bare name without a limit."""
    for kind, suffix in SUFFIXES.items():
        if head.endswith(suffix) and head != suffix:
            return kind, head.removesuffix(suffix)
    return (None if sign is None else "floor" if sign == ">=" else "ceiling"), head


def _limit(text: str, kind: Kind) -> float:
    """A number; of a slowdown also a percentage."""
    share = kind == "max_slowdown"
    number = text.removesuffix("%").strip() if share else text
    if not _NUMBER.fullmatch(number):
        raise UsageError(
            f"{text!r} is no limit",
            expected="a percentage such as 5%" if share else "a number such as 0.52",
            remedy="correct the limit",
        )
    return float(Decimal(number).scaleb(-2)) if number != text else float(number)


def _escaped(text: str) -> str:
    return quote(text, safe=",", errors="surrogatepass")


def _unescaped(text: str) -> str:
    try:
        return unquote(text, errors="surrogatepass")
    except UnicodeDecodeError:
        raise UsageError(
            f"{text!r} has a percent sign that encodes no character",
            expected="percent-encoded UTF-8, or the characters themselves",
            remedy="write %25 for a percent sign",
        ) from None


def _no_rule(text: str, where: str, remedy: str) -> UsageError:
    return UsageError(
        f"{text!r} is no rule of the gate",
        where=where,
        expected="METRIC>=NUMBER, METRIC<=NUMBER, METRIC-drop<=NUMBER, METRIC-no-worse or STAGE-slowdown<=PERCENT%;\n"
        "for a slice with @COLUMN=VALUE behind the name",
        remedy=remedy,
    )
