from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from harness.cache import Cache, folder
from harness.prediction.rows import Finished, Rows

KEY = "0" * 64


def finished(reviews: int = 3, **changed: object) -> Finished:
    rows = Rows(
        positions=np.arange(reviews),
        logits=np.arange(2 * reviews, dtype=np.float32).reshape(reviews, 2),
        tokens=np.arange(reviews, dtype=np.int32),
        cut=np.arange(reviews) % 2 == 0,
    )
    facts = {"token_budget": 64, "padding_share": 0.25, "batching_difference": 1e-6, "batching_tolerance": None}
    return Finished(rows=rows, **facts | changed)  # type: ignore[arg-type]


class TestCache:
    def test_what_was_put_comes_back_whole(self, tmp_path: Path) -> None:
        """Every array and every fact of the batches."""
        assert Cache(tmp_path).put(KEY, finished()) == ""

        lookup = Cache(tmp_path).get(KEY, 3)

        assert lookup.note == ""
        assert lookup.finished is not None
        assert lookup.finished.rows.digest() == finished().rows.digest()
        facts = lookup.finished.token_budget, lookup.finished.padding_share
        assert facts == (64, 0.25)
        assert (lookup.finished.batching_difference, lookup.finished.batching_tolerance) == (1e-6, None)

    def test_what_was_never_put_is_not_there(self, tmp_path: Path) -> None:
        """No entry, no note."""
        assert Cache(tmp_path).get(KEY, 3) == Cache(tmp_path / "nowhere").get(KEY, 3)
        assert Cache(tmp_path).get(KEY, 3).finished is None

    def test_an_entry_holds_no_text_no_id_and_no_label(self, tmp_path: Path) -> None:
        """Nothing of the reviews but how many tokens they have."""
        Cache(tmp_path).put(KEY, finished())

        table = pq.read_table(Cache(tmp_path).path(KEY))

        assert table.column_names == ["position", "logits", "tokens", "cut"]

    @pytest.mark.parametrize(
        ("key", "reviews", "reason"),
        [("1" * 64, 3, "it belongs to another key or version"), (KEY, 4, "it holds other reviews")],
    )
    def test_an_entry_that_is_not_what_its_name_says_is_set_aside(
        self, tmp_path: Path, key: str, reviews: int, reason: str
    ) -> None:
        """A file copied under another key, or one of another set."""
        cache = Cache(tmp_path)
        cache.put(KEY, finished())
        cache.path(KEY).rename(cache.path(key))

        lookup = cache.get(key, reviews)

        assert lookup.finished is None
        assert lookup.note == f"a damaged entry of the cache was set aside and measured anew ({reason})"

    def test_a_new_entry_replaces_the_old_one(self, tmp_path: Path) -> None:
        """One file a key."""
        Cache(tmp_path).put(KEY, finished(3))
        Cache(tmp_path).put(KEY, finished(3, token_budget=128))

        found = Cache(tmp_path).get(KEY, 3).finished
        assert found is not None
        assert found.token_budget == 128
        assert len(list(tmp_path.rglob("*.*"))) == 1


class TestFolder:
    def test_harness_cache_names_it(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """For a build server that keeps one between builds."""
        monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "here"))

        assert folder() == tmp_path / "here"
        assert Cache().root == tmp_path / "here"

    def test_without_it_the_users_cache_folder_is_taken(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Also where the variable is set to nothing."""
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        monkeypatch.setenv("HARNESS_CACHE", "")

        assert folder().name == "review-harness"
