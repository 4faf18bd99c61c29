"""A finished run judged by rules: verdicts for each evaluation, and what they come to."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import sample_run

from harness import baselines, gating
from harness.errors import NothingMeasured
from harness.gates.rules import Gates, parse
from harness.records import Run, Verdict


@pytest.fixture
def found(tmp_path: Path) -> tuple[Path, Run]:
    sample = sample_run.sample(reviews=400, timings=False)
    return sample.write(made(tmp_path / "runs" / sample.run.id)), sample.run


def made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def gates(*rules: str, **settings: object) -> Gates:
    return Gates(tuple(parse(rule) for rule in rules), **settings)  # type: ignore[arg-type]


class TestJudge:
    def test_gives_one_verdict_a_rule_with_what_it_judged(self, found, tmp_path):
        path, run = found

        floor, ceiling = gating.judge(path, run, gates("accuracy>=0.2", "brier_score<=0.01"), tmp_path)

        assert (floor.outcome, floor.classifier, floor.review_set) == ("pass", "builtin", "shop")
        assert (ceiling.outcome, ceiling.rule) == ("fail", "brier_score<=0.01")

    def test_of_a_baseline_of_the_same_run_nothing_changed(self, found, tmp_path):
        path, run = found
        baselines.promote(path, run, "main", tmp_path / "baselines")

        [verdict] = gating.judge(path, run, gates("accuracy-drop<=0.01", baseline="main"), tmp_path / "baselines")

        assert (verdict.outcome, verdict.identical, verdict.baseline) == ("pass", True, "main")

    def test_without_the_baseline_the_floor_is_judged_all_the_same(self, found, tmp_path):
        path, run = found

        floor, drop = gating.judge(
            path, run, gates("accuracy>=0.2", "accuracy-drop<=0.01", baseline="main"), tmp_path / "baselines"
        )

        assert (floor.outcome, drop.outcome) == ("pass", "error")
        assert "main" in drop.sentence

    def test_predictions_of_the_baseline_that_are_gone_are_no_pass(self, found, tmp_path):
        path, run = found
        folder = baselines.promote(path, run, "main", tmp_path / "baselines")
        for file in (folder / "predictions").iterdir():
            file.unlink()

        [verdict] = gating.judge(path, run, gates("accuracy-drop<=0.01", baseline="main"), tmp_path / "baselines")

        assert verdict.outcome == "error"

    def test_times_that_were_not_measured_are_no_pass(self, found, tmp_path):
        path, run = found

        [verdict] = gating.judge(path, run, gates("forward-slowdown<=5%"), tmp_path)

        assert (verdict.outcome, verdict.sentence) == ("error", "no pair of rounds was measured in this run")

    def test_a_run_without_evaluations_is_no_pass(self, found, tmp_path):
        path, run = found

        [verdict] = gating.judge(path, run.model_copy(update={"evaluations": ()}), gates("accuracy>=0.2"), tmp_path)

        assert (verdict.outcome, verdict.sentence) == ("error", "the run has no evaluation")


def verdict(outcome: str) -> Verdict:
    return Verdict.model_validate(
        {
            "rule": "accuracy>=0.5", "kind": "floor", "subject": "accuracy", "limit": 0.5, "outcome": outcome,
            "sentence": "it is", "alpha": 0.05,
        }
    )  # fmt: skip


class TestOutcome:
    @pytest.mark.parametrize(
        ("outcomes", "whole"),
        [
            (["pass", "pass"], "pass"),
            (["pass", "inconclusive"], "inconclusive"),
            (["inconclusive", "error", "pass"], "error"),
            (["error", "fail", "pass"], "fail"),
        ],
    )
    def test_is_the_worst_of_all(self, outcomes, whole):
        assert gating.outcome([verdict(each) for each in outcomes], gates("accuracy>=0.5")) == whole

    def test_inconclusive_fails_where_that_was_asked(self):
        asked = gates("accuracy>=0.5", inconclusive="fail")

        assert gating.outcome([verdict("pass"), verdict("inconclusive")], asked) == "fail"

    def test_no_verdict_at_all_is_an_error(self):
        with pytest.raises(NothingMeasured, match="the gate judged nothing"):
            gating.outcome([], gates())
