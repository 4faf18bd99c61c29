"""Fixtures: a classifier, a review set, and what was measured of the two.

Everything is loaded while the first test that needs it is set up, once a session; a worker of
pytest-xdist loads for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from harness.plugin.desk import desk
from harness.plugin.xdist import turn

if TYPE_CHECKING:
    from harness.classifier import Classifier
    from harness.measuring import Evaluated
    from harness.records import Metric
    from harness.reviews import ReviewSet
    from harness.runs import PredictionTable


@pytest.fixture(scope="session")
def harness_model(request: pytest.FixtureRequest) -> str:
    """The classifier of this case, as `--model` names it."""
    return str(getattr(request, "param", None) or desk(request.config).settings.model[0])


@pytest.fixture(scope="session")
def harness_dataset(request: pytest.FixtureRequest) -> str:
    """The review set of this case, as `--dataset` names it."""
    return str(getattr(request, "param", None) or desk(request.config).settings.dataset[0])


@pytest.fixture(scope="session")
def classifier(request: pytest.FixtureRequest, harness_model: str) -> Classifier:
    """The classifier under test, loaded: `tokenize`, `forward`, `softmax`, `classify`, and its record."""
    return desk(request.config).session.classifier(harness_model)


@pytest.fixture(scope="session")
def review_set(request: pytest.FixtureRequest, harness_dataset: str) -> ReviewSet:
    """The labelled reviews, read and validated."""
    return desk(request.config).session.review_set(harness_dataset)


@pytest.fixture(scope="session")
def evaluation(request: pytest.FixtureRequest, harness_model: str, harness_dataset: str) -> Evaluated:
    """The classifier on the review set: `record`, `probabilities` (N, E) and `gold` (N,).

    A shape without weights is skipped before anything is measured.
    """
    session = desk(request.config).session
    with turn(request.config, harness_model, harness_dataset):
        # In this order, as `evaluate` has it: a set that cannot be is known before a classifier is loaded.
        session.review_set(harness_dataset)
        if session.classifier(harness_model).record.timing_only:
            pytest.skip(f"{harness_model} has random weights: it is timed, and its accuracy means nothing")
        return session.evaluate(harness_model, harness_dataset)


@pytest.fixture(scope="session")
def metrics(evaluation: Evaluated) -> Mapping[str, Metric]:
    """Each metric of the evaluation by name, with its interval."""
    return evaluation.record.metrics


@pytest.fixture(scope="session")
def predictions(request: pytest.FixtureRequest, evaluation: Evaluated) -> PredictionTable:
    """One entry a review: `ids`, `gold`, `logits`, `probabilities`, `tokens`, `cut`."""
    from harness import runs

    return runs.read_predictions(desk(request.config).session.place() / evaluation.record.predictions)


@pytest.fixture
def record_metrics(request: pytest.FixtureRequest, evaluation: Evaluated) -> Callable[..., None]:
    """Puts metrics, by name, among the properties of the test: `record_metrics("accuracy")`.

    JUnit files and other reporters show them as `harness.accuracy`, `harness.accuracy.low` and
    `harness.accuracy.high`; the reason stands in the place of a figure that there is not.
    """
    # Not pytest's `record_property`, which warns wherever JUnit files have their default form.
    properties: list[tuple[str, Any]] = request.node.user_properties
    properties.append(("harness.evaluation", evaluation.record.id))

    def record(*names: str) -> None:
        for name in names:
            metric = evaluation.record.metrics[name]
            properties.append((f"harness.{name}", metric.reason if metric.value is None else metric.value))
            if metric.low is not None and metric.high is not None:
                properties.append((f"harness.{name}.low", metric.low))
                properties.append((f"harness.{name}.high", metric.high))

    return record
