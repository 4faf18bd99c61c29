"""Under pytest-xdist: one run folder, one worker for a classifier and a set, no timings, no harm from a dead worker."""

from __future__ import annotations

import doctest
import re

import pytest
from support import rule_classifier

from harness.plugin import xdist
from harness.plugin.xdist import case_groups, group_of

from .conftest import Project

TWO_MODELS = ("--model", "right", "--model", "constant")
QUICK = ("--harness-batch-sizes", "2", "--harness-seq-lens", "12", "-k", "labels_fit or is_measured or stage")


def workers(result: pytest.RunResult) -> dict[str, set[str]]:
    """The case of a test -> the workers that ran a test of it."""
    found: dict[str, set[str]] = {}
    for worker, case in re.findall(r"^\[(gw\d)\] .*\[(\w+-reviews)", result.stdout.str(), re.MULTILINE):
        found.setdefault(case, set()).add(worker)
    return found


class TestTwoWorkers:
    @pytest.fixture
    def result(self, project: Project, suites) -> pytest.RunResult:
        return project.run(suites, "-n", "2", "-v", "-rs", *QUICK, *TWO_MODELS, apart=True)

    def test_share_the_work_by_classifier_and_leave_one_run(self, result, project):
        assert result.ret == 0
        # A classifier and a set are one worker's business, and it loads the classifier once.
        assert workers(result).keys() == {"right-reviews", "constant-reviews"}
        assert all(len(each) == 1 for each in workers(result).values())
        assert sorted(line.split()[0] for line in project.loads) == ["constant", "right"]
        # The controller writes the one run from what they send.
        record = project.record
        assert record["status"] == "finished"
        assert sorted(each["id"] for each in record["evaluations"]) == ["constant-reviews", "right-reviews"]
        assert sorted(each["id"] for each in record["classifiers"]) == ["constant", "right"]
        [folder] = project.runs
        assert len(list((folder / "predictions").glob("*.parquet"))) == 2
        assert (folder / "report.html").is_file()
        result.stdout.fnmatch_lines([f"run folder  reports/runs/{folder.name}"])
        # Timings would be false there.
        assert record["timings"] == []
        result.stdout.fnmatch_lines(
            ["SKIPPED * timings are off under pytest-xdist: workers that share a machine slow each other down"]
        )
        # And pytest-benchmark need not say so again.
        assert "PytestBenchmarkWarning" not in result.stdout.str() + result.stderr.str()


class TestGates:
    def test_are_judged_once_and_are_in_the_one_record(self, project: Project, suites) -> None:
        rules = ("--harness-gate", "accuracy>=0.5", "--harness-gate", "macro_f1>=0.99")
        result = project.run("suites/test_gates.py", *rules, "-n", "2", "--dist", "load", apart=True)

        assert "1 passed, 1 inconclusive" in result.outlines[-1]
        assert [each["outcome"] for each in project.record["verdicts"]] == ["pass", "inconclusive"]

    def test_about_times_have_nothing_to_judge(self, project: Project, suites) -> None:
        rules = ("--harness-gate", "forward-slowdown<=5%", "--harness-against", "right")
        result = project.run("suites/test_gates.py", *rules, "-n", "1", apart=True)

        result.assert_outcomes(errors=1)


class TestDistribution:
    def test_that_the_user_chose_is_kept(self, project):
        project.write(test_own="def test_c(classifier): pass\ndef test_d(classifier): pass")
        result = project.run("-n", "1", "--dist", "worksteal", "-v", apart=True)

        result.stdout.fnmatch_lines(
            ["scheduling tests via WorkStealingScheduling", "*PASSED test_own.py::test_c[[]right[]] "]
        )

    def test_that_shares_a_case_among_workers_measures_it_once_at_a_time(self, project):
        (project.path / "reviews.csv").write_text(rule_classifier.reviews(3000))
        project.write(
            test_own="""
            import pytest

            @pytest.mark.parametrize("i", range(4))
            def test_m(metrics, i): assert metrics["accuracy"].value == 1
            """
        )
        result = project.run("-n", "2", "--dist", "load", apart=True)

        result.assert_outcomes(passed=4)
        assert sorted(project.loads) == ["right gw0", "right gw1"]
        assert [each["id"] for each in project.record["evaluations"]] == ["right-reviews"]

    def test_other_benchmarks_keep_their_warning(self, project):
        project.write(test_own="def test_c(classifier): pass\ndef test_b(benchmark): benchmark(sum, [1])")
        result = project.run("-n", "1", apart=True)

        assert result.ret == 0
        result.stderr.fnmatch_lines(["*Benchmarks are automatically disabled because xdist plugin is active.*"])

    def test_names_that_only_folders_tell_apart_stay_apart(self, project):
        project.write(test_own="def test_m(metrics): pass")
        result = project.run("-n", "2", "--model", "before/right", "--model", "after/right", apart=True)

        result.assert_outcomes(passed=2)
        assert sorted(each["id"] for each in project.record["evaluations"]) == ["right-1-reviews", "right-2-reviews"]


class TestGroupOf:
    GROUPS = case_groups(["m1", "m2", "m-3"], ["d", "e-f"])

    @pytest.mark.parametrize(
        ("nodeid", "group"),
        [
            ("t.py::test_x[m2-e-f]", "m2-e-f"),
            ("t.py::test_x[m2-e-f-forward-1x16]", "m2-e-f"),
            ("t.py::test_x[theirs-m-3-d]", "m-3-d"),
            ("t.py::test_x[m2]", "m2-d"),
            ("t.py::test_x[e-f]", "m1-e-f"),
            ("t.py::test_x[m22-d2]", None),
            ("t.py::TestM1::test_m1", None),
        ],
    )
    def test_is_read_off_the_case_in_a_test_id(self, nodeid, group):
        assert group_of(nodeid, self.GROUPS) == group

    def test_the_examples_hold(self):
        assert doctest.testmod(xdist).failed == 0


class TestBrokenWorkers:
    def test_what_a_dead_worker_had_not_sent_is_done_again(self, project):
        project.write(
            test_own="""
            import os, pathlib

            def test_a(metrics): pass

            def test_b(metrics):
                if not pathlib.Path("died").exists():
                    pathlib.Path("died").touch()
                    os._exit(9)

            def test_c(metrics): pass
            """
        )
        result = project.run("-n", "1", apart=True)

        result.stdout.fnmatch_lines(
            ["*worker 'gw0' crashed while running 'test_own.py::test_b*", "*1 failed, 3 passed*"]
        )
        assert project.record["evaluations"][0]["metrics"]["accuracy"]["value"] == 1
        assert project.record["status"] == "finished"

    def test_errors_of_setup_cross_over_without_a_traceback(self, project):
        project.write(test_own="def test_m(metrics): pass")
        result = project.run("-n", "1", "--model", "none", apart=True)

        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["no classifier is called 'none'", "  where     option --model"])
        result.stdout.no_fnmatch_line("*raise ClassifierError*")
        assert project.runs == []


def test_benchmark_only_is_refused_in_pytest_benchmarks_own_words(project):
    project.write(test_own="def test_t(stage_case, benchmark): pass")
    result = project.run("-n", "2", "--benchmark-only", apart=True)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: Can't have both --benchmark-only and --benchmark-disable*"])
    assert rule_classifier.LOADS not in list(project.path.iterdir())
