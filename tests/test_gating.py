"""A finished run judged by rules: verdicts for each evaluation, and what they come to."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import sample_run

from harness import baselines, gating, references, runs
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

        floor, ceiling = gating.judge(path, run, gates("accuracy>=0.2", "brier_score<=0.01"), tmp_path).verdicts

        assert (floor.outcome, floor.classifier, floor.review_set) == ("pass", "builtin", "shop")
        assert (ceiling.outcome, ceiling.rule) == ("fail", "brier_score<=0.01")

    def test_of_a_baseline_of_the_same_run_nothing_changed(self, found, tmp_path):
        path, run = found
        baselines.promote(path, run, "main", tmp_path / "baselines")

        [verdict] = gating.judge(
            path, run, gates("accuracy-drop<=0.01", baseline="main"), tmp_path / "baselines"
        ).verdicts

        assert (verdict.outcome, verdict.identical, verdict.baseline) == ("pass", True, "main")

    def test_without_the_baseline_the_floor_is_judged_all_the_same(self, found, tmp_path):
        path, run = found

        floor, drop = gating.judge(
            path, run, gates("accuracy>=0.2", "accuracy-drop<=0.01", baseline="main"), tmp_path / "baselines"
        ).verdicts

        assert (floor.outcome, drop.outcome) == ("pass", "error")
        assert "main" in drop.sentence

    def test_predictions_of_the_baseline_that_are_gone_are_no_pass(self, found, tmp_path):
        path, run = found
        folder = baselines.promote(path, run, "main", tmp_path / "baselines")
        for file in (folder / "predictions").iterdir():
            file.unlink()

        [verdict] = gating.judge(
            path, run, gates("accuracy-drop<=0.01", baseline="main"), tmp_path / "baselines"
        ).verdicts

        assert verdict.outcome == "error"

    def test_times_that_were_not_measured_are_no_pass(self, found, tmp_path):
        path, run = found

        [verdict] = gating.judge(path, run, gates("forward-slowdown<=5%"), tmp_path).verdicts

        assert (verdict.outcome, verdict.sentence) == ("error", "no pair of rounds was measured in this run")

    def test_a_run_without_evaluations_is_no_pass(self, found, tmp_path):
        path, run = found

        bare = run.model_copy(update={"evaluations": ()})

        [verdict] = gating.judge(path, bare, gates("accuracy>=0.2"), tmp_path).verdicts

        assert (verdict.outcome, verdict.sentence) == ("error", "the run has no evaluation")


class TestReferences:
    def test_the_baseline_is_kept_in_the_run_folder_with_the_comparison(self, found, tmp_path):
        path, run = found
        baselines.promote(path, run, "main", tmp_path / "baselines")

        judged = gating.judge(path, run, gates("accuracy-drop<=0.01", baseline="main"), tmp_path / "baselines")

        [reference] = judged.references
        assert (reference.kind, reference.name, reference.run) == ("baseline", "main", run.id)
        assert reference.comparison.identical
        copy = runs.read_predictions(path / reference.predictions)
        own = runs.read_predictions(path / run.evaluations[0].predictions)
        assert copy.ids == own.ids
        assert (copy.probabilities == own.probabilities).all()

    def test_rules_without_a_change_compare_with_nothing(self, found, tmp_path):
        path, run = found
        baselines.promote(path, run, "main", tmp_path / "baselines")

        judged = gating.judge(path, run, gates("accuracy>=0.2", baseline="main"), tmp_path / "baselines")

        assert judged.references == ()

    def test_without_a_baseline_the_classifier_that_ran_beside_is_the_reference(self, found, tmp_path):
        path, run = found
        folder = baselines.promote(path, run, "main", tmp_path / "baselines")
        candidate = references.Candidate.read(path, run, run.evaluations[0])
        kept, _ = references.keep(candidate, baselines.find("main", folder.parent), "classifier", "old/stars")
        beside = run.model_copy(update={"references": (kept,)})

        [verdict] = gating.judge(path, beside, gates("accuracy-drop<=0.01"), tmp_path).verdicts

        assert (verdict.outcome, verdict.baseline) == ("pass", "old/stars")
        assert (kept.run, kept.predictions) == (None, f"references/{run.evaluations[0].id}.against.parquet")

    def test_without_either_there_is_nothing_to_judge_by(self, found, tmp_path):
        path, run = found

        [verdict] = gating.judge(path, run, gates("accuracy-drop<=0.01"), tmp_path).verdicts

        assert verdict.outcome == "error"
        assert verdict.sentence == "the run was compared with no other classifier, and no baseline is named"

    def test_go_into_the_record_in_the_place_of_those_before(self, found, tmp_path):
        path, run = found
        baselines.promote(path, run, "main", tmp_path / "baselines")
        asked = gates("accuracy-drop<=0.01", baseline="main")
        once = gating.judge(path, run, asked, tmp_path / "baselines").into(run)

        again = gating.judge(path, once, asked, tmp_path / "baselines").into(once)

        assert [each.id for each in again.references] == [f"{run.evaluations[0].id}.main"]


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
