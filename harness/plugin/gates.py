"""Gates under pytest: each rule is a test, judged on the evaluation of the session."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from harness import options
from harness.errors import HarnessError, NothingMeasured
from harness.plugin.desk import desk
from harness.plugin.junit import PROPERTY
from harness.plugin.parametrize import settings_of
from harness.plugin.xdist import turn

if TYPE_CHECKING:
    from harness.gates.rules import Gates
    from harness.records import Verdict

NO_RULE = "no rule was given: --harness-gate 'accuracy>=0.5', or a table of gates in a settings file"
ROOT = "harness_rule"
INCONCLUSIVE = pytest.StashKey[bool]()


@dataclass(frozen=True)
class Gate:
    """A verdict, and what it means for the test."""

    verdict: Verdict
    _fails: bool
    """Whether an inconclusive verdict fails."""
    _item: pytest.Item

    def settle(self) -> None:
        """Pass, fail, or stop as inconclusive: what a test of a gate ends with."""
        __tracebackhide__ = True
        outcome = self.verdict.outcome
        if outcome == "fail" or (outcome == "inconclusive" and self._fails):
            pytest.fail(_shown(self.verdict), pytrace=False)
        if outcome == "inconclusive":
            self._item.stash[INCONCLUSIVE] = True
            pytest.skip(f"inconclusive: {self.verdict.sentence}")


@pytest.fixture
def harness_rule(request: pytest.FixtureRequest) -> str:
    """The id of this case's rule."""
    return str(request.param)


@pytest.fixture
def gate(request: pytest.FixtureRequest, harness_model: str, harness_dataset: str, harness_rule: str) -> Gate:
    """The verdict of one rule on the evaluation of this case: `gate.verdict`, and `gate.settle()` to end with.

    Its numbers are among the properties of the test, as JUnit files show them.
    """
    session = desk(request.config).session
    gates = gates_of(request.config)
    from harness import gating

    if session.classifier(harness_model).record.timing_only:
        pytest.skip(f"{harness_model} has random weights: it is timed, and its accuracy means nothing")
    with turn(request.config, harness_model, harness_dataset):
        found = session.judge(harness_model, harness_dataset, gates)
    verdict = gating.worst([each for each in found if each.rule == harness_rule])
    request.node.user_properties += _properties(verdict)
    if verdict.outcome == "error":
        # Raised while the test is set up: neither a pass nor a regression.
        raise NothingMeasured(verdict.sentence, where=f"rule {verdict.rule}", remedy="measure what the rule is about")
    return Gate(verdict, gates.inconclusive == "fail", request.node)


# After the cases of classifiers and review sets, so that these stand first in an id.
@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `gate` becomes one case for each rule; without any, one that says so."""
    if ROOT not in metafunc.fixturenames:
        return
    try:
        rules = [rule.id for rule in gates_of(metafunc.config).rules] if _any_rule(metafunc.config) else []
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from None
    cases: list[Any] = [pytest.param(rule, id=rule) for rule in rules]
    none = pytest.param(None, id="none", marks=pytest.mark.skip(reason=NO_RULE))
    metafunc.parametrize(ROOT, cases or [none], indirect=True)


def _any_rule(config: pytest.Config) -> bool:
    """Whether there is a rule at all: to read them takes libraries that a collection without any need not load."""
    files = ("harness.toml", "pyproject.toml")
    said = any("gates" in options.read_table(desk(config).root / name) for name in files)
    return bool(settings_of(config).gate) or said


def gates_of(config: pytest.Config) -> Gates:
    """The rules of this session.

    Raises:
        HarnessError: Rules that cannot be, or that need a baseline where none is named.
    """
    from harness.gates import reading, rules
    from harness.reference_timing import require_rate

    at = desk(config)
    gates = reading.of(at.settings, at.root)
    rules.require_baseline(gates)
    rules.require_reference(gates)
    require_rate(gates, at.settings)
    return gates


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if item.stash.get(INCONCLUSIVE, False) and report.when == "call":
        report.harness_inconclusive = True
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
    """`inconclusive` under its own word: it is neither a pass nor a plain skip."""
    if getattr(report, "harness_inconclusive", False):
        return "inconclusive", "i", ("INCONCLUSIVE", {"yellow": True})
    return None


def _shown(verdict: Verdict) -> str:
    from rich.console import Console

    from harness.report import verdicts

    shown = io.StringIO()
    console = Console(file=shown, width=100, no_color=True)
    for part in verdicts.one(verdict):
        console.print(part)
    return shown.getvalue().rstrip()


def _properties(verdict: Verdict) -> list[tuple[str, Any]]:
    properties: list[tuple[str, Any]] = [(PROPERTY, verdict.outcome), ("harness.rule", verdict.rule)]
    for name in ("candidate", "reference", "difference"):
        metric = getattr(verdict, name)
        if metric is not None and metric.value is not None:
            properties.append((f"harness.{name}", metric.value))
            if metric.low is not None and metric.high is not None:
                properties += [(f"harness.{name}.low", metric.low), (f"harness.{name}.high", metric.high)]
    return properties
