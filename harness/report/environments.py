"""Where and with what two classifiers ran, and what of that differs: a change of these is what a comparison shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.records import Evaluation, Reference, Run, TimedSide

UNKNOWN = "–"


@dataclass(frozen=True)
class Setting:
    """One classifier and its surroundings."""

    classifier: str
    """Its name, as given."""
    device: str
    dtype: str
    python: str
    packages: Mapping[str, str]
    """Version by package."""


@dataclass(frozen=True)
class Fact:
    """One thing that is known of either side."""

    name: str
    candidate: str
    reference: str
    is_package: bool = False

    @property
    def differs(self) -> bool:
        return self.candidate != self.reference


def of_evaluation(run: Run, evaluation: Evaluation) -> Setting:
    """Of a run's own classifier."""
    classifier = next(each for each in run.classifiers if each.id == evaluation.classifier)
    packages = {"review-harness": run.environment.harness} | run.environment.packages
    return Setting(classifier.name, classifier.device, classifier.dtype, run.environment.python, packages)


def of_reference(reference: Reference) -> Setting:
    """Of what an evaluation was compared with."""
    return Setting(reference.classifier, reference.device, reference.dtype, reference.python, reference.packages)


def of_side(side: TimedSide) -> Setting:
    """Of one of two that were timed in pairs."""
    return Setting(side.classifier, side.device, side.dtype, side.python, side.versions)


def facts(candidate: Setting, reference: Setting) -> tuple[Fact, ...]:
    """Everything that is known of either, packages in the order of their names."""
    first = (
        Fact("classifier", candidate.classifier, reference.classifier),
        Fact("device", candidate.device, reference.device),
        Fact("dtype", candidate.dtype, reference.dtype),
        Fact("Python", candidate.python, reference.python),
    )
    names = sorted({*candidate.packages, *reference.packages})
    versions = (
        Fact(each, candidate.packages.get(each, UNKNOWN), reference.packages.get(each, UNKNOWN), is_package=True)
        for each in names
    )
    return (*first, *versions)
