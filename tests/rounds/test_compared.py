from __future__ import annotations

import numpy as np
import pytest
from support import sample_run, timed

from harness import rounds

CELLS = 60
"""Simulated, of each kind."""


def run(*timings, **settings):
    made = sample_run.sample(sets=(), timings=False).run
    return made.model_copy(update={"timings": timings, "settings": settings})


def compared(**given):
    return {each.stage: each for each in rounds.compare(run(*timed.cell(**given)))}


class TestCompare:
    def test_every_other_classifier_stands_against_the_first_in_every_stage(self):
        found = rounds.compare(run(*timed.cell(("a", "b", "c"))))

        assert [(each.candidate.classifier, each.reference.classifier, each.stage) for each in found] == [
            (name, "a", stage)
            for name in ("b", "c")
            for stage in ("tokenize", "place", "forward", "softmax", "classify")
        ]

    def test_a_dtype_is_another_classifier(self):
        timings = [
            each.model_copy(update={"classifier": "a", "dtype": "bfloat16"}) if each.classifier == "b" else each
            for each in timed.cell()
        ]

        found = rounds.compare(run(*timings))

        assert {(each.candidate.dtype, each.reference.dtype) for each in found} == {("bfloat16", "float32")}

    def test_one_classifier_is_compared_with_nothing(self):
        assert rounds.compare(run(*timed.cell(("a",)))) == ()

    def test_a_stage_that_one_of_them_lacks_is_left_out(self):
        timings = [each for each in timed.cell() if (each.classifier, each.stage) != ("b", "place")]

        assert "place" not in {each.stage for each in rounds.compare(run(*timings))}

    def test_a_quiet_machine_shows_every_difference_exactly(self):
        found = compared(slower={"b": {"forward": 1.2}}, steady=True, noise=0.0)

        assert found["forward"].ratio.value == pytest.approx(1.2)
        assert found["classify"].ratio.value == pytest.approx(13.11 / 11.11)
        assert [stage for stage, each in found.items() if each.beyond_noise] == ["forward", "classify"]

    @pytest.mark.parametrize("stage", ["tokenize", "forward"])
    def test_a_planted_delay_shows_in_its_stage_with_its_size_and_in_the_whole_by_its_share(self, stage):
        share = {"tokenize": 1 / 11.11, "forward": 10 / 11.11}[stage]
        cells = [compared(slower={"b": {stage: 1.2}}, rounds=60, seed=seed) for seed in range(20)]

        assert all(each[stage].beyond_noise for each in cells)
        assert np.median([each[stage].ratio.value for each in cells]) == pytest.approx(1.2, abs=0.015)
        assert np.median([each["classify"].ratio.value for each in cells]) == pytest.approx(1 + 0.2 * share, abs=0.015)
        others = [each[other].beyond_noise for each in cells for other in each if other not in (stage, "classify")]
        assert sum(others) <= 2

    def test_a_delay_shows_on_a_gpu_in_another_dtype_too(self):
        found = compared(slower={"b": {"forward": 0.5}}, device="cuda", dtypes={"b": "bfloat16"})

        assert found["forward"].beyond_noise
        assert found["forward"].ratio.value == pytest.approx(0.5, abs=0.03)

    @pytest.mark.parametrize("count", [6, 10, 30])
    def test_a_thing_differs_from_itself_in_about_one_of_a_hundred_comparisons(self, count):
        told = [each.beyond_noise for seed in range(CELLS) for each in compared(rounds=count, seed=seed).values()]

        # 300 comparisons, of which 3 of a cell share a machine: 1 % and chance.
        assert sum(told) <= 9

    def test_a_difference_that_a_thing_has_from_itself_is_none(self):
        found = compared(slower={"b": {"forward": 1.1}, "control": {"forward": 1.1}}, rounds=60)["forward"]

        assert found.ratio.low > 1
        assert found.floor.ratio.low > 1
        assert found.beyond_noise is False

    def test_the_noise_floor_stands_beside_it(self):
        found = compared()["forward"].floor

        assert found.ratio.low < 1 < found.ratio.high
        assert found.reach == max(found.ratio.high, 1 / found.ratio.low)

    def test_without_a_control_it_is_not_told(self):
        timings = [each for each in timed.cell(slower={"b": {"forward": 2.0}}) if each.role == "case"]
        found = next(each for each in rounds.compare(run(*timings)) if each.stage == "forward")

        assert found.ratio.low > 1
        assert found.beyond_noise is None
        assert found.reason == "no noise floor: forward was not measured twice in this cell"

    def test_with_few_rounds_it_is_not_told(self):
        found = compared(rounds=4, slower={"b": {"forward": 2.0}})["forward"]

        assert found.beyond_noise is None
        assert found.reason == "4 rounds: an interval of 95 % needs 6"

    def test_rounds_one_after_another_have_a_ratio_alone(self):
        found = compared(in_turn=False, slower={"b": {"forward": 2.0}})["forward"]

        assert found.ratio.value == pytest.approx(2.0, abs=0.2)
        assert found.reason == "the rounds were not measured in turn"
        assert found.beyond_noise is None

    def test_rounds_that_do_not_belong_together_have_a_ratio_alone(self):
        timings = [
            each.model_copy(update={"seconds": each.seconds[:-1]}) if each.classifier == "b" else each
            for each in timed.cell()
        ]

        assert {each.reason for each in rounds.compare(run(*timings))} == {"the rounds were not measured in turn"}

    def test_rounds_of_no_time_have_no_ratio(self):
        timings = [
            each.model_copy(update={"seconds": (0.0,) * 30, "cell": ""}) if each.stage == "place" else each
            for each in timed.cell(in_turn=False)
        ]
        found = next(each for each in rounds.compare(run(*timings)) if each.stage == "place")

        assert found.ratio.value is None
        assert found.reason == "the reference took no time that the clock could see"

    def test_where_it_is_told_there_is_no_reason(self):
        assert compared()["forward"].reason == ""

    def test_the_run_sets_the_level(self):
        timings = timed.cell()
        (wide, *_), (narrow, *_) = rounds.compare(run(*timings)), rounds.compare(run(*timings, confidence=0.5))

        assert narrow.ratio.high < wide.ratio.high


class TestFloor:
    def test_one_classifier_alone_has_that_of_the_whole(self):
        (cell,) = rounds.cells(timed.cell(("a",)))

        assert rounds.floor(cell, "classify").reach > 1
        assert rounds.floor(cell, "forward").ratio.reason == "forward was not measured twice in this cell"
        assert rounds.floor(cell, "forward").reach is None


class TestPlainRatio:
    def test_is_tokenize_by_the_bare_call(self):
        (cell,) = rounds.cells(timed.cell(rounds=60))

        found = rounds.plain_ratio(cell, cell.members[1])

        assert found.low < 1 / timed.PLAIN < found.high

    def test_is_undefined_without_one(self):
        (cell,) = rounds.cells(timed.cell(stages=("forward", "classify")))

        found = rounds.plain_ratio(cell, cell.members[0])

        assert found.reason == "no bare call of the tokenizers library was measured in this cell"
