"""`--cluster-by` and `--stratify-by` -> the design that the intervals follow, or what is wrong with the column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from harness.errors import ReviewSetError, UsageError
from harness.options import Settings
from harness.sampling import design_of
from harness.statistics.design import Design

GOLD = np.array([4, 0, 0, 2])
COLUMNS = pa.table(
    {
        "product": ["kettle", "lamp", "kettle", "lamp"],
        "number": [7, 7, 7, 8],
        "phenomena": [["irony"], [], ["typo"], ["typo"]],
        "shop": ["a", "b", None, ""],
    }
)


def design(columns: pa.Table = COLUMNS, **settings: Any) -> Design:
    return design_of(Settings(**settings), columns, GOLD, "shop.csv")


def grouped(of: Design) -> list[int]:
    assert of.unit is not None
    return of.unit.tolist()


class TestDesignOf:
    def test_unasked_the_reviews_are_independent(self) -> None:
        assert design() == Design.independent()

    def test_reviews_with_one_value_are_a_cluster(self) -> None:
        found = design(cluster_by="product")

        assert (str(found), found.kind, grouped(found)) == ("2 clusters by product", "clustered", [0, 1, 0, 1])

    def test_a_column_is_found_whatever_its_capitals(self) -> None:
        found = design(cluster_by="Product")

        assert (str(found), grouped(found)) == ("2 clusters by product", [0, 1, 0, 1])

    def test_reviews_with_one_value_are_a_stratum(self) -> None:
        found = design(stratify_by="number")

        assert (str(found), found.kind, grouped(found)) == ("2 strata by number", "stratified", [0, 0, 0, 1])

    def test_strata_by_label_are_those_of_the_gold_classes(self) -> None:
        """Two ways of writing one class are one stratum."""
        found = design(stratify_by="label")

        assert (str(found), grouped(found)) == ("3 strata by label", [0, 1, 1, 2])

    def test_a_kept_column_may_be_called_label(self) -> None:
        found = design(pa.table({"label": ["a", "b", "c", "d"]}), stratify_by="label")

        assert str(found) == "4 strata by label"

    @pytest.mark.parametrize(
        "values",
        [
            pa.array(["a", "b", "a", "b"]).dictionary_encode(),
            pa.array(["a", "b", "a", "b"], pa.large_string()),
            pa.chunked_array([["a"], ["b", "a", "b"]]),
            pa.array([1.5, 2.5, 1.5, 2.5]),
            pa.array([True, False, True, False]),
        ],
        ids=["dictionary", "large string", "chunks", "float", "bool"],
    )
    def test_a_column_of_any_type_tells_clusters_apart(self, values: Any) -> None:
        assert grouped(design(pa.table({"product": values}), cluster_by="product")) == [0, 1, 0, 1]


class TestRefused:
    def test_both_at_once(self) -> None:
        with pytest.raises(UsageError) as refused:
            design(cluster_by="product", stratify_by="label")

        assert str(refused.value) == (
            "clusters and strata cannot go together\n"
            "  where     options --cluster-by product and --stratify-by label\n"
            "  remedy    give the one that says how the reviews were drawn"
        )

    def test_a_column_that_is_not_there(self) -> None:
        with pytest.raises(UsageError) as refused:
            design(cluster_by="products")

        assert str(refused.value) == (
            "there is no column 'products'\n"
            "  where     option --cluster-by products; shop.csv\n"
            "  expected  product, number, phenomena, shop\n"
            "  remedy    did you mean 'product'? name a column of the review set"
        )

    def test_strata_may_be_by_label_too(self) -> None:
        with pytest.raises(UsageError, match="there is no column 'labels'") as refused:
            design(stratify_by="labels")

        assert refused.value.expected == "product, number, phenomena, shop, label"
        assert refused.value.remedy == "did you mean 'label'? name a column of the review set"

    def test_clusters_by_label(self) -> None:
        """Nobody draws all reviews of a label, and with them the label."""
        with pytest.raises(UsageError, match="there is no column 'label'"):
            design(cluster_by="label")

    def test_a_file_without_further_columns(self) -> None:
        with pytest.raises(UsageError) as refused:
            design(pa.table({}), cluster_by="product")

        assert refused.value.expected == "a file with other columns too"

    def test_a_column_of_lists(self) -> None:
        with pytest.raises(UsageError) as refused:
            design(cluster_by="phenomena")

        assert str(refused.value) == (
            "column 'phenomena' holds several values a review\n"
            "  where     option --cluster-by phenomena; shop.csv\n"
            "  expected  one value for each review\n"
            "  remedy    name another column"
        )

    @pytest.mark.parametrize("option", ["cluster_by", "stratify_by"])
    def test_reviews_without_a_value_are_named(self, option: str) -> None:
        """Taken as one cluster, they would be a large one that nobody drew."""
        with pytest.raises(ReviewSetError) as refused:
            design(**{option: "shop"})

        flag = "--" + option.replace("_", "-")
        assert str(refused.value) == (
            "reviews without a value in column 'shop'\n"
            "  where     shop.csv, rows 2, 3 (2 in all), counted from 0 among the evaluated reviews\n"
            f"  expected  a value for each review, since {flag} counts them\n"
            "  remedy    fill the column in, or leave the option out"
        )

    @pytest.mark.parametrize(
        "values",
        [
            pa.array([1.0, float("nan"), 1.0, 2.0]),
            pa.DictionaryArray.from_arrays(pa.array([0, 1, 0, 0]), pa.array(["a", None])),
        ],
        ids=["NaN", "null of a dictionary"],
    )
    def test_no_value_is_none_in_any_form(self, values: pa.Array) -> None:
        with pytest.raises(ReviewSetError, match="reviews without a value in column 'product'") as refused:
            design(pa.table({"product": values}), cluster_by="product")

        assert "row 1 (1 in all)" in refused.value.where
