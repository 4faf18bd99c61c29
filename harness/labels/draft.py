"""A match before it is checked: every label has a class, is in the middle, or is unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.labels.numbering import Numbering
from harness.labels.places import at_classes, on_scale, size_of
from harness.labels.scheme import SENTIMENTS, Reading, Scheme

# Classes of the classifier, from worst to best -> classes of the evaluation; None is the middle of two.
_STEPS: Mapping[tuple[int, int], Sequence[int | None]] = {
    (5, 5): (0, 1, 2, 3, 4),
    (5, 3): (0, 0, 1, 2, 2),
    (5, 2): (0, 0, None, 1, 1),
    (3, 3): (0, 1, 2),
    (3, 2): (0, None, 1),
    (2, 2): (0, 1),
}


@dataclass(frozen=True)
class Draft:
    """What is known when every label of a column has been looked at."""

    scheme: Scheme
    readings: Mapping[str, Reading]
    """Every label of the set, in natural order."""
    numbers: Numbering | None
    """What the bare numbers count; None where no label needs it."""
    classes: tuple[str, ...]
    ordinal: bool
    gold_of: Mapping[str, int]
    middle: tuple[str, ...]
    """Labels that stand for neither of two classes."""
    unknown: tuple[str, ...]
    """Labels that fit no class."""
    targets: tuple[tuple[int, ...], ...]
    """For each class of the classifier, by id: the classes of the evaluation that share its probability."""


def draft_of(readings: Mapping[str, Reading], scheme: Scheme, numbers: Numbering | None, split: bool) -> Draft:
    """The draft for these readings; `split` shares the probability of a middle class."""
    if scheme.sentimental:
        return _on_scale(readings, scheme, numbers, split)
    return _at_classes(readings, scheme, numbers)


def _on_scale(readings: Mapping[str, Reading], scheme: Scheme, numbers: Numbering | None, split: bool) -> Draft:
    """Stars and sentiments: classes and labels meet on the coarser scale."""
    places = on_scale(readings, scheme, numbers)
    full, size = len(scheme.order), size_of(places, scheme)
    golds = {label: None if place is None else place.on(size) for label, place in places.items()}
    names: tuple[str, ...]
    if full == 5 and size < 5:
        names = SENTIMENTS if size == 3 else SENTIMENTS[::2]
    else:
        names = scheme.names if size == full else scheme.names[::2]
    step_of = dict(zip(scheme.order, _STEPS[full, size], strict=True))
    steps = [step_of[class_id] for class_id in range(full)]
    middle = (0, 1) if split else ()
    return Draft(
        scheme=scheme,
        readings=readings,
        numbers=numbers,
        classes=names,
        ordinal=size > 2,
        gold_of={label: gold for label, gold in golds.items() if gold is not None},
        middle=tuple(label for label, place in places.items() if place is not None and golds[label] is None),
        unknown=tuple(label for label, place in places.items() if place is None),
        targets=tuple(middle if step is None else (step,) for step in steps),
    )


def _at_classes(readings: Mapping[str, Reading], scheme: Scheme, numbers: Numbering | None) -> Draft:
    """Other classes: each label is one of them, and the evaluation has the classifier's classes."""
    found = at_classes(readings, scheme, numbers)
    stars = all(reading.kind == "stars" for reading in readings.values())
    scale = scheme.kind == "numbered" or (scheme.kind == "opaque" and stars)
    return Draft(
        scheme=scheme,
        readings=readings,
        numbers=numbers,
        classes=scheme.names,
        ordinal=scale and len(scheme.order) > 2,
        gold_of={label: index for label, index in found.items() if isinstance(index, int)},
        middle=tuple(label for label, index in found.items() if index == "middle"),
        unknown=tuple(label for label, index in found.items() if index is None),
        targets=tuple((scheme.order.index(class_id),) for class_id in range(len(scheme.order))),
    )
