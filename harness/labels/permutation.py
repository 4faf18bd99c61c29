"""Is the given assignment of the classes believable? A permuted `id2label` turns 84 % into 7 %.

A classifier whose `id2label` is permuted is not the only one for which another assignment of the
classes has a higher accuracy. A harsh classifier, one star too low everywhere, gains by a shift of
all names; one that guesses gains where it guesses the frequent class by another's name. So a
finding needs two things:

1. **Accuracy.** The other assignment is right significantly more often: an exact one-sided McNemar
   test on the reviews where one of the two is right, corrected for all assignments searched.
2. **Closed circles.** A permutation consists of circles of names (1 → 3 → 2 → 1). Every name in a
   circle must be given to a larger share of the reviews of its new class than of its own (Fisher's
   exact test; a guess is given to equal shares of both, however many reviews they have). A shift
   breaks there: "5 stars" would have to be what 1-star reviews get. Names that are hardly ever
   given say nothing either way; they are forgiven where the rest of the circle changes the order
   of the classes, which no harshness or leniency does.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.labels.scheme import canonical
from harness.labels.wording import SHOWN, listed, natural, option_for_map

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

ALPHA = 0.001
"""Level of the tests for another assignment; the first is corrected for all assignments."""
CONTRADICTED = 0.05
"""Level of the test that a name's own class fits it better; a smaller one would overlook more of them."""


@dataclass(frozen=True)
class PermutationFinding:
    """Another assignment of the classes fits the labels significantly better than the given one."""

    accuracy: float
    """Share of reviews whose predicted class is the gold label, as `id2label` has it."""
    assigned_accuracy: float
    """The same with the other assignment."""
    assignment: Mapping[str, str]
    """Name of a class -> the class that its predictions fit; only those that differ."""
    p_value: float
    """Upper bound, corrected for the search over all assignments."""
    sentence: str
    remedy: str


def permutation_check(
    confusion: ArrayLike, classes: Sequence[str], gold_of: Mapping[str, int | None] | None = None
) -> PermutationFinding | None:
    """The better assignment of the classes, or None where the given one is as good as any.

    The best assignments of raw counts, of recalls and of their logarithms are tried (Hungarian
    algorithm: Kuhn 1955, Naval Research Logistics Quarterly 2), each reduced to its believable circles.

    Args:
        confusion: (E, E) counts; rows gold, columns predicted.
        classes: The E classes of the evaluation.
        gold_of: Label as the set has it -> index of its class, as `LabelMatch.gold_of`: the remedy
            then names labels as the set has them.

    Raises:
        ValueError: The confusion is no square of counts, or not of these classes.
    """
    import numpy as np

    counts = np.asarray(confusion)
    if counts.shape != (len(classes), len(classes)):
        raise ValueError(f"confusion of {len(classes)} classes has the shape {counts.shape}")
    if (counts < 0).any() or (counts != np.floor(counts)).any():
        raise ValueError("a confusion holds counts: whole numbers from 0")
    counts = counts.astype(np.int64)
    tried = [(_accuracy(counts, new), _p_value(counts, new), new) for new in _candidates(counts)]
    found = [candidate for candidate in tried if candidate[1] < ALPHA]
    if not found:
        return None
    best, p_value, assignment = max(found, key=lambda candidate: candidate[0])
    return _finding(counts, classes, assignment, best, p_value, gold_of)


def _candidates(counts: NDArray[np.int64]) -> Iterator[tuple[int, ...]]:
    """Assignments, predicted class -> class that it fits, other than the given one."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    recalls = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    smoothed = (counts + 0.5) / (counts.sum(axis=1, keepdims=True) + 0.5 * len(counts))
    seen = {tuple(range(len(counts)))}
    for gain in (counts, recalls, np.log(smoothed)):
        gold, predicted = linear_sum_assignment(gain, maximize=True)
        new = [0] * len(counts)
        for g, p in zip(gold.tolist(), predicted.tolist(), strict=True):
            new[p] = g
        for circle in _circles(new):
            if not _believable(counts, circle):
                for name in circle:
                    new[name] = name
        if tuple(new) not in seen:
            seen.add(tuple(new))
            yield tuple(new)


def _circles(assignment: Sequence[int]) -> list[dict[int, int]]:
    """The circles of a permutation that move, each as name -> class."""
    left = {name for name, to in enumerate(assignment) if to != name}
    circles = []
    while left:
        name = min(left)
        circle: dict[int, int] = {}
        while name in left:
            left.remove(name)
            circle[name] = assignment[name]
            name = assignment[name]
        circles.append(circle)
    return circles


def _believable(counts: NDArray[np.int64], circle: Mapping[int, int]) -> bool:
    """No name contradicts the circle, and no harshness explains those that support it."""
    better = {name: _given_rather_to(counts, name, to, name) for name, to in circle.items()}
    if any(_given_rather_to(counts, name, name, to) < CONTRADICTED for name, to in circle.items()):
        return False
    supported = [circle[name] for name in sorted(circle) if better[name] < ALPHA]
    in_order = all(a < b for a, b in itertools.pairwise(supported))
    return len(supported) == len(circle) or not in_order


def _given_rather_to(counts: NDArray[np.int64], name: int, one: int, other: int) -> float:
    """Fisher's exact p: the name is given to reviews of class `one` more often than of class `other`."""
    from scipy.stats import hypergeom

    of_one, of_other = int(counts[one].sum()), int(counts[other].sum())
    given = int(counts[one, name])
    return float(hypergeom.sf(given - 1, of_one + of_other, given + int(counts[other, name]), of_one))


def _accuracy(counts: NDArray[np.int64], assignment: Sequence[int]) -> float:
    return float(counts[list(assignment), range(len(counts))].sum() / counts.sum())


def _p_value(counts: NDArray[np.int64], assignment: Sequence[int]) -> float:
    """p of McNemar's exact one-sided test (McNemar 1947, Psychometrika 12), times the assignments searched."""
    from scipy.stats import binom

    moved = [name for name, to in enumerate(assignment) if to != name]
    gained = sum(int(counts[assignment[name], name]) for name in moved)
    lost = sum(int(counts[name, name]) for name in moved)
    log_p = float(binom.logsf(gained - 1, gained + lost, 0.5))
    return math.exp(min(0.0, log_p + _log_assignments(len(counts), len(moved))))


def _log_assignments(classes: int, moved: int) -> float:
    """log of the Bonferroni factor: as many tests as permutations that move so many classes, for each such number.

    The level is shared evenly among the numbers 2 … E of moved classes, and within each among its
    permutations, so that two swapped names of 77 can be found among 77! assignments.
    """
    # Permutations of m that leave none in place: m! / e, rounded.
    derangements = math.lgamma(moved + 1) - 1 if moved > 20 else math.log(round(math.factorial(moved) / math.e))
    chosen = math.lgamma(classes + 1) - math.lgamma(moved + 1) - math.lgamma(classes - moved + 1)
    return math.log(classes - 1) + chosen + derangements


def _finding(
    counts: NDArray[np.int64],
    classes: Sequence[str],
    assignment: Sequence[int],
    assigned_accuracy: float,
    p_value: float,
    gold_of: Mapping[str, int | None] | None,
) -> PermutationFinding:
    given = _accuracy(counts, range(len(counts)))
    moved = {classes[name]: classes[to] for name, to in enumerate(assignment) if to != name}
    name_of = {to: classes[name] for name, to in enumerate(assignment) if to != name}
    labels = gold_of if gold_of is not None else {name: i for i, name in enumerate(classes)}
    # One of `4` and `4.0` is enough: a map may name a label only once.
    one_text = {canonical(label): label for label in sorted(labels, key=natural, reverse=True)}
    golds = {label: labels[label] for label in sorted(one_text.values(), key=natural)}
    label_map = {label: name_of[gold] for label, gold in golds.items() if gold is not None and gold in name_of}
    option = option_for_map(label_map) if len(label_map) <= SHOWN else "a --label-map that says the same"
    words = listed([f"{name!r} means {to!r}" for name, to in moved.items()], last=" and ", limit=8)
    return PermutationFinding(
        accuracy=given,
        assigned_accuracy=assigned_accuracy,
        assignment=moved,
        p_value=p_value,
        sentence=(
            f"id2label may be permuted: accuracy is {given:.1%} as given and {assigned_accuracy:.1%} if {words} "
            f"({int(counts.sum()):,} reviews; p < {ALPHA} over all assignments)"
        ),
        remedy=(
            "classify a text whose class is beyond doubt with `harness predict`; if the name is wrong, correct "
            f"id2label in the classifier's config.json, or give {option}"
        ),
    )
