"""The match of a review set's labels with a classifier's classes, or the error that shows both sides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.errors import LabelError
from harness.labels.draft import Draft, draft_of
from harness.labels.explain import how_of, suggestions, warnings_of
from harness.labels.label_map import targets
from harness.labels.numbering import Numbering, numbering
from harness.labels.scheme import Reading, Scheme, canonical, read, scheme_of, whole_number
from harness.labels.wording import Sides, listed, natural, shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from harness.records import LabelMatchRecord


@dataclass(frozen=True, eq=False)
class LabelMatch:
    """How a set's labels map onto the classes of an evaluation, and how probabilities do.

    Attributes:
        classes: The classes of the evaluation; on a scale from worst to best, otherwise in id order.
        ordinal: The classes are steps of a scale (of three or more; two have no steps between them).
        gold_of: Label as the set has it -> index into `classes`; None where its reviews are left out.
        projection: (classifier classes, evaluation classes) float64; the share of each class's
            probability that goes to each class of the evaluation. A row sums to 1, or to 0 where
            the class is unlabelled.
        how: One line for a person.
        unlabelled: Ids of classes that no label of the set stands for (3 stars on positive/negative,
            `--neutral drop`): their probability is left out and the rest rescaled to 1.
        left_out: Labels whose gold is None for being neutral where there are two classes.
        unknown: Labels whose gold is None for fitting no class, under `--on-bad-row skip`.
        warnings: Sentences for a person.
    """

    classes: tuple[str, ...]
    ordinal: bool
    gold_of: Mapping[str, int | None]
    projection: NDArray[np.float64] = field(repr=False)
    how: str
    unlabelled: tuple[int, ...] = ()
    left_out: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def project(self, logits: ArrayLike) -> NDArray[np.float32]:
        """Probabilities of the classes of the evaluation.

        Args:
            logits: (N, K) finite logits in the classifier's id order.

        Returns:
            (N, E) float32; rows sum to 1.
        """
        import numpy as np
        from scipy.special import log_softmax

        projected: NDArray[np.float32] = np.exp(log_softmax(self.project_logits(logits), axis=1)).astype(np.float32)
        return projected

    def project_logits(self, logits: ArrayLike) -> NDArray[np.float64]:
        """Logits of the classes of the evaluation: their softmax is what `project` gives.

        Sums are taken of log-probabilities, in float64: where nearly all the probability is on an
        unlabelled class, what remains is still rescaled exactly.

        Args:
            logits: (N, K) finite logits in the classifier's id order.

        Returns:
            (N, E) float64.
        """
        import numpy as np
        from scipy.special import log_softmax, logsumexp

        log_probabilities = log_softmax(np.asarray(logits, dtype=np.float64), axis=1)
        summed = np.empty((len(log_probabilities), len(self.classes)))
        for column, shares in enumerate(self.projection.T):
            sources = np.flatnonzero(shares)
            summed[:, column] = logsumexp(log_probabilities[:, sources], b=shares[sources], axis=1)
        return summed

    def record(self, classifier_classes: Sequence[str]) -> LabelMatchRecord:
        """The match as `run.json` holds it."""
        from harness.records import LabelMatchRecord

        return LabelMatchRecord(
            classes=self.classes,
            ordinal=self.ordinal,
            labels={label: None if gold is None else self.classes[gold] for label, gold in self.gold_of.items()},
            projection={
                name: {self.classes[column]: float(share) for column, share in enumerate(shares) if share}
                for name, shares in zip(classifier_classes, self.projection, strict=True)
            },
            how=self.how,
            warnings=self.warnings,
        )


def match(
    labels: Mapping[str, int],
    classes: Sequence[str],
    *,
    label_map: Mapping[str, str] | None,
    label_base: int | None,
    neutral: str,
    where: str,
    rows_of: Callable[[str], Sequence[int]],
    skip_unknown: bool = False,
) -> LabelMatch:
    """Match the labels of a review set with the classes of a classifier.

    Stars, sentiments (negative, neutral, positive) and polarity (negative, positive) fit one
    another; the coarser of set and classifier gives the classes of the evaluation:

    | classifier | set       | evaluation                                                                |
    | ---------- | --------- | ------------------------------------------------------------------------- |
    | 5 stars    | stars     | 5 classes                                                                 |
    | 5 stars    | sentiment | 1 + 2, 3, 4 + 5 stars                                                     |
    | 5 stars    | polarity  | 1 + 2, 4 + 5 stars; 3 stars is dropped and the rest rescaled, or split    |
    | sentiment  | stars     | labels 1 and 2 negative, 3 neutral, 4 and 5 positive                      |
    | sentiment  | polarity  | neutral is dropped and the rest rescaled, or split                        |
    | polarity   | stars     | labels 1 and 2 negative, 4 and 5 positive; 3 is left out (drop), an error (split) |
    | polarity   | sentiment | neutral labels are left out (drop), an error (split)                      |

    Classes with other names are matched by name, and whole numbers count them. A `label_map` goes
    first and may be partial; labels of it that the set does not have are a warning and no error,
    since one map may serve several sets.

    Args:
        labels: The distinct label texts of the set, with their counts.
        classes: `id2label` names in id order.
        label_map: Label -> name of a class, or sentiment, or number of stars.
        label_base: Number of the first class, 0 or 1, where the column cannot prove it.
        neutral: `drop` or `split`: the middle class where only negative and positive are left.
        where: File and column, for errors.
        rows_of: Row numbers of a label's reviews, for errors.
        skip_unknown: Leave out the reviews of labels that fit no class (`--on-bad-row skip`), where at
            least one label fits.

    Raises:
        LabelError: Labels that fit no class, numbers that can be read in two ways, a label map that
            names no class, classes with equal names, or no label that can be evaluated.
    """
    sides = Sides(labels, tuple(classes), where, rows_of)
    _check(sides)
    scheme = scheme_of(classes)
    mapped = targets(label_map or {}, classes, scheme)
    readings = {label: mapped.get(canonical(label)) or read(label) for label in sorted(labels, key=natural)}
    numbers = _numbering(readings, scheme, mapped, label_base, sides)
    draft = draft_of(readings, scheme, numbers, split=neutral == "split")
    _complain(draft, neutral, skip_unknown, sides)
    present = {canonical(label) for label in labels}
    absent = [label for label in label_map or {} if canonical(label) not in present]
    return LabelMatch(
        classes=draft.classes,
        ordinal=draft.ordinal,
        gold_of={label: draft.gold_of.get(label) for label in readings},
        projection=_projection(draft),
        how=how_of(draft, classes),
        unlabelled=tuple(class_id for class_id, columns in enumerate(draft.targets) if not columns),
        left_out=draft.middle,
        unknown=draft.unknown,
        warnings=tuple(warnings_of(draft, absent, sides)),
    )


def _check(sides: Sides) -> None:
    if not sides.labels:
        raise LabelError("the review set has no labels", where=sides.where, remedy="give a set with labelled reviews")
    seen: dict[str, str] = {}
    for name in sides.classes:
        if canonical(name) in seen:
            raise sides.error(
                f"the classifier has two classes with one name: {seen[canonical(name)]!r} and {name!r}",
                "give each class a name of its own in id2label, in the classifier's config.json",
            )
        seen[canonical(name)] = name


def _numbering(
    readings: Mapping[str, Reading],
    scheme: Scheme,
    mapped: Mapping[str, Reading],
    label_base: int | None,
    sides: Sides,
) -> Numbering | None:
    """What the bare numbers of the column count; None where no label needs it."""
    unmapped = {reading.value for reading in readings.values() if reading.kind == "number"}
    named_by_numbers = scheme.kind == "named" and any(read(name).kind == "number" for name in scheme.names)
    if not unmapped or named_by_numbers:
        return None
    column = {number for number in map(whole_number, readings) if number is not None}
    spoken = [reading.kind for label, reading in readings.items() if canonical(label) not in mapped]
    from_one = scheme.kind != "named" and bool({"stars", "very"} & set(spoken))
    return numbering(column, unmapped, scheme, from_one=from_one, label_base=label_base, sides=sides)


def _complain(draft: Draft, neutral: str, skip_unknown: bool, sides: Sides) -> None:
    """Raise for what no evaluation can be made of."""
    if draft.unknown and (not skip_unknown or len(draft.unknown) == len(draft.readings)):
        opaque = draft.scheme.kind == "opaque"
        hint = "\n(the names of the classes do not tell: `harness predict` shows which is which)" if opaque else ""
        raise sides.unknown(draft.unknown, suggestions(draft), hint)
    names = " and ".join(draft.classes)
    if draft.middle and neutral == "split":
        raise sides.error(
            f"a review with the label {listed([shown(label) for label in draft.middle], last=' or ')} "
            f"has no right answer among {names}",
            "give --neutral drop, which leaves these reviews out and counts them:\n"
            "--neutral split can share a classifier's probability, but no label",
            draft.middle,
        )
    if not draft.gold_of:
        raise sides.error(
            f"no review is left to evaluate: every label is neutral, and the classes are {names}",
            "give a set with other labels too, or a classifier with a neutral class",
            draft.middle,
        )


def _projection(draft: Draft) -> NDArray[np.float64]:
    import numpy as np

    projection = np.zeros((len(draft.targets), len(draft.classes)))
    for class_id, columns in enumerate(draft.targets):
        projection[class_id, list(columns)] = 1 / max(len(columns), 1)
    projection.setflags(write=False)
    return projection
