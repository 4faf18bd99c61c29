"""A run as Markdown: the verdict first, the evidence under it, and nothing that data could make of it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from support import sample_run
from support.gated import DIFFERENCE, FLIP, NOTHING, PASSED, SLICE, UNDECIDED, run_of, verdict

from harness import comparison
from harness.records import FlippedReview, Metric, Reference, Run, SliceVerdict, Verdict
from harness.report import markdown
from harness.report.markdown.escaping import code, shortened, text

from .nasty import NASTY

ZERO_WIDTH = "\N{ZERO WIDTH SPACE}"
OURS = {
    "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "strong", "ul", "li", "details", "summary",
}  # fmt: skip
"""Elements that the document itself has."""


class Seen(HTMLParser):
    """The elements of a page, its attributes, its text in code and out of it, and the cells of its rows."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.prose, self.codes = [], []
        self.rows: list[int] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {f"{name}={value}" for name, value in attrs}
        self._inside.append(tag)
        if tag == "tr":
            self.rows.append(0)
        if tag in ("td", "th"):
            self.rows[-1] += 1

    def handle_endtag(self, tag: str) -> None:
        assert self._inside.pop() == tag, "elements are closed in their order"

    def handle_data(self, data: str) -> None:
        if "code" in self._inside:
            self.codes.append(data)
        else:
            self.prose.append(data)

    def handle_comment(self, data: str) -> None:
        self.elements.add("comment")


def rendered(document: str) -> Seen:
    """As GitHub renders it: tables, strikethrough, and HTML left as it is."""
    seen = Seen()
    seen.feed(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(document))
    seen.close()
    return seen


def compared(**changes: Any) -> tuple[Run, Reference]:
    """A run with a reference that is a little worse and of another torch."""
    sampled = sample_run.sample(reviews=300, timings=False)
    (one,), (table,) = sampled.run.evaluations, sampled.predictions.values()
    other = np.roll(table.probabilities, 1, axis=1)
    mixed = np.where(np.arange(len(other))[:, None] % 7 == 0, other, table.probabilities).astype(np.float32)
    names = ("builtin", "main")
    found = comparison.compare(table.probabilities, mixed, table.gold, names=names, ordinal=True, resamples=100)
    values = {
        "id": "builtin-shop.main", "kind": "baseline", "name": "main", "evaluation": one.id, "classifier": "builtin",
        "run": "20251101T000000Z-main", "device": "cpu", "dtype": "float32", "python": "3.11.7",
        "packages": {"review-harness": "0.1.0", "torch": "2.5.0", "transformers": "5.0.1", "numpy": "2.1.3"},
        "predictions": "references/builtin-shop.main.parquet", "comparison": found,
    }  # fmt: skip
    reference = Reference.model_validate(values | changes)
    return sampled.run.model_copy(update={"references": (reference,)}), reference


def first_line(run: Run) -> str:
    return markdown.summary(run).splitlines()[0]


class TestFirstLine:
    def test_a_fail_goes_before_everything(self):
        said = first_line(run_of(PASSED, UNDECIDED, NOTHING, verdict()))

        assert said == "## Gate: fail. 1 of 4 rules failed: this may not ship"

    def test_what_measured_nothing_has_a_word_of_its_own(self):
        said = first_line(run_of(PASSED, UNDECIDED, NOTHING))

        assert said.startswith("## Gate: measured nothing. ")
        assert "pass." not in said.partition("neither")[0]

    def test_inconclusive_is_no_pass(self):
        said = first_line(run_of(PASSED, UNDECIDED))

        assert said == "## Gate: inconclusive. Nothing failed, but 1 of 2 rules is inconclusive: that is no pass"

    def test_inconclusive_is_a_fail_where_the_run_was_asked_to_take_it_for_one(self):
        said = first_line(run_of(PASSED, UNDECIDED, settings={"inconclusive": "fail"}))

        assert said.startswith("## Gate: fail. ")

    def test_a_pass_is_said_of_all_rules(self):
        assert first_line(run_of(PASSED)) == "## Gate: pass. The rule passed"

    def test_without_a_gate_it_leads_with_the_accuracy(self):
        run = run_of()
        low, high = run.evaluations[0].metrics["accuracy"].low, run.evaluations[0].metrics["accuracy"].high

        assert low is not None and high is not None
        assert first_line(run).startswith("## Accuracy ")
        assert f"({100 * low:.1f}–{100 * high:.1f} %)" in first_line(run)
        assert first_line(run).endswith(". No gate judged this run")

    def test_several_evaluations_are_named_with_their_accuracy(self):
        said = first_line(sample_run.sample(reviews=30, classifiers=("a", "b", "c"), sets=("x", "y")).run)

        assert said.count("<code>a</code> on <code>") == 2
        assert said.endswith(", and 3 other evaluations. No gate judged this run")

    def test_times_alone_have_no_accuracy(self):
        run = run_of().model_copy(update={"evaluations": ()})

        assert first_line(run) == "## No gate judged this run, and it evaluated nothing"

    def test_a_run_that_did_not_end_passes_nothing(self):
        assert first_line(run_of(PASSED, status="interrupted")) == (
            "## Interrupted, which is no pass. So far: Gate: pass. The rule passed"
        )


class TestGate:
    def test_a_rule_has_a_row_with_its_figures_and_its_verdict(self):
        document = markdown.summary(run_of(verdict(), PASSED))

        assert "| rule | candidate | reference | difference | 90 % interval | verdict |" in document
        assert (
            "| <code>accuracy-drop&lt;=0.01</code> | 46.2 % | 48.3 % | −2.1 points | −2.9 to −1.3 | **fail** |"
            in document
        )
        assert "| <code>accuracy&gt;=0.4</code> | 46.2 % (44.0–48.4 %) | – | – | – | pass |" in document

    def test_times_are_compared_by_their_ratio(self):
        slower = verdict(
            rule="forward-slowdown<=5%", kind="max_slowdown", subject="forward", limit=0.05, review_set="",
            candidate=Metric(value=0.0123, interval_reason="judged in pairs"),
            reference=Metric(value=0.0112, interval_reason="judged in pairs"),
            difference=Metric(value=1.098, low=1.08, high=1.12, method="pairs"),
        )  # fmt: skip
        document = markdown.summary(run_of(slower))

        assert "| 12.3 ms | 11.2 ms | 1.10 × | 1.08–1.12 | **fail** |" in document

    def test_a_fail_shows_its_worst_slices_and_its_lost_reviews(self):
        document = markdown.summary(run_of(verdict(worst_slices=(SLICE,), flips=(FLIP,))))

        assert "### Where <code>accuracy-drop&lt;=0.01</code> failed" in document
        assert "| <code>language=de</code> | 120 | −2.1 points | −2.9 to −1.3 |" in document
        assert "| <code>r7</code> | <code>a good book</code> | 5 stars | 1 star (81 %) | 5 stars (60 %) |" in document

    def test_reviews_without_texts_have_no_column_of_texts(self):
        document = markdown.summary(run_of(verdict(flips=(FLIP.model_copy(update={"text": None}),))))

        assert "| lost review | label | candidate | reference |" in document

    def test_the_same_lost_reviews_are_shown_once(self):
        both = (verdict(flips=(FLIP,)), verdict(rule="accuracy-no-worse", kind="no_worse", flips=(FLIP,)))
        document = markdown.summary(run_of(*both))

        assert document.count("a good book") == 1
        assert "The lost reviews are those of <code>accuracy-drop&lt;=0.01</code>." in document

    def test_what_did_not_pass_says_why_and_what_passed_does_when_it_is_asked(self):
        document = markdown.summary(run_of(UNDECIDED, PASSED, NOTHING))
        shown, _, folded = document.partition("<details>")

        assert "- **inconclusive** <code>macro&#95;f1-drop&lt;=0.01</code>" in shown
        assert "about 3,400 reviews would decide it" in shown
        assert "- **measured nothing** <code>accuracy&#64;language=xx&gt;=0.4</code>" in shown
        assert "accuracy is 46.2 %, above 40.0 %" not in shown
        assert "accuracy is 46.2 %, above 40.0 %" in folded

    def test_the_reason_of_a_rule_stands_beside_its_verdict(self):
        assert "Why the rule is there: promised to the shop" in markdown.summary(
            run_of(verdict(reason="promised to the shop"))
        )

    def test_of_many_rules_the_first_are_shown_and_the_others_counted(self):
        many = [verdict(rule=f"accuracy>={k / 1000}", kind="floor", outcome="pass") for k in range(60)]
        document = markdown.summary(run_of(*many, verdict()))

        assert "Left out: 21 pass." in document
        assert document.index("**fail**") < document.index("accuracy&gt;=0.0")


class TestMetrics:
    def test_a_metric_has_its_interval_and_its_change(self):
        run, reference = compared()
        document = markdown.summary(run)
        change = reference.comparison.differences["accuracy"].difference

        assert "| metric | value | 95 % interval | change against the baseline <code>main</code> |" in document
        assert change.value is not None
        assert f"| {100 * change.value:+.1f} points (".replace("-", "−") in document

    def test_flips_are_counted(self):
        run, reference = compared()
        flips = reference.comparison.flips

        assert (
            f"Of 300 reviews, {flips.gained} gained, {flips.lost} lost, {flips.changed_wrong} wrong in another way."
            in (markdown.summary(run))
        )

    def test_what_differs_between_the_environments_is_a_table(self):
        run, _ = compared()

        assert "| torch | <code>2.6.0</code> | <code>2.5.0</code> |" in markdown.summary(run)
        assert "| numpy | <code>" not in markdown.summary(run).partition("<details>")[0]

    def test_nothing_that_differs_is_said(self):
        environment = sample_run.environment()
        run, _ = compared(packages={"review-harness": environment.harness} | environment.packages)

        assert "Nothing in the environment differs from the baseline <code>main</code>." in markdown.summary(run)

    def test_a_doubt_about_the_labels_stands_beside_the_figures(self):
        warnings = ("another order of the classes fits better",)
        document = markdown.summary(sample_run.sample(reviews=30, warnings=warnings).run)

        assert "**Warning:** another order of the classes fits better" in document.partition("<details>")[0]

    def test_of_many_evaluations_the_last_have_their_accuracy_alone(self):
        document = markdown.summary(sample_run.sample(reviews=30, sets=tuple("abcdefg")).run)

        assert "| classifier | review set | reviews | accuracy |" in document
        assert "| <code>builtin</code> | <code>g</code> | 30 |" in document


class TestTimes:
    def test_stages_have_one_table(self):
        run = sample_run.sample(reviews=30, cells=((1, 16), (8, 64))).run
        document = markdown.summary(run)

        assert "### Stages, median of a batch" in document
        assert "| classifier | batch × length | tokenize | place | forward | softmax | classify |" in document
        assert "| <code>builtin (float32) on cpu</code> | 8 × 64 |" in document

    def test_classifiers_that_were_timed_in_turn_are_compared(self):
        run = sample_run.sample(reviews=30, classifiers=("builtin", "builtin-bfloat16"), cells=((8, 64),)).run
        document = markdown.summary(run)

        assert "### Times ÷ those of the reference" in document
        assert re.search(r"\| classify \| 8 × 64 \| 0\.\d+ × \| 0\.\d+–0\.\d+ \| .* \| faster \|", document)

    def test_many_shapes_are_left_to_the_page(self):
        run = sample_run.sample(reviews=30, cells=tuple((k, 16) for k in range(1, 16))).run

        assert "Left out: 3 rows, which the page has." in markdown.summary(run)

    def test_scenarios_have_their_percentiles(self):
        document = markdown.summary(sample_run.sample(reviews=30, timings=False, scenarios=True).run)

        assert "| under load | scenario | reviews/s | p50 | p90 | p99 |" in document
        assert "</code>, server, batching: p99 stays within 110 ms up to 80.0 reviews/s" in document


@pytest.fixture(scope="module")
def hostile() -> str:
    """Every text of the record that comes from data is a nasty one."""
    return markdown.summary(nasty(NASTY))


@pytest.fixture(scope="module")
def overfull() -> str:
    """Of a run with more of everything than there is room for, and long names."""
    return markdown.summary(nasty(("<|*_`[]" * 500,), verdicts=400, sets=30))


class TestSafety:
    def test_no_element_comes_out_of_data(self, hostile):
        assert rendered(hostile).elements <= OURS

    def test_no_attribute_comes_out_of_data(self, hostile):
        assert rendered(hostile).attributes <= {"style=text-align:right"}

    def test_every_row_of_a_table_has_the_cells_of_its_head(self, hostile):
        tables = [block for block in hostile.split("\n\n") if block.startswith("|")]

        assert len(tables) > 5
        for each in tables:
            assert len(set(rendered(each).rows)) == 1
            assert len(rendered(each).rows) == len(each.splitlines()) - 1

    def test_prose_has_no_mention_no_reference_and_no_link(self, hostile):
        prose = " ".join(rendered(hostile).prose)

        assert not re.search(r"[@#!~$%^&:][\w/\"]|www\.|(?i:gh)-\d|\b[0-9a-f]{7,40}\b", prose)

    def test_code_has_nothing_that_a_parser_makes_a_link_of(self, hostile):
        codes = " ".join(rendered(hostile).codes)

        assert not re.search(r"://|www\.|\w@[\w-]+\.", codes)

    def test_no_line_is_a_workflow_command(self, hostile):
        assert not any(line.lstrip().startswith("::") or "##[" in line for line in hostile.splitlines())

    def test_no_line_begins_with_data(self, hostile):
        """GitLab takes `/close` at the beginning of a line for an order."""
        starts = {line[:1] for line in hostile.splitlines() if line}

        assert "/" not in starts
        assert starts <= set("#|-<*0123456789AILNORSTW\\")

    def test_nothing_of_it_is_lost(self, hostile):
        codes = "".join(rendered(hostile).codes).replace(ZERO_WIDTH, "")

        assert "</script><script>window.injected=1</script>" in codes
        assert "a\\|b" in codes

    def test_the_check_can_fail(self):
        seen = rendered("<b>x</b> [a](b) ~~c~~")

        assert not seen.elements <= OURS


class TestEscaping:
    @given(st.text())
    def test_code_says_what_it_was_given(self, data):
        seen = rendered(f"| head |\n| --- |\n| {code(data)} |")

        assert "".join(seen.codes).replace(ZERO_WIDTH, "") == shortened(data, 80)
        assert seen.rows == [1, 1]
        assert seen.elements <= OURS

    @given(st.text(st.sampled_from("@#!~$%^&:/|\\`*_<>[](){}\"'-+=.1a \n"), min_size=1))
    def test_prose_says_what_it_was_given(self, data):
        seen = rendered(f"- so: {text(data)}")

        said = "".join(seen.prose).replace(ZERO_WIDTH, "").strip()
        assert said == f"so: {shortened(data, 400)}".strip()
        assert seen.elements <= OURS

    @pytest.mark.parametrize("data", NASTY)
    def test_a_line_of_a_list_stays_one(self, data):
        seen = rendered(f"- {text(data)}")

        assert seen.elements <= {"ul", "li"}
        assert "".join(seen.prose).replace(ZERO_WIDTH, "").strip() == shortened(data, 400)

    def test_a_long_text_is_cut_with_a_sign(self):
        assert code("word " * 100, 20) == "<code>word word word word…</code>"

    def test_a_review_of_a_million_characters_is_no_work(self):
        assert len(shortened("/a" * 1_000_000, 140)) <= 140


class TestSize:
    def test_stays_within_its_limit(self, overfull):
        assert 20_000 < len(overfull.encode()) <= markdown.LIMIT

    def test_says_what_was_left_out(self, overfull):
        assert "Left out, for want of room: " in overfull

    def test_what_fits_is_still_whole(self, overfull):
        assert overfull.startswith("## Gate: fail. ")
        assert overfull.endswith("its page has all of it.\n")
        assert overfull.count("<details>") == overfull.count("</details>")


def nasty(texts: tuple[str, ...], *, verdicts: int = 0, sets: int = 2) -> Run:
    """A record whose every text is one of these, in turn."""
    place = iter(range(1_000_000))

    def a() -> str:
        return texts[next(place) % len(texts)]

    def one(outcome: str) -> Verdict:
        flips = tuple(
            FlippedReview(id=a(), gold=a(), candidate=a(), candidate_probability=0.8, baseline=a(),
                          baseline_probability=0.5, text=a()) for _ in range(5)
        )  # fmt: skip
        slices = tuple(SliceVerdict(column=a(), value=a(), reviews=9, difference=DIFFERENCE) for _ in range(3))
        return verdict(rule=a(), classifier=a(), review_set=a(), baseline=a(), sentence=a(), reason=a(),
                       outcome=outcome, flips=flips, worst_slices=slices)  # fmt: skip

    found = [
        one(outcome)
        for outcome in ("fail", "inconclusive", "error", "pass")
        for _ in range(verdicts // 4 or len(texts))
    ]
    run, reference = compared(
        name=a(), classifier=a(), device=a(), dtype=a(), python=a(), packages={a(): a() for _ in range(9)}
    )
    (evaluation,), (classifier,) = run.evaluations, run.classifiers
    names = [f"{k} {a()}" for k in range(5)]
    match = evaluation.label_match.model_copy(
        update={"classes": tuple(names), "warnings": (a(), a()), "how": a(), "ordinal": False}
    )
    per_class = tuple(
        each.model_copy(update={"name": name}) for each, name in zip(evaluation.per_class, names, strict=True)
    )
    changed = {"label_match": match, "per_class": per_class, "notes": (a(),), "review_set": a()}
    evaluations = tuple(evaluation.model_copy(update=changed | {"id": f"{k}", "review_set": a()}) for k in range(sets))
    return run.model_copy(
        update={
            "id": a(),
            "notes": tuple(a() for _ in texts),
            "settings": {a(): a() for _ in range(5)},
            "verdicts": tuple(found),
            "evaluations": evaluations,
            "classifiers": (classifier.model_copy(update={"device": a(), "dtype": a()}),),
            "references": (reference.model_copy(update={"evaluation": "0"}),),
            "environment": run.environment.model_copy(
                update={"platform": a(), "processor": a(), "packages": {a(): a()}}
            ),
        }
    )
