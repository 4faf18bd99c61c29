from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import re
from typing import Any

import pytest
from support import sample_run

from harness.errors import RunError
from harness.evaluation import evaluate
from harness.records import Metric, ReliabilityBin, Threshold
from harness.report import page, view
from harness.report.quantities import grouped, quantity
from harness.statistics.design import Design

from .injections import INJECTIONS

VOID = {"meta", "link", "br"}


class Reader(html.parser.HTMLParser):
    """What a browser would find: tags with their attributes, and the text inside of them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.texts.append(data)

    def attributes(self, name: str) -> list[str]:
        return [attributes[name] or "" for _, attributes in self.tags if name in attributes]

    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts)).replace("\N{NO-BREAK SPACE}", " ")


def rendered(sample: sample_run.SampleRun) -> str:
    return page.page(sample.run, sample.predictions, sample.reviews, sample.references)


@pytest.fixture(scope="module")
def sample():
    return sample_run.sample(reviews=600)


@pytest.fixture(scope="module")
def written(sample) -> str:
    return rendered(sample)


@pytest.fixture(scope="module")
def read(written) -> Reader:
    return Reader(written)


def hostile() -> sample_run.SampleRun:
    """Injections wherever a user's words can come from."""
    classes = INJECTIONS[:6]
    sample = sample_run.sample(
        reviews=400, classes=classes, text_of=INJECTIONS, sets=("shop", INJECTIONS[1]), ordinal=False,
        classifiers=("builtin", INJECTIONS[3]), warnings=INJECTIONS, timings=False,
        name=INJECTIONS[0], notes=INJECTIONS, settings={"model": list(INJECTIONS), INJECTIONS[2]: INJECTIONS[4]},
    )  # fmt: skip
    for name, table in sample.reviews.items():
        values = [INJECTIONS[k % 12] for k in range(table.num_rows)]
        column = table.column_names.index("language")
        sample.reviews[name] = table.set_column(column, INJECTIONS[7], [values])
    sets = tuple(one.model_copy(update={"columns": (INJECTIONS[7],)}) for one in sample.run.review_sets)
    sample.run = sample.run.model_copy(update={"review_sets": sets})
    return sample


class TestPage:
    def test_every_tag_is_closed(self, read):
        assert read.unbalanced == []
        assert read.open == []

    def test_headline_numbers_stand_with_their_intervals(self, sample, read):
        metric = sample.run.evaluations[0].metrics["accuracy"]

        assert f"Accuracy {metric.value * 100:.1f} % {metric.low * 100:.1f}–{metric.high * 100:.1f} %" in read.text()

    def test_every_sentence_and_every_other_link_leads_to_a_part_of_the_page(self, read):
        ids = read.attributes("id")
        links = [link for link in read.attributes("href") if not re.fullmatch(r"#e\d+-cell-\d+-\d+|data:,", link)]

        assert len(ids) == len(set(ids))
        assert {link.removeprefix("#") for link in links} <= set(ids)
        assert {"#e1-confusion", "#e1-reliability", "#e1-classes", "#e1-slices", "#e1-time"} <= set(links)
        assert {"#e1-calibration", "#e1-thresholds", "#e1-numbers"} <= set(links)

    def test_confusion_is_a_table_whose_cells_name_label_and_prediction(self, sample, read):
        number = sample.run.evaluations[0].confusion[2][3]
        spoken = [
            label for label in read.attributes("aria-label") if label.startswith(f"{number} reviews labelled 3 stars")
        ]

        assert spoken[0].startswith(f"{number} reviews labelled 3 stars, predicted 4 stars: ")

    def test_slices_of_kept_columns_are_there_and_the_column_with_too_many_values_is_named(self, read):
        assert "By language" in read.text()
        assert "By domain" in read.text()
        assert "product has 97 different values, too many for slices." in read.text()

    def test_run_without_texts_says_so_and_shows_ids(self):
        text = Reader(rendered(sample_run.sample(reviews=200, texts=False))).text()

        assert "This run keeps no review texts: ids are shown instead." in text
        assert re.search(r"\br000\d\d\d\b", text)

    def test_missing_timings_come_with_their_reason(self):
        text = Reader(rendered(sample_run.sample(reviews=200, timed=False))).text()

        assert "Not timed: the predictions were reused from an earlier run." in text

    def test_interrupted_run_says_so(self):
        assert (
            "This run was interrupted." in Reader(rendered(sample_run.sample(reviews=60, status="interrupted"))).text()
        )

    def test_label_warnings_come_before_the_numbers(self):
        text = Reader(rendered(sample_run.sample(reviews=60, warnings=["another order fits better"]))).text()

        assert text.index("Check the labels: another order fits better") < text.index("Off-by-one accuracy")

    def test_several_evaluations_are_compared_first_and_link_to_their_parts(self):
        read = Reader(rendered(sample_run.sample(reviews=100, classifiers=("one", "two"), sets=("shop", "books"))))

        assert "4 evaluations side by side" in read.text()
        assert {"#e1", "#e2", "#e3", "#e4"} <= set(read.attributes("href"))
        assert {"e1", "e2", "e3", "e4"} <= set(read.attributes("id"))

    @pytest.mark.parametrize("reviews", [1, 3])
    def test_a_handful_of_reviews_makes_a_page(self, reviews):
        assert "Accuracy" in Reader(rendered(sample_run.sample(reviews=reviews))).text()

    def test_timings_alone_make_a_page(self):
        assert "Rounds of the stages" in Reader(rendered(sample_run.sample(sets=()))).text()

    def test_nothing_at_all_is_said(self):
        text = Reader(rendered(sample_run.sample(sets=(), timings=False))).text()

        assert "This run has no evaluation and no timing." in text

    def test_many_classes_list_their_most_common_confusions(self):
        classes = [f"intent {k}" for k in range(25)]

        text = Reader(rendered(sample_run.sample(reviews=500, classes=classes, ordinal=False))).text()

        assert "25 classes are too many for a matrix." in text

    def test_5000_long_reviews_weigh_less_than_3_mb(self):
        long = ["Ein Satz, der nicht enden mag, " * 60] * 5000

        assert len(rendered(sample_run.sample(reviews=5000, text_of=long)).encode()) < 3_000_000

    def test_ten_times_the_reviews_make_a_page_of_the_same_size(self):
        small, large = (len(rendered(sample_run.sample(reviews=n)).encode()) for n in (5_000, 50_000))

        assert large < 1.25 * small

    def test_is_the_same_each_time(self, sample, written):
        assert rendered(sample) == written


def section(text: str, name: str) -> str:
    """What a reader sees of one section of the first evaluation; nothing where it is not there."""
    found = re.search(rf'<section id="e1-{name}">.*?</section>', text, re.DOTALL)
    return Reader(found.group()).text().strip() if found else ""


def changed(sample: sample_run.SampleRun, **changes: Any) -> sample_run.SampleRun:
    """The same run with other fields of its evaluation."""
    (one,) = sample.run.evaluations
    run = sample.run.model_copy(update={"evaluations": (one.model_copy(update=changes),)})
    return sample_run.SampleRun(run, sample.predictions, sample.reviews)


def clustered(sample: sample_run.SampleRun, column: str) -> sample_run.SampleRun:
    """The same run with the figures of reviews that were drawn in clusters."""
    (one,) = sample.run.evaluations
    table, values = sample.predictions[one.id], sample.reviews[one.review_set][column].to_pylist()
    design = Design.of("clustered", values, column)
    figures = evaluate(table.probabilities, table.gold, table.classes, ordinal=True, design=design, resamples=50)
    return changed(sample, **dict(figures))


def classes_of(text: str) -> list[str]:
    """Of the cells and heads of tables."""
    return [attributes.get("class") or "" for tag, attributes in Reader(text).tags if tag in ("td", "th")]


def part(written: str, name: str) -> str:
    (found,) = re.findall(rf'<section id="e1-{name}">.*?</section>', written, re.DOTALL)
    return str(found)


class TestColumnKind:
    @pytest.mark.parametrize(
        ("bounds", "kind"),
        [
            ([], "number"),
            ([None, None], "number"),
            ([None, (0.1, 0.2)], "number stat"),
            ([(0.1, 0.2), (-0.053, -0.003)], "number stat wide"),
        ],
    )
    def test_has_as_much_room_as_its_longest_interval_needs(self, bounds, kind):
        metrics = [
            Metric(value=0.1, low=each[0], high=each[1], method="normal") if each
            else Metric(value=0.1, interval_reason="too few")
            for each in bounds
        ]  # fmt: skip

        assert view.column_kind("confidence_gap", metrics) == kind


class TestReliability:
    def test_table_has_the_accuracy_of_a_calibrated_classifier_beside_that_of_this_one(self, sample, written):
        one = next(each for each in sample.run.evaluations[0].reliability if each.count >= 20)

        text = section(written, "reliability")

        assert "Is right If calibrated 95 % of the time" in text
        assert (
            f"{100 * one.accuracy.low:.1f}–{100 * one.accuracy.high:.1f} % "
            f"{100 * one.expected_low:.1f}–{100 * one.expected_high:.1f} %"
        ) in text

    def test_bin_without_such_a_band_has_a_dash_where_others_have_one(self, sample):
        first, *others = (one for one in sample.run.evaluations[0].reliability if one.count)
        bare = first.model_copy(update={"expected_low": None, "expected_high": None})

        text = section(rendered(changed(sample, reliability=(bare, *others))), "reliability")

        assert len(re.findall(r"\d % –", text)) == 1

    def test_no_band_at_all_makes_no_column(self, sample):
        none = {"expected_low": None, "expected_high": None}
        bare = tuple(one.model_copy(update=none) for one in sample.run.evaluations[0].reliability)

        text = section(rendered(changed(sample, reliability=bare)), "reliability")

        assert "If calibrated" not in text
        assert "% –" not in text

    def test_caption_tells_intervals_from_gaps(self, written):
        text = section(written, "reliability")

        assert "Thin lines are 95 % intervals, thick ones the gap to the dashed line; hollow points" in text
        assert "no interval" not in text

    def test_bins_without_intervals_come_with_the_reason_in_the_caption_and_under_the_table(self):
        few = clustered(sample_run.sample(reviews=300), "language")

        text = section(rendered(few), "reliability")

        assert "Thick lines are the gap to the dashed line" in text
        assert "95 %" not in text
        assert text.count("No bin has an interval: 2 clusters, and the interval needs 20.") == 2

    @pytest.mark.parametrize(
        ("reasons", "said"),
        [
            ((None, None), ""),
            (("too few", None), "1 bin has no interval: too few"),
            (("too few", "too few", None), "2 bins have no interval: too few"),
            (("1 cluster", "2 clusters"), "No bin has an interval; of the largest: 2 clusters"),
        ],
    )
    def test_reason_is_that_of_the_largest_bin_where_they_differ(self, reasons, said):
        bins = [
            ReliabilityBin(
                low=0.2, high=0.4, count=place, mean_confidence=0.3,
                accuracy=Metric(value=0.3, interval_reason=reason) if reason
                else Metric(value=0.3, low=0.2, high=0.4, method="Wilson"),
            )
            for place, reason in enumerate(reasons, start=1)
        ]  # fmt: skip

        assert view.bins_without_interval(bins) == said


class TestCalibration:
    def test_each_figure_stands_before_and_after_with_its_interval(self, sample, written):
        (one,) = sample.run.evaluations
        before, after = (m["negative_log_likelihood"] for m in (one.metrics, one.calibrated.metrics))

        text = section(written, "calibration")

        assert text.startswith("Before and after temperature scaling")
        assert (
            f"Negative log-likelihood {before.value:.3f} {before.low:.3f}–{before.high:.3f} "
            f"{after.value:.3f} {after.low:.3f}–{after.high:.3f}"
        ) in text
        assert [name for name in one.calibrated.metrics if quantity(name).label not in text] == []

    def test_five_figures_come_first_and_every_one_is_folded_under_them(self, sample, written):
        shown, folded = part(written, "calibration").split("<details>")

        assert re.findall(r'<th scope="row" class="keep">(.*?)</th>', shown) == [
            quantity(name).label
            for name in (
                "negative_log_likelihood", "brier_score", "expected_calibration_error", "debiased_calibration_error",
                "confidence_gap",
            )
        ]  # fmt: skip
        assert "<summary>Every figure</summary>" in folded
        assert folded.count('<th scope="row"') == len(sample.run.evaluations[0].calibrated.metrics)

    def test_nothing_is_folded_where_there_is_no_more(self, sample):
        (one,) = sample.run.evaluations
        few = one.calibrated.model_copy(update={"metrics": {"brier_score": one.calibrated.metrics["brier_score"]}})

        assert "<details>" not in part(rendered(changed(sample, calibrated=few)), "calibration")

    def test_says_that_no_review_chose_its_own_temperature(self, sample, written):
        folds = sample.run.evaluations[0].calibrated.temperatures

        assert (
            "Each review is scored at a temperature fitted on other reviews "
            f"({len(folds)} folds, {min(folds):.3f} to {max(folds):.3f})."
        ) in section(written, "calibration")

    def test_metric_that_is_undefined_before_and_after_has_no_row(self):
        text = section(rendered(sample_run.sample(reviews=200, classes=("a", "b", "c"), ordinal=False)), "calibration")

        assert "Brier score" in text
        assert "Ranked probability score" not in text

    def test_says_why_there_is_none(self, sample):
        text = rendered(changed(sample, calibrated=None, calibrated_reason="every prediction is right"))

        assert section(text, "calibration").endswith("Not scaled: every prediction is right.")
        assert 'href="#e1-calibration"' not in text


def offering(sample: sample_run.SampleRun, *thresholds: Threshold) -> sample_run.SampleRun:
    selective = sample.run.evaluations[0].selective
    return changed(sample, selective=selective.model_copy(update={"thresholds": thresholds}))


class TestThresholds:
    def test_each_wanted_accuracy_has_its_threshold_and_what_it_gives(self, sample):
        one = Threshold(
            wanted=0.9,
            threshold=0.8125,
            accuracy=Metric(value=0.913, low=0.88, high=0.94, method="Wilson"),
            coverage=Metric(value=0.402, low=0.36, high=0.44, method="Wilson"),
        )

        text = section(rendered(offering(sample, one)), "thresholds")

        assert "Wanted Accept from Accuracy Accepted 90 % 0.812 91.3 % 88.0–94.0 % 40.2 % 36.0–44.0 %" in text

    def test_accuracy_that_no_threshold_gives_comes_with_its_reason(self, sample):
        reason = Metric(value=None, reason="no threshold reaches it")
        one = Threshold(wanted=0.99, threshold=None, accuracy=reason, coverage=reason)

        assert "Accepted 99 % no threshold reaches it" in section(rendered(offering(sample, one)), "thresholds")

    def test_column_of_intervals_is_there_only_where_a_row_has_one(self, sample, written):
        bare = Metric(value=0.9, interval_reason="2 clusters, and the interval needs 20")
        one = Threshold(wanted=0.9, threshold=0.8, accuracy=bare, coverage=bare)

        assert "number stat" in classes_of(part(written, "thresholds"))
        assert "number stat" not in classes_of(part(rendered(offering(sample, one)), "thresholds"))

    def test_curve_stands_beside_them(self, read):
        spoken = [label for label in read.attributes("aria-label") if label.startswith("Risk–coverage curve")]

        assert len(spoken) == 1

    def test_conformal_sets_are_told_in_a_sentence(self, sample, written):
        metrics = sample.run.evaluations[0].metrics
        coverage, size = metrics["conformal_coverage"].value, metrics["conformal_set_size"].value

        text = section(written, "thresholds")

        assert f"hold the label of 90 % of the reviews, hold that of {100 * coverage:.1f} %" in text
        assert f"they have {size:.3f} classes on average" in text

    def test_says_why_there_are_no_conformal_sets(self):
        few = sample_run.sample(reviews=3)
        reason = few.run.evaluations[0].metrics["conformal_coverage"].reason

        assert reason
        assert section(rendered(few), "thresholds").endswith(f"No conformal sets: {reason}.")


class TestNumbers:
    def test_every_metric_has_a_row_with_its_meaning_and_the_way_to_its_interval(self, sample, written):
        text = section(written, "numbers")

        for name, metric in sample.run.evaluations[0].metrics.items():
            assert f" {quantity(name).label} " in text
            assert f" {quantity(name).meaning} " in text
            assert (metric.method or metric.interval_reason) in text

    def test_they_come_by_group(self, sample, written):
        text = section(written, "numbers")
        firsts = [
            f" {title} {quantity(names[0]).label} "
            for title, names in grouped(sample.run.evaluations[0].metrics).items()
        ]

        assert all(first in text for first in firsts)
        assert [text.index(first) for first in firsts] == sorted(text.index(first) for first in firsts)

    def test_undefined_metric_has_a_dash_and_its_reason(self):
        text = section(rendered(sample_run.sample(reviews=200, classes=("a", "b", "c"), ordinal=False)), "numbers")

        assert re.search(r"Mean absolute error – – [^–]*the classes have no order", text)


class TestSampling:
    @pytest.mark.parametrize(("sampling", "said"), [("97 clusters by product", True), ("independent", False)])
    def test_says_what_the_intervals_take_the_reviews_for(self, sample, sampling, said):
        text = section(rendered(changed(sample, sampling=sampling)), "counts")

        assert ("Intervals are those of 97 clusters by product" in text) is said

    def test_slice_without_an_interval_has_its_accuracy_alone(self, sample):
        bare = Metric(value=0.5, interval_reason="3 clusters, and the interval needs 20")
        column = sample.run.evaluations[0].slices[0]
        cut = tuple(one.model_copy(update={"metrics": {"accuracy": bare}}) for one in column.slices)

        text = section(rendered(changed(sample, slices=(column.model_copy(update={"slices": cut}),))), "slices")

        assert f"de {cut[0].reviews} 50.0 % en {cut[1].reviews} 50.0 %" in text


OF_VERSION_1 = (
    "accuracy", "off_by_one_accuracy", "mean_absolute_error", "balanced_accuracy", "macro_f1",
    "quadratic_weighted_kappa", "matthews_correlation", "negative_log_likelihood", "brier_score",
    "expected_calibration_error",
)  # fmt: skip


def made_older(run: dict[str, Any]) -> dict[str, Any]:
    """A run.json as the first version of the schema had it."""
    run["schema_version"] = 1
    for one in run["evaluations"]:
        for key in ("calibrated", "calibrated_reason", "selective", "slices", "sampling"):
            del one[key]
        for each in one["per_class"]:
            del each["area_under_roc"]
        for each in one["reliability"]:
            del each["expected_low"], each["expected_high"]
        one["metrics"] = {name: one["metrics"][name] for name in OF_VERSION_1}
    return run


class TestOlderRuns:
    def test_run_of_version_1_makes_a_page_without_what_it_does_not_hold(self, sample, tmp_path):
        folder = sample.write(tmp_path / "run")
        older = made_older(json.loads((folder / "run.json").read_text(encoding="utf-8")))
        (folder / "run.json").write_text(json.dumps(older), encoding="utf-8")

        page.write(folder, folder / "report.html")

        text = (folder / "report.html").read_text(encoding="utf-8")
        read = Reader(text)
        assert read.unbalanced == []
        assert "Accuracy" in read.text()
        for name in ("calibration", "thresholds", "slices"):
            assert section(text, name) == ""
            assert f"#e1-{name}" not in read.attributes("href")
        assert f"Brier score {older['evaluations'][0]['metrics']['brier_score']['value']:.3f}" in section(
            text, "numbers"
        )


class TestSafety:
    def test_policy_lets_only_the_style_and_the_script_of_the_page_in(self, written):
        (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"', written)
        rules = dict(rule.split(" ", 1) for rule in policy.replace("&#39;", "'").split("; "))
        (style,) = re.findall(r"<style>(.*?)</style>", written, re.DOTALL)
        (script,) = re.findall(r"<script>(.*?)</script>", written, re.DOTALL)

        def digest(text: str) -> str:
            return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

        assert rules["default-src"] == "'none'"
        assert rules["style-src"] == digest(style)
        assert rules["script-src"] == digest(script)
        assert "unsafe" not in policy

    def test_policy_comes_before_anything_that_it_governs(self, written):
        assert written.index("Content-Security-Policy") < written.index("<style>") < written.index("<script")

    def test_nothing_is_fetched_and_nothing_runs_inline(self, read):
        for tag, attributes in read.tags:
            assert tag not in ("iframe", "object", "embed", "img", "base", "form")
            assert not [name for name in attributes if name.startswith("on") or name in ("style", "src", "srcset")]
        assert {link for link in read.attributes("href") if not link.startswith("#")} == {"data:,"}

    def test_script_neither_evaluates_text_nor_writes_markup(self):
        script = page.asset("script.js")

        for forbidden in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "fetch(",
        ):
            assert forbidden not in script

    def test_a_users_words_add_no_tag_and_no_attribute(self):
        innocent = {(tag, *sorted(attributes)) for tag, attributes in Reader(rendered(sample_run.sample(
            reviews=400, classes=tuple("abcdef"), sets=("shop", "books"), ordinal=False, classifiers=("one", "two"),
            warnings=["w"], notes=["n"], texts=True,
        ))).tags}  # fmt: skip

        read = Reader(rendered(hostile()))

        assert {(tag, *sorted(attributes)) for tag, attributes in read.tags} <= innocent
        assert read.unbalanced == []

    def test_embedded_reviews_read_back_as_they_are(self):
        sample = hostile()
        (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', rendered(sample), re.DOTALL)

        texts = json.loads(data)["texts"]

        known = dict(
            zip(sample.reviews["shop"]["id"].to_pylist(), sample.reviews["shop"]["text"].to_pylist(), strict=True)
        )
        assert set(texts) == {"shop", INJECTIONS[1]}
        assert {"__proto__", "constructor", "&lt;script&gt;"} & set(texts["shop"].values())
        assert all(known[id] == text for id, text in texts["shop"].items())

    def test_no_folder_of_the_machine_is_in_the_page(self):
        sample = sample_run.sample(
            reviews=60, classifiers=("/home/ann lee/models/stars",), sets=("/srv/data/shop",),
            settings={"model": ["/home/ann lee/models/stars"]}, notes=["read /srv/data/shop.csv"],
            warnings=["see '/home/ann/labels.json'"],
        )  # fmt: skip

        text = Reader(rendered(sample)).text()

        assert not re.search(r"/home|/srv|ann\b", text)
        assert "stars on shop" in text


def luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Of two colours, as WCAG 2 defines it."""
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


class TestStyle:
    STYLE = page.asset("style.css")
    PAIR = r"light-dark\((#\w{6}), (#\w{6})\)"

    def both(self, name: str) -> tuple[str, str]:
        """The colour of that name in light and in dark."""
        ((light, dark),) = re.findall(rf"--{name}: {self.PAIR}", self.STYLE)
        return light, dark

    @pytest.mark.parametrize("ink", ["ink", "soft", "blue", "orange"])
    @pytest.mark.parametrize("paper", ["paper", "raised", "alert"])
    def test_texts_have_a_contrast_of_aa_in_light_and_dark(self, ink, paper):
        for colour, ground in zip(self.both(ink), self.both(paper), strict=True):
            assert contrast(colour, ground) >= 4.5

    def test_every_cell_of_the_confusion_matrix_has_a_contrast_of_aa(self):
        shades = re.findall(rf"\.(?:right|wrong)-\d+ \{{ background: {self.PAIR}; color: {self.PAIR}", self.STYLE)

        assert len(shades) == 22
        for light, dark, on_light, on_dark in shades:
            assert contrast(light, on_light) >= 4.5
            assert contrast(dark, on_dark) >= 4.5

    def test_nothing_is_fetched_by_the_style(self):
        assert "url(" not in self.STYLE
        assert "@import" not in self.STYLE


class TestWrite:
    def test_reads_the_run_folder_and_makes_the_folder_of_the_page(self, sample, written, tmp_path):
        run = sample.write(tmp_path / "run")

        page.write(run, tmp_path / "pages" / "page.html")

        assert (tmp_path / "pages" / "page.html").read_bytes() == written.encode()

    def test_page_of_an_interrupted_run_is_written_too(self, tmp_path):
        run = sample_run.sample(reviews=30, status="interrupted").write(tmp_path / "run")

        page.write(run, run / "report.html")

        assert "This run was interrupted." in (run / "report.html").read_text(encoding="utf-8")

    @pytest.mark.parametrize(("content", "reason"), [(None, "there is no such file"), (b"PAR1 torn", "")])
    def test_missing_or_torn_reviews_are_an_error_that_names_the_file(self, sample, tmp_path, content, reason):
        run = sample.write(tmp_path / "run")
        (run / "reviews" / "shop.parquet").unlink()
        if content:
            (run / "reviews" / "shop.parquet").write_bytes(content)

        with pytest.raises(RunError) as caught:
            page.write(run, run / "report.html")

        assert f"the reviews cannot be read: {reason}" in str(caught.value)
        assert str(run / "reviews" / "shop.parquet") in caught.value.where
