from __future__ import annotations

from typing import Any

import pytest
from support import sample_gate, sample_run

from harness.records import Comparison, Difference, Metric, SliceDifference
from harness.report import comparison_words, examples, flips

CLASSES = sample_run.STARS


@pytest.fixture(scope="module")
def sample():
    return sample_gate.compared(sample_run.sample(reviews=900))


def changed(sample, **changes: Any) -> Comparison:
    return sample.run.references[0].comparison.model_copy(update=changes)


def accuracy(
    low: float | None, high: float | None, value: float = -0.02, p: float | None = 0.031
) -> dict[str, Difference]:
    bounds = {"method": "Tango"} if low is not None else {"interval_reason": "2 clusters, and the interval needs 20"}
    metric = Metric(value=value, low=low, high=high, **bounds)
    return {"accuracy": Difference(candidate=0.5, baseline=0.5 - value, difference=metric, p_value=p, test="McNemar")}


class TestAccuracy:
    @pytest.mark.parametrize(
        ("low", "high", "value", "said"),
        [
            (-0.03, -0.01, -0.02, "Accuracy fell: −2.0 points (−3.0 to −1.0), p 0.031."),
            (0.01, 0.03, 0.02, "Accuracy rose: +2.0 points (+1.0 to +3.0), p 0.031."),
            (
                -0.03, 0.01, -0.01,
                "No change of accuracy can be told: −1.0 points (−3.0 to +1.0), p 0.031; "
                "one of about 2.5 points would be found in 80 of 100 comparisons.",
            ),
            (
                None, None, -0.01,
                "No change of accuracy can be told: −1.0 points, p 0.031; 2 clusters, and the interval needs 20.",
            ),
        ],
    )  # fmt: skip
    def test_says_what_the_interval_shows(self, sample, low, high, value, said):
        one = changed(sample, differences=accuracy(low, high, value), detectable_difference=0.025)

        assert comparison_words.accuracy(one).sentence == said

    def test_identical_predictions_need_no_test(self, sample):
        said = comparison_words.accuracy(changed(sample, identical=True)).sentence

        assert said == "Both predict the same class of every review: 900 reviews."


class TestWayOfLosing:
    def test_names_both_classes_and_the_share(self, sample):
        joined = examples.join(sample.predictions["builtin-shop"], sample.reviews["shop"])
        found = flips.find(joined, sample.references["builtin-shop.main"])
        was, now, number = found.ways("lost")[0]

        said = comparison_words.way_of_losing(found, CLASSES)

        assert said.claim == f"The most common loss takes {CLASSES[was]} for {CLASSES[now]}"
        assert said.figures == f"{100 * number / found.counts['lost']:.1f} % of {found.counts['lost']} lost reviews"

    def test_a_few_lost_reviews_tell_nothing(self, sample):
        joined = examples.join(sample.predictions["builtin-shop"], sample.reviews["shop"])
        same = flips.find(joined, sample.predictions["builtin-shop"])

        assert comparison_words.way_of_losing(same, CLASSES) is None


def part(value: str, difference: float, p: float | None, *, warning: bool) -> SliceDifference:
    return SliceDifference(
        column="language", value=value, reviews=300, p_value=p, adjusted_p_value=p, correction="Holm over 2 slices",
        difference=Metric(value=difference, low=difference - 0.03, high=difference + 0.03, method="Tango"),
        warning=warning,
    )  # fmt: skip


class TestSlices:
    def test_worst_that_chance_hardly_explains_is_told_with_the_number_of_others(self, sample):
        parts = (part("en", -0.05, 0.01, warning=True), part("de", -0.08, 0.002, warning=True))

        said = comparison_words.slices(changed(sample, slices=parts)).sentence

        assert said == "language = de got worse: −8.0 points (−11.0 to −5.0), corrected p 0.002; 1 other slice too."

    def test_none_is_said_only_of_slices_that_were_tested(self, sample):
        quiet = (part("en", -0.01, 0.4, warning=False), part("de", 0.02, None, warning=False))

        said = comparison_words.slices(changed(sample, slices=quiet)).sentence

        assert said == ("No slice is worse beyond what chance explains: 1 slice, p values corrected for their number.")
        assert comparison_words.slices(changed(sample, slices=quiet[1:])) is None


class TestProbabilities:
    def test_a_change_that_predicted_classes_hide_is_told(self, sample):
        found = sample.run.references[0].comparison
        difference = found.differences["negative_log_likelihood"].difference

        said = comparison_words.probabilities(found)

        assert difference.low > 0
        assert said.claim == "The probabilities became worse"
        assert said.figures.startswith(f"negative log-likelihood +{difference.value:.3f} (")

    def test_nothing_is_said_of_a_change_that_its_figures_do_not_show(self, sample):
        metric = Metric(value=0.001, low=0.0002, high=0.0018, method="paired")
        tiny = Difference(candidate=1.001, baseline=1.0, difference=metric)

        assert comparison_words.probabilities(changed(sample, differences={"negative_log_likelihood": tiny})) is None

    def test_nothing_is_said_where_the_interval_holds_0(self, sample):
        assert comparison_words.probabilities(changed(sample, differences=accuracy(-0.01, 0.01))) is None
