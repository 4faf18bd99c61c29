"""Runs on the same reviews are compared in pairs, and a page shows them side by side."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import sample_run

from harness import pairwise
from harness.errors import NothingMeasured, UsageError
from harness.report.many import page
from harness.report.many.pareto import Point, best


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three finished runs of the same reviews."""
    sample = sample_run.sample(reviews=300, timings=False)
    for name in ("first", "second", "third"):
        path = tmp_path / "runs" / name
        path.mkdir(parents=True)
        sample.run = sample.run.model_copy(update={"id": name, "name": name})
        sample.write(path)
    return tmp_path / "runs"


class TestCompare:
    def test_pairs_every_two_runs_of_the_same_reviews(self, folder):
        found, _ = pairwise.named(["first", "second", "third"], folder)

        [group] = pairwise.compare(found)

        assert [(each.candidate.letter, each.reference.letter) for each in group.pairs] == [
            ("B", "A"),
            ("C", "A"),
            ("C", "B"),
        ]
        assert all(each.comparison.identical for each in group.pairs)

    def test_a_run_that_is_named_twice_is_refused(self, folder):
        with pytest.raises(UsageError, match="the same run is named twice"):
            pairwise.named(["first", "first"], folder)

    def test_a_folder_without_an_evaluation_is_nothing_to_compare(self, tmp_path):
        with pytest.raises(NothingMeasured, match="no evaluation to compare"):
            pairwise.of_folder(tmp_path)


class TestPage:
    def test_of_two_shows_what_flipped(self, folder):
        found, _ = pairwise.named(["first", "second"], folder)

        text = page.made(pairwise.compare(found), title="<b>two</b>")

        assert "Flipped reviews" in text
        assert "<b>two" not in text

    def test_of_a_folder_is_a_history_that_names_what_was_left_out(self, folder):
        (folder / "broken").mkdir()
        (folder / "broken" / "run.json").write_text("{")
        found, skipped = pairwise.of_folder(folder)

        text = page.made(pairwise.compare(found, pairs=False), title="runs", history=True, skipped=skipped)

        assert [name for name, _ in skipped] == ["broken"]
        assert "Run after run" in text
        assert "1 folder left out" in text


class TestBest:
    def test_is_what_no_other_beats_in_both(self):
        fast, right = Point("A", "", 9, 0.4, None, None), Point("B", "", 3, 0.6, None, None)

        assert best([fast, right, Point("C", "", 2, 0.5, None, None)]) == ("A", "B")
