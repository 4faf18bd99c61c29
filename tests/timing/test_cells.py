"""A cell: the cases that were asked for, an A/A control, and the bare tokenizer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support import checkpoints

from harness.classifier import Classifier
from harness.records import Step
from harness.timing import STEPS, Effort, cells, inputs
from harness.timing.cells import Member

TEXTS = ["a good book", "not bad at all", "awful", "I would buy it with love"]
QUICK = Effort(seconds=0.001)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    """A tiny real checkpoint; the stages keep no state, so every test may share it."""
    folder: Path = checkpoints.bert(tmp_path_factory.mktemp("tiny"))
    return Classifier.load(str(folder), device="cpu", max_length=64)


def member(classifier: Classifier, name: str = "a", stages: tuple[Step, ...] = STEPS) -> Member:
    return Member(classifier, (name, "reviews"), inputs(classifier, TEXTS), 12, stages)


class TestMeasure:
    def test_holds_every_case_with_its_answer(self, classifier):
        cell = cells.measure([member(classifier)], QUICK)

        assert list(cell.cases) == [("a", stage) for stage in STEPS]
        np.testing.assert_allclose(
            cell.cases["a", "softmax"].answer.numpy(), cell.cases["a", "classify"].answer, rtol=1e-5
        )

    def test_all_of_a_cell_have_its_name_and_as_many_rounds(self, classifier):
        timings = cells.measure([member(classifier), member(classifier, "b")], QUICK).timings

        assert {each.cell for each in timings} == {"reviews.cpu.4x12"}
        assert len({len(each.seconds) for each in timings}) == 1
        assert len({each.id for each in timings}) == len(timings)

    def test_one_classifier_alone_has_a_control_of_the_whole(self, classifier):
        others = cells.measure([member(classifier)], QUICK).others

        assert [(each.id, each.role, each.stage) for each in others] == [
            ("a.reviews.classify.4x12.control", "control", "classify"),
            ("a.reviews.tokenize.4x12.plain", "plain", "tokenize"),
        ]

    def test_of_two_the_first_is_measured_once_more_at_every_stage(self, classifier):
        others = cells.measure([member(classifier), member(classifier, "b")], QUICK).others

        assert [each.stage for each in others if each.role == "control"] == list(STEPS)
        assert {each.classifier for each in others if each.role == "control"} == {"a"}
        assert [each.classifier for each in others if each.role == "plain"] == ["a", "b"]

    def test_only_what_was_asked_for_is_measured(self, classifier):
        cell = cells.measure([member(classifier, stages=("forward",))], QUICK)

        assert [each.id for each in cell.timings] == ["a.reviews.forward.4x12", "a.reviews.forward.4x12.control"]

    def test_says_what_each_call_must_do(self, classifier):
        cases = cells.measure([member(classifier)], QUICK).cases
        flops = {stage: cases["a", stage].timing.flops for stage in STEPS}

        assert flops["forward"] is not None
        assert flops["forward"] == flops["classify"] > 1000
        assert flops["tokenize"] is flops["place"] is flops["softmax"] is None
        # 4 reviews × 5 classes: float32 logits in, float32 probabilities out.
        assert cases["a", "softmax"].timing.bytes == 4 * 5 * (4 + 4)


class TestFinished:
    def test_a_cell_of_an_earlier_process_is_taken_as_it_is(self, classifier):
        before = cells.measure([member(classifier)], QUICK)

        found = cells.finished([member(classifier)], before.timings)

        assert found is not None
        assert found.timings == before.timings
        np.testing.assert_allclose(found.cases["a", "classify"].answer, before.cases["a", "classify"].answer)

    def test_a_cell_that_lacks_a_case_is_measured_anew(self, classifier):
        before = cells.measure([member(classifier, stages=("forward",))], QUICK)

        assert cells.finished([member(classifier)], before.timings) is None
        assert cells.finished([member(classifier, "b", ("forward",))], before.timings) is None


class TestTiming:
    def test_rounds_that_were_measured_alone_belong_to_no_cell(self, classifier):
        from harness.timing import case

        asked = member(classifier, stages=("softmax",))
        made = case(classifier, "softmax", asked.ready, seq_len=12, ids=asked.ids)

        record = cells.timing(made, [0.5, 0.25], 3, asked)

        assert (record.id, record.cell, record.seconds, record.iterations) == (
            "a.reviews.softmax.4x12", "", (0.5, 0.25), 3,
        )  # fmt: skip
        assert record.bytes == 4 * 5 * 8
