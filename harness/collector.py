"""The cyclic garbage collector, switched off where it would fall into something that is timed."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected(*, clean: bool = False) -> Iterator[None]:
    """No cyclic garbage collection within.

    Args:
        clean: Collect once before, so that what was left over does not stay for as long.
    """
    collecting = gc.isenabled()
    if clean:
        gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
