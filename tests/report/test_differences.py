from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import sample_run
from support.sample_run import STARS

from harness import comparison, slicing
from harness.records import Comparison, Difference, Metric, SliceDifference
from harness.report import differences
from harness.report.quantities import grouped, quantity

from .injections import INJECTIONS
from .printing import coloured, printed


def compared(reviews: int = 600, *, same: bool = False, ordinal: bool = True, **options: Any) -> Comparison:
    """Two classifiers on the same reviews, the candidate the better one in German."""
    generator = np.random.default_rng(7)
    table = sample_run.review_table(reviews, generator)
    gold, candidate = sample_run.predicted(table, len(STARS), generator)
    seen = gold + generator.normal(0, 1.1, reviews)
    powers = np.exp(-1.9 * np.abs(np.arange(len(STARS))[None, :] - seen[:, None]))
    baseline = candidate if same else (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    slices = slicing.columns_of(table, ["language"], None)
    asked = {"names": ("b.npz", "a.npz"), "slices": slices, "resamples": 200} | options
    return comparison.compare(candidate, baseline, gold, ordinal=ordinal, **asked)


@pytest.fixture(scope="module")
def one() -> Comparison:
    return compared()


@pytest.fixture(scope="module")
def text(one: Comparison) -> str:
    return printed(one, differences.show)


def with_differences(one: Comparison, **changed: Difference) -> Comparison:
    return one.model_copy(update={"differences": changed})


def in_one_line(text: str) -> str:
    return " ".join(text.split())


class TestShow:
    def test_opens_with_the_candidate_the_baseline_and_the_examples(self, text):
        assert text.lstrip().startswith("b.npz against a.npz: 600 examples\n")

    def test_both_sides_stand_with_their_difference_its_interval_and_its_p_value(self, one, text):
        found = one.differences["accuracy"]
        line = next(line for line in text.splitlines() if line.startswith("Accuracy  "))

        assert line.split() == [
            "Accuracy",
            f"{100 * found.baseline:.1f}",
            "%",
            f"{100 * found.candidate:.1f}",
            "%",
            f"+{100 * found.difference.value:.1f}",
            "points",
            f"+{100 * found.difference.low:.1f}",
            "to",
            f"+{100 * found.difference.high:.1f}",
            f"{found.p_value:.3f}",
        ]

    def test_difference_is_candidate_less_baseline(self, one, text):
        line = next(line for line in text.splitlines() if line.startswith("Brier score"))

        assert one.differences["brier_score"].candidate < one.differences["brier_score"].baseline
        assert line.split()[4].startswith("−")

    def test_every_metric_has_a_row_in_the_order_of_an_evaluation(self, one):
        lines = printed(one, differences.show, width=200).splitlines()
        starts = [line.split("  ")[0] for line in lines]
        places = [starts.index(quantity(name).label) for names in grouped(one.differences).values() for name in names]

        assert len(places) == len(one.differences)
        assert places == sorted(places)

    def test_reason_against_an_interval_stands_once_with_all_whom_it_concerns(self, one):
        bare = Difference(
            candidate=0.3,
            baseline=0.2,
            difference=Metric(value=0.1, interval_reason="it is biased"),
            reason="it is biased",
        )

        lines = printed(
            with_differences(one, overconfidence=bare, smooth_calibration_error=bare), differences.show
        ).splitlines()

        assert "no interval, since it is biased: SmoothECE, Over-confidence" in [line.rstrip() for line in lines]
        assert next(line for line in lines if line.startswith("SmoothECE")).split()[1:] == [
            "0.200", "0.300", "+0.100", "–", "–",
        ]  # fmt: skip

    def test_undefined_metric_has_no_row_and_its_reason_below(self):
        text = printed(compared(200, ordinal=False), differences.show)

        assert "not defined, since the classes have no order: Off-by-one accuracy, Mean absolute" in text
        assert [line for line in text.splitlines() if line.startswith("Mean absolute error")] == []

    @pytest.mark.parametrize(("sampling", "said"), [("97 clusters by product", True), ("independent", False)])
    def test_says_what_the_intervals_take_the_examples_for(self, one, sampling, said):
        text = printed(one.model_copy(update={"sampling": sampling}), differences.show)

        assert ("the intervals are those of 97 clusters by product" in text) is said

    def test_says_which_difference_so_many_examples_would_find(self, one, text):
        points = f"{100 * one.detectable_difference:.1f} points"

        assert f"so many examples would find a difference in accuracy of about {points} (" in in_one_line(text)

    def test_says_nothing_of_it_where_no_example_differs(self):
        assert "so many examples" not in printed(compared(100, same=True), differences.show)

    @pytest.mark.parametrize("reviews", [1, 400])
    @pytest.mark.parametrize("same", [True, False])
    def test_fits_80_columns(self, reviews, same):
        one = compared(reviews, same=same, names=("a-long-name" * 7, "b.npz"))

        assert max(len(line) for line in printed(one, differences.show).splitlines()) <= 80

    def test_reads_the_same_without_colour(self, one, text):
        assert coloured(one, differences.show) == text

    def test_no_name_moves_the_cursor_or_is_taken_for_markup(self, one):
        slices = tuple(
            one.slices[0].model_copy(update={"column": name, "value": name}) for name in ("[red]x[/]", *INJECTIONS)
        )
        hostile = one.model_copy(update={"candidate": "[red]\x1b[31m", "baseline": INJECTIONS[0], "slices": slices})

        text = printed(hostile, differences.show, width=400)

        assert "\x1b" not in text
        assert text.lstrip().startswith(f"[red]?[31m against {INJECTIONS[0]}: 600 examples")
        assert "[red]x[/] = [red]x[/]" in text


class TestFlips:
    def test_are_counted_each_way(self, one, text):
        flips = one.flips
        line = text.splitlines()[text.splitlines().index("Flips") + 1]

        assert line.startswith(
            f"{flips.gained} wrong → right · {flips.lost} right → wrong · {flips.changed_wrong} wrong"
        )
        assert f"{flips.both_wrong} the same mistake" in text

    def test_identical_predictions_say_so(self):
        one = compared(100, same=True)

        assert one.identical
        assert "none: both predict the same class of every example" in printed(one, differences.show)

    def test_identical_predictions_differ_by_nothing(self):
        text = printed(compared(100, same=True), differences.show)
        line = next(line for line in text.splitlines() if line.startswith("Macro-F1"))

        assert line.split()[3:] == ["0.000", "–", "1.000"]
        assert "no interval, since the predicted classes are identical: Balanced accuracy" in text


class TestSliceDifferences:
    def sliced(self, one: Comparison, **changes: Any) -> list[str]:
        changed = SliceDifference(**{
            "column": "language", "value": "de", "reviews": 1200, "p_value": 0.01, "adjusted_p_value": 0.02,
            "difference": Metric(value=-0.051, low=-0.092, high=-0.01, method="Tango"),
            "correction": "Holm over 2 slices", "warning": True,
        } | changes)  # fmt: skip
        text = printed(one.model_copy(update={"slices": (changed,)}), differences.show)
        return text[text.index("Accuracy by slice") :].splitlines()

    def test_each_slice_has_its_difference_and_a_worse_one_is_marked_in_words(self, one):
        line = self.sliced(one)[3]

        assert " ".join(line.split()) == "language = de 1,200 −5.1 points −9.2 to −1.0 0.020 worse"

    def test_slice_that_is_not_worse_has_no_mark(self, one):
        assert self.sliced(one, warning=False)[3].split()[-1] == "0.020"

    def test_correction_is_named(self, one):
        assert self.sliced(one)[-1].rstrip() == (
            "p adjusted by Holm over 2 slices; the intervals hold for all slices together"
        )

    def test_slice_without_an_interval_has_a_dash_and_its_reason(self, one):
        bare = Metric(value=-0.1, interval_reason="1 cluster, and the interval needs 20")

        lines = self.sliced(one, difference=bare, p_value=None, adjusted_p_value=None, correction="", warning=False)

        assert lines[3].split()[3:] == ["1,200", "−10.0", "points", "–", "–"]
        assert lines[-1] == "no interval, since 1 cluster, and the interval needs 20: language = de"

    def test_slices_of_a_comparison_are_all_there(self, text):
        assert [line.split()[2] for line in text.splitlines() if line.startswith("language = ")] == ["de", "en"]

    def test_without_slices_there_is_no_table(self):
        assert "Accuracy by slice" not in printed(compared(100, slices=()), differences.show)
