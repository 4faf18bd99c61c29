"""The front door: sources, ids, titles, kept columns, fingerprints and notes."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.review_files import column, reading, refusal, rows, written

import harness.reviews
from harness.errors import ReviewSetError
from harness.options import Settings
from harness.reviews import ReviewOptions, read
from harness.reviews.strings import fingerprint, string_column
from harness.reviews.titles import joined


def error(source: str, **options: str) -> ReviewSetError:
    with pytest.raises(ReviewSetError) as caught:
        read(source, ReviewOptions(**options))  # type: ignore[arg-type]
    return caught.value


class TestFrontDoor:
    def test_has_three_names(self):
        assert harness.reviews.__all__ == ["ReviewOptions", "ReviewSet", "read"]
        assert all(hasattr(harness.reviews, name) for name in harness.reviews.__all__)

    def test_is_light_to_import(self):
        code = "import sys, harness.reviews; print([m for m in ('pyarrow', 'datasets', 'pandas') if m in sys.modules])"
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

        assert found.stdout == "[]\n"

    def test_takes_its_options_from_the_settings(self):
        settings = Settings(text_column="t", label_column="l", delimiter="tab", no_header=True, on_bad_row="skip")

        assert ReviewOptions.of(settings) == ReviewOptions(
            text_column="t", label_column="l", delimiter="\t", no_header=True, on_bad_row="skip"
        )


class TestBuiltin:
    def test_is_read_through_the_same_door(self):
        found = read("builtin", ReviewOptions())

        assert (found.id, found.name, found.source) == ("builtin", "builtin", "builtin")
        assert (found.text_column, found.label_column) == ("text", "stars")
        assert found.kept == ("language", "domain", "phenomena")
        assert set(found.labels()) == {"1", "2", "3", "4", "5"}
        assert str(found.table.schema.field("phenomena").type) == "list<item: string>"
        assert found.notes == ()

    def test_is_not_changed_by_options_that_are_for_other_sets(self):
        found = read("builtin", ReviewOptions(text_column="body", encoding="cp1252", no_header=True))

        assert found.fingerprint == read("builtin", ReviewOptions()).fingerprint
        assert found.notes == ("its columns are known: the options for columns and files are for other sets",)


class TestSources:
    def test_a_missing_file_suggests_its_near_neighbours(self, tmp_path: Path):
        written(tmp_path, "reviews_en.csv", "text,label\ngood,5\n")
        found = error(str(tmp_path / "review_en.csv"))

        assert str(found) == (
            "there is no such file\n"
            f"  where     {tmp_path}/review_en.csv\n"
            f"  remedy    did you mean {tmp_path}/reviews_en.csv?"
        )

    def test_a_missing_file_suggests_its_other_ending(self, tmp_path: Path):
        written(tmp_path, "r.csv.gz", "text,label\ngood,5\n")

        assert error(str(tmp_path / "r.csv")).remedy == f"did you mean {tmp_path}/r.csv.gz?"

    def test_a_missing_folder_is_said(self, tmp_path: Path):
        found = error(str(tmp_path / "no" / "reviews.csv"))

        assert found.message == "there is no such file, nor the folder it should be in"

    @pytest.mark.parametrize("source", ["reviews", "reviews:"])
    def test_a_bare_name_is_a_file_or_needs_a_split(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str):
        monkeypatch.chdir(tmp_path)
        written(tmp_path, "reviews.csv", "text,label\ngood,5\n")

        assert error(source).remedy == (
            "did you mean reviews.csv? (a data set of the hub needs its split: reviews:test)"
        )

    def test_a_file_has_no_splits(self, tmp_path: Path):
        source = written(tmp_path, "r.csv", "text,label\ngood,5\n")
        found = error(f"{source}:test")

        assert found.message == "a file has no split 'test'"
        assert found.remedy == f"name the file alone: {source}"

    def test_a_missing_file_with_a_split_is_a_missing_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.chdir(tmp_path)

        assert error("data.csv:test").message == "there is no such file"

    def test_a_folder_of_files_names_some(self, tmp_path: Path):
        source = written(tmp_path, "r.csv", "text,label\ngood,5\n")
        found = error(str(tmp_path))

        assert found.message == "the folder is no saved data set"
        assert found.remedy == f"name one of its files: {source}"

    def test_an_unknown_ending_is_an_error_and_the_remedy_works(self, tmp_path: Path):
        found = refusal(tmp_path, "reviews.txt", "text,label\ngood,5\n")

        assert found.message == "the ending '.txt' names no format that is read"
        assert found.expected == "CSV, TSV, JSONL or JSON (each also .gz), or Parquet"
        assert found.remedy == "rename the file after its format, such as reviews.csv"

    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("r.xlsx", b"PK\x03\x04sheet", "the file is an Excel workbook or a zip archive"),
            ("r.csv", b"PK\x03\x04sheet", "the file is an Excel workbook or a zip archive"),
            ("r.csv.bz2", b"BZh91AY&SY", "the file is packed with bzip2"),
            ("r.csv", b"<!DOCTYPE html>\n<html>", "the file is a web page or XML"),
            (
                "r.csv",
                b"version https://git-lfs.github.com/spec/v1\n",
                "the file is a Git LFS pointer, without the data",
            ),
            ("r.csv", b"", "the file is empty"),
            ("r.jsonl", b" \n\n", "the file is empty"),
            ("r.parquet", b"", "the file is empty"),
        ],
    )
    def test_a_file_of_another_kind_is_told_by_its_bytes(self, tmp_path: Path, name: str, content: bytes, message: str):
        assert refusal(tmp_path, name, content).message == message


class TestIds:
    def test_of_the_set_are_used(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", "review_id,text,label\n a7 ,good,5\n8,bad,1\n")

        assert column(found, "id") == ["a7", "8"]
        assert found.kept == ()
        assert found.notes == ("ids from column 'review_id'",)

    def test_that_stand_twice_are_named_and_every_remedy_works(self, tmp_path: Path):
        content = "id,nr,text,label\na,1,good,5\nb,2,bad,1\na,3,fine,4\na,4,so,3\n"
        found = refusal(tmp_path, "r.csv", content)

        assert found.message == "2 rows have an id that stands in an earlier row ('a' in rows 2 and 4)"
        assert found.where == f"{tmp_path}/r.csv, rows 4, 5 (2 in all), column 'id'"
        assert found.expected == "each id once"
        assert column(reading(tmp_path, "r.csv", content, id_column="nr"), "id") == ["1", "2", "3", "4"]
        assert reading(tmp_path, "r.csv", content, id_column="none").kept == ("id_2", "nr")
        assert reading(tmp_path, "r.csv", content, on_bad_row="skip").texts() == ["good", "bad"]

    def test_that_are_missing_in_some_rows_are_named(self, tmp_path: Path):
        assert refusal(tmp_path, "r.csv", "id,text,label\na,good,5\n,bad,1\n").message == "a row has no id"

    def test_made_from_the_text_have_its_hash_and_an_occurrence_number(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", "text,label\ngood,5\nbad,1\ngood,4\n")
        good = hashlib.sha256(b"good").hexdigest()[:16]
        bad = hashlib.sha256(b"bad").hexdigest()[:16]

        assert column(found, "id") == [f"{good}-1", f"{bad}-1", f"{good}-2"]
        assert found.repeated_texts == 1
        assert found.notes == ("1 text stands earlier in the set too",)

    @given(st.lists(st.sampled_from(["good", "bad", "so so", "fine"]), min_size=1, max_size=12), st.randoms())
    def test_made_from_the_text_survive_another_order_and_other_labels(
        self, tmp_path_factory: pytest.TempPathFactory, texts: list[str], order: random.Random
    ):
        folder = tmp_path_factory.mktemp("ids")
        before = reading(folder, "r.csv", "text,label\n" + "".join(f"{text},5\n" for text in texts))
        order.shuffle(texts)
        after = reading(folder, "r.csv", "text,label\n" + "".join(f"{text},1\n" for text in texts))

        pairs = [sorted(zip(column(found, "id"), found.texts(), strict=True)) for found in (before, after)]
        assert pairs[0] == pairs[1]
        assert len({identity for identity, _ in pairs[0]}) == len(texts)


class TestTitles:
    def test_stand_before_the_text_on_request_only(self, tmp_path: Path):
        content = "title,text,label\nGreat,Works well.,5\n,No title here,4\nReally?,Broke at once,1\n"

        assert reading(tmp_path, "r.csv", content).texts() == ["Works well.", "No title here", "Broke at once"]
        found = reading(tmp_path, "r.csv", content, title_column="title")
        assert found.texts() == ["Great. Works well.", "No title here", "Really? Broke at once"]
        assert found.title_column == "title"
        assert found.kept == ()
        assert found.notes == ("the title (column 'title') stands before the text",)

    @pytest.mark.parametrize(
        ("title", "text", "whole"),
        [
            ("Great", "Works.", "Great. Works."),
            ("Great.", "Works.", "Great. Works."),
            ("Great!!!", "Works.", "Great!!! Works."),
            ('He said "great!"', "Works.", 'He said "great!" Works.'),
            ("Great (so far)", "Works.", "Great (so far). Works."),
            ("Great", "... or not", "Great ... or not"),
            ("Great…", "or not", "Great… or not"),
            (" Great ", " Works.", "Great. Works."),
            ("", " Works.", " Works."),
            (None, "Works.", "Works."),
            ("Great", "", "Great"),
            ("素晴らしい。", "良い", "素晴らしい。 良い"),
        ],
    )
    def test_gain_a_full_stop_unless_they_end_already(self, title: str | None, text: str, whole: str):
        assert joined(title, text) == whole

    def test_alone_are_a_text_and_with_neither_the_row_is_bad(self, tmp_path: Path):
        content = "title,text,label\nOnly a title,,5\n,,4\n"
        found = refusal(tmp_path, "r.csv", content, title_column="title")

        assert found.message == "a row has no text"
        assert found.where.endswith("row 3 (1 in all), column 'text'")

    def test_that_are_no_string_are_bad_rows(self, tmp_path: Path):
        content = '{"title": 1984, "text": "a", "label": 1}\n{"title": null, "text": "b", "label": 1}\n'

        assert refusal(tmp_path, "r.jsonl", content, title_column="title").message == (
            "the title of a row is no string"
        )


class TestKeptColumns:
    def test_are_all_but_text_label_id_and_title(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", "id,language,text,label,domain\na,en,good,5,books\nb,de,gut,4,\n")

        assert found.kept == ("language", "domain")
        assert found.table.column_names == ["id", "text", "label", "row", "language", "domain"]
        assert column(found, "domain") == ["books", ""]

    def test_leave_bad_rows_out_too(self, tmp_path: Path):
        content = '{"text": "a", "label": 1, "n": 1, "l": "x"}\n{"text": "", "label": 1, "n": 2, "l": "y"}\n'
        content += '{"text": "c", "label": 1, "n": 3, "l": "z"}\n'
        found = reading(tmp_path, "r.jsonl", content, on_bad_row="skip")

        assert column(found, "n") == [1, 3]
        assert column(found, "l") == ["x", "z"]

    def test_of_a_name_that_the_table_needs_are_numbered(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", "text,stars,label,row\ngood,5,pos,7\n", label_column="stars")

        assert found.kept == ("label_2", "row_2")
        assert column(found, "label_2") == ["pos"]
        assert "column 'label' is kept as 'label_2'" in found.notes


class TestFingerprint:
    CONTENT = "id,text,label,domain\na,good,5,x\nb,bad,1,y\n"

    def test_is_of_ids_texts_and_labels(self, tmp_path: Path):
        same = self.CONTENT.replace(",x\n", ",z\n")
        first = reading(tmp_path, "r.csv", self.CONTENT)

        assert reading(tmp_path, "s.csv", same).fingerprint == first.fingerprint
        for other in ("a,", "good", ",5"):
            changed = reading(tmp_path, "s.csv", self.CONTENT.replace(other, other.upper().replace("5", "4")))
            assert changed.fingerprint != first.fingerprint

    def test_of_texts_depends_on_texts_alone(self, tmp_path: Path):
        first = reading(tmp_path, "r.csv", self.CONTENT)
        relabelled = reading(tmp_path, "s.csv", self.CONTENT.replace(",5", ",4").replace("a,", "c,"))
        retold = reading(tmp_path, "s.csv", self.CONTENT.replace("good", "great"))

        assert relabelled.texts_fingerprint == first.texts_fingerprint
        assert retold.texts_fingerprint != first.texts_fingerprint

    def test_does_not_depend_on_the_format(self, tmp_path: Path):
        lines = '{"id": "a", "text": "good", "label": 5}\n{"id": "b", "text": "bad", "label": 1}\n'

        assert reading(tmp_path, "r.jsonl", lines).fingerprint == reading(tmp_path, "r.csv", self.CONTENT).fingerprint

    @given(st.lists(st.text(max_size=5), max_size=8), st.integers(0, 8))
    def test_does_not_depend_on_how_a_column_is_cut_into_pieces(self, texts: list[str], place: int):
        import pyarrow as pa

        whole = string_column(texts)
        cut = pa.chunked_array(
            [*string_column(texts[:place]).chunks, *string_column(texts[place:]).chunks], pa.string()
        )

        assert whole.to_pylist() == texts
        assert fingerprint(cut) == fingerprint(whole) == fingerprint(whole.slice(0))


class TestSet:
    CONTENT = "text,label\ngood,5\nbad,1\nfine,5\n"

    def test_counts_its_labels_and_knows_their_rows(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", self.CONTENT)

        assert len(found) == 3
        assert found.labels() == {"5": 2, "1": 1}
        assert found.rows_of("5") == [2, 4]
        assert found.rows_of("2") == []
        assert rows(found) == [2, 3, 4]

    def test_leaves_a_record_without_the_machine_s_folders(self, tmp_path: Path):
        record = reading(tmp_path, "my set.csv", self.CONTENT).record()

        assert record.model_dump() == {
            "id": "my-set", "name": "my set.csv", "source": "my set.csv", "text_column": "text", "title_column": None,
            "label_column": "label", "columns": (), "reviews": 3, "notes": (),
            "fingerprint": reading(tmp_path, "my set.csv", self.CONTENT).fingerprint,
        }  # fmt: skip


class TestObservations:
    @pytest.mark.parametrize(
        ("text", "note"),
        [
            ("#NAME?", "texts with an error value that a spreadsheet left in place of the text: row 2 (1 in all)"),
            ("sch\ufffdn", "texts with the sign U+FFFD, where an earlier program lost characters: row 2 (1 in all)"),
            (
                "schÃ¶n, itâ€™s",
                "texts with characters such as 'Ã¤' or 'â€™', as if UTF-8 had been read as another encoding: "
                "row 2 (1 in all)",
            ),
        ],
    )
    def test_say_what_looks_odd_and_change_nothing(self, tmp_path: Path, text: str, note: str):
        found = reading(tmp_path, "r.csv", f'text,label\n"{text}",5\nschön – it’s fine,4\n')

        assert found.texts() == [text, "schön – it’s fine"]
        assert found.notes == (note,)
