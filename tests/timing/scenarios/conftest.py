"""Fixtures of the scenarios' tests."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def _little_garbage() -> Iterator[None]:
    """Every scenario collects garbage before it begins: here not that of torch and of all other tests."""
    import scipy.stats  # noqa: F401

    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
