"""How far an evaluation is, for the person at the terminal: reviews done, reviews/s, time left."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import Task
    from rich.text import Text


class Progress(Protocol):
    """What an evaluation tells while it works."""

    def resume(self, reviews: int) -> None:
        """So many were finished by an earlier process: done, but no part of the rate."""

    def advance(self, reviews: int) -> None:
        """So many more are finished."""


class Silent:
    """Tells nobody."""

    def resume(self, reviews: int) -> None:
        """Nothing to show."""

    def advance(self, reviews: int) -> None:
        """Nothing to show."""


class Bar:
    """One line on a terminal, drawn from the first finished review and gone when the work ends."""

    def __init__(self, title: str, total: int | None, stream: TextIO, noun: str = "reviews") -> None:
        self._bar = _bar(stream, noun, known=total is not None)
        self._task = self._bar.add_task(title, total=total)

    def resume(self, reviews: int) -> None:
        """Show the reviews as done; `reset` keeps them out of the rate."""
        self._bar.reset(self._task, completed=reviews)

    def advance(self, reviews: int) -> None:
        """Move on; the first call draws the line, so that reused predictions draw none."""
        self._bar.start()
        self._bar.advance(self._task, reviews)

    def close(self) -> None:
        """Take the line away."""
        self._bar.stop()


@contextmanager
def progress(
    title: str, total: int | None, *, enabled: bool = True, stream: TextIO | None = None, noun: str = "reviews"
) -> Iterator[Progress]:
    """A bar on standard error where that is a terminal; silent elsewhere.

    Args:
        title: What is being evaluated.
        total: Reviews in the set; None where nobody knows how many there will be.
        enabled: False is silent everywhere.
        stream: Written to in the place of standard error.
        noun: What is counted, where it is not reviews.
    """
    to = sys.stderr if stream is None else stream
    if not (enabled and to.isatty()):
        yield Silent()
        return
    bar = Bar(title, total, to, noun)
    try:
        yield bar
    finally:
        bar.close()


def _bar(stream: TextIO, noun: str, *, known: bool) -> RichProgress:
    from rich.console import Console
    from rich.progress import BarColumn, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress
    from rich.text import Text

    class RateColumn(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(rate(task.speed) if noun == "reviews" else "")

    return RichProgress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn(f"{{task.completed:,.0f}}{'/{task.total:,.0f}' if known else ''} {noun}"),
        RateColumn(),
        *((TimeRemainingColumn(), TextColumn("left")) if known else ()),
        console=Console(file=stream),
        transient=True,
    )


def rate(reviews_per_s: float | None) -> str:
    """`1,204 reviews/s`; one decimal below ten, where a whole number would say too little.

    >>> rate(1204.3), rate(7.25), rate(None)
    ('1,204 reviews/s', '7.2 reviews/s', '– reviews/s')
    """
    if reviews_per_s is None:
        return "– reviews/s"
    return f"{reviews_per_s:,.0f} reviews/s" if reviews_per_s >= 10 else f"{reviews_per_s:.1f} reviews/s"
