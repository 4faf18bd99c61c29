from __future__ import annotations

import re

import pytest
from support import sample_run
from support import timed as simulated

from harness.report import terminal

from .injections import INJECTIONS
from .printing import coloured, printed

CELLS = ((1, 16), (8, 64))
MATRIX = tuple((batch, length) for batch in (1, 8, 32) for length in (16, 64, 128, 256, 512))


def run_of(*classifiers, cells=CELLS, **options):
    return sample_run.sample(sets=(), classifiers=classifiers or ("builtin",), cells=cells, **options).run


def changed(run, **changes):
    (record, *others) = run.classifiers
    return run.model_copy(update={"classifiers": (record.model_copy(update=changes), *others)})


@pytest.fixture(scope="module")
def two():
    return run_of("builtin", "builtin-bfloat16", scenarios=True)


class TestSummary:
    def test_is_a_row_for_each_shape_with_peak_and_rest(self):
        lines = printed(run_of(cells=((1, 16), (8, 16))), terminal.summary).strip().splitlines()

        assert lines[0] == "builtin (float32) on cpu, median of a batch"
        assert lines[1].split() == [
            "batch", "length", "tokenize", "place", "forward", "softmax", "classify", "peak", "rest",
        ]  # fmt: skip
        assert [line.split()[:2] for line in lines[3:5]] == [["1", "16"], ["8", "16"]]
        assert "33 %" in lines[3]
        assert lines[5] == "peak: FLOP/s of forward ÷ those of the machine's fastest matrix product"

    def test_noisy_medians_have_a_sign_and_their_reason_below(self):
        run = run_of().model_copy(update={"timings": simulated.cell(("builtin",), rounds=2)})

        text = printed(run, terminal.summary)

        assert text.count("*") == 6
        assert "* 5 of 5 medians are noisy: 2 rounds, fewer than 6; measure more rounds" in text

    def test_large_rest_has_a_word_and_its_meaning(self):
        timings = simulated.cell(("builtin",), rest=0.2, steady=True, noise=0)

        text = printed(run_of().model_copy(update={"timings": timings}), terminal.summary)

        assert "20.0 % large" in text
        assert "rest: what classify spends in no stage; large: above 5 % of classify" in text

    def test_one_cell_is_compared_stage_by_stage_beside_the_noise_floor(self):
        text = printed(run_of("builtin", "builtin-bfloat16", cells=((8, 64),)), terminal.summary)
        rows = text[text.index("against") :].splitlines()

        assert rows[0] == "against builtin (float32), on cpu: times ÷ those of the latter"
        assert rows[1].split() == ["stage", "ratio", "interval", "A/A", "floor", "verdict"]
        assert [row.split()[0] for row in rows[3:8]] == ["tokenize", "place", "forward", "softmax", "classify"]
        assert all(re.search(r" 0\.9\d+–1\.0\d+ ", row) for row in rows[3:8])
        assert rows[5].rstrip().endswith("faster")
        assert rows[3].rstrip().endswith("within noise")

    def test_many_cells_are_compared_a_row_each_which_names_the_stages_that_differ(self):
        text = printed(run_of("builtin", "builtin-bfloat16", cells=MATRIX[:4]), terminal.summary)
        rows = text[text.index("against") :].splitlines()

        assert len(rows) == 7
        assert all("faster" in row and "forward 0." in row for row in rows[3:])

    def test_undecided_comparison_says_why(self):
        timings = tuple(each for each in simulated.cell(("builtin", "b")) if each.role == "case")

        text = " ".join(printed(run_of().model_copy(update={"timings": timings}), terminal.summary).split())

        assert "undecided: no noise floor: tokenize was not measured twice in this cell" in text

    def test_matrix_of_15_cells_and_2_dtypes_fits_80_columns_and_two_screens(self):
        run = run_of("builtin", "builtin-bfloat16", cells=MATRIX)

        lines = printed(run, terminal.summary).splitlines()

        assert max(map(len, lines)) <= 80
        assert len(lines) < 75

    def test_noisy_medians_beside_a_large_rest_fit_80_columns_with_every_column_whole(self):
        timings = simulated.cell(("builtin",), rest=0.5, rounds=4, batch_size=1024, seq_len=1024)

        lines = printed(run_of().model_copy(update={"timings": timings}), terminal.summary).strip().splitlines()

        assert max(map(len, lines)) <= 80
        assert lines[3].count("*") == 5
        assert lines[3].rstrip().endswith(("large", "unsure"))

    def test_random_weights_are_said_where_the_times_are(self):
        lines = printed(changed(run_of(), timing_only=True), terminal.summary).strip().splitlines()

        assert lines[1] == "random weights: only its times mean something"


class TestTables:
    def test_each_stage_has_its_interval_share_rates_and_share_of_the_best(self, two):
        text = printed(two, terminal.tables)
        rows = text[text.index("builtin (float32) on cpu, each stage with its 95 % interval") :].splitlines()

        assert rows[0].endswith(", by batch × length")
        assert rows[1].startswith("1 × 16 · 6.2 % padding · 30 rounds · tokenize 1.")
        assert rows[2].split() == [
            "stage", "median", "interval", "share", "reviews/s", "tokens/s", "achieved", "of", "best",
        ]  # fmt: skip
        assert [row.split()[0] for row in rows[4:10]] == ["tokenize", "place", "forward", "softmax", "rest", "classify"]
        assert "GFLOP/s" in rows[6]
        assert re.search(r"rest +−[\d.]+ to [\d.]+ % +−0.1 %", rows[8])
        assert "–" in rows[6].split()[3]

    def test_machine_and_memory_are_told(self, two):
        text = printed(two, terminal.tables)

        assert "matrix product, bfloat16  2.40 TFLOP/s (cpu, 2 threads, 2,048 wide)" in text
        assert "load                      0.31 before, 1.95 after" in text
        assert "builtin           31.2 MB    62.5 MB    530 MB (+120 MB)" in text
        assert "on the device" not in text

    def test_device_time_is_told_where_there_is_one(self):
        run = run_of().model_copy(update={"timings": simulated.cell(("builtin",), device="cuda:0")})

        text = " ".join(printed(run, terminal.tables).split())

        assert "the device's own time: place 90 %, forward 90 %, softmax 90 %, classify 90 % of the wall" in text

    def test_many_shapes_keep_their_stages_for_full(self):
        run = run_of("builtin", "builtin-bfloat16", cells=MATRIX)

        short, full = (
            printed(run, terminal.tables),
            printed(run, lambda run, console: terminal.tables(run, console, full=True)),
        )

        assert "--full shows each stage with its interval" in short
        assert "--full" not in full
        assert full.count("rest  ") == 30

    def test_fits_80_columns(self, two):
        assert max(map(len, printed(two, terminal.tables).splitlines())) <= 80

    def test_reads_the_same_without_colour(self, two):
        assert coloured(two, terminal.tables) == printed(two, terminal.tables)

    def test_older_run_shows_its_medians_and_no_more(self):
        run = sample_run.sample(sets=(), classifiers=("builtin",)).run

        text = printed(run, terminal.tables)

        assert "peak" not in text
        assert "rest" not in text
        assert "NaN" not in text
        assert "8 × 64 · 0 % padding · 25 rounds" in text

    def test_no_name_moves_the_cursor_or_is_taken_for_markup(self):
        run = run_of("[bold red]x[/]", "\x1b[2Jcleared", *INJECTIONS[:3], scenarios=True, notes=INJECTIONS)

        text = printed(run, terminal.tables, width=400)

        assert "[bold red]x[/] (float32) on cpu" in text
        assert "?[2Jcleared (float32)" in text
        assert "\x1b" not in text
