"""`pytest suites/`: real checks, real timings, and pytest's and pytest-benchmark's options as one knows them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import pytest
from support import rule_classifier

from .conftest import INNER, Folder, furnish, put_suites

QUICK = ("--benchmark-max-time", "0.01", "--benchmark-min-rounds", "2")
ONE_SHAPE = ("--harness-batch-sizes", "2", "--harness-seq-lens", "12")
STAGES = ("tokenize", "place", "forward", "softmax", "classify")


def outcomes(result: pytest.RunResult) -> dict[str, str]:
    """Test name without its case -> what `-v` says of it."""
    words = [line.split() for line in result.outlines if "::" in line and "%]" in line]
    return {line[0].partition("::")[2]: line[1] for line in words}


@dataclass(frozen=True)
class Whole:
    """`pytest suites/` as a user runs it, in a process of its own."""

    at: Folder
    returncode: int
    stdout: str

    @property
    def benchmarks(self) -> list[dict[str, Any]]:
        [folder] = self.at.runs
        found: list[dict[str, Any]] = json.loads((folder / "benchmark.json").read_text())["benchmarks"]
        return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """Run once: every test here only looks."""
    path = tmp_path_factory.mktemp("whole")
    furnish(path)
    put_suites(path)
    command = [sys.executable, "-m", "pytest", "suites", "-v", "--junitxml=junit.xml", *ONE_SHAPE, *QUICK]
    environment = {**os.environ, **INNER, "HARNESS_CACHE": str(path / "cache")}
    done = subprocess.run(command, cwd=path, env=environment, capture_output=True, text=True, check=False)
    return Whole(Folder(path), done.returncode, done.stdout + done.stderr)


class TestWholeRun:
    def test_passes_for_a_classifier_that_is_right(self, whole):
        assert whole.returncode == 0, whole.stdout
        # Of a classifier that is always right, the temperature is undefined.
        assert "36 passed, 4 skipped in" in whole.stdout.splitlines()[-1]

    def test_leaves_one_run_folder(self, whole):
        [folder] = whole.at.runs
        record = whole.at.record

        names = {path.name for path in folder.iterdir()}
        assert {"run.json", "benchmark.json", "report.html", "predictions", "reviews"} <= names
        assert (whole.at.path / "reports" / "latest.html").is_file()
        assert (record["status"], record["command"]) == ("finished", "pytest")
        assert [each["id"] for each in record["evaluations"]] == ["right-reviews"]

    def test_ends_with_a_short_table_and_where_everything_is(self, whole):
        [folder] = whole.at.runs
        shown = whole.stdout[whole.stdout.index(" harness =") :].splitlines()

        assert any(line.split()[:2] == ["classifier", "reviews"] for line in shown)
        assert any(line.split()[:2] == ["right", "60"] for line in shown)
        assert f"run folder  reports/runs/{folder.name}" in shown
        assert f"page        reports/runs/{folder.name}/report.html" in shown
        assert len(shown) < 25

    def test_keeps_every_round_of_every_stage(self, whole):
        timings = [each for each in whole.at.record["timings"] if each["role"] == "case"]

        assert [each["stage"] for each in timings] == list(STAGES)
        for timing, benchmark in zip(timings, whole.benchmarks, strict=True):
            assert timing["seconds"] == pytest.approx(benchmark["stats"]["data"])
            assert timing["iterations"] == benchmark["stats"]["iterations"]
        assert {each["id"] for each in timings} == {f"right.reviews.{stage}.2x12" for stage in STAGES}
        assert [each["group"] for each in whole.benchmarks] == [f"{stage} (cpu, float32)" for stage in STAGES]

    @pytest.mark.parametrize("stage", STAGES)
    def test_says_of_every_benchmark_what_was_timed(self, whole, stage):
        [benchmark] = [each for each in whole.benchmarks if stage in each["name"]]
        facts = benchmark["extra_info"]

        assert benchmark["name"] == f"test_stage[right-reviews-{stage}-2x12]"
        assert facts.pop("threads") >= 1
        assert facts.pop("resident_peak_bytes") >= facts.pop("resident_before_bytes")
        assert facts.pop("flops", 1000) == facts.pop("bytes", 1000) == 1000
        assert facts == {
            "id": f"right.reviews.{stage}.2x12",
            "cell": "reviews.cpu.2x12",
            "role": "case",
            "classifier": "right",
            "review_set": "reviews",
            "stage": stage,
            "batch_size": 2,
            "seq_len": 12,
            "tokens": 24,
            "padded_tokens": 24,
            "device": "cpu",
            "dtype": "float32",
        }

    def test_puts_the_metrics_into_junit(self, whole):
        properties = {
            (found.get("name"), found.get("value"))
            for found in ElementTree.parse(whole.at.path / "junit.xml").iter("property")
        }

        assert ("harness.accuracy", "1.0") in properties
        names = {name for name, _ in properties}
        assert {"harness.label_match", "harness.brier_score", "harness.accuracy.low", "harness.accuracy.high"} <= names

    def test_loads_the_classifier_once(self, whole):
        assert whole.at.loads == ["right main"]


class TestVerdicts:
    """The suites can fail: a classifier that always answers the same does not get through."""

    def test_a_constant_classifier_fails(self, project, suites):
        (project.path / "reviews.csv").write_text(rule_classifier.reviews(200))
        result = project.run(suites, "-v", "--benchmark-skip", "--model", "constant")

        failed = {name.partition("[")[0] for name, outcome in outcomes(result).items() if outcome == "FAILED"}
        assert failed == {
            "test_accuracy_beats_the_most_frequent_class",
            "test_confusion_leaves_no_class_out",
            "test_confusion_stays_near_the_diagonal",
            "test_calibration_beats_the_class_shares",
        }

    def test_permuted_labels_fail_with_both_accuracies(self, project, suites):
        content = (project.path / "reviews.csv").read_text()
        swapped = content.replace(",5,", ",X,").replace(",1,", ",5,").replace(",X,", ",1,")
        (project.path / "reviews.csv").write_text(swapped)

        result = project.run(suites, "-k", "labels_fit")

        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.stdout.fnmatch_lines(["E*AssertionError: *"])


class TestSelections:
    def test_k_accuracy_runs_that_suite_alone(self, project, suites):
        result = project.run(suites, "-v", "-k", "accuracy")

        assert result.ret == 0
        assert outcomes(result)
        assert all("accuracy" in line for line in result.outlines if "PASSED" in line)
        assert project.record["timings"] == []

    def test_benchmark_only_evaluates_nothing(self, project, suites):
        result = project.run(suites, "-v", "--benchmark-only", *ONE_SHAPE, *QUICK)

        found = outcomes(result)
        assert {name for name, outcome in found.items() if outcome == "PASSED"} == {
            f"test_stage[right-reviews-{stage}-2x12]" for stage in STAGES
        }
        assert project.record["evaluations"] == []
        assert [each["id"] for each in project.record["classifiers"]] == ["right"]
        assert [each["id"] for each in project.record["review_sets"]] == ["reviews"]

    def test_benchmark_skip_times_nothing(self, project, suites):
        result = project.run(suites, "-v", "--benchmark-skip", *ONE_SHAPE)

        skipped = {name for name, outcome in outcomes(result).items() if outcome == "SKIPPED"}
        assert skipped >= {f"test_stage[right-reviews-{stage}-2x12]" for stage in STAGES}
        others = {name.partition("[")[0] for name in skipped if not name.startswith("test_stage")}
        assert others == {
            "test_calibration_is_measured",
            "test_calibration_scaled_by_a_temperature_keeps_every_prediction",
            "test_gate",
            "test_scenario",
        }
        assert not list(project.path.rglob("benchmark.json"))

    def test_benchmark_disable_runs_each_stage_once_and_records_no_time(self, project, suites):
        project.run(suites / "test_stages.py", "--benchmark-disable", *ONE_SHAPE).assert_outcomes(passed=5)

        assert project.runs == []

    def test_x_stops_at_the_first_failure_and_keeps_what_is_there(self, project, suites):
        result = project.run(suites, "-x", "--benchmark-skip", "--model", "constant", "--model", "right")

        assert result.ret == pytest.ExitCode.TESTS_FAILED
        assert project.loads == ["constant main"]
        assert [each["id"] for each in project.record["evaluations"]] == ["constant-reviews"]
        assert project.record["status"] == "interrupted"

    def test_several_models_and_sets_make_their_product(self, project, suites):
        (project.path / "more.csv").write_text((project.path / "reviews.csv").read_text())
        models = ("--model", "right", "--model", "constant")

        project.run(suites, "-k", "labels_fit", *models, "--dataset", "reviews.csv", "--dataset", "more.csv")

        assert sorted(each["id"] for each in project.record["evaluations"]) == [
            "constant-more",
            "constant-reviews",
            "right-more",
            "right-reviews",
        ]
        assert project.loads == ["right main", "constant main"]

    def test_a_length_that_the_classifier_does_not_take_is_skipped_with_the_reason(self, project, suites):
        shapes = ("--harness-max-length", "10", *ONE_SHAPE)

        result = project.run(suites / "test_stages.py", "-rs", *shapes)

        result.assert_outcomes(skipped=5)
        result.stdout.fnmatch_lines(["SKIPPED*right takes 10 tokens at most"])


class TestDevices:
    def test_a_device_that_is_not_there_is_collected_and_skipped_with_the_reason(self, project, suites):
        given = ("--harness-timing-devices", "cpu,cuda:7", "-k", "forward", "-rs")

        result = project.run(suites / "test_stages.py", *ONE_SHAPE, *QUICK, *given)

        result.assert_outcomes(passed=1, skipped=1, deselected=8)
        result.stdout.fnmatch_lines(["SKIPPED*no device cuda:7: torch sees *cpu*"])


class TestBenchmarkFiles:
    def test_a_users_own_json_is_written_beside_ours(self, project, suites):
        project.run(suites / "test_stages.py", "--benchmark-json=own.json", *ONE_SHAPE, *QUICK)

        [folder] = project.runs
        own, ours = (json.loads(path.read_text()) for path in (project.path / "own.json", folder / "benchmark.json"))
        assert own["benchmarks"] == ours["benchmarks"]
        assert own["machine_info"] == ours["machine_info"]

    def test_rounds_are_measured_as_pytest_benchmarks_options_say(self, project, suites):
        project.run(suites / "test_stages.py", *ONE_SHAPE, "--benchmark-max-time=0.00001", "--benchmark-min-rounds=9")

        assert {len(each["seconds"]) for each in project.record["timings"]} == {9}

    def test_cases_of_a_cell_are_measured_in_turn_with_a_control(self, project, suites):
        project.run(suites / "test_stages.py", *ONE_SHAPE, *QUICK, "--harness-dtypes", "float32,bfloat16")

        timings = project.record["timings"]
        assert {each["cell"] for each in timings} == {"reviews.cpu.2x12"}
        assert {each["classifier"] for each in timings} == {"right", "right-bfloat16"}
        assert [each["stage"] for each in timings if each["role"] == "control"] == list(STAGES)
        assert len({len(each["seconds"]) for each in timings}) == 1

    def test_dtypes_stand_side_by_side_in_one_table(self, project, suites):
        result = project.run(suites, "-k", "forward", *ONE_SHAPE, *QUICK, "--harness-dtypes", "float32,bfloat16")

        result.stdout.fnmatch_lines(["*benchmark 'forward 2x12 (cpu)': 2 tests*"])
        result.stdout.fnmatch_lines_random(["test_stage*forward-2x12-float32]*", "test_stage*forward-2x12-bfloat16]*"])

    def test_save_and_compare_work(self, project, suites):
        given = (suites / "test_stages.py", "-k", "forward", *ONE_SHAPE, *QUICK)
        project.run(*given, "--benchmark-save=before")

        result = project.run(*given, "--benchmark-compare=0001")

        assert result.ret == 0
        result.stdout.fnmatch_lines_random(["*right-reviews-forward-2x12* (NOW)*", "*(0001_before)*"])

    def test_benchmarks_of_others_stay_out_of_the_run(self, project):
        project.write(test_own="def test_own(benchmark): benchmark(sum, [1, 2])")

        project.run(*QUICK).assert_outcomes(passed=1)

        assert project.runs == []


class TestStageCase:
    def test_must_come_before_benchmark(self, project):
        project.write(test_own="def test_own(benchmark, stage_case): benchmark(stage_case.run)")
        result = project.run(*ONE_SHAPE, "-k", "forward", "-W", "ignore")

        result.assert_outcomes(errors=1, deselected=4)
        result.stdout.fnmatch_lines(
            [
                "`stage_case` chooses the clock of `benchmark`, so it must come first",
                "*remedy*def test_*(stage_case, benchmark)*",
            ]
        )

    def test_leaves_a_users_own_marker_its_say(self, project):
        project.write(
            test_own="""
            import pytest

            @pytest.mark.benchmark(group="mine")
            def test_own(stage_case, benchmark):
                benchmark(stage_case.run)
                assert benchmark.group == "mine"
                assert benchmark.stats.options["min_time"] == 0.001
            """
        )

        project.run(*ONE_SHAPE, *QUICK, "-k", "forward").assert_outcomes(passed=1, deselected=4)

    def test_gives_benchmark_the_clock_of_the_device(self, project):
        project.write(
            test_own="""
            from harness import timing

            waited = []
            timing.timer_for = lambda device: timing.SynchronisedTimer(lambda: waited.append(device), "waits")

            def test_own(stage_case, benchmark):
                benchmark.pedantic(stage_case.run, rounds=3)
                assert waited == ["cpu"] * 6
                assert benchmark.stats.options["timer"].__name__ == "waits"
            """
        )

        project.run(*ONE_SHAPE, "-k", "forward").assert_outcomes(passed=1, deselected=4)
