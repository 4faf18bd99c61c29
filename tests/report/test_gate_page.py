"""Verdicts, comparisons and pairs of rounds on the page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from support import sample_gate, sample_run

from harness.errors import RunError
from harness.records import FlippedReview, Metric, SliceVerdict
from harness.report import embedding, flips, page, paired_view
from harness.runs import write_predictions

from .injections import INJECTIONS
from .test_page import Reader, contrast, rendered

RULES = (
    "accuracy>=0.3", "accuracy-drop<=0.01", "accuracy-drop@language=en<=0.2", "brier_score-drop<=0.05",
    "accuracy@language=xx>=0.4", "forward-slowdown<=5%",
)  # fmt: skip


def gated(reviews: int = 700, **options: Any) -> sample_run.SampleRun:
    """A run with a gate over accuracy and times."""
    made = sample_gate.compared(sample_run.sample(reviews=reviews, timings=False, **options))
    return sample_gate.judged(sample_gate.in_pairs(made, ratios=(1.1,), dtype="bfloat16"), *RULES, reason="promised")


def section(text: str, name: str) -> str:
    """What a reader sees of one part of the page; nothing where it is not there."""
    found = re.search(rf'<(section|article) id="{name}".*?</\1>', text, re.DOTALL)
    return Reader(found.group()).text().strip() if found else ""


def entry(text: str, rule: str) -> str:
    """The markup of one verdict."""
    found = [
        each for each in re.findall(r'<li class="verdict.*?</li>', text, re.DOTALL) if f"<code>{rule}</code>" in each
    ]
    assert len(found) == 1
    return str(found[0])


@pytest.fixture(scope="module")
def sample():
    return gated()


@pytest.fixture(scope="module")
def written(sample):
    return rendered(sample)


@pytest.fixture(scope="module")
def read(written):
    return Reader(written)


class TestPage:
    def test_every_tag_is_closed_and_every_link_leads_somewhere(self, read):
        links = [link for link in read.attributes("href") if not re.fullmatch(r"#e\d+-cell-\d+-\d+|data:,", link)]
        ids = read.attributes("id")

        assert (read.unbalanced, read.open) == ([], [])
        assert len(ids) == len(set(ids))
        assert {link.removeprefix("#") for link in links} <= set(ids)
        assert {"#r1-lost", "#r1-gained", "#r1-flips", "#p1", "#e1-numbers", "#gate", "#r1", "#pairs", "#e1"} <= set(
            links
        )

    def test_verdicts_come_first_then_what_flipped_then_times_then_the_evaluation(self, written):
        places = [written.index(f'id="{name}"') for name in ("gate", "r1", "r1-flips", "r1-differences", "pairs", "e1")]

        assert places == sorted(places)

    def test_headings_skip_no_level(self, read):
        levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch(r"h[1-6]", tag)]

        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))

    def test_run_without_a_gate_has_none_of_it(self):
        text = rendered(sample_run.sample(reviews=60))

        assert not [name for name in ("gate", "r1", "pairs") if f'id="{name}"' in text]
        assert 'aria-label="Contents"' not in text


class TestGate:
    def test_one_line_says_what_the_verdicts_come_to(self, written):
        text = section(written, "gate")

        assert text.startswith("Gate 3 of 6 rules failed: this may not ship")

    def test_each_verdict_has_its_word_its_rule_its_sentence_and_its_reason(self, sample, written):
        for verdict in sample.run.verdicts:
            text = Reader(entry(written, verdict.rule.replace(">", "&gt;").replace("<", "&lt;"))).text()
            word = "measured nothing" if verdict.outcome == "error" else verdict.outcome

            assert text.startswith(f" {word} {verdict.rule}"[1:]) or text.strip().startswith(f"{word} {verdict.rule}")
            assert verdict.sentence[1:] in text
            assert "Why the rule is there: promised" in text

    def test_what_was_judged_against_what_is_named(self, written):
        assert "builtin on shop against main" in Reader(entry(written, "accuracy-drop&lt;=0.01")).text()
        assert "against" not in Reader(entry(written, "accuracy&gt;=0.3")).text()

    @pytest.mark.parametrize(
        ("rule", "target"),
        [
            ("accuracy-drop&lt;=0.01", "r1-lost"),
            ("accuracy&gt;=0.3", "e1-numbers"),
            ("accuracy@language=xx&gt;=0.4", "e1-slices"),
            ("forward-slowdown&lt;=5%", "p1"),
        ],
    )
    def test_each_verdict_leads_to_its_evidence(self, written, rule, target):
        assert f'<a href="#{target}">See ' in entry(written, rule)

    def test_the_worst_slice_is_named_and_the_others_fold_out(self, sample, written):
        fail = next(each for each in sample.run.verdicts if each.rule == "accuracy-drop<=0.01")
        worst = fail.worst_slices[0]
        text = entry(written, "accuracy-drop&lt;=0.01")

        assert fail.outcome == "fail"
        assert f"<summary>Worst slices: {worst.column} = {worst.value} " in text
        assert f"{worst.column} = {worst.value} {worst.reviews}" in Reader(text).text()

    def test_lost_reviews_of_a_slice_are_listed_with_the_verdict(self, sample, written):
        one = next(each for each in sample.run.verdicts if each.column and each.flips)

        assert one.flips[0].id in entry(written, one.rule.replace("<", "&lt;"))

    def test_what_decides_comes_first(self, written):
        words = re.findall(r'<li class="verdict (\w+)">', written)

        assert words == sorted(words, key=["fail", "error", "inconclusive", "pass"].index)

    def test_many_that_passed_are_folded(self, sample):
        passed = next(each for each in sample.run.verdicts if each.outcome == "pass")
        many = tuple(passed.model_copy(update={"rule": f"accuracy>=0.{place}"}) for place in range(10, 20))
        run = sample.run.model_copy(update={"verdicts": (*sample.run.verdicts, *many)})
        count = sum(each.outcome == "pass" for each in run.verdicts)

        text = rendered(replace(sample, run=run))

        assert f"<summary>{count} verdicts that passed</summary>" in text
        assert text.index("verdicts that passed") > text.index('<li class="verdict error">')

    def test_where_all_passed_none_is_hidden(self, sample):
        passed = tuple(each for each in sample.run.verdicts if each.outcome == "pass") * 5
        text = rendered(replace(sample, run=sample.run.model_copy(update={"verdicts": passed})))

        assert "that passed" not in text

    def test_inconclusive_is_explained(self, sample):
        one = sample.run.verdicts[0].model_copy(update={"outcome": "inconclusive"})
        run = sample.run.model_copy(update={"verdicts": (one,), "settings": {"inconclusive": "fail"}})

        text = section(rendered(replace(sample, run=run)), "gate")

        assert "which this run takes for a fail: this may not ship" in text
        assert "This run was asked to take it for a fail." in text

    def test_of_a_reference_that_is_not_kept_the_flips_of_the_verdict_are_shown(self, sample):
        run = sample.run.model_copy(update={"references": ()})
        text = rendered(replace(sample, run=run, references={}))

        assert "<summary>Lost reviews</summary>" in entry(text, "accuracy-drop&lt;=0.01")


class TestComparison:
    def test_headline_has_the_change_of_accuracy_with_its_interval_and_the_flips(self, sample, written):
        comparison = sample.run.references[0].comparison
        change, counts = comparison.differences["accuracy"].difference, comparison.flips
        text = section(written, "r1")

        assert text.startswith("builtin against the baseline main")
        assert f"Change of accuracy −{abs(100 * change.value):.1f} points" in text
        assert f"−{abs(100 * change.low):.1f} to −{abs(100 * change.high):.1f}" in text
        assert f"Lost {counts.lost} right before, wrong now Gained {counts.gained}" in text

    def test_what_differs_in_the_environments_stands_beside_it(self, written):
        text = section(written, "r1")

        assert "torch 2.5.1 2.6.0 differs" in text
        assert "The same on both sides: classifier builtin, device cpu, dtype float32" in text

    def test_nothing_that_differs_is_said_too(self, sample):
        same = sample.run.references[0].model_copy(
            update={"packages": {"review-harness": "0.1.0"} | sample.run.environment.packages}
        )
        run = sample.run.model_copy(update={"references": (same,)})

        text = section(rendered(replace(sample, run=run)), "r1")

        assert "Name, device, dtype, Python and every package are the same on both sides." in text

    def test_the_first_lost_reviews_are_there_without_a_script_with_both_probabilities(self, sample, written):
        joined = page.examples.join(sample.predictions["builtin-shop"], sample.reviews["shop"])
        first = flips.find(joined, sample.references["builtin-shop.main"]).shown("lost", 1)[0]
        classes = sample_run.STARS
        (row,) = [
            each
            for each in re.findall(r"<tr>.*?</tr>", written, re.DOTALL)
            if f"<small>{first.id}</small>" in each and 'class="side"' in each
        ]
        text = Reader(row).text()

        assert first.text in text
        assert text.count("1 star ") >= 2, "both drawings are told in words"
        assert f"{100 * first.reference[first.was]:.1f} %" in text
        assert f"{100 * first.candidate[first.predicted]:.1f} %" in text
        assert f"{100 * first.reference[first.gold]:.1f} % → {100 * first.candidate[first.gold]:.1f} %" in text
        assert classes[first.gold] in text

    def test_lost_come_before_gained_and_those_before_the_others(self, written):
        table = re.search(r'<table class="examples flips">.*?</table>', written, re.DOTALL).group()

        assert re.findall(r'id="r1-(\w+)"', table) == ["lost", "gained", "changed"]

    def test_rule_that_chose_them_is_stated(self, written):
        assert "Of each kind, those whose label changed its probability the most come first." in section(written, "r1")
        assert f"Of each kind of flip the page holds at most {embedding.PER_KIND} reviews" in section(written, "about")

    def test_every_difference_has_value_interval_and_p(self, sample, written):
        text = section(written, "r1")
        found = sample.run.references[0].comparison.differences["macro_f1"]

        assert re.search(
            rf"Macro-F1 −{abs(found.difference.value):.3f} −{abs(found.difference.low):.3f} to "
            rf"−{abs(found.difference.high):.3f} [<\d.]+ worse {found.baseline:.3f} {found.candidate:.3f}", text,
        )  # fmt: skip
        for each in sample.run.references[0].comparison.differences.values():
            assert (each.difference.method or each.difference.interval_reason or each.difference.reason) in text

    def test_slices_have_their_corrected_p_values(self, sample, written):
        text = section(written, "r1")
        part = sample.run.references[0].comparison.slices[0]

        assert f"{part.column} = {part.value} {part.reviews}" in text
        assert f"p values are corrected by {part.correction}" in text

    def test_identical_predictions_are_said_to_be(self):
        same = sample_gate.compared(sample_run.sample(reviews=60), better=0, noise=0)

        text = section(rendered(same), "r1")

        assert "Both predict the same class of every review : 60 reviews" in text
        assert "There is none: both predict the same class of every review." in text

    def test_where_nothing_flipped_no_slice_is_the_worst(self):
        same = sample_gate.compared(sample_run.sample(reviews=60), better=0, noise=0)

        text = rendered(sample_gate.judged(same, "accuracy-drop<=0.01"))

        assert "The rule passed" in text
        assert "Worst slices" not in text

    def test_without_texts_ids_are_shown(self):
        bare = sample_gate.compared(sample_run.sample(reviews=300, texts=False))

        assert "This run keeps no review texts: ids are shown instead." in section(rendered(bare), "r1")

    def test_several_comparisons_have_their_own_fragments(self):
        made = sample_run.sample(reviews=150, classifiers=("one", "two"))
        both = sample_gate.compared(sample_gate.compared(made), kind="classifier", name="builtin", seed=8)
        text = rendered(both)
        read = Reader(text)

        assert {"r1", "r2", "r3", "r4", "r4-flips"} <= set(read.attributes("id"))
        assert "Against the baseline main, one on shop" in read.text()
        assert section(text, "r3").startswith("one against builtin")
        (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
        assert set(json.loads(data)["comparisons"]) == {"r1", "r2", "r3", "r4"}

    def test_5000_long_reviews_with_flips_weigh_less_than_3_mb(self):
        long = ["Ein Satz, der nicht enden mag, " * 60] * 5000
        made = sample_gate.compared(sample_run.sample(reviews=5000, text_of=long))

        assert len(rendered(made).encode()) < 3_000_000


class TestPairs:
    def test_case_has_its_ratio_with_the_interval_as_judged(self, sample, written):
        (verdict,) = [each for each in sample.run.verdicts if each.kind == "max_slowdown"]
        ratio = verdict.difference
        text = section(written, "pairs")

        assert f"forward 8 × 64 {ratio.value:.3f} × {ratio.low:.3f}–{ratio.high:.3f}" in text
        assert "fail forward-slowdown<=5% 100 of 5 process pairs" in text

    def test_both_sides_are_told_and_what_differs_is_marked(self, written):
        text = section(written, "pairs")

        assert "dtype bfloat16 float32 differs Python CPython 3.11.7 CPython 3.11.7" in text
        assert "The same on both sides: harness 0.1.0, torch 2.6.0, transformers 5.0.1." in text

    def test_each_size_has_the_verdict_on_its_own_rounds(self):
        made = sample_gate.in_pairs(sample_run.sample(sets=(), timings=False), ratios=(1.0, 1.2))
        sample = sample_gate.judged(made, "forward-slowdown<=5%")

        found = [(case.record.batch_size, case.verdict.outcome) for case in paired_view.cases(sample.run)]

        assert found == [(8, sample.run.verdicts[0].outcome), (16, "fail")]
        assert sample.run.verdicts[0].outcome != "fail"

    def test_rounds_that_no_rule_judged_have_their_ratio_alone(self):
        text = section(rendered(sample_gate.in_pairs(sample_run.sample(sets=(), timings=False))), "pairs")

        assert re.search(
            r"forward 8 × 64 (0\.9|1\.0)\d+ × (process pair \d: [\d.]+ × )+1 × not judged 100 of 5 process pairs", text
        )
        assert "No interval: no rule of the gate judged these rounds." in text

    def test_a_scenario_has_its_reviews_and_its_rate_in_the_place_of_a_size(self):
        (record,) = sample_gate.in_pairs(sample_run.sample(sets=(), timings=False)).run.paired
        of_stage = {"stage": None, "batch_size": None, "seq_len": None}
        of_scenario = {"scenario": "server", "reviews": 200, "rate": 40.0}
        load = record.model_validate(record.model_dump() | of_stage | of_scenario)
        made = sample_run.sample(sets=(), timings=False, paired=(load,))

        assert "server 200 reviews at 40.0 reviews/s" in section(rendered(made), "pairs")
        (case,) = paired_view.cases(sample_gate.judged(made, "server-slowdown<=5%").run)
        assert case.verdict.subject == "server"

    def test_alone_make_a_page(self):
        text = Reader(rendered(sample_gate.in_pairs(sample_run.sample(sets=(), timings=False)))).text()

        assert "This run has no evaluation and no timing." not in text

    def test_medians_are_one_a_process_pair(self):
        (record,) = sample_gate.in_pairs(sample_run.sample(sets=(), timings=False), processes=3).run.paired

        assert len(paired_view.medians(record)) == 3


class TestWrite:
    def test_reads_the_predictions_of_the_references(self, sample, written, tmp_path):
        folder = sample.write(tmp_path / "run")

        page.write(folder, folder / "report.html")

        assert (folder / "report.html").read_bytes() == written.encode()

    def test_predictions_of_a_reference_that_are_gone_are_an_error_that_names_the_file(self, sample, tmp_path):
        folder = sample.write(tmp_path / "run")
        (folder / sample.run.references[0].predictions).unlink()

        with pytest.raises(RunError) as caught:
            page.write(folder, folder / "report.html")

        assert str(folder / sample.run.references[0].predictions) in caught.value.where

    def test_predictions_of_other_reviews_are_an_error(self, sample, tmp_path):
        folder = sample.write(tmp_path / "run")
        table = sample.references["builtin-shop.main"]
        write_predictions(folder / sample.run.references[0].predictions, **vars(replace(table, ids=table.ids[::-1])))

        with pytest.raises(RunError, match="not of the candidate's reviews"):
            page.write(folder, folder / "report.html")


def hostile() -> sample_run.SampleRun:
    """Injections wherever a gate, a reference and pairs of rounds have words of a user."""
    made = sample_run.sample(
        reviews=400, classes=INJECTIONS[:6], text_of=INJECTIONS, ordinal=False, timings=False,
        classifiers=(INJECTIONS[3],), sets=(INJECTIONS[1],),
    )  # fmt: skip
    made = sample_gate.compared(
        made, name=INJECTIONS[5], classifier=INJECTIONS[0], device=INJECTIONS[2], dtype=INJECTIONS[4],
        packages={INJECTIONS[7]: INJECTIONS[8], "__proto__": INJECTIONS[9]}, python=INJECTIONS[6],
    )  # fmt: skip
    made = sample_gate.in_pairs(
        made, classifier=INJECTIONS[10], device=INJECTIONS[11], versions={INJECTIONS[12]: INJECTIONS[13]}
    )
    made = sample_gate.judged(made, *RULES, reason=INJECTIONS[14])
    metric = Metric(value=-0.1, low=-0.2, high=-0.05, method=INJECTIONS[15])
    flip = FlippedReview(
        id=INJECTIONS[16], gold=INJECTIONS[17], candidate=INJECTIONS[18], candidate_probability=0.5,
        baseline=INJECTIONS[19], baseline_probability=0.6, text=INJECTIONS[20],
    )  # fmt: skip
    worst = SliceVerdict(column=INJECTIONS[21], value=INJECTIONS[22], reviews=9, difference=metric)
    words = {"rule": INJECTIONS[23], "sentence": INJECTIONS[24], "baseline": INJECTIONS[25], "column": INJECTIONS[26]}
    shown = {"flips": (flip,), "worst_slices": (worst,)}
    verdicts = tuple(each.model_copy(update=words | shown) for each in made.run.verdicts)
    (one,) = made.run.references
    parts = tuple(
        each.model_copy(update={"column": INJECTIONS[27], "value": INJECTIONS[28], "correction": INJECTIONS[29]})
        for each in one.comparison.slices
    )
    comparison = one.comparison.model_copy(update={"slices": parts, "notes": INJECTIONS, "sampling": INJECTIONS[30]})
    reference = one.model_copy(update={"comparison": comparison, "run": INJECTIONS[31]})
    run = made.run.model_copy(update={"verdicts": (*made.run.verdicts, *verdicts), "references": (reference,)})
    return replace(made, run=run)


class TestSafety:
    def test_a_users_words_add_no_tag_and_no_attribute(self):
        def tags(made):
            return {(tag, *sorted(attributes)) for tag, attributes in Reader(rendered(made)).tags}

        read = Reader(rendered(hostile()))

        assert tags(hostile()) <= tags(gated(400, classes=tuple("abcdef"), ordinal=False))
        assert read.unbalanced == []
        assert not [
            name for _, attributes in read.tags for name in attributes if name.startswith("on") or name == "style"
        ]

    def test_no_folder_of_the_machine_is_in_the_page(self):
        made = sample_gate.compared(
            sample_run.sample(reviews=100, timings=False), kind="classifier", name="/home/ann/models/old",
            classifier="/home/ann/models/old", packages={"mine": "/home/ann/mine"},
        )  # fmt: skip
        made = sample_gate.in_pairs(made, classifier="/home/ann/models/old", versions={"torch": "/home/ann/torch"})
        made = sample_gate.judged(made, "accuracy-drop<=0.01", "forward-slowdown<=5%", reason="see /home/ann/why.md")

        assert "/home" not in Reader(rendered(made)).text()


class TestStyle:
    STYLE = page.asset("style.css")

    def test_a_fail_can_be_read_on_its_ground(self):
        assert ".outcome.fail { color: var(--paper); background: var(--orange)" in self.STYLE
        pair = r"light-dark\((#\w{6}), (#\w{6})\)"
        (paper,), (orange,) = (re.findall(rf"--{name}: {pair}", self.STYLE) for name in ("paper", "orange"))

        assert all(contrast(one, other) >= 4.5 for one, other in zip(paper, orange, strict=True))

    @pytest.mark.parametrize("outcome", ["pass", "fail", "inconclusive", "error"])
    def test_each_outcome_has_a_look(self, outcome):
        assert f".outcome.{outcome} {{" in self.STYLE
