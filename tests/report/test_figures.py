from __future__ import annotations

from typing import Any

import pytest
from support import sample_run
from support.sample_run import STARS

from harness.records import Figures, Metric, Score, Selective, SliceColumn, Threshold
from harness.report import figures
from harness.report.quantities import QUANTITIES, quantity

from .injections import INJECTIONS
from .printing import coloured, drawn, printed


def scored(
    reviews: int = 600, classes: tuple[str, ...] = STARS, *, ordinal: bool = True, sliced: bool = True, **changes: Any
) -> Score:
    """The score of a file, its figures computed from predictions."""
    sample = sample_run.sample(reviews=reviews, classes=classes, ordinal=ordinal)
    record = sample.run.evaluations[0]
    kept = {name: getattr(record, name) for name in Figures.model_fields}
    return Score(
        **kept | ({} if sliced else {"slices": ()}) | {
            "source": "predictions.npz", "classes": classes, "ordinal": ordinal, "counts": {"evaluated": reviews},
        } | changes
    )  # fmt: skip


@pytest.fixture(scope="module")
def one() -> Score:
    return scored()


@pytest.fixture(scope="module")
def text(one: Score) -> str:
    return printed(one, figures.score)


def line_of(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(start))


class TestScore:
    def test_opens_with_the_file_its_examples_and_its_classes(self, text):
        assert text.lstrip().startswith("predictions.npz: 600 examples, 5 classes\n")

    def test_one_example_is_no_examples(self):
        assert "predictions.npz: 1 example, 5 classes" in printed(scored(1, sliced=False), figures.score)

    def test_what_was_assumed_in_reading_the_file_comes_next(self):
        text = printed(scored(60, notes=("the labels count from 1", "'row', a list, is left out")), figures.score)

        assert text.splitlines()[2:4] == ["note: the labels count from 1", "note: 'row', a list, is left out"]

    def test_everything_is_there_in_its_order(self, text):
        parts = [
            "metric ",
            "Classification",
            "Probabilities",
            "Calibration",
            "Selective prediction",
            "Confusion: rows are labels, columns predictions",
            "Classes",
            "Reliability: how sure it says it is, and how often it is right",
            "Calibration, before and after temperature scaling",
            "Thresholds of confidence: chosen on one half, judged on the other",
            "Slices by language",
            "Slices by domain",
            "Slices by length in tokens",
        ]
        places = [text.index(f"\n{part}") for part in parts]

        assert places == sorted(places)
        assert "Slices by product" not in text

    @pytest.mark.parametrize(
        ("reviews", "classes"),
        [
            (1, STARS),
            (400, STARS),
            (400, ("negative", "positive")),
            (400, tuple(f"a rather long class name {k}" for k in range(5))),
            (400, tuple(f"class {k}" for k in range(8))),
            (400, tuple(f"intent {k}" for k in range(12))),
        ],
    )
    def test_fits_80_columns(self, reviews, classes):
        text = printed(scored(reviews, classes, source="a-long-name" * 7 + ".parquet"), figures.score)

        assert max(len(line) for line in text.splitlines()) <= 80

    def test_reads_the_same_without_colour(self, one, text):
        assert coloured(one, figures.score) == text

    def test_no_name_moves_the_cursor_or_is_taken_for_markup(self):
        columns = tuple(
            each.model_copy(update={"name": "\x1b[2Jby", "slices": tuple(
                cut.model_copy(update={"value": name}) for cut, name in zip(each.slices, INJECTIONS, strict=False)
            )})
            for each in scored(100).slices if each.slices
        )  # fmt: skip
        hostile = scored(
            100, ("[bold red]x[/]", "\x1b[2Jcleared", *INJECTIONS[:6]), ordinal=False, slices=columns,
            source="[red]\x1b[31m.csv", notes=INJECTIONS,
        )  # fmt: skip

        text = printed(hostile, figures.score, width=400)

        assert "\x1b" not in text
        assert text.lstrip().startswith("[red]?[31m.csv: 100 examples")
        assert "[bold red]x[/]" in text
        assert "Slices by ?[2Jby" in text


class TestMetrics:
    def test_full_has_every_metric_with_its_value_its_interval_and_which_way_is_better(self, one):
        lines = drawn(figures.metrics(one, "stars", full=True))

        for name, metric in one.metrics.items():
            (line,) = [line for line in lines if line.startswith(f"{quantity(name).label}  ")]
            assert line.endswith(quantity(name).better)
            assert metric.value is not None
        error = next(line for line in lines if line.startswith("Mean absolute error"))
        assert error.split()[3:5] == [f"{one.metrics['mean_absolute_error'].value:.3f}", "stars"]

    def test_otherwise_the_essential_ones_stand_without_groups_and_the_way_to_the_others(self, one):
        lines = drawn(figures.metrics(one, "stars"))

        assert [line for line in lines if line.startswith("Classification")] == []
        labels = {quantity(name).label for name in figures.ESSENTIAL}
        assert sum(line.startswith(tuple(f"{label}  " for label in labels)) for line in lines) == len(labels)
        assert lines[-1] == "every metric: harness show --full, or the page"

    def test_a_missing_interval_is_explained_below(self, one):
        reason = one.metrics["expected_calibration_error"].interval_reason

        text = " ".join(drawn(figures.metrics(one, "stars")))

        assert f"no interval, since {reason}: Calibration error" in text

    def test_essential_metrics_are_metrics(self):
        assert [name for name in figures.ESSENTIAL if name not in QUANTITIES] == []

    def test_run_of_an_older_version_shows_those_that_it_has(self, one):
        old = one.model_copy(update={"metrics": {name: one.metrics[name] for name in ("accuracy", "macro_f1")}})

        assert len(drawn(figures.metrics(old, "stars"))) == 5

    def test_undefined_metrics_are_named_below_with_their_reason_once(self, one):
        missing = {"value": None, "reason": "no review is labelled"}
        changed = one.metrics | {name: Metric(**missing) for name in ("accuracy", "temperature")}

        lines = drawn(figures.metrics(one.model_copy(update={"metrics": changed}), "", full=True))

        assert "not defined, since no review is labelled: Accuracy, Temperature" in lines
        assert [line for line in lines if line.startswith("Accuracy  ")] == []

    def test_metric_without_an_interval_has_a_dash(self, one):
        line = line_of("\n".join(drawn(figures.metrics(one, "", full=True))), "SmoothECE")

        assert line.split()[1:] == [f"{one.metrics['smooth_calibration_error'].value:.3f}", "–", "lower"]

    @pytest.mark.parametrize(
        ("sampling", "said"),
        [("97 clusters by product", ["the intervals are those of 97 clusters by product"]), ("independent", [])],
    )
    def test_says_what_the_intervals_take_the_examples_for(self, one, sampling, said):
        lines = drawn(figures.metrics(one.model_copy(update={"sampling": sampling}), "", full=True))

        assert [line for line in lines if line.startswith("the intervals")] == said


class TestStep:
    @pytest.mark.parametrize(
        ("classes", "ordinal", "unit"),
        [(STARS, True, "stars"), (("bad", "good"), True, "classes"), (STARS, False, "")],
    )
    def test_distances_are_counted_in_what_the_classes_are_called(self, classes, ordinal, unit):
        assert figures.step(classes, ordinal) == unit


class TestCalibrated:
    def test_each_figure_stands_before_and_after(self, one):
        lines = drawn(figures.calibrated(one))
        before, after = (m["negative_log_likelihood"] for m in (one.metrics, one.calibrated.metrics))

        assert lines[0].split() == ["metric", "before", "after", "interval", "after"]
        assert line_of("\n".join(lines), "Negative log-likelihood").split()[2:] == [
            f"{before.value:.3f}",
            f"{after.value:.3f}",
            f"{after.low:.3f}–{after.high:.3f}",
        ]
        assert len(lines) == len(one.calibrated.metrics) + 3

    def test_says_which_temperatures_and_that_no_review_chose_its_own(self, one):
        folds = one.calibrated.temperatures

        assert drawn(figures.calibrated(one))[-1] == (
            f"temperature {min(folds):.3f} to {max(folds):.3f} in {len(folds)} folds, each applied to the others only"
        )

    def test_metric_that_is_undefined_before_and_after_is_left_out(self):
        nominal = scored(300, ("a", "b", "c"), ordinal=False)

        assert nominal.calibrated.metrics["ranked_probability_score"].value is None
        assert "Ranked probability score" not in "\n".join(drawn(figures.calibrated(nominal)))

    def test_says_why_there_is_none(self):
        few = scored(3, sliced=False)

        assert few.calibrated_reason
        assert " ".join(drawn(figures.calibrated(few))) == f"not scaled: {few.calibrated_reason}"

    def test_run_of_an_older_version_was_not_scaled(self, one):
        old = one.model_copy(update={"calibrated": None, "calibrated_reason": None})

        assert drawn(figures.calibrated(old)) == ["not scaled: this run did not"]


def offering(*thresholds: Threshold) -> Score:
    return scored(30).model_copy(
        update={"selective": Selective(coverage=(1.0,), risk=(0.2,), threshold=(0.4,), thresholds=thresholds)}
    )


class TestThresholds:
    def test_each_wanted_accuracy_has_its_threshold_and_what_it_gives_on_the_other_half(self):
        one = offering(
            Threshold(
                wanted=0.9,
                threshold=0.8125,
                accuracy=Metric(value=0.913, low=0.88, high=0.94, method="Wilson"),
                coverage=Metric(value=0.402, low=0.36, high=0.44, method="Wilson"),
            )
        )

        lines = drawn(figures.thresholds(one))

        assert " ".join(lines[0].split()) == "wanted accuracy accept from accuracy interval accepted"
        assert lines[2].split() == ["90", "%", "0.812", "91.3", "%", "88.0–94.0", "%", "40.2", "%"]

    def test_accuracy_that_no_threshold_gives_comes_with_its_reason(self):
        reason = Metric(value=None, reason="no threshold reaches it")

        lines = drawn(
            figures.thresholds(offering(Threshold(wanted=0.99, threshold=None, accuracy=reason, coverage=reason)))
        )

        assert lines[-1] == "99 %: no threshold reaches it"
        assert len(lines) == 3

    def test_threshold_that_accepts_nothing_of_the_other_half_has_dashes(self):
        nothing = Metric(value=None, reason="it accepts no example of the other half")
        none_of_them = Metric(value=0.0, low=0.0, high=0.1, method="Wilson")

        lines = drawn(
            figures.thresholds(offering(Threshold(wanted=0.9, threshold=0.97, accuracy=nothing, coverage=none_of_them)))
        )

        assert lines[2].split() == ["90", "%", "0.970", "–", "–", "0", "%"]

    def test_run_of_an_older_version_has_no_such_table(self, one):
        text = printed(one.model_copy(update={"selective": None}), figures.score)

        assert "Thresholds of confidence" not in text


class TestSlices:
    def test_each_slice_has_its_reviews_its_accuracy_and_the_metrics_beside_it(self, one):
        (language, *_) = one.slices
        first = language.slices[0]

        lines = drawn(figures.slices(language))

        assert lines[0].split() == ["language", "reviews", "accuracy", "interval", "macro-F1", "MAE", "ECE"]
        accuracy = first.metrics["accuracy"]
        assert lines[2].split() == [
            "de",
            str(first.reviews),
            f"{100 * accuracy.value:.1f}",
            "%",
            f"{100 * accuracy.low:.1f}–{100 * accuracy.high:.1f}",
            "%",
            *(f"{first.metrics[name].value:.3f}" for name in figures.SLICED[1:]),
        ]

    def test_says_that_the_intervals_hold_together_and_at_which_level_each(self, one):
        assert drawn(figures.slices(one.slices[0]))[-1] == "intervals hold for all 2 slices together (97.5 % each)"

    def test_metric_that_no_slice_defines_has_no_column(self):
        nominal = scored(200, ("a", "b", "c"), ordinal=False)

        assert drawn(figures.slices(nominal.slices[0]))[0].split() == [
            "language", "reviews", "accuracy", "interval", "macro-F1", "ECE",
        ]  # fmt: skip

    def test_column_with_too_many_values_has_no_table(self, one):
        many = SliceColumn(name="product", values=97, level=0.95, slices=())
        text = printed(one.model_copy(update={"slices": (many,)}), figures.score)

        assert "Slices by" not in text
