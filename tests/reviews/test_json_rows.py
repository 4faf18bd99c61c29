"""JSON Lines, and JSON files with one array."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.review_files import column, reading, refusal, rows

from harness.reviews.rows import is_blank

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).filter(lambda text: not is_blank(text))
LABELS = st.one_of(st.integers(-5, 10), st.floats(0, 5), st.booleans(), st.sampled_from(["pos", "4 stars", "NA"]))


def lines(*objects: Any) -> str:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects)


class TestLines:
    @given(st.lists(st.tuples(TEXTS, LABELS), min_size=1, max_size=8), st.booleans(), st.sampled_from(["\n", "\r\n"]))
    def test_what_a_writer_writes_is_read_back(
        self, tmp_path_factory: pytest.TempPathFactory, reviews: list[tuple[str, Any]], escaped: bool, end: str
    ):
        content = end.join(json.dumps({"text": t, "label": v}, ensure_ascii=escaped) for t, v in reviews)

        found = reading(tmp_path_factory.mktemp("json"), "r.jsonl", content)

        assert found.texts() == [text for text, _ in reviews]
        assert rows(found) == list(range(1, len(reviews) + 1))

    def test_empty_ones_count_as_lines(self, tmp_path: Path):
        assert rows(reading(tmp_path, "r.jsonl", '\n{"text": "a", "label": 1}\n\n{"text": "b", "label": 2}\n')) == [
            2,
            4,
        ]

    @pytest.mark.parametrize("name", ["r.jsonl", "r.ndjson", "r.json", "R.JSONL"])
    def test_have_several_endings(self, tmp_path: Path, name: str):
        assert len(reading(tmp_path, name, lines({"text": "a", "label": 1}, {"text": "b", "label": 2}))) == 2

    def test_may_be_packed(self, tmp_path: Path):
        packed = gzip.compress(lines({"text": "a", "label": 1}).encode())

        assert reading(tmp_path, "r.jsonl.gz", packed).texts() == ["a"]

    def test_that_are_no_json_or_no_object_are_named(self, tmp_path: Path):
        content = '{"text": "a", "label": 1}\n{"text": "b"\n[1]\n"c"\n{"text": "d", "label": NaN}\n'
        error = refusal(tmp_path, "r.jsonl", content)

        assert error.message == "4 rows are no labelled reviews, for 2 reasons"
        assert error.where == (
            f"{tmp_path}/r.jsonl\n"
            "2 rows are not valid JSON (row 2: Expecting ',' delimiter, character 13); rows 2, 5 (2 in all)\n"
            "2 rows are not JSON objects (row 3: an array); rows 3, 4 (2 in all)"
        )
        assert reading(tmp_path, "r.jsonl", content, on_bad_row="skip").texts() == ["a"]

    @pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
    def test_with_python_s_own_numbers_are_no_json(self, tmp_path: Path, word: str):
        error = refusal(
            tmp_path, "r.jsonl", lines({"text": "a", "label": 1}) + '{"text": "b", "label": ' + word + "}\n"
        )

        assert error.message == f"a row is not valid JSON (row 2: {word} is no JSON)"
        assert error.expected == "one JSON object a line (a missing number is null, not NaN)"

    def test_that_name_a_field_twice_are_named(self, tmp_path: Path):
        error = refusal(tmp_path, "r.jsonl", '{"text": "a", "text": "b", "label": 1}\n{"text": "c", "label": 1}\n')

        assert error.message == "a row is not valid JSON (row 1: a field is named twice)"

    def test_nested_beyond_reason_are_named(self, tmp_path: Path):
        error = refusal(tmp_path, "r.jsonl", '{"text": "a", "label": 1}\n' + "[" * 100_000 + "\n")

        assert error.message == "a row is not valid JSON (row 2: nested too deeply)"

    def test_with_half_a_surrogate_pair_are_named_and_whole_pairs_are_read(self, tmp_path: Path):
        content = '{"text": "cut \\ud83d", "label": 5}\n{"text": "\\ud83d\\ude00 whole", "label": 5}\n'

        assert refusal(tmp_path, "r.jsonl", content).message == "a row holds half a surrogate pair"
        assert reading(tmp_path, "r.jsonl", content, on_bad_row="skip").texts() == ["😀 whole"]

    def test_of_another_format_are_told(self, tmp_path: Path):
        error = refusal(tmp_path, "r.jsonl", "text,label\ngood,5\n")

        assert error.remedy == "no line is a JSON object: give the file the ending of its format, such as .csv"

    def test_in_a_file_named_csv_are_told(self, tmp_path: Path):
        error = refusal(tmp_path, "r.csv", lines({"text": "a", "label": 1}))

        assert error.message == "the file is JSON, though its name says otherwise"
        assert error.remedy == "give it the ending .jsonl"


class TestValues:
    def test_that_are_no_text_are_named_by_kind(self, tmp_path: Path):
        error = refusal(
            tmp_path, "r.jsonl",
            lines({"text": 5, "label": 1}, {"text": None, "label": 1}, {"text": "a", "label": None},
                  {"text": "b", "label": [1]}, {"label": 1}, {"text": "c"}),
        )  # fmt: skip

        assert error.where == (
            f"{tmp_path}/r.jsonl\n"
            "the text of a row is no string; column 'text'; row 1 (1 in all)\n"
            "2 rows have no text; column 'text'; rows 2, 5 (2 in all)\n"
            "the label of a row is a list or an object; column 'label'; row 4 (1 in all)\n"
            "2 rows have no label; column 'label'; rows 3, 6 (2 in all)"
        )

    def test_of_labels_become_one_text_each(self, tmp_path: Path):
        labels = [5, 4.0, 4.5, True, False, " POSITIVE ", "NA"]
        found = reading(tmp_path, "r.jsonl", lines(*({"text": "a", "label": label} for label in labels)))

        assert column(found, "label") == ["5", "4.0", "4.5", "true", "false", "POSITIVE", "NA"]

    def test_within_objects_are_named_with_a_dot(self, tmp_path: Path):
        content = lines({"review": {"text": "good", "stars": 5}}, {"review": {"text": "bad", "stars": 1}})
        error = refusal(tmp_path, "r.jsonl", content)
        found = reading(tmp_path, "r.jsonl", content, text_column="review.text", label_column="review.stars")

        assert error.expected == "one of the columns: 'review', 'review.text', 'review.stars'"
        assert found.texts() == ["good", "bad"]
        assert found.labels() == {"5": 1, "1": 1}

    def test_of_other_columns_are_kept_as_texts_numbers_or_lists_of_them(self, tmp_path: Path):
        found = reading(
            tmp_path, "r.jsonl",
            lines(
                {"text": "a", "label": 1, "n": 1, "x": 1, "tags": ["p", "q"], "v": [1, 2.5], "o": {"k": 1}, "m": 1,
                 "b": True},
                {"text": "b", "label": 2, "n": 2, "x": 0.5, "tags": [], "v": None, "o": None, "m": "one", "b": False},
                {"text": "c", "label": 2, "big": 10**30},
            ),
        )  # fmt: skip

        types = {name: str(found.table.schema.field(name).type) for name in found.kept}
        assert types == {
            "n": "int64", "x": "double", "tags": "list<item: string>", "v": "list<item: double>",
            "o": "string", "m": "string", "b": "string", "big": "string",
        }  # fmt: skip
        assert column(found, "tags") == [["p", "q"], [], None]
        assert column(found, "o") == ['{"k": 1}', None, None]
        assert column(found, "m") == ["1", "one", None]
        assert column(found, "b") == ["true", "false", None]
        assert column(found, "big") == [None, None, str(10**30)]


class TestArray:
    def test_is_read_with_the_line_on_which_each_object_begins(self, tmp_path: Path):
        content = (
            '[\n  {"text": "good",\n   "label": 5},\n\n  {"text": "bad", "label": 1}, {"text": "so", "label": 3}\n]\n'
        )
        found = reading(tmp_path, "r.json", content)

        assert found.texts() == ["good", "bad", "so"]
        assert rows(found) == [2, 5, 5]

    @given(st.lists(st.tuples(TEXTS, LABELS), min_size=1, max_size=6), st.sampled_from([None, 0, 2]))
    def test_what_a_writer_writes_is_read_back(
        self, tmp_path_factory: pytest.TempPathFactory, reviews: list[tuple[str, Any]], indent: int | None
    ):
        content = json.dumps([{"text": text, "label": label} for text, label in reviews], indent=indent)

        found = reading(tmp_path_factory.mktemp("json"), "r.json", content)

        assert found.texts() == [text for text, _ in reviews]
        lines_each = 0 if indent is None else 4
        first = 1 if indent is None else 2
        assert rows(found) == [first + lines_each * number for number in range(len(reviews))]

    @pytest.mark.parametrize("content", ['[{"text": "a", "label": 1}, {"text"', '[{"text": "a", "label": 1}', "[{]"])
    def test_cut_short_is_an_error(self, tmp_path: Path, content: str):
        error = refusal(tmp_path, "r.json", content)

        assert error.message.startswith("the file is not valid JSON: ")
        assert "it may be cut short" in error.remedy

    def test_of_nothing_is_an_empty_set(self, tmp_path: Path):
        assert refusal(tmp_path, "r.json", "[]").message == "there is no review in it"

    def test_within_an_object_is_told(self, tmp_path: Path):
        error = refusal(tmp_path, "r.json", '{"data": [{"text": "a", "label": 1}]}')

        assert error.message == "the file is one JSON object, not a list of reviews; lists stand in 'data'"

    def test_of_columns_is_no_list_of_reviews(self, tmp_path: Path):
        error = refusal(tmp_path, "r.json", '{"text": {"0": "good"},\n "label": {"0": 5}}')

        assert error.message == "the file is one JSON object, not a list of reviews"
