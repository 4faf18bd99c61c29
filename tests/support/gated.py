"""Runs that a gate judged."""

from __future__ import annotations

from functools import cache
from typing import Any

from harness.records import FlippedReview, Metric, Run, SliceVerdict, Verdict
from support import sample_run

DIFFERENCE = Metric(value=-0.021, low=-0.029, high=-0.013, method="Tango")


def verdict(**changed: Any) -> Verdict:
    values = {
        "rule": "accuracy-drop<=0.01", "kind": "max_drop", "subject": "accuracy", "limit": 0.01,
        "classifier": "builtin", "review_set": "shop", "baseline": "main", "outcome": "fail", "alpha": 0.05,
        "sentence": "accuracy fell by 2.1 points (90 % interval −2.9 to −1.3), more than 1.0 points",
        "candidate": Metric(value=0.462, interval_reason="the difference is judged"),
        "reference": Metric(value=0.483, interval_reason="the difference is judged"), "difference": DIFFERENCE,
    }  # fmt: skip
    return Verdict.model_validate(values | changed)


PASSED = verdict(rule="accuracy>=0.4", kind="floor", limit=0.4, outcome="pass", difference=None, reference=None,
                 candidate=Metric(value=0.462, low=0.44, high=0.484, method="Wilson"),
                 sentence="accuracy is 46.2 %, above 40.0 %")  # fmt: skip
UNDECIDED = verdict(rule="macro_f1-drop<=0.01", subject="macro_f1", outcome="inconclusive",
                    sentence="macro f1 changed by −0.004: about 3,400 reviews would decide it")  # fmt: skip
NOTHING = verdict(rule="accuracy@language=xx>=0.4", kind="floor", outcome="error", difference=None, candidate=None,
                  reference=None, sentence="no review of language=xx was evaluated")  # fmt: skip
FLIP = FlippedReview(id="r7", gold="5 stars", candidate="1 star", candidate_probability=0.81, baseline="5 stars",
                     baseline_probability=0.6, text="a good book")  # fmt: skip
SLICE = SliceVerdict(column="language", value="de", reviews=120, difference=DIFFERENCE)


@cache
def _sample() -> Run:
    return sample_run.sample(reviews=60, timings=False).run


def run_of(*verdicts: Verdict, **changes: Any) -> Run:
    """A small run with these verdicts, and other fields as they are given."""
    return _sample().model_copy(update={"verdicts": verdicts, **changes})
