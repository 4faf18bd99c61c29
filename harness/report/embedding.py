"""How the reviews of a page travel inside it: as JSON in a script element, within a budget of bytes.

A page that held every review of a large set would not open. `examples` chooses some of each cell of the confusion
matrix, `flips` some of each kind of flip. Where they are too much for `BUDGET` bytes, fewer are shown, and long texts
are shortened earlier. The page says how many.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from harness.records import Evaluation
from harness.report import examples, flips
from harness.report.examples import LONGEST, PER_CELL, Joined
from harness.report.flips import Flips

BUDGET = 1_500_000
"""Bytes of embedded reviews in one page."""
PER_KIND = 100
"""Flipped reviews of a kind."""
CHOICES = (
    (PER_CELL, PER_KIND, LONGEST), (24, 60, 1000), (16, 40, 700), (10, 30, 500), (6, 20, 400), (4, 12, 300),
    (2, 8, 200), (2, 4, 100), (0, PER_KIND, 700), (0, 20, 300), (0, 4, 100),
)  # fmt: skip
"""Reviews a cell, flipped reviews a kind and characters a text, tried in this order until they fit the budget.
With thousands of cells the flips may fit alone."""
NO_FLIPS: Mapping[str, tuple[str, Flips]] = MappingProxyType({})


@dataclass(frozen=True)
class Embedded:
    """The reviews of a page, as the text of its JSON script, and by which rule they were chosen."""

    json: str
    per_cell: int
    """0: no cell has its reviews."""
    per_kind: int
    longest: int


def embed(
    evaluations: Mapping[str, Joined],
    records: Mapping[str, Evaluation],
    flipped: Mapping[str, tuple[str, Flips]] = NO_FLIPS,
) -> Embedded:
    """The reviews of every evaluation and of every comparison, within the page's budget.

    Args:
        evaluations: By the name that the page gives them.
        records: The same names -> their records. Texts of a review set are embedded once.
        flipped: Comparisons by the name that the page gives them: that of their evaluation, and what flipped.
    """
    for per_cell, per_kind, longest in CHOICES:
        shown = evaluations if per_cell else {}
        text = for_script(_content(shown, records, flipped, per_cell, per_kind, longest))
        if len(text.encode()) <= BUDGET:
            return Embedded(text, per_cell, per_kind, longest)
    return Embedded(for_script(_content({}, records, {}, 0, 0, 0)), 0, 0, 0)


def _content(
    evaluations: Mapping[str, Joined],
    records: Mapping[str, Evaluation],
    flipped: Mapping[str, tuple[str, Flips]],
    per_cell: int,
    per_kind: int,
    longest: int,
) -> dict[str, Any]:
    texts: dict[str, dict[str, str | None]] = {}
    shown: dict[str, dict[str, Any]] = {}
    for name, joined in evaluations.items():
        record = records[name]
        of_set = texts.setdefault(record.review_set, {})
        cells = {}
        for (gold, predicted), places in examples.of_cells(joined, per_cell).items():
            found = examples.at(joined, places, longest)
            of_set.update((one.id, one.text) for one in found if one.text is not None)
            cells[f"{gold}-{predicted}"] = {
                "total": record.confusion[gold][predicted],
                "shown": [[one.id, *_rounded(one.probabilities)] for one in found],
            }
        shown[name] = {"set": record.review_set, "classes": record.label_match.classes, "cells": cells}
    compared: dict[str, dict[str, Any]] = {}
    for name, (evaluation, found_flips) in flipped.items():
        record = records[evaluation]
        of_set = texts.setdefault(record.review_set, {})
        kinds = {kind: _kind(kind, found_flips, per_kind, longest, of_set) for kind in flips.KINDS}
        compared[name] = {"set": record.review_set, "classes": record.label_match.classes, "kinds": kinds}
    return {"texts": texts, "evaluations": shown, "comparisons": compared}


def _kind(kind: flips.Kind, found: Flips, most: int, longest: int, texts: dict[str, str | None]) -> dict[str, Any]:
    shown = found.shown(kind, most, longest)
    texts.update((one.id, one.text) for one in shown if one.text is not None)
    return {
        "title": flips.TITLES[kind],
        "meaning": flips.MEANINGS[kind],
        "total": found.counts[kind],
        "shown": [[one.id, one.gold, _rounded(one.reference), _rounded(one.candidate)] for one in shown],
    }


def _rounded(probabilities: tuple[float, ...]) -> list[float]:
    return [round(each, 4) for each in probabilities]


def for_script(content: object) -> str:
    """JSON that cannot end the script element that holds it, nor start a comment in it."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    # A half of a surrogate pair has no UTF-8.
    return text.encode("utf-8", "backslashreplace").decode()
