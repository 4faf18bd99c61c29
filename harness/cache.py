"""Finished predictions by content key, in the user's cache folder.

    <cache folder>/predictions/<content key>.parquet

An entry holds positions, logits, token counts and cuts: no text, no id and no label, so it serves
every review set with the same texts in the same order, and a new label map needs no forward pass.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs

from harness.prediction import rows as stored
from harness.prediction.rows import DamagedError, Finished, Rows

VERSION = 1


@dataclass(frozen=True)
class Lookup:
    """What the cache had, and what a person should know about it."""

    finished: Finished | None = None
    note: str = ""


class Cache:
    """A folder of finished predictions. Its troubles are notes: a run never fails for its cache."""

    def __init__(self, root: Path | None = None) -> None:
        """
        Args:
            root: The folder; by default `HARNESS_CACHE`, or else the user's cache folder.
        """
        self.root = root or folder()

    def path(self, key: str) -> Path:
        """Where the predictions of a content key lie."""
        return self.root / "predictions" / f"{key}.parquet"

    def get(self, key: str, reviews: int) -> Lookup:
        """The finished predictions of so many reviews; none, with a note, where the entry is damaged."""
        try:
            rows, stamp = stored.read(self.path(key))
            return Lookup(_finished(rows, stamp, key, reviews))
        except FileNotFoundError:
            return Lookup()
        except DamagedError as damage:
            return Lookup(note=f"a damaged entry of the cache was set aside and measured anew ({damage})")

    def put(self, key: str, finished: Finished) -> str:
        """Keep finished predictions; the result is a note where that failed, else ''."""
        stamp = {
            "version": VERSION,
            "key": key,
            "token_budget": finished.token_budget,
            "padding_share": finished.padding_share,
            "batching_difference": finished.batching_difference,
            "batching_tolerance": finished.batching_tolerance,
        }
        try:
            stored.write(self.path(key), finished.rows, stamp)
        except OSError as error:
            # Without the path: notes go into run.json, which names no folder of this machine.
            return (
                f"the predictions were not cached ({error.strerror or type(error).__name__}); "
                "HARNESS_CACHE names another folder"
            )
        return ""


def folder() -> Path:
    """The cache folder: `HARNESS_CACHE`, or else where this system keeps a user's caches."""
    given = os.environ.get("HARNESS_CACHE")
    return Path(given) if given else Path(platformdirs.user_cache_dir("review-harness", appauthor=False))


def _finished(rows: Rows, stamp: dict[str, object], key: str, reviews: int) -> Finished:
    """The entry, where it is what its name says; else DamagedError."""
    if stamp.get("version") != VERSION or stamp.get("key") != key:
        raise DamagedError("it belongs to another key or version")
    if not np.array_equal(rows.positions, np.arange(reviews)):
        raise DamagedError("it holds other reviews")
    budget = stamp.get("token_budget")
    if not isinstance(budget, int):
        raise DamagedError("it does not say its token budget")
    return Finished(
        rows=rows,
        token_budget=budget,
        padding_share=_number(stamp.get("padding_share")),
        batching_difference=_number(stamp.get("batching_difference")),
        batching_tolerance=_number(stamp.get("batching_tolerance")),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
