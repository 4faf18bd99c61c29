"""Verdicts of metric rules from predictions alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import evaluation
from harness.gates.accuracy import judge
from harness.gates.pairing import Side
from harness.gates.rules import Rule, parse
from harness.metrics import paired
from harness.records import Verdict
from harness.slicing import LENGTH_NAME, Column
from harness.statistics.design import Design
from harness.statistics.paired import detectable_difference, examples_to_detect, tango_interval
from tests.gates.predictions import CLASSES, column, evidence, right_where, sides, sure_of, table


def verdict(text: str, candidate: Side, baseline: Side | None = None, *, alpha: float = 0.05, **given: Any) -> Verdict:
    (found,) = judge([parse(text)], evidence(candidate, baseline, **given), alpha=alpha)
    return found


def noisy(count: int, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (N, 3) and gold labels (N,), the better the less noise."""
    gold = np.random.default_rng(0).integers(0, 3, count)
    seen = gold + np.random.default_rng(seed).normal(0, noise, count)
    powers = np.exp(-1.9 * np.abs(np.arange(3)[None, :] - seen[:, None]))
    return powers / powers.sum(axis=1, keepdims=True), gold


def noisy_sides(count: int = 600, candidate: float = 0.7, baseline: float = 0.7) -> tuple[Side, Side]:
    return Side("here", table(*noisy(count, candidate, 1))), Side("main", table(*noisy(count, baseline, 2)))


class TestLargestDrop:
    def test_small_loss_within_a_wide_margin_passes(self) -> None:
        found = verdict("accuracy-drop<=0.05", *sides(10, 12, 700, 278))

        assert found.outcome == "pass"
        assert found.sentence == (
            "accuracy fell by at most 1.0 points (90 % interval −1.0 to +0.6), within 5.0 points;"
            " 10 gained, 12 lost (McNemar p 0.678)"
        )
        assert (found.examples, found.needed, found.baseline) == (1000, None, "main")

    def test_gain_passes_and_is_called_one(self) -> None:
        found = verdict("accuracy-drop<=0.01", *sides(60, 12, 650, 278))

        assert found.outcome == "pass"
        assert found.sentence.startswith("accuracy rose by 4.8 points (90 % interval +3.5 to +6.3); 60 gained")

    def test_loss_beyond_the_margin_fails(self) -> None:
        found = verdict("accuracy-drop<=0.01", *sides(10, 60, 650, 280))

        assert found.outcome == "fail"
        assert found.sentence == (
            "accuracy fell by 5.0 points (90 % interval −6.4 to −3.7), more than 1.0 points;"
            " 10 gained, 60 lost (McNemar p <0.001)"
        )

    def test_undecided_says_how_many_reviews_would_decide(self) -> None:
        found = verdict("accuracy-drop<=0.01", *sides(30, 31, 650, 289))

        assert found.outcome == "inconclusive"
        assert found.needed == examples_to_detect(-0.001 + 0.01, 0.061) == 4656
        assert found.sentence == (
            "accuracy changed by −0.1 points (90 % interval −1.4 to +1.2), and drops of up to 1.0 points are allowed:"
            " about 4,700 reviews would decide it; 30 gained, 31 lost (McNemar p 0.899)"
        )

    def test_no_number_is_quoted_where_the_standard_error_exceeds_the_distance(self) -> None:
        found = verdict("accuracy-drop<=0.01", *sides(30, 38, 650, 282))

        assert (found.outcome, found.needed) == ("inconclusive", None)
        assert ": too close to the limit to tell how many reviews would decide it; " in found.sentence

    def test_identical_predicted_classes_pass_however_few_they_are(self) -> None:
        found = verdict("accuracy-drop<=0.001", *sides(0, 0, 3, 2))

        assert (found.outcome, found.identical) == ("pass", True)
        assert found.sentence == "candidate and baseline predict the same class of every review"

    def test_no_review_gained_or_lost_is_not_the_same_as_identical(self) -> None:
        candidate, baseline = sides(0, 0, 30, 20)
        gold = candidate.table.gold
        other = sure_of(np.where(candidate.table.probabilities.argmax(axis=1) == gold, gold, (gold + 2) % 3))
        found = verdict("accuracy-drop<=0.01", Side("here", table(other, gold)), baseline)

        assert (found.outcome, found.identical, found.needed) == ("inconclusive", False, 619)

    def test_rise_of_a_loss_is_a_drop(self) -> None:
        worse, better = noisy_sides(2000, candidate=1.2, baseline=0.5)

        assert verdict("brier_score-drop<=0.02", worse, better).outcome == "fail"
        assert verdict("brier_score-drop<=0.02", better, worse).outcome == "pass"
        assert verdict("brier_score-drop<=0.02", worse, better).sentence.startswith("brier score rose by 0.")
        assert verdict("brier_score-drop<=0.02", better, worse).sentence.startswith("brier score fell by 0.")

    def test_difference_that_is_kept_is_candidate_less_baseline_at_the_level_judged(self) -> None:
        worse, better = noisy_sides(2000, candidate=1.2, baseline=0.5)
        found = verdict("brier_score-drop<=0.02", worse, better, alpha=0.01)
        told = paired.compare(
            worse.table.probabilities, better.table.probabilities, worse.table.gold, ordinal=True, confidence=0.98
        ).differences["brier_score"]

        assert found.difference == evaluation.as_metric(told.value)
        assert found.alpha == 0.01
        assert "(98 % interval " in found.sentence

    def test_metric_that_these_reviews_say_too_little_of_is_inconclusive(self) -> None:
        found = verdict("macro_f1-drop<=0.02", *sides(1, 2, 150, 100))

        assert found.outcome == "inconclusive"
        assert found.sentence == (
            "macro f1 changed by −0.004, without an interval: the two differ on 3 examples, and the interval needs 5"
        )

    def test_metric_that_is_not_defined_is_an_error(self) -> None:
        found = verdict("mean_absolute_error-drop<=0.02", *sides(10, 12, 700, 278), ordinal=False)

        assert found.outcome == "error"
        assert found.sentence.startswith("the difference of mean absolute error is not defined: ")
        assert found.flips == ()

    def test_identical_probabilities_pass_a_rule_about_probabilities(self) -> None:
        candidate, _ = noisy_sides()
        found = verdict("brier_score-drop<=0.001", candidate, replace(candidate, name="main"))

        assert found.outcome == "pass"
        assert found.sentence == "candidate and baseline give the same probabilities to every review"

    def test_clusters_replace_tango(self) -> None:
        design = Design.of("clustered", (np.arange(1000) // 20).tolist(), "product")
        found = verdict("accuracy-drop<=0.01", *sides(30, 90, 600, 280), design=design)

        assert found.difference is not None
        assert found.difference.method != "Tango"
        assert found.sentence.endswith("; 30 gained, 90 lost")

    @pytest.mark.parametrize("kind", ["independent", "stratified", "clustered"])
    def test_accuracy_is_compared_as_every_comparison_does(self, kind: str) -> None:
        candidate, baseline = noisy_sides()
        units = (np.arange(600) // 12).tolist()
        design = Design.independent() if kind == "independent" else Design.of(kind, units)  # type: ignore[arg-type]
        told = paired.compare(
            candidate.table.probabilities,
            baseline.table.probabilities,
            candidate.table.gold,
            ordinal=True,
            confidence=0.9,
            design=design,
        ).differences["accuracy"]

        assert verdict("accuracy-drop<=0.01", candidate, baseline, design=design).difference == evaluation.as_metric(
            told.value
        )

    @given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 300), st.floats(0.001, 0.3))
    @settings(deadline=None, max_examples=40)
    def test_verdict_is_that_of_the_interval(self, gained: int, lost: int, rest: int, drop: float) -> None:
        found = verdict(f"accuracy-drop<={drop:.6f}", *sides(gained, lost, rest, 5))
        limit = float(f"{drop:.6f}")
        interval = tango_interval(gained, lost, gained + lost + rest + 5, 0.9)
        expected = "pass" if interval.low > -limit else "fail" if interval.high < -limit else "inconclusive"

        assert found.outcome == ("pass" if gained == lost == 0 else expected)

    @given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 300))
    @settings(deadline=None, max_examples=20)
    def test_almost_any_drop_within_a_margin_of_everything_passes(self, gained: int, lost: int, rest: int) -> None:
        assert verdict("accuracy-drop<=0.999", *sides(gained, lost, rest, 5)).outcome == "pass"

    @given(st.integers(0, 60), st.integers(0, 60))
    @settings(deadline=None, max_examples=20)
    def test_other_way_round_mirrors_the_interval(self, gained: int, lost: int) -> None:
        candidate, baseline = sides(gained, lost, 200, 50)
        one = verdict("accuracy-drop<=0.02", candidate, baseline).difference
        other = verdict("accuracy-drop<=0.02", baseline, candidate).difference

        assert one is not None
        assert other is not None
        assert [one.value, one.low, one.high] == pytest.approx(
            [-(other.value or 0), -(other.high or 0), -(other.low or 0)]
        )


class TestNoWorse:
    def test_loss_that_chance_does_not_explain_fails(self) -> None:
        found = verdict("accuracy-no-worse", *sides(10, 60, 650, 280))

        assert found.outcome == "fail"
        assert found.sentence == (
            "accuracy fell by 5.0 points (90 % interval −6.4 to −3.7); 10 gained, 60 lost (McNemar p <0.001)"
        )

    def test_pass_says_what_drop_it_could_have_seen(self) -> None:
        found = verdict("accuracy-no-worse", *sides(30, 31, 650, 289))

        assert found.outcome == "pass"
        assert 100 * detectable_difference(1000, 0.061) == pytest.approx(1.94, abs=0.01)
        assert found.sentence == (
            "accuracy changed by −0.1 points (90 % interval −1.4 to +1.2):"
            " a drop of 1.9 points would have been found in 80 of 100 comparisons;"
            " 30 gained, 31 lost (McNemar p 0.899)"
        )

    def test_loss_function_is_no_worse_where_it_does_not_rise(self) -> None:
        worse, better = noisy_sides(2000, candidate=1.2, baseline=0.5)

        assert verdict("brier_score-no-worse", worse, better).outcome == "fail"
        assert "a rise of 0." in verdict("brier_score-no-worse", better, worse).sentence

    def test_false_alarms_are_no_more_than_alpha(self) -> None:
        generator = np.random.default_rng(7)
        fails = 0
        for _ in range(400):
            changed = int(generator.binomial(500, 0.1))
            gained = int(generator.binomial(changed, 0.5))
            fails += (
                verdict("accuracy-no-worse", *sides(gained, changed - gained, 300, 200 - changed)).outcome == "fail"
            )

        # 5 % of 400 sets, and three standard errors of that count.
        assert fails <= 20 + 3 * np.sqrt(400 * 0.05 * 0.95)


class TestFloorsAndCeilings:
    def test_interval_above_the_floor_passes(self) -> None:
        candidate, _ = sides(0, 0, 800, 200)
        found = verdict("accuracy>=0.75", candidate)

        assert found.outcome == "pass"
        assert found.sentence == "accuracy is 80.0 % (90 % interval 77.8 to 82.0 %), at least 75.0 %"
        assert (found.baseline, found.difference, found.flips) == (None, None, ())

    def test_interval_below_the_floor_fails(self) -> None:
        candidate, _ = sides(0, 0, 800, 200)
        found = verdict("accuracy>=0.85", candidate)

        assert found.outcome == "fail"
        assert found.sentence == "accuracy is 80.0 % (90 % interval 77.8 to 82.0 %), below 85.0 %"

    def test_floor_within_the_interval_is_undecided_and_says_how_many_reviews_decide(self) -> None:
        candidate, _ = sides(0, 0, 800, 200)
        found = verdict("accuracy>=0.785", candidate)

        assert found.outcome == "inconclusive"
        assert found.needed == pytest.approx(6.18 * 0.16 / 0.015**2, rel=0.01)
        assert found.sentence == (
            "accuracy is 80.0 % (90 % interval 77.8 to 82.0 %), on both sides of 78.5 %:"
            " about 4,400 reviews would decide it"
        )

    def test_ceiling_is_the_other_way_round(self) -> None:
        worse, _ = noisy_sides(2000, candidate=1.2)

        assert verdict("mean_absolute_error<=0.2", worse).outcome == "fail"
        assert verdict("mean_absolute_error<=1.5", worse).outcome == "pass"

    def test_interval_judged_is_that_of_the_evaluation_at_the_level(self) -> None:
        candidate, _ = noisy_sides()
        figures = evaluation.evaluate(
            candidate.table.probabilities, candidate.table.gold, CLASSES, ordinal=True, confidence=0.9, resamples=200
        )
        for name in ("accuracy", "macro_f1", "brier_score", "temperature"):
            assert verdict(f"{name}>=0.5", candidate).candidate == figures.metrics[name]

    def test_metric_of_which_no_interval_holds_is_judged_by_its_value_and_the_sentence_says_so(self) -> None:
        candidate, _ = noisy_sides()
        found = verdict("expected_calibration_error<=0.001", candidate)

        assert found.outcome == "fail"
        assert found.sentence.endswith(
            ", above 0.001; judged by its value alone, since no interval holds:"
            " the estimate is biased upward, so that its bootstrap interval misses the truth"
        )
        assert verdict("expected_calibration_error<=0.9", candidate).outcome == "pass"

    def test_metric_that_needs_more_reviews_for_its_interval_is_undecided(self) -> None:
        candidate, _ = sides(0, 0, 10, 5)
        found = verdict("macro_f1>=0.1", candidate)

        assert found.outcome == "inconclusive"
        assert found.sentence.startswith("macro f1 is 0.665, without an interval: ")

    def test_metric_that_is_not_defined_is_an_error(self) -> None:
        candidate, _ = sides(0, 0, 80, 20)
        found = verdict("mean_absolute_error<=0.5", candidate, ordinal=False)

        assert found.outcome == "error"
        assert found.sentence.startswith("mean absolute error is not defined: ")

    def test_figures_have_the_digits_that_the_verdict_needs(self) -> None:
        candidate, _ = sides(0, 0, 80_000, 20_000)

        assert verdict("accuracy>=0.79793", candidate).sentence == (
            "accuracy is 80.000 % (90 % interval 79.791 to 80.207 %), on both sides of 79.793 %:"
            " about 240,000 reviews would decide it"
        )


class TestSides:
    def test_order_of_the_reviews_does_not_matter(self) -> None:
        candidate, baseline = sides(30, 90, 600, 280)
        order = np.random.default_rng(0).permutation(1000)
        mixed = table(
            baseline.table.probabilities[order], baseline.table.gold[order], [baseline.table.ids[row] for row in order]
        )

        assert verdict("accuracy-drop<=0.01", candidate, Side("main", mixed)) == verdict(
            "accuracy-drop<=0.01", candidate, baseline
        )

    def test_other_reviews_are_an_error_that_counts_what_is_missing_on_each_side(self) -> None:
        candidate, baseline = sides(1, 1, 5, 3)
        other = replace(baseline.table, ids=[f"r{row}" for row in range(3, 13)])
        found = verdict("accuracy-drop<=0.01", candidate, Side("main", other))

        assert found.outcome == "error"
        assert found.sentence == (
            "candidate and baseline are not of the same reviews:"
            " 3 of 10 ids are missing in main and 3 of 10 ids are missing in here"
        )

    def test_ids_that_stand_twice_are_an_error(self) -> None:
        candidate, baseline = sides(1, 1, 5, 3)
        other = replace(baseline.table, ids=["r0"] * 10)

        assert (
            verdict("accuracy-drop<=0.01", candidate, Side("main", other)).sentence == "main has 9 ids more than once"
        )

    def test_other_gold_labels_are_an_error_that_names_the_first(self) -> None:
        candidate, baseline = sides(1, 1, 5, 3)
        other = replace(baseline.table, gold=np.where(np.arange(10) == 4, 0, baseline.table.gold).astype(np.int32))

        assert verdict("accuracy-drop<=0.01", candidate, Side("main", other)).sentence == (
            "1 of 10 reviews have another gold label in main: the first is 'r4', 2 stars and 1 star"
        )

    def test_other_classes_are_an_error(self) -> None:
        candidate, baseline = sides(1, 1, 5, 3)
        other = replace(baseline.table, classes=("a", "b", "c"))

        assert verdict("accuracy-drop<=0.01", candidate, Side("main", other)).sentence == (
            "candidate and baseline have other classes: 1 star, 2 stars, 3 stars and a, b, c"
        )

    def test_missing_baseline_is_an_error_and_the_floor_is_judged_all_the_same(self) -> None:
        candidate, _ = sides(0, 0, 800, 200)
        drop, floor = judge([parse("accuracy-drop<=0.01"), parse("accuracy>=0.5")], evidence(candidate))

        assert (drop.outcome, drop.sentence) == ("error", "there is no baseline to compare with")
        assert floor.outcome == "pass"

    def test_nothing_evaluated_is_an_error(self) -> None:
        empty = Side("here", table(np.zeros((0, 3)), np.zeros(0)))

        assert verdict("accuracy>=0.5", empty).sentence == "no review was evaluated"
        assert verdict("accuracy>=0.5", empty).outcome == "error"


class TestEvidenceBesideTheVerdict:
    def test_lost_reviews_are_listed_the_surest_first(self) -> None:
        gold = np.zeros(40, np.int64)
        wrong = np.isin(np.arange(40), range(7))
        confidence = np.where(wrong, 0.6 + 0.01 * np.arange(40), 0.8)
        candidate = Side("here", table(right_where(~wrong, gold, confidence), gold), {"r6": "a sixth"})
        baseline = Side("main", table(right_where(np.ones(40, bool), gold), gold))
        found = verdict("accuracy-drop<=0.5", candidate, baseline).flips

        assert [each.id for each in found] == ["r6", "r5", "r4", "r3", "r2"]
        assert [each.text for each in found] == ["a sixth", None, None, None, None]
        assert (found[0].gold, found[0].candidate, found[0].baseline) == ("1 star", "2 stars", "1 star")
        assert [found[0].candidate_probability, found[0].baseline_probability] == pytest.approx([0.66, 0.8])

    def test_worst_slices_are_the_three_with_the_lowest_difference_at_a_corrected_level(self) -> None:
        candidate, baseline = sides(30, 90, 600, 280)
        language = column("language", [*["de"] * 30, *["fr"] * 90, *["en"] * 600, *["es"] * 280])
        found = verdict("accuracy-drop<=0.01", candidate, baseline, columns=[language]).worst_slices

        assert [(each.value, each.reviews) for each in found] == [("fr", 90), ("en", 600), ("es", 280)]
        assert found[0].difference.value == -1
        expected = tango_interval(0, 0, 600, 1 - 0.1 / 4)
        assert (found[1].difference.low, found[1].difference.high) == pytest.approx((expected.low, expected.high))

    def test_names_and_reasons_are_carried_over(self) -> None:
        candidate, baseline = sides(30, 90, 600, 280)
        rule = Rule("max_drop", "accuracy", 0.01, reason="agreed with support")
        (found,) = judge([rule], evidence(candidate, baseline), classifier="stars", review_set="en")

        assert (found.rule, found.kind, found.subject, found.limit) == (
            "accuracy-drop<=0.01",
            "max_drop",
            "accuracy",
            0.01,
        )
        assert (found.classifier, found.review_set, found.baseline, found.reason) == (
            "stars",
            "en",
            "main",
            "agreed with support",
        )


class TestSliceOfARule:
    def test_only_its_reviews_are_judged(self) -> None:
        candidate, baseline = sides(30, 90, 600, 280)
        language = column("language", [*["de"] * 120, *["en"] * 880])
        found = verdict("accuracy-drop@language=de<=0.01", candidate, baseline, columns=[language])

        assert (found.outcome, found.examples, found.column, found.value) == ("fail", 120, "language", "de")
        assert found.sentence.startswith("accuracy of language=de fell by 50.0 points")
        assert found.worst_slices == ()
        assert all(int(each.id[1:]) < 120 for each in found.flips)

    def test_flips_of_a_slice_are_its_own(self) -> None:
        candidate, baseline = sides(30, 90, 600, 280)
        language = column("language", [*["de"] * 118, *["en"] * 882])
        found = verdict("accuracy-drop@language=en<=0.01", candidate, baseline, columns=[language])

        assert [each.id for each in found.flips] == ["r118", "r119"]

    def test_empty_slice_is_an_error_that_lists_the_values(self) -> None:
        candidate, _ = sides(30, 90, 600, 280)
        language = column("language", [*["de"] * 120, *["en"] * 880])

        assert verdict("accuracy@language=fr>=0.5", candidate, columns=[language]).sentence == (
            "no review of the slice language=fr was evaluated: the column has de, en"
        )

    def test_unknown_column_is_an_error_that_lists_the_columns(self) -> None:
        candidate, _ = sides(30, 90, 600, 280)

        assert verdict("accuracy@shop=a>=0.5", candidate, columns=[column("language", ["de"] * 1000)]).sentence == (
            "there is no column 'shop' to take a slice from; the columns are: language"
        )

    def test_column_with_too_many_values_says_so(self) -> None:
        candidate, _ = sides(30, 90, 600, 280)
        found = verdict("accuracy@product=x>=0.5", candidate, columns=[Column("product", 900, ())])

        assert found.sentence == (
            "no review of the slice product=x was evaluated: the column has 900 values, too many for slices"
        )

    def test_length_is_the_number_of_tokens(self) -> None:
        candidate, _ = sides(0, 0, 800, 200)
        found = verdict("accuracy@length=1–16>=0.5", candidate, columns=[column(LENGTH_NAME, ["1–16"] * 1000)])

        assert (found.outcome, found.examples) == ("pass", 1000)
