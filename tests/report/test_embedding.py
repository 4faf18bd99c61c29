from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import sample_gate, sample_run

from harness.report import embedding, examples, flips

from .injections import INJECTIONS


def joined_of(sample):
    return {
        f"e{place}": examples.join(sample.predictions[one.id], sample.reviews[one.review_set])
        for place, one in enumerate(sample.run.evaluations, start=1)
    }


def records_of(sample):
    return {f"e{place}": one for place, one in enumerate(sample.run.evaluations, start=1)}


def flipped_of(sample, joined):
    return {
        f"r{place}": (f"e{place}", flips.find(joined[f"e{place}"], sample.references[one.id]))
        for place, one in enumerate(sample.run.references, start=1)
    }


def embedded(sample):
    joined = joined_of(sample)
    return embedding.embed(joined, records_of(sample), flipped_of(sample, joined))


class TestEmbed:
    def test_long_texts_are_brought_within_the_budget_and_the_rule_says_how(self):
        found = embedded(sample_run.sample(reviews=3000, text_of=["很好" * 2000] * 3000))

        cells = json.loads(found.json)["evaluations"]["e1"]["cells"]
        assert len(found.json.encode()) <= embedding.BUDGET
        assert 0 < found.per_cell < examples.PER_CELL
        assert max(len(cell["shown"]) for cell in cells.values()) == found.per_cell
        assert sum(cell["total"] for cell in cells.values()) == 3000

    def test_texts_of_a_set_are_embedded_once_for_all_its_evaluations(self):
        content = json.loads(embedded(sample_run.sample(reviews=200, classifiers=("one", "two"))).json)

        assert list(content["texts"]) == ["shop"]
        assert {one["set"] for one in content["evaluations"].values()} == {"shop"}

    def test_flips_have_both_rows_of_probabilities_and_their_texts(self):
        sample = sample_gate.compared(sample_run.sample(reviews=400))
        content = json.loads(embedded(sample).json)

        lost = content["comparisons"]["r1"]["kinds"]["lost"]
        id, gold, reference, candidate = lost["shown"][0]
        place = sample.predictions["builtin-shop"].ids.index(id)
        assert lost["total"] == sample.run.references[0].comparison.flips.lost == len(lost["shown"])
        assert gold == sample.predictions["builtin-shop"].gold[place]
        assert reference == pytest.approx(sample.references["builtin-shop.main"].probabilities[place], abs=6e-5)
        assert candidate == pytest.approx(sample.predictions["builtin-shop"].probabilities[place], abs=6e-5)
        assert content["texts"]["shop"][id] == sample.reviews["shop"]["text"][place].as_py()

    def test_many_flips_of_long_texts_keep_within_the_budget_too(self):
        sample = sample_gate.compared(
            sample_run.sample(reviews=3000, text_of=["很好" * 2000] * 3000), better=2.0, noise=2.0
        )
        found = embedded(sample)

        kinds = json.loads(found.json)["comparisons"]["r1"]["kinds"]
        assert len(found.json.encode()) <= embedding.BUDGET
        assert max(len(kind["shown"]) for kind in kinds.values()) == found.per_kind < embedding.PER_KIND

    def test_where_the_cells_are_too_many_the_flips_are_there_alone(self, monkeypatch):
        monkeypatch.setattr(embedding, "BUDGET", 10_000)
        monkeypatch.setattr(embedding, "CHOICES", ((40, 100, 1200), (0, 1, 10)))

        found = embedded(sample_gate.compared(sample_run.sample(reviews=600)))

        assert (found.per_cell, found.per_kind) == (0, 1)
        content = json.loads(found.json)
        assert content["evaluations"] == {}
        assert len(content["comparisons"]["r1"]["kinds"]["lost"]["shown"]) == 1

    def test_nothing_is_embedded_where_nothing_fits(self, monkeypatch):
        monkeypatch.setattr(embedding, "BUDGET", 10)

        found = embedded(sample_gate.compared(sample_run.sample(reviews=60)))

        assert (found.per_cell, found.per_kind, found.longest) == (0, 0, 0)
        assert json.loads(found.json) == {"texts": {}, "evaluations": {}, "comparisons": {}}


class TestForScript:
    @given(
        st.recursive(
            st.text() | st.sampled_from(INJECTIONS), lambda part: st.lists(part) | st.dictionaries(st.text(), part)
        )
    )
    def test_reads_back_the_same_and_holds_nothing_that_ends_a_script(self, content):
        text = embedding.for_script(content)

        assert json.loads(text) == content
        assert not set("<>&\u2028\u2029") & set(text)

    def test_half_a_surrogate_pair_can_be_written_as_utf_8(self):
        assert json.loads(embedding.for_script("\ud800").encode()) == "\ud800"
