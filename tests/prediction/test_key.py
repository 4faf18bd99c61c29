from __future__ import annotations

from typing import Any

import pytest
from support.stages import record, reviews

from harness.prediction.key import ContentKey, content_key, key_of

TEXTS = reviews(["good", "bad"])


class TestContentKey:
    @pytest.mark.parametrize(
        "changed",
        [
            {"weights_sha256": "0" * 64},
            {"config_sha256": "0" * 64},
            {"tokenizer_sha256": "0" * 64},
            {"remote_code_sha256": "0" * 64},
            {"device": "cuda:0"},
            {"dtype": "float16"},
            {"attention": "sdpa"},
            {"max_length": 128},
        ],
    )
    def test_whatever_decides_a_logit_changes_the_key(self, changed: dict[str, Any]) -> None:
        """The cache cannot answer for another classifier."""
        assert key_of(record(**changed), TEXTS) != key_of(record(), TEXTS)

    @pytest.mark.parametrize(
        "changed",
        [{"id": "other"}, {"name": "other"}, {"revision": "main"}, {"load_seconds": 9.0}, {"device_name": "other"}],
    )
    def test_what_a_thing_is_called_does_not(self, changed: dict[str, Any]) -> None:
        """The same weights under another name are the same classifier."""
        assert key_of(record(**changed), TEXTS) == key_of(record(), TEXTS)

    def test_a_second_device_of_a_kind_is_the_same(self) -> None:
        """cuda:0 and cuda:1 share predictions; cpu and cuda do not."""
        assert key_of(record(device="cuda:1"), TEXTS) == key_of(record(device="cuda:0"), TEXTS)

    def test_texts_in_another_order_are_another_key(self) -> None:
        """Predictions are kept by position."""
        assert key_of(record(), reviews(["bad", "good"])) != key_of(record(), TEXTS)

    def test_the_libraries_that_compute_are_part_of_it(self) -> None:
        """An upgrade of torch may move a logit."""
        parts = content_key(record(), TEXTS).parts

        assert {"torch", "transformers", "tokenizers"} <= set(parts)
        assert parts["torch"] != "none"

    def test_differences_say_values_and_spare_hashes(self) -> None:
        """Versions are shown, 64 digits are not."""
        now = ContentKey({"weights": "1" * 64, "dtype": "float32", "torch": "2.7.0", "max_length": "512"})
        before = {"weights": "2" * 64, "dtype": "float32", "torch": "2.6.0"}

        assert now.differences(before) == (
            "weights differs, torch was 2.6.0 and is 2.7.0, max length was unknown and is 512"
        )
