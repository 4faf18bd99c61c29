from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard

from harness.errors import UsageError
from harness.report.card import readme

PATH = Path("README.md")
INDEX: list[dict[str, Any]] = [
    {
        "name": "stars",
        "results": [
            {
                "task": {"type": "text-classification"},
                "dataset": {"name": "shop.csv", "type": "shop.csv"},
                "metrics": [{"type": "accuracy", "value": 0.5}],
            }
        ],
    }
]
WRITTEN = """\
model-index:
- name: stars
  results:
  - task:
      type: text-classification
    dataset:
      name: shop.csv
      type: shop.csv
    metrics:
    - type: accuracy
      value: 0.5
"""
OLD = "model-index:\n  - name: 'old'   # by hand\n    results: []\n"
ABOVE = '# who may use it\nlicense:   "mit"\ntags: [a,  b]   # two\n'
BELOW = "# whose\n\nlanguage:\n- en\nempty:\n"
TEXT = "\n# Stars\n\n  text ---\n---\nmodel-index: not this one\n"


def card(*parts: str) -> str:
    return "---\n" + "".join(parts) + "---\n" + TEXT


def with_index(content: str) -> str:
    edited, anew = readme.with_index(content, INDEX, PATH)
    assert not anew
    return edited


class TestWithIndex:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            pytest.param(card(ABOVE, OLD, BELOW), card(ABOVE, WRITTEN, BELOW), id="between other keys"),
            pytest.param(card(OLD, BELOW), card(WRITTEN, BELOW), id="first"),
            pytest.param(card(ABOVE, OLD), card(ABOVE, WRITTEN), id="last"),
            pytest.param(card(OLD), card(WRITTEN), id="alone"),
            pytest.param(card(ABOVE, "'model-index': []\n", BELOW), card(ABOVE, WRITTEN, BELOW), id="quoted"),
            pytest.param(card(ABOVE, BELOW), card(ABOVE, BELOW, WRITTEN), id="without an index"),
            pytest.param(card("\n"), card(WRITTEN), id="empty metadata"),
            pytest.param(TEXT, card(WRITTEN), id="no metadata"),
        ],
    )
    def test_lines_of_the_index_are_exchanged_and_every_other_byte_stays(self, before, after):
        assert with_index(before) == after
        assert with_index(before.replace("\n", "\r\n")) == after.replace("\n", "\r\n")
        assert with_index("\ufeff" + before) == "\ufeff" + after

    def test_empty_file_gets_the_metadata_alone(self):
        assert with_index("") == "---\n" + WRITTEN + "---\n"

    def test_an_index_that_says_so_already_stays_as_it_is_written(self):
        result = "task: {type: text-classification}, dataset: {name: shop.csv, type: shop.csv}"
        index = f"model-index: [{{name: stars, results: [{{{result}, metrics: [{{type: accuracy, value: 0.50}}]}}]}}]\n"
        same = card(ABOVE, index, BELOW)

        assert with_index(same) == same

    def test_the_hub_reads_the_outcome(self):
        found = ModelCard(with_index(card(ABOVE, OLD, BELOW))).data

        assert found.model_name == "stars"
        assert [each.metric_value for each in found.eval_results] == [0.5]
        assert found.license == "mit"
        assert found.language == ["en"]

    @pytest.mark.parametrize(
        "metadata",
        [
            pytest.param("{license: mit, tags: [a, b]}\n", id="in braces"),
            pytest.param("  license: mit\n  tags: [a, b]\n", id="indented"),
            pytest.param("model-index: &a []\nlicense: mit\ntags: [a, b]\nother: *a\n", id="with an alias into it"),
            pytest.param('license: mit\ntags: [a, "b"]\ntext: "one\nmodel-index: two"\n', id="a key in a quoted text"),
        ],
    )
    def test_form_whose_lines_cannot_be_exchanged_is_written_anew_by_the_library(self, metadata):
        edited, anew = readme.with_index(card(metadata), INDEX, PATH)
        found = ModelCard(edited)

        assert anew
        assert found.text == TEXT
        assert found.data.license == "mit"
        assert found.data.tags == ["a", "b"]
        assert found.data.eval_results[0].metric_value == 0.5

    @pytest.mark.parametrize("value", ["---", "a\n---\nb", "a: b", "- x", "#", "'", '"', "{", "&a", "\u2028", "no"])
    def test_no_value_breaks_the_metadata(self, value):
        index = [{"name": value, "results": [{**INDEX[0]["results"][0], "dataset": {"name": value, "type": value}}]}]
        edited, anew = readme.with_index(card(ABOVE, OLD, BELOW), index, PATH)

        assert not anew
        assert readme.index_of(edited, PATH) == index
        assert edited.endswith("---\n" + TEXT)


class TestIndexOf:
    @pytest.mark.parametrize("content", ["", TEXT, card(ABOVE), "---\n---\n"])
    def test_readme_without_one_has_an_empty_one(self, content):
        assert readme.index_of(content, PATH) == []

    @pytest.mark.parametrize(
        ("metadata", "reason"),
        [
            ("- a\n- b\n", "repo card metadata block should be a dict"),
            ("license: [\n", "while parsing a flow node expected the node content, but found '<stream end>'"),
        ],
    )
    def test_metadata_that_cannot_be_read_are_one_message(self, metadata, reason):
        with pytest.raises(UsageError) as caught:
            readme.index_of(card(metadata), PATH)

        first, *others = str(caught.value).splitlines()
        assert first.startswith(f"the metadata of the card cannot be read: {reason}")
        assert others == [
            "  where     README.md",
            "  expected  YAML between two lines of ---, as the hub takes it",
            "  remedy    correct it; nothing was written",
        ]

    def test_key_that_is_no_text_is_one_too(self):
        with pytest.raises(UsageError, match=r"^the metadata of the card cannot be read: "):
            readme.index_of(card("on: 1\n"), PATH)


class TestWithBody:
    def test_only_what_stands_below_the_metadata_changes(self):
        content = "\ufeff" + card(ABOVE)

        assert readme.with_body(content, lambda body: body.upper()) == content.replace(TEXT, TEXT.upper())
        assert readme.with_body(TEXT, lambda body: body.upper()) == TEXT.upper()


class TestRead:
    def test_line_ends_stay(self, tmp_path):
        (tmp_path / "README.md").write_bytes(b"a\r\nb\n")

        assert readme.read(tmp_path / "README.md") == "a\r\nb\n"

    def test_no_readme_is_none(self, tmp_path):
        assert readme.read(tmp_path / "README.md") is None

    def test_another_encoding_is_refused(self, tmp_path):
        path = tmp_path / "README.md"
        path.write_bytes("größer".encode("latin-1"))

        with pytest.raises(UsageError) as caught:
            readme.read(path)

        assert str(caught.value) == (
            f"the card is not UTF-8: byte 2 does not fit\n  where     {path}\n"
            "  remedy    save it as UTF-8; nothing was written"
        )

    def test_a_folder_of_that_name_is_refused(self, tmp_path):
        with pytest.raises(UsageError) as caught:
            readme.read(tmp_path)

        assert str(caught.value) == (
            f"the card cannot be read: Is a directory\n  where     {tmp_path}\n  remedy    name another with --to"
        )


class TestWrite:
    def test_content_is_written_byte_for_byte(self, tmp_path):
        readme.write(tmp_path / "README.md", "\ufeffa\r\nb\n")

        assert (tmp_path / "README.md").read_bytes() == "\ufeffa\r\nb\n".encode()

    def test_folder_that_cannot_be_made_is_refused(self, tmp_path):
        (tmp_path / "file").touch()
        path = tmp_path / "file" / "README.md"

        with pytest.raises(UsageError, match=r"^the card cannot be written: ") as caught:
            readme.write(path, "x")

        assert str(caught.value).endswith(f"\n  where     {path}\n  remedy    name another with --to")
