"""Gates under pytest: a rule is a test; inconclusive is no pass, and what measured nothing is an error."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from harness import baselines, runs
from harness.plugin.gates import NO_RULE

GATE = ("suites/test_gates.py", "-v")


def rules(*given: str) -> list[str]:
    return [part for rule in given for part in ("--harness-gate", rule)]


@pytest.fixture
def baseline(project, suites):
    """A baseline called main, of the classifier that is right."""
    project.run("suites/test_accuracy.py")
    output = project.path / "reports" / "runs"
    [path] = project.runs
    baselines.promote(path, runs.read(path, output), "main", baselines.folder_beside(output))


class TestRules:
    def test_each_is_a_test_with_a_readable_id(self, project, suites):
        result = project.run("suites/test_gates.py", *rules("accuracy>=0.5", "macro_f1>=0.4"), "--collect-only", "-q")

        assert [line for line in result.outlines if "::" in line] == [
            "suites/test_gates.py::test_gate[right-reviews-accuracy>=0.5]",
            "suites/test_gates.py::test_gate[right-reviews-macro_f1>=0.4]",
        ]

    def test_of_a_settings_file_hold_too(self, project, suites):
        settings = project.path / "harness.toml"
        settings.write_text(settings.read_text() + "\n[gates.accuracy]\nmin = 0.9\n")

        project.run(*GATE).assert_outcomes(passed=1)

    def test_without_any_there_is_one_skip_that_says_so(self, project, suites):
        result = project.run(*GATE, "-rs")

        result.assert_outcomes(skipped=1)
        assert NO_RULE in result.stdout.str()
        assert project.loads == []

    def test_one_that_cannot_be_stops_before_any_work(self, project, suites):
        result = project.run(*GATE, *rules("accuracy-drop<=0.01"))

        assert result.ret == pytest.ExitCode.INTERRUPTED
        result.stdout.fnmatch_lines(["*accuracy-drop<=0.01: no baseline to be compared with"])
        assert project.loads == []


class TestOutcomes:
    def test_a_fail_is_one_short_text_without_a_traceback(self, project, suites):
        result = project.run(*GATE, "--model", "constant", *rules("accuracy>=0.9"))

        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["fail  accuracy>=0.9  constant on reviews", "*below 90.0 %*"])
        assert "Traceback" not in result.stdout.str()
        assert [each["outcome"] for each in project.record["verdicts"]] == ["fail"]

    def test_inconclusive_is_counted_under_its_own_word(self, project, suites):
        result = project.run(*GATE, *rules("accuracy>=0.99"))

        assert result.ret == 0
        assert "1 inconclusive in" in result.outlines[-1]
        assert "passed" not in result.outlines[-1]

    def test_inconclusive_fails_on_request(self, project, suites):
        result = project.run(*GATE, *rules("accuracy>=0.99"), "--harness-inconclusive", "fail")

        result.assert_outcomes(failed=1)

    def test_a_rule_without_anything_to_judge_is_an_error(self, project, suites):
        result = project.run(*GATE, *rules("accuracy@language=xx>=0.1"))

        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["no review of the slice language=xx was evaluated: the column has de, en"])

    def test_a_baseline_that_is_not_there_is_an_error(self, project, suites):
        result = project.run(*GATE, *rules("accuracy-drop<=0.01"), "--harness-baseline", "main")

        result.assert_outcomes(errors=1)

    def test_a_drop_is_judged_against_the_baseline_and_shows_what_was_lost(self, project, suites, baseline):
        asked = (*rules("accuracy-drop<=0.01"), "--harness-baseline", "main")

        project.run(*GATE, *asked).assert_outcomes(passed=1)
        result = project.run(*GATE, *asked, "--model", "constant")

        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["*constant on reviews against main*", "*lost review*"])

    @pytest.mark.parametrize(
        ("rule", "kind"),
        [
            ("accuracy>=0.9", None),
            ("accuracy<=0.1", "failure"),
            ("accuracy@language=xx>=0.1", "error"),
            ("accuracy>=0.99", "skipped"),
        ],
    )
    def test_junit_has_an_element_for_each_outcome(self, project, suites, rule, kind):
        project.run(*GATE, *rules(rule), "--junitxml=junit.xml")

        [case] = ElementTree.parse(project.path / "junit.xml").iter("testcase")
        assert [each.tag for each in case if each.tag != "properties"] == ([kind] if kind else [])

    def test_junit_tells_an_inconclusive_verdict_from_a_plain_skip(self, project, suites):
        project.write(test_own="import pytest\ndef test_s(): pytest.skip('not today')")
        project.run("suites/test_gates.py", "test_own.py", *rules("accuracy>=0.99"), "--junitxml=junit.xml")

        found = [each.get("type") for each in ElementTree.parse(project.path / "junit.xml").iter("skipped")]
        assert found == ["harness.inconclusive", "pytest.skip"]

    def test_junit_has_the_verdict_and_its_numbers(self, project, suites):
        project.run(*GATE, *rules("accuracy>=0.9"), "--junitxml=junit.xml")

        found = {
            each.get("name"): each.get("value")
            for each in ElementTree.parse(project.path / "junit.xml").iter("property")
        }
        assert (found["harness.verdict"], found["harness.candidate"]) == ("pass", "1.0")
        assert {"harness.candidate.low", "harness.candidate.high"} <= found.keys()
