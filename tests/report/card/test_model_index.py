from __future__ import annotations

import copy
from typing import Any

import pytest
from huggingface_hub import EvalResult

from harness.errors import UsageError
from harness.report.card import model_index


def result(metric: str = "accuracy", value: float = 0.5, data_set: str = "shop.csv", **changes: Any) -> EvalResult:
    fields = {"task_type": "text-classification", "dataset_type": data_set, "dataset_name": data_set} | changes
    return EvalResult(metric_type=metric, metric_value=value, **fields)


def block(*metrics: dict[str, Any], data_set: str = "shop.csv", **changes: Any) -> dict[str, Any]:
    """Results as a card has them."""
    return {
        "task": {"type": "text-classification"},
        "dataset": {"name": data_set, "type": data_set, **changes.pop("dataset", {})},
        "metrics": list(metrics),
        **changes,
    }


ACCURACY = {"type": "accuracy", "value": 0.4}
OURS = block({"type": "accuracy", "value": 0.5})


class TestMerged:
    def test_first_results_make_the_index_with_the_name_of_the_classifier(self):
        assert model_index.merged([], "/home/ann/stars", [result()]) == (
            [{"name": "stars", "results": [OURS]}],
            ["new      accuracy 0.5 on shop.csv"],
        )

    def test_same_task_data_set_and_metric_is_replaced(self):
        index, changes = model_index.merged([{"name": "mine", "results": [block(ACCURACY)]}], "stars", [result()])

        assert index == [{"name": "mine", "results": [OURS]}]
        assert changes == ["changed  accuracy 0.4 to 0.5 on shop.csv"]

    @pytest.mark.parametrize(
        "other",
        [
            block(ACCURACY, data_set="books.csv"),
            block(ACCURACY, dataset={"split": "test"}),
            block(ACCURACY, dataset={"config": "en"}),
            block(ACCURACY, dataset={"revision": "abc"}),
            block(ACCURACY, task={"type": "token-classification"}),
            block({"type": "f1", "value": 0.4}),
            block({**ACCURACY, "config": "top-2"}),
            block({**ACCURACY, "verified": True, "verifyToken": "x"}),
        ],
    )
    def test_results_of_anything_else_and_what_the_hub_verified_are_kept(self, other):
        index, _ = model_index.merged([{"name": "mine", "results": [other]}], "stars", [result()])

        assert index == [{"name": "mine", "results": [other, OURS]}]

    def test_ours_never_stand_under_the_source_of_somebody_else(self):
        loss = {"type": "loss", "value": 1.2}
        theirs = block(ACCURACY, loss, source={"name": "theirs", "url": "https://example.org"})
        last = block(ACCURACY, data_set="books.csv")
        index, _ = model_index.merged([{"name": "mine", "results": [theirs, last]}], "stars", [result()])

        assert index[0]["results"] == [{**theirs, "metrics": [loss]}, OURS, last]

    def test_the_same_results_again_change_nothing(self):
        found = [result(), result("f1", 0.3, metric_config="macro"), result(data_set="books.csv")]
        theirs = {"name": "mine", "results": [block(ACCURACY, {"type": "loss", "value": 1.2})], "own": 1}
        once, _ = model_index.merged([theirs], "stars", found)

        assert model_index.merged(copy.deepcopy(once), "stars", found) == (once, [])

    def test_what_was_there_is_not_changed_in_place(self):
        before = [{"name": "mine", "results": [block(ACCURACY)]}]
        kept = copy.deepcopy(before)
        model_index.merged(before, "stars", [result()])

        assert before == kept

    def test_of_several_models_it_is_the_one_of_that_name(self):
        index = [{"name": "other", "results": [block(ACCURACY)]}, {"name": "stars", "results": []}]

        assert model_index.merged(index, "stars", [result()])[0] == [index[0], {"name": "stars", "results": [OURS]}]

    def test_of_several_models_without_that_name_a_new_one_is_added(self):
        index = [{"name": "other", "results": []}, {"name": "another", "results": []}]

        assert model_index.merged(index, "stars", [result()])[0] == [*index, {"name": "stars", "results": [OURS]}]


class TestCheck:
    def test_no_index_is_an_empty_one(self):
        assert model_index.check(None, "README.md") == []

    @pytest.mark.parametrize("results", [None, []])
    def test_model_without_results_is_fine(self, results):
        assert model_index.check([{"name": "x", "results": results}], "README.md")

    @pytest.mark.parametrize(
        "found",
        [
            {"name": "x"},
            "x",
            ["x"],
            [{"name": "x", "results": ["y"]}],
            [{"name": "x", "results": "y"}],
            [{"name": "x", "results": 5}],
            [{"name": "x", "results": [{"metrics": None}]}],
            [{"name": "x", "results": [{"metrics": ["accuracy"]}]}],
        ],
    )
    def test_another_form_is_refused(self, found):
        with pytest.raises(UsageError) as caught:
            model_index.check(found, "README.md")

        assert str(caught.value) == (
            "the model-index of the card cannot be read\n"
            "  where     README.md\n"
            "  expected  a list of models, each with a list of results, each of these with a list of metrics\n"
            "  remedy    correct it, or take it out; nothing was written"
        )
