from __future__ import annotations

import re

import pytest
from support import sample_run

from harness.report.card import subject, text
from harness.report.card.data_set import DataSet

from ..injections import INJECTIONS
from . import hostile

RUN = sample_run.sample(reviews=600, timings=False).run


def section(run=RUN) -> str:
    chosen = subject.choose(run)
    one = chosen.evaluations[0]
    return text.section(run, chosen, one, DataSet.of(chosen.review_sets[one.review_set]))


def changed(source: str, **changes):
    sets = tuple(each.model_copy(update={"source": source}) for each in RUN.review_sets)
    return RUN.model_copy(update={"review_sets": sets, **changes})


class TestSection:
    def test_tells_what_was_measured_on_what_by_what_and_what_the_intervals_say(self):
        metric = RUN.evaluations[0].metrics["accuracy"]
        lines = section().splitlines()

        assert lines[:5] == [
            "<!-- harness card: shop.csv -->",
            "## Evaluation on <code>shop.csv</code>",
            "",
            "| metric | value | 95 % interval | interval by |",
            "| --- | ---: | ---: | --- |",
        ]
        assert lines[5] == (
            f"| Accuracy | {100 * metric.value:.1f} % | {100 * metric.low:.1f}–{100 * metric.high:.1f} %"
            f" | {metric.method} |"
        )
        assert lines[-5:] == [
            "600 reviews of <code>shop.csv</code>, a local file or folder without an id on the hub. SHA-256 of the ids,"
            " texts and labels: <code>efefefefefefefef</code>. 3 of 603 rows were left out: 2 empty text; 1 label fits"
            " no class. Labels: labels 1…5 are the classes 1 star … 5 stars.",
            "",
            "Measured on 2025-11-23 by review-harness 0.1.0, transformers 5.0.1, torch 2.6.0, in float32 on cpu. Run"
            " <code>20251123T190211Z-sample</code>; SHA-256 of the weights: <code>abababababababab</code>. 4 reviews"
            " had more than 512 tokens and lost the end. Intervals are at 95 %: they tell how far chance in the choice"
            " of the reviews may have moved a value, and nothing of reviews of another kind. The results are"
            " self-reported: the hub has not verified them.",
            "",
            text.END,
        ]

    def test_set_of_the_hub_is_told_as_one(self):
        assert (
            "600 reviews of <code>owner/set</code> on the hub (split <code>test</code>, configuration <code>en</code>,"
            " revision <code>abc</code>). SHA-256"
        ) in section(changed("owner/set@abc:en/test"))

    def test_built_in_reviews_are_told_as_those(self):
        assert "600 reviews of the set that ships with review-harness. SHA-256" in section(changed("builtin"))

    def test_level_of_the_intervals_is_that_of_the_run(self):
        found = section(changed("shop.csv", settings={"confidence": 0.9}))

        assert "| 90 % interval |" in found
        assert "Intervals are at 90 %:" in found

    def test_dependent_reviews_and_doubtful_labels_are_said(self):
        one = RUN.evaluations[0]
        match = one.label_match.model_copy(update={"warnings": ("another order fits better",)})
        one = one.model_copy(update={"sampling": "97 clusters by product", "label_match": match})
        found = section(RUN.model_copy(update={"evaluations": (one,)}))

        assert "They are those of 97 clusters by product." in found
        assert "\n\nWarning: another order fits better\n" in found

    @pytest.mark.parametrize("words", [*INJECTIONS, text.END, "| x |", "a\n\n# b", "\\", "`", "[x](y)"])
    def test_nothing_of_the_data_is_markup_or_ends_the_section(self, words):
        found = section(hostile.run(words))
        below = found.split("\n", 1)[1]

        assert found.count("<!--") == found.count("-->") == 2
        assert set(re.findall(r"<[^>]*>", below)) == {"<code>", "</code>", text.END}
        assert {line.count("|") for line in below.splitlines() if line.startswith("|")} == {5}
        assert not set("`[]*\\") & set(below)
        assert [line for line in below.splitlines() if line.startswith("#")] == below.splitlines()[:1]
        assert not any(sign in found for sign in "\x1b\x00\x07\u202e\u2028")

    def test_no_folder_of_the_machine_is_told(self):
        assert "/home/ann" not in section(changed("/home/ann/shop.csv"))


class TestOpening:
    def test_says_what_the_card_does_not_tell(self):
        assert text.opening("stars") == (
            "---\npipeline_tag: text-classification\n---\n\n# stars\n\n"
            "`harness card` of review-harness began this card. It says what was measured on labelled reviews and"
            " nothing else: how\nthe classifier was trained, what it is meant for and where it fails is for its maker"
            " to add.\n"
        )

    def test_name_is_no_markup(self):
        for name in INJECTIONS:
            lines = text.opening(name).splitlines()

            assert lines[4].startswith("# ")
            assert not set("<>*`[]|{}") & set(lines[4])


def made(key: str, content: str) -> str:
    return f"<!-- harness card: {key} -->\n{content}\n{text.END}"


class TestRenewed:
    def test_text_without_a_section_is_somebodys_own(self):
        assert text.renewed("# Mine\n", {"shop": made("shop", "1")}) == "# Mine\n"

    def test_new_card_gets_its_sections_at_the_end(self):
        sections = {"shop": made("shop", "1"), "books": made("books", "2")}

        assert text.renewed("\n# New\n", sections, anyway=True) == (
            f"\n# New\n\n{sections['shop']}\n\n{sections['books']}\n"
        )

    def test_section_of_the_same_data_set_is_replaced_and_others_stay(self):
        body = f"# Mine\n\n{made('shop', '1')}\n\nbetween\n\n{made('books', '2')}\n\nafter\n"

        assert text.renewed(body, {"shop": made("shop", "3")}) == body.replace("\n1\n", "\n3\n")

    def test_section_of_a_new_data_set_follows_the_last_one(self):
        shop, toys = made("shop", "1"), made("toys", "3")

        assert text.renewed(f"{shop}\n\nafter\n", {"toys": toys}) == f"{shop}\n\n{toys}\n\nafter\n"

    def test_line_ends_are_those_of_the_text(self):
        body = made("shop", "1").replace("\n", "\r\n") + "\r\n"

        assert text.renewed(body, {"shop": made("shop", "2")}) == body.replace("1", "2")

    def test_backslashes_of_the_data_stay(self):
        assert text.renewed(made("shop", "1"), {"shop": made("shop", r"\1 \g<0>")}) == made("shop", r"\1 \g<0>")
