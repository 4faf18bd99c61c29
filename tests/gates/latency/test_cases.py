"""What is timed: its id, what a worker is asked, and what both sides of a pair are told."""

from __future__ import annotations

import numpy as np
import pytest

from harness.gates.latency.cases import ScenarioCase, StageCase

STREAM = ScenarioCase("single-stream", ("good", "bad", "ugly"))
SERVER = ScenarioCase("server", ("good", "bad", "ugly"), rate=20.0)
STAGE = StageCase("forward", 8, ("good", "bad"))


class TestId:
    def test_is_the_subject_with_its_size_or_its_reviews(self) -> None:
        assert [case.id for case in (STAGE, STREAM, SERVER)] == ["forward.2x8", "single-stream.3", "server.3"]
        assert [case.subject for case in (STAGE, STREAM, SERVER)] == ["forward", "single-stream", "server"]


class TestQuestion:
    def test_of_a_stage_can_be_answered_by_a_worker_of_the_first_protocol(self) -> None:
        assert STAGE.protocol == 1
        assert STAGE.question() == {
            "prepare": {"case": "forward.2x8", "stage": "forward", "seq_len": 8, "texts": ["good", "bad"]}
        }

    def test_of_a_scenario_needs_the_second(self) -> None:
        assert SERVER.protocol == 2
        assert SERVER.question() == {
            "scenario": {"case": "server.3", "name": "server", "texts": ["good", "bad", "ugly"], "rate": 20.0}
        }


class TestConditions:
    @pytest.mark.parametrize("case", [STAGE, STREAM])
    def test_are_none_but_for_the_server_and_draw_nothing(self, case: StageCase | ScenarioCase) -> None:
        generator = np.random.default_rng(1)

        assert case.conditions(generator) == {}
        assert generator.integers(2**32) == np.random.default_rng(1).integers(2**32)

    def test_of_the_server_are_arrivals_at_its_rate(self) -> None:
        case = ScenarioCase("server", ("good",) * 2_000, rate=20.0)

        scheduled = case.conditions(np.random.default_rng(1))["scheduled"]

        assert len(scheduled) == 2_000
        assert scheduled[0] == 0.0 and scheduled == sorted(scheduled)
        # A mean of 2,000 exponential gaps lies within 10 % of its own, but for once in 100,000.
        assert scheduled[-1] / 1_999 == pytest.approx(1 / 20, rel=0.1)

    def test_of_the_server_are_others_for_the_next_pair(self) -> None:
        generator = np.random.default_rng(1)

        assert SERVER.conditions(generator) != SERVER.conditions(generator)
