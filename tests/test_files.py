from __future__ import annotations

from pathlib import Path

import pytest

from harness import files


class TestReplacing:
    def test_the_file_has_its_new_content_and_nothing_is_left_over(self, tmp_path: Path) -> None:
        """Folders are made on the way."""
        files.write_text(tmp_path / "a" / "b.json", "old")
        files.write_text(tmp_path / "a" / "b.json", "new\n")

        assert (tmp_path / "a" / "b.json").read_bytes() == b"new\n"
        assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.json"]

    def test_an_error_in_the_middle_leaves_the_old_file(self, tmp_path: Path) -> None:
        """Half a file is never seen under the name."""
        files.write_text(tmp_path / "b.json", "old")

        def interrupted() -> None:
            with files.replacing(tmp_path / "b.json") as temporary:
                temporary.write_text("ne")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()

        assert (tmp_path / "b.json").read_text() == "old"
        assert [path.name for path in tmp_path.iterdir()] == ["b.json"]

    def test_what_a_kill_left_can_be_told_and_removed(self, tmp_path: Path) -> None:
        """Temporary files are hidden and end in .tmp; other files stay."""
        with files.replacing(tmp_path / "b.json") as temporary:
            temporary.write_text("x")
            (tmp_path / temporary.name.replace("b.json", "c.json")).write_text("left by a kill")

        files.remove_temporaries(tmp_path)

        assert [path.name for path in tmp_path.iterdir()] == ["b.json"]
