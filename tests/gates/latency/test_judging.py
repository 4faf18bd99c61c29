"""What paired rounds come to, in one of three verdicts and one sentence."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from gates.latency.support import slowdown
from harness.gates.latency import judge
from harness.gates.latency.judging import percents
from harness.records.pairs import PairedRounds, TimedSide

STAGE = {"id": "forward.8x32", "stage": "forward", "batch_size": 8, "seq_len": 32}


def rounds(ratio: float, processes: int = 5, *, spread: float = 0.003, **described: Any) -> PairedRounds:
    """Rounds with noise of 1 %, of processes whose log ratios lie evenly, so far apart, around the log ratio."""
    generator = np.random.default_rng(0)
    moved = spread * (np.arange(processes)[:, None] - (processes - 1) / 2)

    def side(name: str, seconds: float, logs: np.ndarray) -> TimedSide:
        drawn = seconds * np.exp(logs + 0.01 * generator.standard_normal((processes, 20)))
        return TimedSide(
            classifier=name, device="cpu", dtype="float32", python="CPython 3.12.4", versions={}, tokens=200,
            padded_tokens=256, seconds=tuple(map(tuple, drawn.tolist())),
        )  # fmt: skip

    return PairedRounds(
        **described or STAGE, iterations=2, threads=2, looks=5, seed=0,
        candidate_first=((True,) * 20,) * processes,
        candidate=side("new", ratio, moved), reference=side("old", 1.0, 0 * moved),
    )  # fmt: skip


class TestOutcome:
    @pytest.mark.parametrize(
        ("ratio", "outcome"), [(1.0, "pass"), (0.8, "pass"), (1.02, "inconclusive"), (1.1, "fail")]
    )
    def test_is_what_the_bounds_say_of_the_limit(self, ratio: float, outcome: str) -> None:
        verdict = judge(slowdown(0.02), rounds(ratio), alpha=0.05)

        assert verdict.outcome == outcome
        assert (verdict.rule, verdict.kind, verdict.limit) == ("forward-slowdown<=2%", "max_slowdown", 0.02)

    def test_a_fail_needs_five_process_pairs_and_four_say_so(self) -> None:
        verdict = judge(slowdown(0.02), rounds(1.3, 4), alpha=0.05)

        assert verdict.outcome == "inconclusive"
        assert verdict.sentence.endswith("), and the limit is +2.0 %: a fail needs 5 process pairs, and these are 4")
        assert verdict.needed == 100

    def test_a_pass_needs_three_process_pairs(self) -> None:
        verdict = judge(slowdown(0.5), rounds(1.0, 2), alpha=0.05)

        assert verdict.outcome == "inconclusive"
        assert verdict.sentence.endswith("; 2 process pairs: an interval needs 3")

    def test_sizes_under_one_rule_make_a_fail_harder_and_a_pass_no_easier(self) -> None:
        alone, among = (judge(slowdown(), rounds(1.05), alpha=0.05, alike=n).difference for n in (1, 4))

        assert alone is not None and among is not None
        assert alone.low is not None and among.low is not None
        assert among.low < alone.low
        assert among.high == alone.high

    def test_the_same_rounds_can_be_judged_again_by_another_rule(self) -> None:
        kept = PairedRounds.model_validate_json(rounds(1.1).model_dump_json())

        assert judge(slowdown(0.2), kept, alpha=0.05).outcome == "pass"
        assert judge(slowdown(0.02), kept, alpha=0.05) == judge(slowdown(0.02), rounds(1.1), alpha=0.05)

    def test_carries_both_medians_and_the_reason_of_the_rule(self) -> None:
        verdict = judge(slowdown(reason="the shop waits"), rounds(1.1), alpha=0.05)

        assert verdict.reason == "the shop waits"
        assert verdict.candidate is not None and verdict.candidate.value == pytest.approx(1.1, rel=0.01)
        assert verdict.reference is not None and verdict.reference.value == pytest.approx(1.0, rel=0.01)
        assert verdict.candidate.low is None

    def test_what_would_decide_is_told_in_pairs(self) -> None:
        verdict = judge(slowdown(0.02), rounds(1.05, spread=0.022), alpha=0.05)

        assert verdict.outcome == "inconclusive"
        assert verdict.needed is not None and verdict.needed % 20 == 0 and verdict.needed > 100
        assert verdict.sentence.endswith(f", and the limit is +2.0 %: about {verdict.needed:,} pairs would decide it")

    def test_nothing_is_told_where_the_noise_hides_it(self) -> None:
        verdict = judge(slowdown(0.02), rounds(1.021, spread=0.05), alpha=0.05, stopped="the time was spent")

        assert verdict.needed is None
        assert verdict.sentence.endswith(
            ", and the limit is +2.0 %: too close to it to tell how many pairs would decide (the time was spent)"
        )


class TestScenario:
    @pytest.mark.parametrize(
        ("name", "fields", "time"),
        [
            ("offline", {}, "the time of offline for 1,200 reviews at once"),
            ("single-stream", {}, "the mean latency of single-stream in rounds of 1,200 reviews"),
            ("server", {"rate": 1200.0}, "the mean latency of server at 1,200 reviews/s in rounds of 1,200 reviews"),
            ("server", {"rate": 0.25}, "the mean latency of server at 0.25 reviews/s in rounds of 1,200 reviews"),
        ],
    )
    def test_is_named_in_the_sentence_with_what_its_seconds_are(
        self, name: str, fields: dict[str, float], time: str
    ) -> None:
        kept = rounds(1.1, id=f"{name}.1200", scenario=name, reviews=1200, **fields)

        verdict = judge(slowdown(0.02, stage=name), kept, alpha=0.05)

        assert (verdict.outcome, verdict.subject) == ("fail", name)
        assert verdict.sentence.startswith(f"{time} changed by +")


class TestRecord:
    def test_of_a_run_that_knew_no_scenarios_still_opens(self) -> None:
        kept = json.loads(rounds(1.1).model_dump_json())
        for name in ("scenario", "reviews", "rate"):
            del kept[name]

        assert PairedRounds.model_validate(kept) == rounds(1.1)

    @pytest.mark.parametrize(
        ("described", "told"),
        [
            ({"id": "one"}, "a stage and its size, or a scenario and its reviews"),
            ({"id": "one", "stage": "forward", "batch_size": 8}, "a stage and its size, or a scenario and its reviews"),
            ({**STAGE, "reviews": 8}, "a stage or a scenario, not both"),
            ({"id": "one", "scenario": "server", "reviews": 8}, "the server has a rate, and nothing else has"),
            ({**STAGE, "rate": 8.0}, "the server has a rate, and nothing else has"),
        ],
    )
    def test_is_of_a_stage_or_of_a_scenario_with_what_belongs_to_it(self, described: dict[str, Any], told: str) -> None:
        with pytest.raises(ValueError, match=told):
            rounds(1.1, **described)


class TestPercents:
    @pytest.mark.parametrize(
        ("limit", "shares", "written"),
        [
            (0.02, (0.0213, -0.1), ("+2.1", "−10.0", "+2.0")),
            (0.02, (0.01996,), ("+1.996", "+2.000")),
            (0.025, (0.0, 0.01), ("0", "+1.0", "+2.5")),
            (0.0125, (0.01,), ("+1.00", "+1.25")),
            (0.0, (0.004,), ("+0.4", "0")),
            (0.02, (-0.0001,), ("0", "+2.0")),
        ],
    )
    def test_never_write_a_share_as_the_limit_that_it_is_not(
        self, limit: float, shares: tuple[float, ...], written: tuple[str, ...]
    ) -> None:
        assert percents(limit, shares) == written
