"""Probabilities sum to 1, but for what rounding took; every other row is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.scores.sums import unrounded
from scores.score_files import Content, reading, refusal

THIRDS = [[0.33, 0.33, 0.33], [0.67, 0.17, 0.17], [1, 0, 0]]
NOTE = "probabilities are rounded to {} decimals: rows were scaled to sum to 1"
REMEDY = "  remedy    give probabilities, after the softmax, of all classes; logits are read with --values logits"


def as_csv(rows: list[list[float]], header: str = "gold,p_a,p_b,p_c") -> str:
    return "\n".join([header, *("a," + ",".join(map(str, row)) for row in rows)])


class TestRounding:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.csv", as_csv(THIRDS)),
            ("b.csv", as_csv(THIRDS, "gold,a,b,c")),
            ("a.npz", {"gold": np.zeros(3, int), "probs": np.array(THIRDS)}),
            ("b.npz", {"gold": np.zeros(3, int), "probs": np.array(THIRDS, np.float32)}),
            ("a.parquet", pa.table({"gold": [0, 0, 0], "probs": THIRDS})),
        ],
    )
    def test_rounded_rows_are_scaled_in_every_format(self, tmp_path: Path, name: str, content: Content) -> None:
        classes = ["a", "b", "c"] if name == "b.csv" else None
        scores = reading(tmp_path, name, content, classes=classes)

        expected = np.array(THIRDS) / np.array(THIRDS).sum(axis=1, keepdims=True)
        assert scores.probabilities.dtype == np.float64
        assert scores.probabilities == pytest.approx(expected, abs=1e-15)
        assert NOTE.format(2) in scores.notes

    @given(st.sampled_from([2, 3, 4]), st.integers(3, 30), st.integers(0, 2**31))
    def test_whatever_rounding_took_is_given_back(self, decimals: int, width: int, seed: int) -> None:
        exact = np.random.default_rng(seed).dirichlet(np.ones(width), 200)
        found, notes = unrounded(np.round(exact, decimals))

        assert found.sum(axis=1) == pytest.approx(np.ones(200), abs=1e-12)
        assert notes in ((NOTE.format(decimals),), ())

    def test_rows_that_sum_to_1_stay_as_they_are(self) -> None:
        values = np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]], np.float32)
        found, notes = unrounded(values)

        assert found is values
        assert notes == ()

    def test_so_do_those_that_are_not_rounded(self) -> None:
        values = np.array([[0.33, 0.33, 0.3395]] * 150 + [[1 / 3, 1 / 3, 1 / 3 + 1e-4]])

        assert unrounded(values)[0] is values

    def test_more_than_rounding_takes_is_an_error(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", as_csv([*THIRDS, [0.33, 0.33, 0.3]])) == (
            "probabilities do not sum to 1: the first such row sums to 0.99\n"
            "  where     a.csv, lines 2, 3, 5 (3 in all)\n"
            "  expected  rows that sum to 1 within 0.001\n" + REMEDY
        )


class TestSums:
    def test_a_bad_row_of_a_text_is_named_by_its_line(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", as_csv([[0.5, 0.25, 0.25], [0.9, 0.51234, 0.3]])) == (
            "probabilities do not sum to 1: the first such row sums to 1.71234\n"
            "  where     a.csv, line 3\n"
            "  expected  rows that sum to 1 within 0.001\n" + REMEDY
        )

    def test_one_of_an_array_by_its_index(self, tmp_path: Path) -> None:
        arrays = {"gold": np.array([0, 1]), "probs": np.array([[0.5, 0.5], [3, 2]])}

        assert refusal(tmp_path, "a.npz", arrays) == (
            "probabilities do not sum to 1: the first such row sums to 5\n"
            "  where     a.npz, array 'probs', row 1, counted from 0\n"
            "  expected  rows that sum to 1 within 0.001\n" + REMEDY
        )

    def test_a_probability_of_the_second_class_lies_between_0_and_1(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", "gold,probability\n0,0.5\n1,1.25\n") == (
            "probabilities are negative: the first is -0.25\n"
            "  where     a.csv, column 'probability', line 3\n"
            "  expected  numbers from 0 to 1\n" + REMEDY
        )
