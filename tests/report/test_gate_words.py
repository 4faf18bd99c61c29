"""What verdicts come to, in one line."""

from __future__ import annotations

import pytest

from harness.records import Verdict
from harness.report import gate_words


def verdict(outcome: str, rule: str) -> Verdict:
    return Verdict(
        rule=rule, kind="floor", subject="accuracy", limit=0.5, outcome=outcome, sentence="so it is", alpha=0.05
    )


def verdicts(*outcomes: str) -> list[Verdict]:
    """One a rule."""
    return [verdict(outcome, f"accuracy>=0.{place}") for place, outcome in enumerate(outcomes, start=1)]


class TestSummary:
    @pytest.mark.parametrize(
        ("outcomes", "said"),
        [
            (["pass"], "The rule passed"),
            (["pass", "pass"], "Both rules passed"),
            (["fail"], "The rule failed: this may not ship"),
            (["pass", "fail", "error", "inconclusive"], "1 of 4 rules failed: this may not ship"),
            (["fail", "fail"], "Both rules failed: this may not ship"),
            (["error"], "The rule had nothing to judge: that is neither a pass nor a regression"),
            (
                ["pass", "error", "inconclusive"],
                "1 of 3 rules had nothing to judge: that is neither a pass nor a regression",
            ),
            (["inconclusive"], "The rule is inconclusive: that is no pass"),
            (["pass", "inconclusive"], "Nothing failed, but 1 of 2 rules is inconclusive: that is no pass"),
            (["inconclusive", "inconclusive"], "Nothing failed, but both rules are inconclusive: that is no pass"),
        ],
    )
    def test_says_what_decides(self, outcomes, said):
        assert gate_words.summary(verdicts(*outcomes), {}) == said

    @pytest.mark.parametrize(
        ("outcomes", "said"),
        [
            (["inconclusive"], "The rule is inconclusive, which this run takes for a fail: this may not ship"),
            (
                ["pass", "inconclusive", "error"],
                "1 of 3 rules is inconclusive, which this run takes for a fail: this may not ship",
            ),
            (["pass", "fail", "inconclusive"], "1 of 3 rules failed: this may not ship"),
        ],
    )
    def test_inconclusive_fails_where_the_run_was_asked_so(self, outcomes, said):
        assert gate_words.summary(verdicts(*outcomes), {"inconclusive": "fail"}) == said

    def test_a_rule_that_fails_on_one_classifier_is_one_rule_that_failed(self):
        found = [verdict(outcome, "accuracy>=0.5") for outcome in ("pass", "fail", "inconclusive")]

        assert (
            gate_words.summary([*found, verdict("pass", "accuracy>=0.4")], {})
            == "1 of 2 rules failed: this may not ship"
        )

    @pytest.mark.parametrize("outcomes", [["inconclusive"], ["pass", "inconclusive"], ["inconclusive", "error"]])
    def test_inconclusive_never_reads_as_a_pass(self, outcomes):
        said = gate_words.summary(verdicts(*outcomes), {})

        assert "passed" not in said
        assert "no pass" in said or "neither a pass" in said


class TestTally:
    def test_what_decides_comes_first(self):
        assert gate_words.tally(verdicts("pass", "inconclusive", "fail", "pass")) == (
            ("fail", 1), ("inconclusive", 1), ("pass", 2),
        )  # fmt: skip


class TestOnInconclusive:
    def test_says_that_the_record_does_not_tell(self):
        assert gate_words.on_inconclusive(verdicts("inconclusive"), {}) == (
            "Inconclusive means that the evidence reaches over the limit: neither a pass nor a fail. "
            "Whether it stops the build is a setting of the gate; unless it says fail, it does not."
        )

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ("fail", "This run was asked to take it for a fail."),
            ("show", "This run was asked to show it and go on."),
        ],
    )
    def test_says_what_the_run_was_asked(self, asked, said):
        assert gate_words.on_inconclusive(verdicts("inconclusive"), {"inconclusive": asked}).endswith(said)

    def test_says_nothing_where_nothing_is(self):
        assert gate_words.on_inconclusive(verdicts("pass", "fail", "error"), {}) == ""
