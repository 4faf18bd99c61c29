"""Windows of a review set, the next one tokenized while this one is in forward."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

WINDOW = 8_192
FIRST_SHARE = 8
"""The first window is this many times smaller, so that forward need not wait long for it."""


@dataclass(frozen=True)
class Window:
    """Neighbouring reviews, [start, stop) in the set's order."""

    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def span(self) -> slice:
        """The window as an index into arrays over the set."""
        return slice(self.start, self.stop)


def windows(reviews: int, size: int = WINDOW) -> list[Window]:
    """The windows of a set of so many reviews; the first is an eighth of the others.

    >>> [(w.start, w.stop) for w in windows(2000, 800)]
    [(0, 100), (100, 900), (900, 1700), (1700, 2000)]
    """
    first = max(1, size // FIRST_SHARE)
    edges = [0, *range(first, reviews, size), reviews] if reviews else []
    return [Window(start, stop) for start, stop in pairwise(edges)]


def ahead(items: Iterable[Item], work: Callable[[Item], Result]) -> Iterator[tuple[Item, Result]]:
    """Each item with its result, one item's work being done in a thread while the caller has the one before.

    At most two results are alive. What `work` raises is raised here, at its item.
    """
    waiting = iter(items)
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tokenize")
    try:
        item = next(waiting, None)
        future = pool.submit(work, item) if item is not None else None
        while item is not None and future is not None:
            result = future.result()
            following = next(waiting, None)
            future = pool.submit(work, following) if following is not None else None
            yield item, result
            item = following
    finally:
        # Not waited for: when the caller is interrupted, finished predictions are written first.
        pool.shutdown(wait=False, cancel_futures=True)
