"""Clusters and strata: values stay, and each interval is that of the design, or gives way to the reason."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from support.labelled import probable

from harness.metrics import class_metrics, confusion_counts, log_losses, reliability
from harness.metrics.bins import bin_of, binned
from harness.metrics.classes import OneClass
from harness.metrics.confusion import drawn_confusion
from harness.metrics.decision import confidences
from harness.metrics.designed import (
    DRAWN,
    designed,
    designed_areas,
    designed_classes,
    designed_reliability,
    designed_thresholds,
    unknown_to,
)
from harness.metrics.discrimination import class_areas
from harness.metrics.overall import overall
from harness.metrics.rankings import ExactRankings
from harness.metrics.tally import Tally
from harness.metrics.thresholds import thresholds
from harness.statistics import Design, Estimate, Interval, NoInterval, Scalar, Undefined
from harness.statistics.design import mean_interval, proportion_interval

Drawn = tuple[np.ndarray, np.ndarray]


def random_set(clusters: int = 60, of: int = 5) -> Drawn:
    """Clusters that are easy or hard as a whole, three classes."""
    generator = np.random.default_rng(0)
    gold = generator.integers(0, 3, clusters * of)
    logits = generator.normal(size=(clusters * of, 3))
    logits[np.arange(clusters * of), gold] += np.repeat(generator.normal(1, 1, clusters), of)
    weights = np.exp(logits)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32), gold


DRAWN_SET = random_set()
PROBABILITIES, GOLD = DRAWN_SET
PREDICTED = PROBABILITIES.argmax(axis=1)
RIGHT = PREDICTED == GOLD
CLUSTERED = Design.of("clustered", np.arange(300) // 5, "product")
STRATIFIED = Design.of("stratified", GOLD, "label")
DESIGNS = pytest.mark.parametrize("design", [CLUSTERED, STRATIFIED], ids=str)


def scalars(drawn: Drawn = DRAWN_SET, design: Design | None = None) -> dict[str, Scalar]:
    """As they are of independent examples, except that the bootstrap knows the design."""
    probabilities, gold = drawn
    classes = probabilities.shape[1]
    tally = Tally(classes, fine=False)
    tally.add(probabilities, gold, 0)
    tables = drawn_confusion(design, gold, probabilities.argmax(axis=1), classes) if design else None
    return overall(
        tally, ExactRankings(*drawn, seed=0), ordinal=True, confidence=0.95, resamples=100, seed=0, drawn=tables
    )


def under(design: Design) -> dict[str, Scalar]:
    return _under(design.kind)


@cache
def _under(kind: str) -> dict[str, Scalar]:
    """Computed once: a design is no key of a cache, and there is one of each kind."""
    design = CLUSTERED if kind == "clustered" else STRATIFIED
    return designed(scalars(design=design), PROBABILITIES, GOLD, design, confidence=0.95)


def bounds(scalar: Scalar) -> Interval | NoInterval:
    assert isinstance(scalar, Estimate), scalar
    return scalar.bounds


class TestDesigned:
    def test_an_independent_design_changes_nothing(self) -> None:
        found = scalars()

        assert designed(found, PROBABILITIES, GOLD, Design.independent(), confidence=0.95) == found

    @DESIGNS
    def test_values_stay_as_they_are(self, design: Design) -> None:
        found = under(design)

        assert list(found) == list(scalars())
        for name, scalar in scalars().items():
            assert isinstance(scalar, Estimate)
            assert isinstance(found[name], Estimate)
            assert found[name].value == scalar.value, name

    @DESIGNS
    @pytest.mark.parametrize(
        ("name", "hits"),
        [
            ("accuracy", RIGHT),
            ("micro_f1", RIGHT),
            ("off_by_one_accuracy", abs(PREDICTED - GOLD) <= 1),
            ("top_2_accuracy", PROBABILITIES.argmin(axis=1) != GOLD),
        ],
    )
    def test_a_proportion_has_the_interval_of_its_hits(self, design: Design, name: str, hits: np.ndarray) -> None:
        assert under(design)[name] == Estimate(hits.mean(), proportion_interval(design, hits, 0.95))

    @DESIGNS
    @pytest.mark.parametrize(
        ("name", "values", "least", "most"),
        [
            ("negative_log_likelihood", log_losses(PROBABILITIES, GOLD), 0.0, math.inf),
            ("brier_score", ((PROBABILITIES.astype(float) - np.eye(3)[GOLD]) ** 2).sum(axis=1), 0.0, 2.0),
            (
                "ranked_probability_score",
                ((np.cumsum(PROBABILITIES.astype(float) - np.eye(3)[GOLD], axis=1)[:, :-1]) ** 2).sum(axis=1),
                0.0,
                2.0,
            ),
            ("mean_absolute_error", abs(PREDICTED - GOLD).astype(float), 0.0, 2.0),
            ("mean_signed_error", (PREDICTED - GOLD).astype(float), -2.0, 2.0),
            ("confidence_gap", PROBABILITIES.max(axis=1).astype(float) - RIGHT, -1.0, 1.0),
        ],
    )
    def test_a_mean_has_the_interval_of_its_values(
        self, design: Design, name: str, values: np.ndarray, least: float, most: float
    ) -> None:
        found, expected = bounds(under(design)[name]), mean_interval(design, values, 0.95, least=least, most=most)

        assert isinstance(found, Interval) and isinstance(expected, Interval)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-6)
        assert found.method == expected.method

    def test_intervals_end_where_the_mean_can(self) -> None:
        """Of 40 certain predictions in clusters of one, all but one as wrong as can be."""
        gold = np.zeros(40, dtype=int)
        wrong = np.eye(3, dtype=np.float32)[np.r_[0, np.full(39, 2)]]
        design = Design.of("clustered", range(40), "product")

        found = designed(scalars((wrong, gold)), wrong, gold, design, confidence=0.95)

        ends = {"brier_score": 2.0, "ranked_probability_score": 2.0, "mean_absolute_error": 2.0, "confidence_gap": 1.0}
        assert {name: bounds(found[name]).high for name in ends} == ends

    @DESIGNS
    @pytest.mark.parametrize("name", DRAWN)
    def test_what_was_drawn_under_the_design_stays(self, design: Design, name: str) -> None:
        found = under(design)[name]

        assert found == scalars(design=design)[name]
        assert isinstance(bounds(found), Interval)
        assert str(design) in bounds(found).method

    @DESIGNS
    def test_all_others_give_the_reason(self, design: Design) -> None:
        known = {*DRAWN, "accuracy", "micro_f1", "off_by_one_accuracy", "top_2_accuracy"}
        known |= {"negative_log_likelihood", "brier_score", "ranked_probability_score"}
        known |= {"mean_absolute_error", "mean_signed_error", "confidence_gap"}
        others = {name: scalar for name, scalar in scalars().items() if isinstance(bounds(scalar), Interval)}

        found = under(design)

        for name in others.keys() - known:
            assert bounds(found[name]) == unknown_to(design), name
        assert "area_under_roc" in others.keys() - known
        assert "accuracy_at_90_coverage" in others.keys() - known
        assert unknown_to(design).reason == (
            f"the examples come in {design}, and no interval of this metric takes that into account"
        )

    @DESIGNS
    def test_a_reason_that_was_there_before_stays(self, design: Design) -> None:
        few = PROBABILITIES[:25], GOLD[:25]
        before = scalars(few)

        found = designed(before, *few, design.of_rows(slice(25)), confidence=0.95)

        reasons = {name: scalar for name, scalar in before.items() if not isinstance(scalar, Estimate)}
        reasons |= {name: scalar for name, scalar in before.items() if name not in reasons
                    and isinstance(bounds(scalar), NoInterval)}  # fmt: skip
        assert len(reasons) > 10
        assert {name: found[name] for name in reasons} == reasons

    def test_few_clusters_are_the_reason(self) -> None:
        few = Design.of("clustered", np.arange(300) // 60, "product")

        found = designed(scalars(), PROBABILITIES, GOLD, few, confidence=0.95)

        assert bounds(found["accuracy"]) == NoInterval("5 clusters, and the interval needs 20")

    @given(probable())
    @settings(max_examples=25)
    def test_any_probabilities_have_an_interval_around_the_value_or_a_reason(self, drawn: Drawn) -> None:
        probabilities, gold = drawn
        for design in (Design.of("clustered", np.arange(len(gold)) // 2), Design.of("stratified", gold % 2)):
            for name, scalar in designed(scalars(drawn), probabilities, gold, design, confidence=0.95).items():
                if isinstance(scalar, Estimate) and isinstance(scalar.bounds, Interval):
                    assert scalar.bounds.low - 1e-12 <= scalar.value <= scalar.bounds.high + 1e-12, name


class TestClasses:
    FOUND = class_metrics(confusion_counts(GOLD, PREDICTED, 3), confidence=0.95)

    def of(self, design: Design) -> tuple[OneClass, ...]:
        return designed_classes(self.FOUND, PROBABILITIES, GOLD, design, confidence=0.95)

    def test_an_independent_design_changes_nothing(self) -> None:
        assert self.of(Design.independent()) == self.FOUND

    @DESIGNS
    def test_precision_is_of_the_predicted_ones_and_recall_of_the_labelled_ones(self, design: Design) -> None:
        for place, one in enumerate(self.of(design)):
            labelled, predicted = place == GOLD, place == PREDICTED
            assert one.precision == Estimate(
                labelled[predicted].mean(), proportion_interval(design.of_rows(predicted), labelled[predicted], 0.95)
            )
            assert one.recall == Estimate(
                predicted[labelled].mean(), proportion_interval(design.of_rows(labelled), predicted[labelled], 0.95)
            )

    @DESIGNS
    def test_f1_is_of_the_share_that_is_both(self, design: Design) -> None:
        for place, one in enumerate(self.of(design)):
            labelled, predicted = place == GOLD, place == PREDICTED
            either = labelled | predicted
            both = proportion_interval(design.of_rows(either), (labelled & predicted)[either], 0.95)
            assert isinstance(both, Interval)
            assert isinstance(one.f1, Estimate) and isinstance(one.f1.bounds, Interval)
            assert (one.f1.bounds.low, one.f1.bounds.high) == (
                2 * both.low / (1 + both.low),
                2 * both.high / (1 + both.high),
            )
            assert one.f1.bounds.low < one.f1.value < one.f1.bounds.high
            assert one.f1.bounds.method == f"{both.method}, of the Jaccard index"

    @DESIGNS
    def test_values_and_counts_stay_as_they_are(self, design: Design) -> None:
        for one, before in zip(self.of(design), self.FOUND, strict=True):
            assert (one.support, one.predicted) == (before.support, before.predicted)
            for name in ("precision", "recall", "f1"):
                assert getattr(one, name).value == getattr(before, name).value

    @DESIGNS
    def test_what_is_undefined_stays_so(self, design: Design) -> None:
        """A fourth class that neither occurs nor is predicted."""
        four = np.hstack([PROBABILITIES, np.zeros((300, 1), dtype=np.float32)])
        found = class_metrics(confusion_counts(GOLD, PREDICTED, 4), confidence=0.95)

        fourth = designed_classes(found, four, GOLD, design, confidence=0.95)[3]

        assert fourth == found[3]
        assert isinstance(fourth.recall, Undefined)


class TestAreas:
    AREAS = class_areas(ExactRankings(PROBABILITIES, GOLD, 0).classes(), 0.95)

    def test_an_independent_design_changes_nothing(self) -> None:
        assert designed_areas(self.AREAS, Design.independent()) == self.AREAS

    @DESIGNS
    def test_have_no_interval_that_knows_a_design(self, design: Design) -> None:
        areas = (*self.AREAS, Undefined("every example has this gold label"))

        assert all(isinstance(bounds(area), Interval) for area in self.AREAS)
        assert designed_areas(areas, design) == (
            *(Estimate(area.value, unknown_to(design)) for area in self.AREAS if isinstance(area, Estimate)),
            areas[-1],
        )


class TestReliability:
    TABLE = reliability(binned(confidences(PROBABILITIES), RIGHT), confidence=0.9)

    def test_an_independent_design_changes_nothing(self) -> None:
        independent = Design.independent()

        assert designed_reliability(self.TABLE, PROBABILITIES, GOLD, independent, confidence=0.9) == self.TABLE

    @DESIGNS
    def test_each_bin_has_the_interval_of_its_examples(self, design: Design) -> None:
        of = bin_of(confidences(PROBABILITIES))

        found = designed_reliability(self.TABLE, PROBABILITIES, GOLD, design, confidence=0.9)

        for place, (one, before) in enumerate(zip(found, self.TABLE, strict=True)):
            inside = of == place
            assert (one.count, one.mean_confidence) == (before.count, before.mean_confidence)
            if inside.any():
                expected = proportion_interval(design.of_rows(inside), RIGHT[inside], 0.9)
                assert one.accuracy == Estimate(RIGHT[inside].mean(), expected)
            else:
                assert one.accuracy == before.accuracy

    @DESIGNS
    def test_there_is_no_band_for_examples_that_depend_on_each_other(self, design: Design) -> None:
        found = designed_reliability(self.TABLE, PROBABILITIES, GOLD, design, confidence=0.9)

        assert {(one.expected_low, one.expected_high) for one in found} == {(None, None)}


class TestThresholds:
    RANKINGS = ExactRankings(PROBABILITIES, GOLD, 0)
    CHOSEN = thresholds(*RANKINGS.halves(), (0.5, 0.8, 1.01), confidence=0.95)

    def test_an_independent_design_changes_nothing(self) -> None:
        independent = Design.independent()
        judging = self.RANKINGS.judging

        assert designed_thresholds(self.CHOSEN, *DRAWN_SET, judging, independent, confidence=0.95) == self.CHOSEN

    @DESIGNS
    def test_accuracy_is_of_the_accepted_ones_and_coverage_of_the_half_that_judges(self, design: Design) -> None:
        judging, top = self.RANKINGS.judging, PROBABILITIES.max(axis=1)

        *found, last = designed_thresholds(self.CHOSEN, *DRAWN_SET, judging, design, confidence=0.95)

        for one, before in zip(found, self.CHOSEN, strict=False):
            accepted = top >= np.float32(before.threshold)
            both = judging & accepted
            assert (one.wanted, one.threshold) == (before.wanted, before.threshold)
            assert one.accuracy == Estimate(
                RIGHT[both].mean(), proportion_interval(design.of_rows(both), RIGHT[both], 0.95)
            )
            assert one.coverage == Estimate(
                accepted[judging].mean(), proportion_interval(design.of_rows(judging), accepted[judging], 0.95)
            )
            assert isinstance(before.accuracy, Estimate)
            assert one.accuracy.value == before.accuracy.value
        assert last == self.CHOSEN[-1]
        assert last.threshold is None
