from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import RunError
from harness.prediction.key import ContentKey
from harness.prediction.shards import Plan, Shards, opened

KEY = ContentKey({"weights": "w" * 64, "dtype": "float32"})


def plan(key: ContentKey = KEY, *, reviews: int = 6, token_budget: int = 100) -> Plan:
    return Plan.of(key, reviews=reviews, classes=2, token_budget=token_budget, window=8)


def add(shards: Shards, *positions: int) -> None:
    """One batch whose logits tell the position."""
    places = np.array(positions)
    logits = np.stack([places, -places], axis=1).astype(np.float32)
    shards.add(places, logits, places.astype(np.int32), places % 2 == 0)


class TestOpened:
    def test_a_batch_is_on_disk_when_its_shard_is_old_enough(self, tmp_path: Path) -> None:
        """At 0 seconds every batch is a shard; without a limit there is one at the end."""
        with opened(tmp_path / "fast", plan(), shard_seconds=0) as shards:
            add(shards, 5, 1)
            add(shards, 0)
            assert len(list((tmp_path / "fast").glob("shard-*.parquet"))) == 2
        with opened(tmp_path / "slow", plan(), shard_seconds=1e9) as shards:
            add(shards, 5, 1)
            add(shards, 0)
            assert list((tmp_path / "slow").glob("shard-*.parquet")) == []
        assert len(list((tmp_path / "slow").glob("shard-*.parquet"))) == 1

    def test_what_was_finished_is_there_again(self, tmp_path: Path) -> None:
        """Written by one process, loaded by the next, every column in its place."""
        with opened(tmp_path, plan(), shard_seconds=0) as shards:
            add(shards, 5, 1)
            add(shards, 0)

        with opened(tmp_path, plan(), shard_seconds=0) as shards:
            assert shards.done.tolist() == [True, True, False, False, False, True]
            assert shards.logits[[0, 1, 5]].tolist() == [[0, 0], [1, -1], [5, -5]]
            assert shards.tokens[[0, 1, 5]].tolist() == [0, 1, 5]
            assert shards.cut[[0, 1, 5]].tolist() == [True, False, False]
            assert shards.notes == []

    def test_an_error_in_the_block_loses_nothing_finished(self, tmp_path: Path) -> None:
        """Whatever ends the block, the open shard is closed."""

        def interrupted() -> None:
            with opened(tmp_path, plan(), shard_seconds=1e9) as shards:
                add(shards, 2, 3)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()

        with opened(tmp_path, plan(), shard_seconds=1e9) as shards:
            assert np.flatnonzero(shards.done).tolist() == [2, 3]

    def test_only_one_process_works_in_a_folder(self, tmp_path: Path) -> None:
        """The second one is told so, and what to do."""
        second = opened(tmp_path, plan(), shard_seconds=0)
        with opened(tmp_path, plan(), shard_seconds=0), pytest.raises(RunError) as raised:
            second.__enter__()

        assert str(raised.value) == (
            "another process works on the same predictions\n"
            f"  where     {tmp_path}\n"
            "  remedy    wait until it ends, or name another folder with --output"
        )

    def test_plan_json_can_be_read_in_an_editor(self, tmp_path: Path) -> None:
        """Key, budget, window, dtype and version."""
        with opened(tmp_path, plan(), shard_seconds=0):
            pass

        assert json.loads((tmp_path / "plan.json").read_text()) == {
            "key": KEY.digest,
            "parts": {"weights": "w" * 64, "dtype": "float32"},
            "reviews": 6,
            "classes": 2,
            "token_budget": 100,
            "window": 8,
            "dtype": "float32",
            "version": 1,
        }

    def test_the_stored_plan_wins_over_the_one_asked_for(self, tmp_path: Path) -> None:
        """Same key, another budget: the batches stay those of the first process."""
        with opened(tmp_path, plan(), shard_seconds=0) as shards:
            add(shards, 1)

        with opened(tmp_path, plan(token_budget=7), shard_seconds=0) as shards:
            assert shards.plan.token_budget == 100

    def test_shards_of_another_key_are_removed(self, tmp_path: Path) -> None:
        """They start anew, from shard 0, with a note."""
        with opened(tmp_path, plan(), shard_seconds=0) as shards:
            add(shards, 1)
            add(shards, 2)
        other = ContentKey({"weights": "w" * 64, "dtype": "float16"})

        with opened(tmp_path, plan(other), shard_seconds=0) as shards:
            assert not shards.done.any()
            assert shards.notes == [
                "the unfinished predictions were not gone on with: dtype was float32 and is float16"
            ]
            assert list(tmp_path.glob("shard-*.parquet")) == []

    @pytest.mark.parametrize("content", ["", "{", "[]", '{"key": 1}', "\0"])
    def test_a_plan_that_cannot_be_read_starts_anew(self, tmp_path: Path, content: str) -> None:
        """Nobody can say what the shards belong to."""
        with opened(tmp_path, plan(), shard_seconds=0) as shards:
            add(shards, 1)
        (tmp_path / "plan.json").write_text(content)

        with opened(tmp_path, plan(), shard_seconds=0) as shards:
            assert not shards.done.any()
            assert shards.notes == ["the unfinished predictions were not gone on with: their plan.json cannot be read"]

    def test_a_plan_of_another_layout_starts_anew(self, tmp_path: Path) -> None:
        """A newer harness forms other batches."""
        with opened(tmp_path, plan(), shard_seconds=0):
            pass
        found = json.loads((tmp_path / "plan.json").read_text())
        (tmp_path / "plan.json").write_text(json.dumps(found | {"version": 9}))

        with opened(tmp_path, plan(), shard_seconds=0) as shards:
            assert shards.notes == [
                "the unfinished predictions were not gone on with: their layout is version 9, of another harness"
            ]

    def test_shards_without_a_plan_are_not_taken_over(self, tmp_path: Path) -> None:
        """A crash between removing the plan's shards and writing the new plan cannot mix them."""
        with opened(tmp_path, plan(), shard_seconds=0) as shards:
            add(shards, 1)
        (tmp_path / "plan.json").unlink()

        with opened(tmp_path, plan(), shard_seconds=0) as shards:
            assert not shards.done.any()

    def test_a_shard_of_another_plan_is_not_taken_over(self, tmp_path: Path) -> None:
        """Copied in from a run with another budget: same reviews, other rounding."""
        with opened(tmp_path / "one", plan(token_budget=7), shard_seconds=0) as shards:
            add(shards, 1)
        with opened(tmp_path / "two", plan(), shard_seconds=0):
            pass
        (tmp_path / "one" / "shard-00000.parquet").rename(tmp_path / "two" / "shard-00000.parquet")

        with opened(tmp_path / "two", plan(), shard_seconds=0) as shards:
            assert not shards.done.any()
            assert shards.notes == [
                "shard-00000.parquet was damaged (it belongs to another plan): its reviews were classified again"
            ]

    def test_half_written_files_of_a_killed_process_are_swept_away(self, tmp_path: Path) -> None:
        """They have a name of their own, and are never read."""
        left = tmp_path / ".shard-00000.parquet.1234abcd.tmp"
        left.write_bytes(b"PAR1 half")

        with opened(tmp_path, plan(), shard_seconds=0) as shards:
            assert not left.exists()
            assert shards.notes == []


class TestDamage:
    @settings(max_examples=100, deadline=None)
    @given(data=st.data())
    def test_a_damaged_shard_is_never_believed(
        self, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
    ) -> None:
        """Cut anywhere, or a byte changed anywhere: the same rows, or a note and the reviews done again."""
        folder = tmp_path_factory.mktemp("shards")
        with opened(folder, plan(), shard_seconds=0) as shards:
            add(shards, 4, 1)
        shard = folder / "shard-00000.parquet"
        whole = shard.read_bytes()
        place = data.draw(st.integers(0, len(whole) - 1))
        change = data.draw(st.integers(0, 255))
        shard.write_bytes(whole[:place] + (bytes([whole[place] ^ change]) + whole[place + 1 :] if change else b""))

        with opened(folder, plan(), shard_seconds=0) as shards:
            if shards.done.any():
                assert shards.logits.tolist() == [[0, 0], [1, -1], [0, 0], [0, 0], [4, -4], [0, 0]]
                assert shards.tokens.tolist() == [0, 1, 0, 0, 4, 0]
                assert shards.notes == []
            else:
                (note,) = shards.notes
                assert note.startswith("shard-00000.parquet was damaged (")
                assert note.endswith("): its reviews were classified again")
                assert str(folder) not in note
                assert not shard.exists()

    def test_a_new_shard_never_takes_the_name_of_one_that_is_kept(self, tmp_path: Path) -> None:
        """Numbers go on after the highest, also when one in between was damaged."""
        with opened(tmp_path, plan(), shard_seconds=0) as shards:
            for position in range(3):
                add(shards, position)
        (tmp_path / "shard-00001.parquet").write_bytes(b"")

        with opened(tmp_path, plan(), shard_seconds=0) as shards:
            add(shards, 1)

        assert sorted(path.name for path in tmp_path.glob("shard-*")) == [
            "shard-00000.parquet", "shard-00002.parquet", "shard-00003.parquet",
        ]  # fmt: skip
