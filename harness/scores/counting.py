"""Labels that count columns: from 0 or from 1, as they prove it, and never by a guess."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from harness.errors import PredictionsError
from harness.labels.numbering import bases
from harness.labels.wording import listed, natural, shown
from harness.scores.gold import Labels
from harness.scores.raw import Raw


def base_of(
    raw: Raw, label: str, labels: Labels, numbers: Mapping[str, int | None], width: int, given: int | None
) -> tuple[int, str]:
    """The number of the first class, and a note that says how it is known.

    Args:
        raw: The file.
        label: Column of the labels.
        labels: The labels.
        numbers: Label -> the number that it is; None where it is none.
        width: How many classes there are.
        given: `--label-base`, or what the kind of file settles.

    Raises:
        PredictionsError: A label that is no number or counts no class, or numbers that fit 0 and 1 alike.
    """
    counted = {number for number in numbers.values() if number is not None}
    found = bases(counted, width)
    base = given if given is not None else found[0] if found else _better(labels, numbers, width)
    wrong = [text for text, number in numbers.items() if number is None or not base <= number < base + width]
    if wrong:
        raise _no_class(raw, label, labels, wrong, width, given)
    if given is not None:
        return base, f"the gold labels count the classes from {base}"
    if len(found) > 1:
        raise _two_ways(raw, label, labels, width)
    proof = 0 if base == 0 else width
    return base, f"the gold labels count the classes from {base}: {proof} occurs"


def _better(labels: Labels, numbers: Mapping[str, int | None], width: int) -> int:
    """The base that leaves fewer rows over, where neither fits all."""
    counts = labels.counts()

    def over(base: int) -> int:
        return sum(counts[text] for text, number in numbers.items() if number not in range(base, base + width))

    return min((0, 1), key=over)


def _no_class(
    raw: Raw, label: str, labels: Labels, wrong: list[str], width: int, given: int | None
) -> PredictionsError:
    names = listed([shown(text) for text in sorted(wrong, key=natural)], last=" and ")
    ranges = {0: f"0 … {width - 1}", 1: f"1 … {width}"}
    return raw.error(
        f"label{'s' if len(wrong) > 1 else ''} {names} {'fit' if len(wrong) > 1 else 'fits'} no class",
        column=label,
        rows=np.flatnonzero(np.isin(labels.codes, [labels.texts.index(text) for text in wrong])),
        expected=f"{ranges[0] + ' or ' + ranges[1] if given is None else ranges[given]}, for {width} classes",
        remedy="correct the rows, or name the classes with --classes in the order of the numbers",
    )


def _two_ways(raw: Raw, label: str, labels: Labels, width: int) -> PredictionsError:
    texts = sorted(labels.texts, key=natural)
    return raw.error(
        f"label{'s' if len(texts) > 1 else ''} {listed(texts, last=' and ')} can be read in two ways",
        column=label,
        expected=f"0 … {width - 1} or 1 … {width}, for {width} classes: neither 0 nor {width} occurs",
        remedy="give --label-base 0 or --label-base 1, or write the names of the classes as gold labels",
    )
