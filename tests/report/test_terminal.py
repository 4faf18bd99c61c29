from __future__ import annotations

import pytest
from support import sample_run

from harness.report import terminal, words

from . import printing
from .injections import INJECTIONS


def printed(run, show=terminal.tables, width: int = 80) -> str:
    return printing.printed(run, show, width)


@pytest.fixture(scope="module")
def run():
    return sample_run.sample(reviews=600).run


@pytest.fixture(scope="module")
def text(run):
    return printed(run)


class TestTables:
    def test_opens_with_who_read_what_and_where(self, text):
        assert text.lstrip().startswith("builtin on shop: 600 reviews, cpu, float32\n")

    def test_headline_metrics_stand_with_their_intervals(self, run, text):
        metric = run.evaluations[0].metrics["accuracy"]
        line = next(line for line in text.splitlines() if line.startswith("Accuracy"))

        assert line.split("  ")[-1].strip() == "higher"
        assert f"{metric.value * 100:.1f} %" in line
        assert f"{metric.low * 100:.1f}–{metric.high * 100:.1f} %" in line

    def test_confusion_has_counts_and_the_share_of_the_row(self, run, text):
        row = run.evaluations[0].confusion[0]
        line = next(line for line in text.splitlines() if line.startswith("1 star "))

        assert line.split()[2] == str(row[0])
        assert f"{100 * row[0] / sum(row):.0f} %" in line
        assert line.split()[-1] == str(sum(row))

    def test_sentences_reliability_stages_counts_and_rounds_are_all_there(self, text):
        for part in (
            "• Most errors are one star off",
            "says",
            "is right",
            "forward    9.83 s  96.0 %  ████",
            "wall clock 10.1 s · 59.3 reviews/s",
            "603 read · 600 evaluated · 4 cut · 7 repeated texts",
            "3 left out: 2 empty text; 1 label fits no class",
            "labels: labels 1…5 are the classes 1 star … 5 stars",
            "note: the delimiter is ';'",
        ):
            assert part in text
        assert "builtin (float32) on cpu, median of a batch" in text

    def test_says_why_there_are_no_timings(self):
        text = printed(sample_run.sample(reviews=60, timed=False, timings=False).run)

        assert "not timed: the predictions were reused from an earlier run" in text

    def test_warning_of_the_labels_stands_before_the_numbers(self):
        text = printed(sample_run.sample(reviews=60, warnings=["another order fits better"]).run)

        assert text.index(" WARNING  another order fits better") < text.index("metric ")

    def test_undefined_metrics_are_named_once_with_their_reason(self):
        text = printed(sample_run.sample(reviews=60, classes=("a", "b", "c"), ordinal=False).run)

        assert "not defined, since the classes have no order: Off-by-one accuracy, Mean absolute" in text

    def test_many_classes_show_their_most_common_confusions(self):
        classes = [f"intent {k}" for k in range(12)]
        text = printed(sample_run.sample(reviews=300, classes=classes, ordinal=False).run)

        assert "12 classes; the most common confusions (10 of " in text

    def test_several_evaluations_open_with_a_comparison(self):
        text = printed(sample_run.sample(reviews=60, classifiers=("one", "two"), sets=("shop", "books")).run)

        assert text.startswith("4 evaluations\n")
        assert text.index("on books") < text.index("one on shop: 60 reviews")

    def test_interrupted_run_says_so(self):
        text = printed(sample_run.sample(reviews=60, status="interrupted").run)

        assert text.startswith(" WARNING  this run was interrupted; the same command goes on from there")

    @pytest.mark.parametrize(
        "classes",
        [
            ("1 star", "2 stars", "3 stars", "4 stars", "5 stars"),
            tuple(f"a rather long class name {k}" for k in range(5)),
            tuple(f"class {k}" for k in range(8)),
            ("negative", "positive"),
        ],
    )
    def test_fits_80_columns(self, classes):
        text = printed(
            sample_run.sample(reviews=60_000 // 60, classes=classes, classifiers=("a-long-name" * 4, "b")).run
        )

        assert max(len(line) for line in text.splitlines()) <= 80

    def test_reads_the_same_without_colour(self, run, text):
        assert printing.coloured(run, terminal.tables) == text

    def test_no_name_moves_the_cursor_or_is_taken_for_markup(self):
        labels = tuple(INJECTIONS[:8])
        sample = sample_run.sample(reviews=200, classes=("[bold red]x[/]", "\x1b[2Jcleared", *labels), ordinal=False)

        text = printed(sample.run, width=400)

        assert "[bold red]x[/]" in text
        assert "?[2Jcleared" in text
        assert "\x1b" not in text


class TestSummary:
    def test_is_one_short_table_with_a_row_for_each_evaluation(self):
        run = sample_run.sample(reviews=60, classifiers=("one", "two"), timings=False).run

        lines = printed(run, terminal.summary).splitlines()

        assert len(lines) == 6
        assert [line.split()[0] for line in lines[2::2]] == ["one", "two"]

    def test_single_evaluation_has_its_confusion_matrix_and_says_whether_it_is_as_sure_as_it_is_right(self, run):
        text = printed(run, terminal.summary)
        (one,) = run.evaluations

        assert "\nConfusion: rows are labels, columns predictions; shares are of the row\n" in text
        assert f"\n{words.calibration(one).sentence.split(':')[0]}: " in text
        assert max(map(len, text.splitlines())) <= 80

    @pytest.mark.parametrize(
        "changes", [{"classes": tuple("abcdef"), "ordinal": False}, {"classifiers": ("one", "two")}, {"sets": ()}]
    )
    def test_matrix_is_left_out_where_it_would_not_be_short(self, changes):
        run = sample_run.sample(reviews=60, timings=False, **changes).run

        assert "Confusion" not in printed(run, terminal.summary)

    def test_warnings_come_first(self):
        run = sample_run.sample(reviews=60, warnings=["another order fits better"]).run

        assert printed(run, terminal.summary).startswith(" WARNING  builtin-shop: another order fits better\n")

    def test_medians_of_older_runs_stand_side_by_side(self, run):
        lines = printed(run, terminal.summary).splitlines()
        head = next(place for place, line in enumerate(lines) if "tokenize" in line)

        assert lines[head].split() == ["batch", "length", "tokenize", "forward", "softmax"]
        assert [line.split()[:2] for line in lines[head + 2 : head + 6]] == [
            ["1", "16"], ["1", "64"], ["8", "16"], ["8", "64"],
        ]  # fmt: skip

    def test_notes_of_the_run_are_there(self):
        run = sample_run.sample(reviews=60, timings=False, notes=["measured on battery"]).run

        assert "note: measured on battery" in printed(run, terminal.summary)

    def test_run_of_timings_alone_has_no_table_of_evaluations(self):
        text = printed(sample_run.sample(sets=(), timings=True).run, terminal.summary)

        assert "accuracy" not in text
        assert "tokenize" in text


class TestPlaces:
    def test_paths_are_printed_whole_and_the_page_only_where_there_is_one(self, tmp_path):
        folder = tmp_path / ("long" * 30)
        folder.mkdir()

        before = printed(folder, terminal.places)
        (folder / "report.html").touch()
        after = printed(folder, terminal.places)

        assert before == f"run   {folder}\n"
        assert after == f"run   {folder}\npage  {folder / 'report.html'}\n"
