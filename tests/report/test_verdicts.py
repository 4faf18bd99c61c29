"""Verdicts as a person reads them: the word, the rule, what was judged, and why."""

from __future__ import annotations

import io

from rich.console import Console

from harness.records import FlippedReview, Metric, SliceVerdict, Verdict
from harness.report import verdicts

DIFFERENCE = Metric(value=-0.021, low=-0.029, high=-0.013, method="Tango")


def verdict(**changed: object) -> Verdict:
    values = {
        "rule": "accuracy-drop<=0.01", "kind": "max_drop", "subject": "accuracy", "limit": 0.01, "classifier": "new",
        "review_set": "shop", "baseline": "main", "outcome": "fail", "sentence": "accuracy fell by 2.1 points",
        "alpha": 0.05, "difference": DIFFERENCE,
    }  # fmt: skip
    return Verdict.model_validate(values | changed)


def shown(*found: Verdict) -> str:
    to = io.StringIO()
    verdicts.show(found, Console(file=to, width=80))
    return to.getvalue()


class TestShow:
    def test_a_verdict_has_its_word_its_rule_and_its_sentence(self):
        text = shown(verdict(outcome="pass", reason="promised to the shop"))

        assert "pass  accuracy-drop<=0.01  new on shop against main" in text
        assert "accuracy fell by 2.1 points" in text
        assert "why the rule is there: promised to the shop" in text

    def test_a_fail_shows_what_was_lost_and_where(self):
        flip = FlippedReview(
            id="r7", gold="5 stars", candidate="1 star", candidate_probability=0.81, baseline="5 stars",
            baseline_probability=0.6, text="a good book",
        )  # fmt: skip
        part = SliceVerdict(column="language", value="de", reviews=120, difference=DIFFERENCE)
        text = shown(verdict(flips=(flip,), worst_slices=(part,)))

        assert ["candidate", "reference", "difference", "90", "%", "interval"] in [
            line.split() for line in text.splitlines()
        ]
        assert "language=de" in text and "−2.1 points" in text
        assert "r7: a good book" in text and "1 star (81 %)" in text

    def test_what_measured_nothing_says_so(self):
        text = shown(verdict(outcome="error", sentence="no review of the slice language=xx was evaluated"), verdict())

        assert "measured nothing  accuracy-drop<=0.01" in text
        assert text.splitlines()[-1] == "1 fail · 1 measured nothing"

    def test_names_travel_without_their_folders(self):
        assert verdicts.judged(verdict(classifier="/srv/new", review_set="shop", baseline="/srv/old")) == (
            "new on shop against old"
        )

    def test_of_times_there_is_no_review_set(self):
        assert "  new against main" in shown(verdict(kind="max_slowdown", review_set="", outcome="pass"))


class TestWrite:
    def test_has_a_row_for_each_verdict_with_its_numbers(self):
        to = io.StringIO()
        verdicts.write([verdict()], to)

        assert to.getvalue().splitlines()[1] == (
            "accuracy-drop<=0.01,new,shop,main,fail,-0.021,-0.029,-0.013,accuracy fell by 2.1 points"
        )
