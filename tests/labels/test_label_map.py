"""The label map as text, as a file, and against a classifier's classes."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import LabelError, UsageError
from harness.labels import read_label_map
from harness.labels.label_map import targets
from harness.labels.scheme import Reading, scheme_of

STARS = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")


class TestReadLabelMap:
    def test_pairs_are_separated_by_commas(self):
        assert read_label_map("5=POSITIVE, 1 = NEGATIVE") == {"5": "POSITIVE", "1": "NEGATIVE"}

    def test_a_path_is_read_as_a_json_object(self, tmp_path: Path):
        path = tmp_path / "labels.json"
        path.write_text('{"so, so": "3 stars", "a=b": 1}', encoding="utf-8")

        assert read_label_map(str(path)) == {"so, so": "3 stars", "a=b": "1"}

    def test_a_file_needs_no_json_in_its_name_and_may_have_a_byte_order_mark(self, tmp_path: Path):
        path = tmp_path / "labels"
        path.write_text('\ufeff{"1": "neg"}', encoding="utf-8")

        assert read_label_map(str(path)) == {"1": "neg"}

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("5", "'5' is no pair of a label and a class"),
            ("5=", "'5=' is no pair of a label and a class"),
            ("=POSITIVE", "'=POSITIVE' is no pair of a label and a class"),
            ("a=b=c", "'a=b=c' is no pair of a label and a class"),
            ("", "the label map is empty"),
            ("1=a,1=b", "the label map names '1' twice"),
            ("4=a,4.0=b", "the label map names '4' and '4.0' twice"),
            ("nowhere.json", "there is no file nowhere.json"),
        ],
    )
    def test_what_is_no_map_is_said(self, text: str, message: str):
        with pytest.raises(UsageError) as caught:
            read_label_map(text)

        assert caught.value.message == message
        assert "'5=POSITIVE,1=NEGATIVE'" in caught.value.expected

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("[1, 2]", "labels.json is no JSON object"),
            ('"text"', "labels.json is no JSON object"),
            ("{}", "the label map is empty"),
            ('{"1": ["a"]}', "the class of label '1' is no text"),
            ('{"1": {"a": "b"}}', "the class of label '1' is no text"),
            ('{"1": null}', "the class of label '1' is no text"),
            ('{"1": true}', "the class of label '1' is no text"),
            ('{"1": "a", "1": "b"}', "the label map names '1' twice"),
        ],
    )
    def test_what_is_no_map_in_a_file_is_said(self, tmp_path: Path, content: str, message: str):
        path = tmp_path / "labels.json"
        path.write_text(content, encoding="utf-8")

        with pytest.raises(UsageError) as caught:
            read_label_map(str(path))

        assert caught.value.message == message

    @pytest.mark.parametrize("content", [b'{"1": ', b"\xff\xfe{"])
    def test_a_broken_file_is_said_with_its_path(self, tmp_path: Path, content: bytes):
        path = tmp_path / "labels.json"
        path.write_bytes(content)

        with pytest.raises(UsageError, match=r"^labels\.json is not valid JSON: ") as caught:
            read_label_map(str(path))

        assert caught.value.where == str(path)


class TestTargets:
    def test_a_target_is_a_class_in_any_case(self):
        classes = ("NEGATIVE", "POSITIVE")

        assert targets({"A": "positive"}, classes, scheme_of(classes)) == {"a": Reading("class", 1)}

    def test_sentiments_and_stars_are_understood_beside_the_classes(self):
        label_map = {"bad": "negative", "so": "neutral", "4": "4", "great": "5 stars", "worst": "very negative"}

        assert targets(
            label_map, ("neutral", "positive", "negative"), scheme_of(("neutral", "positive", "negative"))
        ) == {
            "bad": Reading("class", 2),
            "so": Reading("class", 0),
            "4": Reading("stars", 4),
            "great": Reading("stars", 5),
            "worst": Reading("very", 0),
        }

    def test_an_unknown_target_lists_the_classes_and_the_nearest(self):
        with pytest.raises(LabelError) as caught:
            targets({"5": "POSITVE"}, ("NEGATIVE", "POSITIVE"), scheme_of(("NEGATIVE", "POSITIVE")))

        assert str(caught.value) == (
            "the label map sends '5' to 'POSITVE', which is no class of the classifier\n"
            "  where     option --label-map\n"
            "  expected  one of the classes NEGATIVE, POSITIVE\n"
            "            or negative, neutral, positive, or a number of stars from 1 to 5\n"
            "  remedy    did you mean 'POSITIVE'? correct the map"
        )

    @pytest.mark.parametrize("target", ["6", "0", "6 stars"])
    def test_there_are_five_stars(self, target: str):
        with pytest.raises(LabelError, match=f"^the label map sends 'x' to '{target}', which is no class"):
            targets({"x": target}, STARS, scheme_of(STARS))

    def test_classes_of_another_kind_have_no_sentiments(self):
        with pytest.raises(LabelError, match=r"^the label map sends 'x' to 'positive', which is no class") as caught:
            targets({"x": "positive"}, ("ham", "spam"), scheme_of(("ham", "spam")))

        assert caught.value.expected == "one of the classes ham, spam"
