"""Scenarios under pytest: one case for each that was asked for, and none that was not."""

from __future__ import annotations

import doctest
from xml.etree import ElementTree

import pytest

from harness.plugin import scenarios

from .conftest import Project

# The session within the test measures nothing: what it hands out is made up, for the name of the case.
STUB = """
from harness.records import Metric, ScenarioRecord
from harness.session import Session

def run_scenario(self, model, dataset, name, batching):
    with open("scenarios.log", "a") as log:
        log.write(f"{model} {dataset} {name} {batching}\\n")
    p99 = Metric(value=0.08, low=0.07, high=0.09, method="order statistics")
    rate = RATE
    server = {"bound_seconds": 0.1, "rate": 50.0, "batching": batching} if name == "server" else {}
    return ScenarioRecord(
        id=f"right.reviews.{name}", classifier="right", review_set="reviews", device="cpu", dtype="float32",
        threads=1, scenario=name, queries=QUERIES, seconds=12.0, min_seconds=10.0, min_queries=100, seed=0,
        reviews_per_s=rate, tokens_per_s=rate, latency={} if name == "offline" else {"p99": p99},
        unmet=("no rate keeps p99 within the bound of 100 ms",) if rate is None else (), **server,
    )

Session.run_scenario = run_scenario
"""
ALL = ("--harness-scenario", "offline,single-stream,server")


def stubbed(project: Project, queries: int = 500, rate: float | None = 41.5) -> Project:
    with (project.path / "conftest.py").open("a") as conftest:
        conftest.write(STUB.replace("QUERIES", str(queries)).replace("RATE", str(rate)))
    return project


def asked(project: Project) -> list[str]:
    log = project.path / "scenarios.log"
    return log.read_text().splitlines() if log.is_file() else []


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(scenarios).failed == 0


class TestCases:
    def test_are_one_for_each_scenario_and_two_for_the_server(self, project, suites):
        result = stubbed(project).run(suites / "test_scenarios.py", "-v", *ALL)

        result.assert_outcomes(passed=4)
        shown = [line.split()[0].partition("::")[2] for line in result.outlines if "PASSED" in line]
        assert shown == [
            "test_scenario[right-reviews-offline]",
            "test_scenario[right-reviews-single-stream]",
            "test_scenario[right-reviews-server-no-batching]",
            "test_scenario[right-reviews-server-batching]",
        ]
        assert asked(project) == [
            "right reviews.csv offline None",
            "right reviews.csv single-stream None",
            "right reviews.csv server False",
            "right reviews.csv server True",
        ]

    def test_one_that_is_given_twice_is_one_case(self, project, suites):
        result = stubbed(project).run(suites / "test_scenarios.py", "--harness-scenario", "offline,offline")

        result.assert_outcomes(passed=1)

    def test_without_any_there_is_one_skip_with_its_reason_and_nothing_is_loaded(self, project, suites):
        result = stubbed(project).run(suites / "test_scenarios.py", "-rs")

        result.assert_outcomes(skipped=1)
        result.stdout.fnmatch_lines(
            ["SKIPPED * no scenario was asked for: --harness-scenario offline,single-stream,server"]
        )
        assert (asked(project), project.loads, project.runs) == ([], [], [])

    def test_a_name_that_is_none_stops_before_any_work(self, project, suites):
        result = stubbed(project).run(suites / "test_scenarios.py", "--harness-scenario", "online")

        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert asked(project) == []

    def test_are_skipped_under_xdist(self, project, suites):
        result = stubbed(project).run(suites / "test_scenarios.py", "-n", "1", "-rs", *ALL, apart=True)

        result.assert_outcomes(skipped=4)
        result.stdout.fnmatch_lines(
            ["SKIPPED * timings are off under pytest-xdist: workers that share a machine slow each other down"]
        )

    def test_a_project_with_a_scenario_fixture_of_its_own_is_left_alone(self, project):
        project.write(
            test_own="""
            import pytest

            @pytest.fixture
            def scenario(): return "theirs"

            def test_theirs(scenario): assert scenario == "theirs"
            """
        )
        result = stubbed(project).run("test_own.py", "-v", *ALL)

        result.stdout.fnmatch_lines(["test_own.py::test_theirs PASSED*"])
        assert project.runs == []


class TestTheSuite:
    def test_fails_where_no_rate_is_within_the_bound_and_says_why(self, project, suites):
        result = stubbed(project, rate=None).run(suites / "test_scenarios.py", "--harness-scenario", "server")

        result.assert_outcomes(failed=2)
        result.stdout.fnmatch_lines(["*AssertionError: no rate keeps p99 within the bound of 100 ms"])

    def test_fails_where_there_were_too_few_queries(self, project, suites):
        result = stubbed(project, queries=99).run(suites / "test_scenarios.py", "--harness-scenario", "offline")

        result.assert_outcomes(failed=1)

    def test_puts_its_figures_into_the_junit_file(self, project, suites):
        stubbed(project).run(
            suites / "test_scenarios.py", "--harness-scenario", "single-stream", "--junitxml", "junit.xml"
        )

        found = ElementTree.parse(project.path / "junit.xml").iter("property")
        assert [(each.get("name"), each.get("value")) for each in found] == [
            ("harness.scenario", "right.reviews.single-stream"),
            ("harness.reviews_per_s", "41.5"),
            ("harness.latency.p99", "0.08"),
            ("harness.latency.p99.low", "0.07"),
            ("harness.latency.p99.high", "0.09"),
        ]
