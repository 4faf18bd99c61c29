"""Scenarios under pytest: one case for each that was asked for, the server with and without batching."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from harness.plugin.benchmarks import UNDER_XDIST
from harness.plugin.desk import desk, is_worker
from harness.plugin.parametrize import distinct, settings_of

if TYPE_CHECKING:
    from harness.options import ScenarioName
    from harness.records import Metric, ScenarioRecord

NONE_ASKED = "no scenario was asked for: --harness-scenario offline,single-stream,server"

ROOT = "harness_scenario"


@pytest.fixture
def harness_scenario(request: pytest.FixtureRequest) -> tuple[ScenarioName, bool | None]:
    """The scenario of this case, one of `--harness-scenario`, and whether the server batches."""
    name, batching = request.param
    return name, batching


@pytest.fixture
def scenario(
    request: pytest.FixtureRequest,
    harness_model: str,
    harness_dataset: str,
    harness_scenario: tuple[ScenarioName, bool | None],
) -> ScenarioRecord:
    """One scenario of the classifier on the review set, measured once a session: its record.

    Its figures are among the properties of the test, as JUnit files show them.
    """
    name, batching = harness_scenario
    record = desk(request.config).session.run_scenario(harness_model, harness_dataset, name, batching)
    request.node.user_properties += _properties(record)
    return record


# After the cases of classifiers and review sets, so that these stand first in an id.
@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `scenario` becomes one case for each; where none was asked for, one that says so."""
    if ROOT in metafunc.fixturenames:
        metafunc.parametrize(ROOT, cases(settings_of(metafunc.config).scenario), indirect=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Under xdist other workers would take the processor from the one that is timed."""
    if is_worker(config):
        for item in items:
            if ROOT in getattr(item, "fixturenames", ()) and not item.get_closest_marker("skip"):
                item.add_marker(pytest.mark.skip(reason=UNDER_XDIST))


def cases(asked: Sequence[ScenarioName]) -> list[Any]:
    """The cases of the scenarios that were asked for, each with its id.

    >>> [case.id for case in cases(["offline", "server"])]
    ['offline', 'server-no-batching', 'server-batching']
    """
    if not asked:
        # Not loaded, not measured, and not silently absent: a skip is one character and has its reason.
        return [pytest.param(None, id="none", marks=pytest.mark.skip(reason=NONE_ASKED))]
    found = []
    for name in distinct(asked):
        if name == "server":
            ways = ((False, "server-no-batching"), (True, "server-batching"))
            found += [pytest.param((name, batching), id=id) for batching, id in ways]
        else:
            found.append(pytest.param((name, None), id=name))
    return found


def _properties(record: ScenarioRecord) -> list[tuple[str, Any]]:
    properties: list[tuple[str, Any]] = [("harness.scenario", record.id)]
    if record.reviews_per_s is not None:
        properties.append(("harness.reviews_per_s", record.reviews_per_s))
    for name, metric in record.latency.items():
        properties += _metric(f"harness.latency.{name}", metric)
    return properties


def _metric(name: str, metric: Metric) -> list[tuple[str, Any]]:
    properties: list[tuple[str, Any]] = [(name, metric.reason if metric.value is None else metric.value)]
    if metric.low is not None and metric.high is not None:
        properties += [(f"{name}.low", metric.low), (f"{name}.high", metric.high)]
    return properties
