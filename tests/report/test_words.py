from __future__ import annotations

import numpy as np
import pytest
from support import sample_run
from support.sample_run import STARS

from harness.evaluation import as_metric
from harness.records import Evaluation, Metric, ReliabilityBin, StageSeconds
from harness.report import words
from harness.report.slices import Column, Slice
from harness.statistics import Estimate, wilson


def evaluation(confusion: list[list[int]], classes=STARS, *, ordinal: bool = True, **changes) -> Evaluation:
    """An evaluation with this confusion matrix, every prediction with a confidence of 0.9."""
    counts = np.array(confusion)
    gold, predicted = (np.repeat(each.ravel(), counts.ravel()) for each in np.indices(counts.shape))
    others = 0.1 / (len(classes) - 1)
    probabilities = np.full((len(gold), len(classes)), others, dtype=np.float32)
    probabilities[np.arange(len(gold)), predicted] = 0.9
    record = sample_run.evaluation("builtin", "shop", classes, gold, probabilities, ordinal=ordinal)
    return record.model_copy(update=changes)


def near(errors: int, far: int = 0, lean: float = 0.5) -> list[list[int]]:
    """Five stars with 100 right of each, `errors` one off and `far` two off; `lean` of the errors too high."""
    counts = np.diag([100] * 5)
    counts[2, 3], counts[2, 1] = round(errors * lean), errors - round(errors * lean)
    counts[2, 4], counts[2, 0] = round(far * lean), far - round(far * lean)
    return counts.tolist()


class TestErrors:
    def test_says_that_most_are_one_star_off(self):
        assert words.errors(evaluation(near(90, 10))).sentence == "Most errors are one star off: 90.0 % of 100 errors."

    def test_says_that_most_are_further_off(self):
        found = words.errors(evaluation(near(20, 60)))

        assert found.sentence == "Most of the errors are two stars off or more: 75.0 % of 80 errors."

    def test_half_is_not_called_most(self):
        found = words.errors(evaluation(near(40, 40)))

        assert found.sentence == "Half of the errors are two stars off or more: 50.0 % of 80 errors."

    def test_says_which_way_they_lean_where_chance_would_not_send_them_there(self):
        assert words.errors(evaluation(near(90, 10, lean=0.7))).figures.endswith(
            "; 70 % of all errors are too many stars"
        )
        assert words.errors(evaluation(near(90, 10, lean=0.2))).figures.endswith(
            "; 80 % of all errors are too few stars"
        )
        assert "too" not in words.errors(evaluation(near(90, 10, lean=0.55))).figures

    def test_scale_without_a_common_word_counts_in_classes(self):
        found = words.errors(evaluation([[9, 1, 0], [0, 9, 0], [0, 0, 9]], ("bad", "fair", "good")))

        assert found.sentence == "Most errors are one class off: 100 % of 1 error."

    def test_names_the_most_common_confusion_where_classes_have_no_order(self):
        counts = [[50, 3, 0], [12, 40, 5], [0, 0, 60]]

        found = words.errors(evaluation(counts, ("anger", "fear", "joy"), ordinal=False))

        assert found.sentence == "The most common error takes fear for anger: 60.0 % of 20 errors."

    def test_two_classes_are_never_further_than_one_apart_and_so_name_the_confusion(self):
        found = words.errors(evaluation([[9, 3], [1, 9]], ("negative", "positive")))

        assert found.claim == "The most common error takes negative for positive"

    def test_says_so_where_nothing_is_wrong(self):
        assert words.errors(evaluation(near(0))).sentence == "No review is classified wrongly: 500 reviews."


def bins(*filled: tuple[int, float, float]) -> tuple[ReliabilityBin, ...]:
    """15 bins of which the last ones are filled with (reviews, says, right)."""
    edges = np.linspace(0, 1, 16)
    empty = Metric(value=None, reason="no review")
    contents = [None] * (15 - len(filled)) + list(filled)
    return tuple(
        ReliabilityBin(low=low, high=high, count=0, mean_confidence=None, accuracy=empty)
        if content is None
        else ReliabilityBin(
            low=low, high=high, count=content[0], mean_confidence=content[1],
            accuracy=Metric(value=content[2], interval_reason="not asked"),
        )
        for low, high, content in zip(edges[:-1], edges[1:], contents, strict=True)
    )  # fmt: skip


class TestCalibration:
    def of(self, *filled, gap=None, sampling="independent"):
        """Of bins, with the metric `confidence_gap` or without it as in the first records."""
        record = evaluation(near(0), reliability=bins(*filled), sampling=sampling)
        metrics = {name: metric for name, metric in record.metrics.items() if name != "confidence_gap"}
        if gap is not None:
            metrics["confidence_gap"] = gap
        return words.calibration(record.model_copy(update={"metrics": metrics}))

    def test_says_over_confident_where_the_interval_lies_below_what_it_says(self):
        assert self.of((100, 0.9, 0.7), (100, 0.98, 0.8)).sentence == (
            "Over-confident above 0.87: it says 94.0 % and is right 75.0 % of the time (200 reviews)."
        )

    def test_says_under_confident_where_the_interval_lies_above_what_it_says(self):
        assert self.of((1000, 0.9, 0.97), (0, 0.95, 1.0)).claim == "Under-confident above 0.87"

    def test_claims_no_difference_that_the_interval_does_not_support(self):
        assert self.of((30, 0.9, 0.86), (30, 0.95, 0.93)).claim == "No miscalibration shows above 0.87"

    def test_few_sure_predictions_are_counted_and_not_judged(self):
        assert self.of((100, 0.8, 0.7), (5, 0.9, 0.2), (4, 0.95, 0.1)).sentence == (
            "Confidence is rarely above 0.87: 9 of 109 reviews."
        )

    @pytest.mark.parametrize(
        ("low", "high", "claim"),
        [(0.01, 0.2, "Over-confident on the whole"), (-0.2, -0.01, "Under-confident on the whole")],
    )
    @pytest.mark.parametrize("sampling", ["independent", "97 clusters by product"])
    def test_whole_is_judged_by_the_interval_of_the_confidence_gap(self, low, high, claim, sampling):
        gap = Metric(value=(low + high) / 2, low=low, high=high, method="normal")

        assert self.of((500, 0.6, 0.5), (30, 0.9, 0.9), (30, 0.95, 0.93), gap=gap, sampling=sampling).claim == claim

    def test_whole_is_not_judged_where_the_gap_may_be_none(self):
        gap = Metric(value=0.1, low=-0.01, high=0.21, method="normal")

        assert self.of((500, 0.6, 0.5), (30, 0.9, 0.9), (30, 0.95, 0.93), gap=gap).claim == (
            "No miscalibration shows above 0.87"
        )

    def test_record_without_the_gap_is_judged_by_its_bins(self):
        assert self.of((500, 0.6, 0.5), (30, 0.9, 0.9), (30, 0.95, 0.93)).claim == "Over-confident on the whole"

    def test_nothing_is_claimed_of_clusters_without_any_interval(self):
        gap = Metric(value=0.2, interval_reason="2 clusters, and the interval needs 20")

        assert self.of((100, 0.9, 0.7), (100, 0.98, 0.8), gap=gap, sampling="2 clusters by language") is None

    @pytest.mark.parametrize(
        ("bounds", "claim"),
        [
            (((0.6, 0.8), (0.7, 0.9)), "Over-confident above 0.87"),
            (((0.92, 0.99), (0.985, 1.0)), "Under-confident above 0.87"),
            (((0.6, 0.95), (0.7, 0.99)), "No miscalibration shows above 0.87"),
            (((0.6, 0.8), (0.7, 0.99)), None),
            (((0.6, 0.8), None), None),
        ],
    )
    def test_sure_bins_of_clusters_are_judged_by_their_own_intervals(self, bounds, claim):
        contents = bins((100, 0.9, 0.7), (100, 0.98, 0.8))
        accuracies = [
            Metric(value=0.8, low=each[0], high=each[1], method="cluster-robust") if each
            else Metric(value=0.8, interval_reason="3 clusters, and the interval needs 20")
            for each in bounds
        ]  # fmt: skip
        sure = [
            one.model_copy(update={"accuracy": accuracy})
            for one, accuracy in zip(contents[-2:], accuracies, strict=True)
        ]
        record = evaluation(near(0), reliability=(*contents[:-2], *sure), sampling="97 clusters by product")
        gap = Metric(value=0.1, low=-0.1, high=0.3, method="cluster-robust")

        found = words.calibration(record.model_copy(update={"metrics": {**record.metrics, "confidence_gap": gap}}))

        assert (found.claim if found else None) == claim


class TestHardestClass:
    def test_is_the_one_with_the_lowest_f1(self):
        counts = [[90, 10, 0], [30, 50, 20], [0, 10, 90]]

        found = words.hardest_class(evaluation(counts, ("bad", "fair", "good")))

        assert found.sentence == (
            "fair has the lowest F1, 0.588: 50.0 % of its 100 reviews are found, "
            "and 71.4 % of its predictions are right."
        )

    def test_class_that_is_never_predicted_comes_first(self):
        found = words.hardest_class(evaluation([[5, 0], [7, 0]], ("bad", "good")))

        assert found.sentence == "good is never predicted: 7 reviews carry it."

    def test_class_without_reviews_is_not_called_hard(self):
        assert words.hardest_class(evaluation([[5, 4], [0, 0]], ("bad", "good"))) is None


def column(name: str, **accuracies: tuple[int, int]) -> Column:
    cut = tuple(
        Slice(value, reviews, as_metric(Estimate(correct / reviews, wilson(correct, reviews, 0.975))))
        for value, (reviews, correct) in accuracies.items()
    )
    return Column(name, cut, len(cut))


class TestBestAndWorst:
    def test_names_both_where_their_intervals_are_apart(self):
        found = words.best_and_worst([column("language", en=(1000, 700), de=(1000, 500), fr=(1000, 600))])

        assert found.sentence == "By language, en is best and de worst: 70.0 % against 50.0 % accuracy."

    def test_says_that_no_difference_can_be_told_where_they_overlap(self):
        found = words.best_and_worst([column("language", en=(50, 30), de=(50, 28))])

        assert (
            found.sentence
            == "No difference by language can be told: 56.0 % to 60.0 % accuracy, and the intervals overlap."
        )

    def test_claims_neither_a_difference_nor_an_overlap_of_intervals_that_are_not_there(self):
        bare = [
            Slice(value, 50, Metric(value=accuracy, interval_reason="3 clusters, and the interval needs 20"))
            for value, accuracy in (("en", 0.9), ("de", 0.2))
        ]

        found = words.best_and_worst([Column("language", tuple(bare), 2)])

        assert (
            found.sentence == "No difference by language can be told: 20.0 % to 90.0 % accuracy, without an interval."
        )

    def test_language_comes_before_a_column_that_differs_more(self):
        domain = column("domain", books=(1000, 900), toys=(1000, 100))
        language = column("language", en=(50, 30), de=(50, 28))

        assert "language" in words.best_and_worst([domain, language]).claim
        assert words.best_and_worst([domain]).claim == "By domain, books is best and toys worst"

    def test_slice_of_a_handful_is_neither_best_nor_worst(self):
        found = words.best_and_worst([column("language", en=(1000, 700), de=(1000, 500), nl=(3, 0))])

        assert "nl" not in found.claim
        assert words.best_and_worst([column("language", en=(1000, 700), nl=(3, 0))]) is None


class TestTime:
    def test_names_the_stage_that_takes_most(self):
        stages = StageSeconds(tokenize=0.5, forward=9.3, softmax=0.2, wall=9.6)

        found = words.time(evaluation(near(0), stage_seconds=stages))

        assert found.sentence == "Forward takes 93 % of the time of the stages: 9.30 s of 10.0 s."

    def test_says_why_there_are_no_timings(self):
        found = words.time(evaluation(near(0), stage_seconds=None, timing_reason="predictions were reused"))

        assert found.sentence == "The stages were not timed: predictions were reused."


class TestCut:
    @pytest.mark.parametrize(("cut", "said"), [(0, False), (5, False), (6, True)])
    def test_is_said_from_more_than_one_in_a_hundred(self, cut, said):
        record = evaluation(near(0))
        record = record.model_copy(update={"counts": record.counts.model_copy(update={"cut": cut})})

        assert (words.cut(record) is not None) is said


class TestFindings:
    def test_each_names_a_section_that_holds_its_evidence(self):
        found = words.findings(evaluation(near(90, 10)), [column("language", en=(100, 70), de=(100, 40))])

        assert found == words.findings(evaluation(near(90, 10)), (column("language", en=(100, 70), de=(100, 40)),))
        assert [one.evidence for one in found] == ["confusion", "reliability", "classes", "slices", "time"]
