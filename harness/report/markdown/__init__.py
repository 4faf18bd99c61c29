"""A run as Markdown (GitHub flavoured): for the summary of a CI job, and for a comment on a pull request.

The verdict stands in the first line, what failed under it, the figures after that, and the rest is folded. Every text
from data (reviews, labels, names) is escaped, see `escaping`: none of it is markup, a mention or a reference.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.records import Run
from harness.report.markdown import gate, metrics, rest, times
from harness.report.markdown.escaping import code
from harness.report.markdown.tables import Part

LIMIT = 48_000
"""Bytes. A comment on GitHub holds 65,536 characters, one on GitLab a million, the summary of a step 1 MiB."""
KEPT_FREE = 9_000
"""Bytes of these for the names of what is left out."""
MOST_NAMED = 8
"""Parts that were left out and are named."""

__all__ = ["LIMIT", "summary"]


def summary(run: Run) -> str:
    """The whole document, of `LIMIT` bytes at most; it says what was left out.

    Args:
        run: One that did not end says so in its first line.
    """
    parts = [*gate.parts(run), *metrics.parts(run), *times.parts(run), *gate.passed(run), *rest.parts(run)]
    return _joined(gate.headline(run), parts, f"Run {code(run.id)}; its page has all of it.")


def _joined(headline: str, parts: Iterable[Part], last: str) -> str:
    """As many parts as there is room for, in their order, and the names of the others."""
    shown, left_out, room = [headline], [], LIMIT - KEPT_FREE - _size(headline) - _size(last)
    for part in parts:
        size = _size(part.body)
        if size <= room:
            shown.append(part.body)
            room -= size
        else:
            left_out.append(part.name)
    if left_out:
        more = f" and {len(left_out) - MOST_NAMED} more" if len(left_out) > MOST_NAMED else ""
        shown.append(f"Left out, for want of room: {', '.join(left_out[:MOST_NAMED])}{more}.")
    return "\n\n".join([*shown, last]) + "\n"


def _size(body: str) -> int:
    return len(body.encode()) + len("\n\n")
