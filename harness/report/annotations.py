"""Verdicts as annotations of a job on GitHub: workflow commands, in which no text of a run can begin another one.

The form and its escapes: GitHub Docs, *Workflow commands for GitHub Actions*, and `@actions/core`, `command.ts`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Literal

from harness.records import Run, Verdict
from harness.records.verdicts import ORDER
from harness.report import gate_words, verdicts
from harness.report.public import printable

Level = Literal["error", "warning"]
MOST = 10
"""Annotations of one level that GitHub shows of a step."""
LONGEST = 1_000
"""Characters of a message."""
LONGEST_TITLE = 200


def wanted(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this is a step of a job on GitHub."""
    return environ.get("GITHUB_ACTIONS") == "true"


def commands(run: Run) -> Iterator[str]:
    """One line for each verdict that is no pass: an error, or a warning where it is inconclusive.

    Of more than `MOST` of a level, the last line says how many more there are.

    Args:
        run: With or without verdicts.
    """
    by_level: dict[Level, list[Verdict]] = {"error": [], "warning": []}
    for each in sorted(run.verdicts, key=lambda one: ORDER.index(one.outcome)):
        if each.outcome != "pass":
            by_level[_level(each, run)].append(each)
    for level, found in by_level.items():
        shown = found if len(found) <= MOST else found[: MOST - 1]
        for each in shown:
            message = f"{each.sentence} ({verdicts.judged(each)})" if verdicts.judged(each) else each.sentence
            yield command(level, f"{verdicts.word(each)}: {each.rule}", message)
        if len(found) > len(shown):
            left_out = found[len(shown) :]
            yield command(level, "more verdicts", f"not shown here: {verdicts.counted(left_out)}")


def command(level: Level, title: str, message: str) -> str:
    r"""One annotation, as a line.

    >>> command("error", "fail: accuracy>=0.5", "100 % of it\n::error::fell")
    '::error title=fail%3A accuracy>=0.5::100 %25 of it?::error::fell'
    """
    said = (printable(part[:longest]) for part, longest in ((title, LONGEST_TITLE), (message, LONGEST)))
    heading, body = said
    return f"::{level} title={_property(heading)}::{_data(body)}"


def _level(verdict: Verdict, run: Run) -> Level:
    only_shown = verdict.outcome == "inconclusive" and not gate_words.fails_on_inconclusive(run.settings)
    return "warning" if only_shown else "error"


def _data(message: str) -> str:
    """
    >>> _data("5 %\\r\\n")
    '5 %25%0D%0A'
    """
    return message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    """
    >>> _property("a: b, c")
    'a%3A b%2C c'
    """
    return _data(value).replace(":", "%3A").replace(",", "%2C")
