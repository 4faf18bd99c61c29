"""The same scores in every format are the same scores."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.scores import Scores
from scores.score_files import reading

NAMES = st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=8)
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8)


@st.composite
def labelled_rows(draw: st.DrawFn) -> tuple[list[str], np.ndarray, list[str], list[str], bool]:
    """Classes, (N, K) numbers, labels, the cells of another column, and whether the numbers are logits."""
    classes = draw(
        st.lists(NAMES, min_size=2, max_size=5, unique_by=str.casefold).filter(
            lambda names: not any(name.isdigit() for name in names)
        )
    )
    rows = draw(st.integers(1, 6))
    elements = st.floats(-1e6, 1e6, allow_subnormal=False)
    values = draw(hnp.arrays(np.float64, (rows, len(classes)), elements=elements))
    logits = draw(st.booleans())
    if not logits:
        values = (1 + np.abs(values)) / (1 + np.abs(values)).sum(axis=1, keepdims=True)
    labels = draw(st.lists(st.sampled_from(classes), min_size=rows, max_size=rows))
    other = draw(st.lists(CELLS, min_size=rows, max_size=rows))
    return classes, values, labels, other, logits


def as_csv(columns: dict[str, Any], delimiter: str) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return file.getvalue()


def same(one: Scores, other: Scores) -> None:
    assert one.probabilities.tolist() == other.probabilities.tolist()
    assert one.probabilities.dtype == other.probabilities.dtype
    assert (one.logits is None) == (other.logits is None)
    assert one.logits is None or other.logits is None or one.logits.tolist() == other.logits.tolist()
    assert one.gold.tolist() == other.gold.tolist()
    assert (one.classes, one.ordinal, one.ids) == (other.classes, other.ordinal, other.ids)
    assert one.columns is not None and other.columns is not None
    assert one.columns.to_pydict() == other.columns.to_pydict()


class TestEveryFormat:
    @settings(max_examples=40)
    @given(labelled_rows())
    def test_gives_the_same_scores(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        drawn: tuple[list[str], np.ndarray, list[str], list[str], bool],
    ) -> None:
        classes, values, labels, other, logits = drawn
        folder = tmp_path_factory.mktemp("scores")
        prefix = "logit" if logits else "p"
        ids = [f"r{row}" for row in range(len(labels))]
        columns = {f"{prefix}_{name}": values[:, place] for place, name in enumerate(classes)}
        table = {"id": ids, "gold": labels, "lang": other, **columns}
        text = as_csv({name: np.asarray(column).tolist() for name, column in table.items()}, ",")
        array = "logits" if logits else "probabilities"
        found = [
            reading(folder, "a.parquet", pa.table(table)),
            reading(folder, "a.csv", text),
            reading(folder, "a.csv.gz", gzip.compress(text.encode())),
            reading(folder, "a.tsv", as_csv({name: np.asarray(c).tolist() for name, c in table.items()}, "\t")),
            reading(folder, "b.parquet", pa.table({"id": ids, "gold": labels, "lang": other, array: values.tolist()}),
                    classes=classes),
            reading(folder, "a.npz", {"ids": np.array(ids), "gold": np.array(labels), "lang": pa.array(other).to_numpy(
                zero_copy_only=False).astype(str), array: values, "classes": np.array(classes)}),
        ]  # fmt: skip

        assert len(found[0].gold) == len(labels)
        assert [found[0].classes[gold] for gold in found[0].gold] == labels
        for each in found[1:]:
            same(found[0], each)

    @pytest.mark.parametrize("ordinal", [None, False])
    def test_numbers_from_1_are_steps_of_a_scale_in_all_of_them(self, tmp_path: Path, ordinal: bool | None) -> None:
        values = np.random.default_rng(0).dirichlet(np.ones(5), 6)
        gold = np.array([1, 2, 3, 4, 5, 5])
        columns = {"gold": gold, **{f"p_{1 + place}": values[:, place] for place in range(5)}}
        found = [
            reading(tmp_path, "a.csv", as_csv({name: each.tolist() for name, each in columns.items()}, ","),
                    ordinal=ordinal),
            reading(tmp_path, "a.parquet", pa.table(columns), ordinal=ordinal),
            reading(tmp_path, "b.parquet", pa.table({"gold": gold, "probs": values.tolist()}), ordinal=ordinal),
            reading(tmp_path, "a.npz", {"gold": gold, "probs": values}, ordinal=ordinal),
            reading(tmp_path, "a.npz", {"gold": gold, "probs": values, "classes": np.arange(1, 6)}, ordinal=ordinal),
        ]  # fmt: skip

        for scores in found:
            assert scores.ordinal is (ordinal is None)
            assert scores.classes == ("1", "2", "3", "4", "5")
            assert scores.gold.tolist() == [0, 1, 2, 3, 4, 4]
            assert ("the classes are steps of a scale: 1 … 5" in scores.notes) is (ordinal is None)

    @pytest.mark.parametrize("column", ["gold", "stars", "rating"])
    def test_numbers_from_0_are_where_their_column_says_so(self, tmp_path: Path, column: str) -> None:
        values = np.random.default_rng(0).dirichlet(np.ones(3), 3)
        gold = np.arange(3)
        columns = {column: gold, **{f"p_{place}": values[:, place] for place in range(3)}}
        found = [
            reading(tmp_path, "a.csv", as_csv({name: each.tolist() for name, each in columns.items()}, ",")),
            reading(tmp_path, "b.parquet", pa.table({column: gold, "probs": values.tolist()})),
            reading(tmp_path, "a.npz", {column: gold, "probs": values}),
        ]

        assert [scores.ordinal for scores in found] == [column != "gold"] * 3
        assert [scores.classes for scores in found] == [("0", "1", "2")] * 3

    @pytest.mark.parametrize("rows", [3, 70_001])
    def test_of_many_rows_too(self, tmp_path: Path, rows: int) -> None:
        rng = np.random.default_rng(rows)
        values = rng.dirichlet(np.ones(5), rows)
        table = {"gold": rng.integers(1, 6, rows), **{f"p_{1 + place}": values[:, place] for place in range(5)}}
        table["gold"][0] = 5
        table["lang"] = np.array(["de", "fr"])[rng.integers(0, 2, rows)]
        one = reading(tmp_path, "a.parquet", pa.table(table))
        other = reading(tmp_path, "a.csv", as_csv({name: column.tolist() for name, column in table.items()}, ","))

        assert np.array_equal(one.gold, table["gold"] - 1)
        assert np.array_equal(one.probabilities, values)
        same(one, other)
