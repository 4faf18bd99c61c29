from __future__ import annotations

import pytest
from support import sample_run, timed

from harness import rounds


def broken_down(**given):
    (cell,) = rounds.cells(timed.cell(("a",), **given))
    return rounds.breakdown(cell, cell.members[0])


class TestBreakdown:
    def test_shares_and_rest_add_up_to_the_whole(self):
        found = broken_down(noise=0.1)

        assert [part.stage for part in found.parts] == ["tokenize", "place", "forward", "softmax"]
        assert sum(part.share for part in found.parts) + found.rest.value == pytest.approx(1)

    def test_a_share_is_the_median_by_that_of_classify(self):
        found = broken_down(steady=True, noise=0.0)

        assert found.parts[2].share == pytest.approx(0.99 * 10 / 11.11)
        assert found.whole.stage == "classify"

    def test_a_small_rest_is_not_flagged(self):
        found = broken_down(rounds=100)

        assert found.rest.value == pytest.approx(timed.REST, abs=0.02)
        assert not found.flagged and found.noise_explains

    def test_a_large_rest_is_flagged_and_noise_does_not_explain_it(self):
        found = broken_down(rest=0.12, rounds=60)

        assert found.rest.value == pytest.approx(0.12, abs=0.03)
        assert found.flagged and found.noise_explains is False

    def test_of_few_noisy_rounds_noise_may_explain_a_flag(self):
        found = [broken_down(rest=0.0, noise=0.2, rounds=6, seed=seed) for seed in range(20)]
        explained = [each.noise_explains for each in found if each.flagged]

        # 2.5 % of the intervals end above the truth.
        assert len(explained) >= 4 and explained.count(False) <= 1

    def test_a_rest_below_0_by_noise_is_said_as_it_is(self):
        values = [broken_down(rest=0.0, rounds=10, seed=seed).rest.value for seed in range(20)]

        assert min(values) < 0 < max(values)

    def test_a_part_that_was_not_measured_leaves_the_rest_undefined(self):
        found = broken_down(stages=("tokenize", "forward", "classify"))

        assert [part.stage for part in found.parts] == ["tokenize", "forward"]
        assert found.rest.reason == "not measured: place, softmax"
        assert not found.flagged and found.noise_explains is None

    def test_there_is_none_without_the_whole(self):
        assert broken_down(stages=("tokenize", "forward")) is None

    def test_rounds_one_after_another_have_a_rest_without_interval(self):
        found = broken_down(in_turn=False)

        assert found.rest.value is not None
        assert found.rest.interval_reason == "the rounds were not measured in turn"

    def test_few_rounds_have_a_rest_without_interval(self):
        assert broken_down(rounds=3).rest.interval_reason == "3 rounds: an interval of 95 % needs 6"


class TestBreakdowns:
    def test_are_of_every_classifier_in_every_cell(self):
        timings = (*timed.cell(), *timed.cell(seq_len=128))
        run = sample_run.sample(sets=(), timings=False).run.model_copy(update={"timings": timings})

        found = rounds.breakdowns(run)

        assert [(each.cell.seq_len, each.member.classifier) for each in found] == [
            (64, "a"), (64, "b"), (128, "a"), (128, "b"),
        ]  # fmt: skip
