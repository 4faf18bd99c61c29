"""What a gate's rules about times ask for, and what is judged of it when the run is finished."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import sample_run
from timing.scenarios.fakes import FakeClassifier, FakeClock, constant, texts

from harness import gating, reference_timing
from harness.errors import UsageError
from harness.gates.latency import Side, comparing
from harness.gates.latency.cases import ScenarioCase
from harness.gates.rules import Gates, Rule, parse
from harness.options import Settings
from harness.records import PairedRounds, TimedSide

REVIEWS = texts(*range(3, 60))


def gates(*rules: str) -> Gates:
    return Gates(tuple(parse(rule) for rule in rules), against="old/stars")


def rounds(**described: Any) -> PairedRounds:
    """Of five process pairs, the candidate a tenth slower, with noise of 0.1 %."""
    generator = np.random.default_rng(0)

    def side(name: str, seconds: float) -> TimedSide:
        rows = seconds * np.exp(0.001 * generator.standard_normal((5, 20)))
        return TimedSide(
            classifier=name, device="cpu", dtype="float32", python="CPython 3.12.4", versions={}, tokens=200,
            seconds=tuple(map(tuple, rows.tolist())),
        )  # fmt: skip

    return PairedRounds(
        iterations=1, threads=2, looks=5, seed=0, candidate_first=((True,) * 20,) * 5,
        candidate=side("new", 1.1), reference=side("old", 1.0), **described,
    )  # fmt: skip


class Compared:
    """Stands in the place of `harness.gates.latency.compare`, and keeps what it was asked."""

    rules: list[Rule]
    sides: tuple[Side, Side]
    batches: dict[tuple[int, int], list[str]]
    scenarios: list[ScenarioCase]

    def __call__(self, rules: Any, candidate: Any, reference: Any, batches: Any, scenarios: Any, **_: Any) -> list[Any]:
        self.rules, self.sides, self.batches, self.scenarios = rules, (candidate, reference), batches, scenarios
        return []


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Compared:
    asked = Compared()
    monkeypatch.setattr(comparing, "compare", asked)
    return asked


def measure(asked: Gates, **settings: Any) -> None:
    classifier: Any = FakeClassifier(FakeClock(), constant(0.0))
    reference_timing.measure("new/stars", classifier, REVIEWS, asked, Settings(**settings))


class TestMeasure:
    def test_takes_rules_about_times_and_leaves_the_others(self, compared: Compared) -> None:
        measure(gates("accuracy>=0.5", "forward-slowdown<=5%", "single-stream-slowdown<=5%"))

        assert [rule.id for rule in compared.rules] == ["forward-slowdown<=5%", "single-stream-slowdown<=5%"]
        assert [side.name for side in compared.sides] == ["new/stars", "old/stars"]

    def test_a_rule_on_a_stage_gets_batches_at_each_size(self, compared: Compared) -> None:
        measure(gates("forward-slowdown<=5%"), batch_sizes=(1, 4), seq_lens=(8,))

        assert {size: len(batch) for size, batch in compared.batches.items()} == {(1, 8): 1, (4, 8): 4}
        assert compared.scenarios == []

    def test_rules_on_scenarios_get_the_reviews_of_a_round_and_no_batches(self, compared: Compared) -> None:
        measure(gates("server-slowdown<=5%", "offline-slowdown<=5%"), arrival_rate=30.0)

        offline, server = compared.scenarios
        assert compared.batches == {}
        assert (offline.id.partition(".")[0], offline.rate) == ("offline", None)
        assert (server.id, server.rate) == ("server.30", 30.0)
        assert set(server.texts) <= set(REVIEWS)

    def test_the_reference_may_be_run_by_another_interpreter_at_its_own_dtype(self, compared: Compared) -> None:
        measure(gates("offline-slowdown<=5%"), dtype="bfloat16", device="cpu", against_python=Path("old/bin/python"))

        candidate, reference = compared.sides
        assert (candidate.python, candidate.options) == (Path(sys.executable), {"device": "cpu", "dtype": "bfloat16"})
        assert (reference.python, reference.options) == (Path("old/bin/python"), {"device": "cpu"})


class TestRequireRate:
    def test_of_the_server_without_a_rate_says_what_to_name(self) -> None:
        with pytest.raises(UsageError) as caught:
            reference_timing.require_rate(gates("server-slowdown<=5%", "forward-slowdown<=5%"), Settings())

        assert str(caught.value) == (
            "server-slowdown<=5%: no rate at which reviews arrive\n"
            "  where     option --gate server-slowdown<=5%\n"
            "  expected  the rate of the deployment, in reviews/s: candidate and reference meet the same arrivals\n"
            "  remedy    name it with --arrival-rate, or leave the rule out"
        )

    def test_is_asked_again_before_anything_is_timed(self, compared: Compared) -> None:
        with pytest.raises(UsageError, match="no rate at which reviews arrive"):
            measure(gates("server-slowdown<=5%"))

        assert not hasattr(compared, "rules")

    def test_is_content_with_a_rate_and_where_no_rule_is_on_the_server(self) -> None:
        reference_timing.require_rate(gates("server-slowdown<=5%"), Settings(arrival_rate=20.0))
        reference_timing.require_rate(gates("single-stream-slowdown<=5%"), Settings())


class TestFinishedRun:
    def test_is_judged_again_by_other_rules_on_its_scenarios(self, tmp_path: Path) -> None:
        kept = (
            rounds(id="server.20", scenario="server", reviews=20, rate=20.0),
            rounds(id="forward.8x64", stage="forward", batch_size=8, seq_len=64),
        )
        run = sample_run.sample(reviews=50, timings=False).run.model_copy(update={"evaluations": (), "paired": kept})
        asked = gates("server-slowdown<=5%", "server-slowdown<=50%", "single-stream-slowdown<=5%")

        strict, loose, missing = gating.judge(tmp_path, run, asked, tmp_path).verdicts

        assert (strict.outcome, loose.outcome, missing.outcome) == ("fail", "pass", "error")
        assert strict.sentence.startswith(
            "the mean latency of server at 20 reviews/s in rounds of 20 reviews changed by"
        )
        assert missing.sentence == "no pair of rounds was measured in this run"
