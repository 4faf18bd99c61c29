"""`harness predict`: where texts come from, and the three shapes in which answers leave."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from support import rule_classifier

from harness.errors import ReviewSetError, UsageError
from harness.options import Settings
from harness.predicting import refuse_timing_only, texts_of, write

CLASSES = ("bad", "good")
PROBABILITIES = np.array([[0.25, 0.75], [0.9, 0.1]], dtype=np.float32)


def written(shape: str, texts: list[str]) -> str:
    out = io.StringIO()
    write(texts, PROBABILITIES, CLASSES, shape, out)
    return out.getvalue()


class TestRefuseTimingOnly:
    def test_random_weights_predict_nothing(self) -> None:
        record = rule_classifier.record("shape:tiny", 512, "auto").model_copy(update={"timing_only": True})

        with pytest.raises(UsageError) as caught:
            refuse_timing_only(SimpleNamespace(record=record))  # type: ignore[arg-type]
        assert str(caught.value) == (
            "shape:tiny has random weights: it can be timed, and what it predicts means nothing\n"
            "  where     option --model shape:tiny\n"
            "  remedy    name a checkpoint, or builtin"
        )

    def test_trained_weights_are_fine(self) -> None:
        refuse_timing_only(SimpleNamespace(record=rule_classifier.record("right", 512, "auto")))  # type: ignore[arg-type]


class TestTextsOf:
    def test_arguments_are_texts(self) -> None:
        assert texts_of(["one", "two words"], None, Settings()) == ["one", "two words"]

    @pytest.mark.parametrize("content", ["a\nb\n", "a\r\nb", "a\rb\r", "\ufeffa\nb"])
    def test_lines_of_a_file_are_texts_however_they_end(self, tmp_path: Path, content: str) -> None:
        file = tmp_path / "texts.txt"
        file.write_bytes(content.encode())

        assert texts_of([], str(file), Settings()) == ["a", "b"]

    def test_standard_input_is_read_where_nothing_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Piped:
            buffer = io.BytesIO(b"from a pipe\n")

            def isatty(self) -> bool:
                return False

        monkeypatch.setattr("sys.stdin", Piped())

        assert texts_of([], None, Settings()) == ["from a pipe"]

    def test_texts_and_a_file_together_are_refused(self) -> None:
        with pytest.raises(UsageError, match="TEXT and --file cannot go together"):
            texts_of(["a"], "f.txt", Settings())

    def test_a_blank_line_is_an_error_that_names_it(self, tmp_path: Path) -> None:
        file = tmp_path / "texts.txt"
        file.write_text("a\n\n  \nb\n")

        with pytest.raises(ReviewSetError) as caught:
            texts_of([], str(file), Settings())

        assert caught.value.message == "a blank line has nothing to classify"
        assert caught.value.where == f"{file}, lines 2, 3 (2 in all)"

    def test_blank_lines_are_left_out_and_counted_on_request(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "texts.txt"
        file.write_text("a\n\nb\n")

        assert texts_of([], str(file), Settings(on_bad_row="skip")) == ["a", "b"]
        assert capsys.readouterr().err == f"left out 1 blank line of {file}\n"

    def test_a_wrong_encoding_names_the_line_and_the_remedy(self, tmp_path: Path) -> None:
        file = tmp_path / "texts.txt"
        file.write_bytes("gut\nschön\n".encode("cp1252"))

        with pytest.raises(ReviewSetError) as caught:
            texts_of([], str(file), Settings())

        assert (caught.value.message, caught.value.where) == ("byte 0xf6 is no utf-8", f"{file}, line 2")
        assert texts_of([], str(file), Settings(encoding="cp1252")) == ["gut", "schön"]

    def test_a_missing_file_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(ReviewSetError, match="the file cannot be read: No such file or directory"):
            texts_of([], str(tmp_path / "none.txt"), Settings())

    def test_an_unknown_encoding_is_refused(self, tmp_path: Path) -> None:
        file = tmp_path / "texts.txt"
        file.write_text("a")

        with pytest.raises(UsageError, match="unknown encoding 'utf-9'"):
            texts_of([], str(file), Settings(encoding="utf-9"))


class TestWrite:
    def test_json_has_one_object_a_text(self) -> None:
        assert json.loads(written("json", ["fine", "awful"])) == [
            {"text": "fine", "label": "good", "probabilities": {"bad": 0.25, "good": 0.75}},
            {"text": "awful", "label": "bad", "probabilities": pytest.approx({"bad": 0.9, "good": 0.1})},
        ]

    def test_csv_reads_back_whatever_the_text_holds(self) -> None:
        rows = list(csv.DictReader(io.StringIO(written("csv", ['a "quoted", text', "two\nlines"]))))

        assert [row["text"] for row in rows] == ['a "quoted", text', "two\nlines"]
        assert rows[0]["label"] == "good"
        assert float(rows[1]["bad"]) == pytest.approx(0.9, abs=1e-6)

    def test_text_shows_every_label_and_marks_the_top_one(self) -> None:
        lines = written("text", ["fine", "awful"]).splitlines()

        assert lines[0] == "fine"
        assert lines[1].split()[:2] == ["bad", "0.2500"]
        assert lines[2].endswith("◀")
        assert lines[2].split()[:2] == ["good", "0.7500"]


class TestCutNote:
    def test_names_the_texts_that_lost_their_end(self) -> None:
        from harness.predicting import cut_note

        note = cut_note(np.array([False, True, True]), 512)

        assert note == "longer than 512 tokens, so their end was not read: texts 2, 3 (2 in all)"
