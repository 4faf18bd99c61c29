"""What the verdicts of a gate come to, in one line: by rule, and inconclusive never reads as a pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness.records import Outcome, Verdict
from harness.records.verdicts import ORDER, decisive
from harness.report.numbers import count


def by_rule(verdicts: Sequence[Verdict]) -> dict[str, Outcome]:
    """What each rule comes to over all that it judged: a fail where it fails once, a pass where it always does."""
    found: dict[str, Outcome] = {}
    for each in verdicts:
        found[each.rule] = decisive((found.get(each.rule, each.outcome), each.outcome))
    return found


def summary(verdicts: Sequence[Verdict], settings: Mapping[str, Any]) -> str:
    """The verdicts of a run in one line.

    Args:
        verdicts: At least one.
        settings: Of the run; they say whether it was asked to take inconclusive for a fail.
    """
    outcomes = list(by_rule(verdicts).values())
    counts, rules = Counter(outcomes), len(outcomes)
    if counts["fail"]:
        return f"{_part(counts['fail'], rules)} failed: this may not ship"
    undecided = f"{_part(counts['inconclusive'], rules)} {_verb(counts['inconclusive'], rules)} inconclusive"
    if counts["inconclusive"] and fails_on_inconclusive(settings):
        return f"{undecided}, which this run takes for a fail: this may not ship"
    if counts["error"]:
        return f"{_part(counts['error'], rules)} had nothing to judge: that is neither a pass nor a regression"
    if counts["inconclusive"]:
        return f"{'' if rules == 1 else 'Nothing failed, but '}{_within(undecided, rules)}: that is no pass"
    return f"{_part(rules, rules)} passed"


def judged(verdict: Verdict, written: Callable[[str], str], against: str | None = None) -> str:
    """What was judged, and against what: `new on shop against main`; of times there is no review set.

    Args:
        verdict: What is said of it.
        written: How a name is written.
        against: Name of what it was compared with; by default that of a verdict which has a difference.
    """
    compared = against or (verdict.baseline if verdict.difference else None)
    named = (("", verdict.classifier), ("on ", verdict.review_set), ("against ", compared))
    return " ".join(f"{word}{written(name)}" for word, name in named if name)


def tally(verdicts: Sequence[Verdict]) -> tuple[tuple[Outcome, int], ...]:
    """How many verdicts there are of each outcome, what decides first."""
    counts = Counter(each.outcome for each in verdicts)
    return tuple((outcome, counts[outcome]) for outcome in ORDER if counts[outcome])


def on_inconclusive(verdicts: Sequence[Verdict], settings: Mapping[str, Any]) -> str:
    """What an inconclusive verdict does to the build, as far as the record tells; empty where there is none."""
    if all(each.outcome != "inconclusive" for each in verdicts):
        return ""
    said = "Inconclusive means that the evidence reaches over the limit: neither a pass nor a fail."
    asked = settings.get("inconclusive")
    if asked is None:
        return f"{said} Whether it stops the build is a setting of the gate; unless it says fail, it does not."
    return f"{said} This run was asked {'to take it for a fail' if asked == 'fail' else 'to show it and go on'}."


def fails_on_inconclusive(settings: Mapping[str, Any]) -> bool:
    """Whether the run itself was asked to; a table of the gates that says so is not in the record."""
    return settings.get("inconclusive") == "fail"


def _part(number: int, rules: int) -> str:
    """
    >>> _part(1, 1), _part(1, 4), _part(2, 2), _part(3, 3)
    ('The rule', '1 of 4 rules', 'Both rules', 'All 3 rules')
    """
    if rules == 1:
        return "The rule"
    if number < rules:
        return f"{count(number)} of {count(rules)} rules"
    return "Both rules" if rules == 2 else f"All {count(rules)} rules"


def _verb(number: int, rules: int) -> str:
    return "is" if number == 1 or rules == 1 else "are"


def _within(text: str, rules: int) -> str:
    """Within a sentence `All 3 rules` has no capital."""
    return text if rules == 1 else text[:1].lower() + text[1:]
