"""Where each label of a column stands: on a scale of stars or sentiments, or at one class by id.

Nothing here raises for a label that stands nowhere: it is None, and `match` names them all at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from harness.labels.numbering import STEPS, Numbering
from harness.labels.scheme import Reading, Scheme, as_step, canonical, read


@dataclass(frozen=True)
class Place:
    """A label's place on a scale: `index` 0 … 4 of five stars, or 0 … 2 of `SENTIMENTS`."""

    scale: Literal[3, 5]
    index: int

    def on(self, size: int) -> int | None:
        """Index on a scale of 5, 3 or 2 classes; None for the middle where there are only two.

        Stars 1 and 2 are negative, 3 is neutral, 4 and 5 are positive.
        """
        if size == 5:
            return self.index
        sentiment = (0, 0, 1, 2, 2)[self.index] if self.scale == 5 else self.index
        return sentiment if size == 3 else (0, None, 1)[sentiment]


def on_scale(readings: Mapping[str, Reading], scheme: Scheme, numbers: Numbering | None) -> dict[str, Place | None]:
    """The places of labels on a classifier whose classes are stars or sentiments."""
    worded = scheme.kind == "stars" and any(read(name).kind == "very" for name in scheme.names)
    if worded:
        readings = {label: _as_word(reading, scheme) for label, reading in readings.items()}
    # "negative" beside "very negative" is the second of five steps, not all that is bad; so it is beside
    # "4 stars" where the second step has no other name.
    steps = {"very", "stars", "number", "position"} if worded else {"very"}
    five_words = any(reading.kind in steps for reading in readings.values())
    return {label: _place(reading, scheme, numbers, five_words) for label, reading in readings.items()}


def _as_word(reading: Reading, scheme: Scheme) -> Reading:
    """A class that a label map names, as the word that it is."""
    return read(scheme.names[scheme.order.index(reading.value)]) if reading.kind == "class" else reading


def _place(reading: Reading, scheme: Scheme, numbers: Numbering | None, five_words: bool) -> Place | None:
    value = reading.value
    match reading.kind:
        case "stars":
            return Place(5, value - 1) if 1 <= value <= 5 else None
        case "very":
            return Place(5, value)
        case "sentiment" | "truth":
            return Place(5, as_step(reading)) if five_words and reading.kind == "sentiment" else Place(3, value)
        case "class" | "position":
            return _of_class(scheme.order.index(value), scheme) if value in scheme.order else None
        case "number" if numbers is not None:
            index = numbers.index(value)
            if index is None:
                return None
            return _of_class(index, scheme) if numbers.count == len(scheme.order) else Place(5, index)
        case _:
            return None


def _of_class(index: int, scheme: Scheme) -> Place:
    """The place of a class of the classifier itself."""
    if scheme.kind == "stars":
        return Place(5, index)
    return Place(3, index if scheme.kind == "sentiment" else 2 * index)


def size_of(places: Mapping[str, Place | None], scheme: Scheme) -> Literal[2, 3, 5]:
    """How many classes set and classifier have in common: the coarser of the two decides."""
    found = [place for place in places.values() if place is not None]
    words = [place.index for place in found if place.scale == 3]
    of_set: Literal[2, 3, 5] = 5 if found and not words else 3 if 1 in words else 2
    of_classifier: Literal[2, 3, 5] = 5 if scheme.kind == "stars" else 3 if scheme.kind == "sentiment" else 2
    return min(of_set, of_classifier)


def at_classes(
    readings: Mapping[str, Reading], scheme: Scheme, numbers: Numbering | None
) -> dict[str, int | Literal["middle"] | None]:
    """The class of each label, as an index into `scheme.order`, where classes are no sentiments.

    By name; then, for a sentiment, the one class that says the same; LABEL_n is the class with id n;
    a number counts the classes, and so do stars where there are five classes or classes of stars.
    """
    by_name = {canonical(name): i for i, name in enumerate(scheme.names)}
    means = [read(name) for name in scheme.names]

    def find(label: str, reading: Reading) -> int | Literal["middle"] | None:
        value, name = reading.value, canonical(label)
        if reading.kind == "middle":
            return "middle"
        if reading.kind == "class":
            return scheme.order.index(value)
        # Classes that are called by numbers are counted with the rest of the column, not one by one.
        if name in by_name and (scheme.kind == "named" or reading.kind != "number"):
            return by_name[name]
        if reading.kind == "number":
            return numbers.index(value) if numbers is not None else None
        if reading.kind == "stars":
            return _star(value, scheme, means[0])
        if reading.kind == "sentiment":
            return means.index(reading) if means.count(reading) == 1 else None
        return scheme.order.index(value) if reading.kind == "position" and value in scheme.order else None

    return {label: find(label, reading) for label, reading in readings.items()}


def _star(value: int, scheme: Scheme, first: Reading) -> int | None:
    if scheme.kind == "numbered":
        index = value - first.value
    elif scheme.kind == "opaque" and len(scheme.order) == STEPS:
        index = value - 1
    else:
        return None
    return index if 0 <= index < len(scheme.order) else None
