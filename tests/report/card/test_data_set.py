from __future__ import annotations

import re

import pytest
from support import sample_run

from harness.report.card.data_set import DataSet

from ..injections import INJECTIONS


def of(source: str) -> DataSet:
    return DataSet.of(sample_run.set_record("shop", 60).model_copy(update={"source": source}))


class TestDataSet:
    def test_set_of_the_hub_has_its_id_configuration_split_and_revision(self):
        assert of("SetFit/amazon_reviews_multi_en@abc123:default/test") == DataSet(
            "hub", "SetFit/amazon_reviews_multi_en", "SetFit/amazon_reviews_multi_en", "default", "test", "abc123"
        )

    def test_split_alone_is_enough(self):
        assert of("owner/set:test") == DataSet("hub", "owner/set", "owner/set", None, "test", None)

    def test_local_file_has_a_name_that_no_set_of_the_hub_has(self):
        assert of("imdb reviews.csv") == DataSet("local", "imdb-reviews.csv", "imdb reviews.csv")

    @pytest.mark.parametrize("source", ["imdb:test", "saved:train"])
    def test_name_that_may_be_a_saved_folder_claims_no_id(self, source):
        assert of(source) == DataSet("local", source.replace(":", "-"), source)

    def test_built_in_reviews_are_called_ours(self):
        assert of("builtin") == DataSet("builtin", "review-harness-builtin", "built-in reviews of review-harness")

    @pytest.mark.parametrize("source", ["/home/ann/shop.csv", *INJECTIONS])
    def test_key_and_type_are_letters_that_an_id_could_have(self, source):
        found = of(source)

        assert re.fullmatch(r"[A-Za-z0-9._-]+", found.key)
        assert re.fullmatch(r"[A-Za-z0-9._-]+", found.type)
        assert "/home/ann" not in found.name

    def test_splits_of_a_set_have_keys_of_their_own(self):
        assert of("owner/set:en/test").key == "owner-set-en-test"
        assert of("owner/set:de/test").key == "owner-set-de-test"
