"""What a run is about: its classifiers and review sets, each loaded once, with an id that tells them apart."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from harness.errors import HarnessError
from harness.names import short_name

if TYPE_CHECKING:
    from harness.classifier import Classifier
    from harness.options import Settings
    from harness.records import ClassifierRecord, ReviewSetRecord
    from harness.reviews import ReviewSet

T = TypeVar("T")


class Once:
    """Makes each thing once; one that failed fails again with the same error."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, ...], Any] = {}

    def __call__(self, key: tuple[str, ...], make: Callable[[], T]) -> T:
        if key not in self._made:
            try:
                self._made[key] = make()
            except HarnessError as error:
                self._made[key] = error
        found = self._made[key]
        if isinstance(found, HarnessError):
            raise found
        value: T = found
        return value


class Subjects:
    """Classifiers and review sets as the settings name them. Making one loads nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._once = Once()
        self._classifiers: dict[str, Classifier] = {}
        """By their id in this run, once that was asked for."""
        self._review_sets: dict[str, ReviewSet] = {}

    def classifier(self, name: str) -> Classifier:
        """The classifier of that name, loaded on first use.

        Raises:
            HarnessError: It cannot be loaded; the same error however often it is asked for.
        """
        from harness.classifier import Classifier

        return self._once(("classifier", name), lambda: Classifier.of(name, self._settings))

    def variant(self, model: str, device: str, dtype: str) -> Classifier:
        """The classifier of that name on another device or at another dtype, loaded on first use.

        Where that is what `classifier` is anyway, it is that one.

        Raises:
            HarnessError: As `classifier`.
        """
        from harness import devices
        from harness.classifier import Classifier

        base = self.classifier(model)
        record, asked = base.record, self._settings
        same_device = device == asked.device or str(devices.resolve(device)) == record.device
        if same_device and dtype in (asked.dtype, record.dtype):
            return base
        settings = dataclasses.replace(asked, device=device, dtype=dtype)  # type: ignore[arg-type]
        return self._once(("classifier", model, device, dtype), lambda: Classifier.of(model, settings))

    def review_set(self, source: str) -> ReviewSet:
        """The review set of that source, read on first use.

        Raises:
            HarnessError: It cannot be read; the same error however often it is asked for.
        """
        from harness import reviews

        return self._once(
            ("review set", source), lambda: reviews.read(source, reviews.ReviewOptions.of(self._settings))
        )

    def ids(self, classifier: Classifier, model: str, dataset: str) -> tuple[str, str]:
        """The ids of a classifier, or a variant of it, and of a review set in this run; both are then on record.

        Args:
            classifier: Of `classifier` or `variant`.
            model: The name by which it was asked for.
            dataset: The source of the review set.
        """
        review_set = self.review_set(dataset)
        mine = _distinct(classifier.record.id, model, self._settings.model)
        if self._classifiers.setdefault(mine, classifier) is not classifier:
            # The same checkpoint at the same dtype on another device.
            mine = f"{mine}-{classifier.record.device.replace(':', '')}"
            self._classifiers[mine] = classifier
        other = _distinct(review_set.id, dataset, self._settings.dataset)
        self._review_sets[other] = review_set
        return mine, other

    def classifier_records(self) -> list[ClassifierRecord]:
        """Of the classifiers whose id was asked for."""
        return [each.record.model_copy(update={"id": name}) for name, each in self._classifiers.items()]

    def review_set_records(self) -> list[ReviewSetRecord]:
        """Of the review sets whose id was asked for."""
        return [each.record().model_copy(update={"id": name}) for name, each in self._review_sets.items()]


def _distinct(proposed: str, asked: str, names: Sequence[str]) -> str:
    """The proposed id; where two names asked for look alike, with the name's place in the options.

    By the names alone, and not by what was loaded before: workers of xdist must agree.
    """
    alike = [name for name in dict.fromkeys(names) if short_name(name) == short_name(asked)]
    ambiguous = len(alike) > 1 and asked in alike
    return f"{proposed}-{names.index(asked) + 1}" if ambiguous else proposed
