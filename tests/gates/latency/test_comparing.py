"""A slowdown is found in pairs of rounds of fresh processes, and no process stays behind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gates.latency.support import SERVER, STREAM, TEXTS, alive, entries, side, slowdown, started
from harness.errors import UsageError
from harness.gates.latency import compare, judge
from harness.gates.latency.cases import ScenarioCase
from harness.records import Verdict
from harness.records.pairs import PairedRounds


def compared(
    candidate: dict[str, Any] | None = None,
    reference: dict[str, Any] | None = None,
    *,
    rules: Any = None,
    texts: Any = TEXTS,
    scenarios: Sequence[ScenarioCase] = (),
    pairs_a_look: int = 6,
    max_pairs: int = 30,
    **options: Any,
) -> list[tuple[Verdict, PairedRounds]]:
    sides = side("new", **candidate or {}), side("old", **reference or {})
    options = {"pairs_a_look": pairs_a_look, "max_pairs": max_pairs, "threads": 2} | options
    return compare([slowdown()] if rules is None else rules, *sides, texts, scenarios, **options)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.jsonl"


class TestVerdict:
    def test_a_slower_candidate_fails_by_five_process_pairs(self) -> None:
        [(verdict, rounds)] = compared({"seconds": 0.011})

        assert verdict.outcome == "fail"
        assert verdict.difference is not None and verdict.difference.low is not None
        assert verdict.difference.low > 1.02
        assert verdict.difference.value == pytest.approx(1.1, rel=0.005)
        assert verdict.sentence.startswith("the time of forward at 2 × 8 changed by +10.0 % (")
        assert verdict.sentence.endswith("), more than +2.0 %")
        assert (verdict.examples, verdict.classifier, verdict.baseline) == (30, "new", "old")
        assert [len(row) for row in rounds.candidate.seconds] == [6] * 5

    def test_the_same_classifier_passes_as_soon_as_three_process_pairs_show_it(self, log: Path) -> None:
        [(verdict, rounds)] = compared({"log": str(log)})

        assert verdict.outcome == "pass"
        assert verdict.sentence.endswith("within +2.0 %")
        assert verdict.examples == 18
        assert len(rounds.reference.seconds) == 3
        assert len(started(log)) == 3

    def test_a_noisy_machine_leaves_it_open_and_says_what_would_decide(self) -> None:
        [(verdict, _)] = compared({"seconds": 0.0103, "noise": 0.05}, {"noise": 0.05}, seed=3)

        assert verdict.outcome == "inconclusive"
        assert verdict.examples == 30
        assert ("about" in verdict.sentence) == (verdict.needed is not None)

    def test_a_decided_case_is_not_measured_any_more(self, log: Path) -> None:
        rules = [slowdown(stage="tokenize"), slowdown(stage="forward")]
        script = {"log": str(log), "noisy_stages": {"forward": 0.1}}

        (quiet, few), (open_, all_) = compared(script, {"noisy_stages": {"forward": 0.1}}, rules=rules)

        assert (quiet.outcome, open_.outcome) == ("pass", "inconclusive")
        assert (len(few.candidate.seconds), len(all_.candidate.seconds)) == (3, 5)
        prepared = [entry["prepare"]["stage"] for entry in entries(log, "prepare")]
        assert prepared == ["tokenize", "forward"] * 3 + ["forward"] * 2

    def test_two_rules_of_one_stage_share_its_rounds(self) -> None:
        (strict, first), (loose, second) = compared({"seconds": 0.011}, rules=[slowdown(0.02), slowdown(0.2)])

        assert (strict.outcome, loose.outcome) == ("fail", "pass")
        assert first == second
        assert loose.examples == 18

    def test_each_size_has_a_verdict_of_its_own(self) -> None:
        texts = TEXTS | {(1, 16): ["a longer review of a book"]}

        found = compared(texts=texts, max_pairs=18)

        assert [(rounds.batch_size, rounds.seq_len) for _, rounds in found] == [(2, 8), (1, 16)]
        assert [rounds.id for _, rounds in found] == ["forward.2x8", "forward.1x16"]

    def test_a_round_of_no_time_is_an_error_and_ends_the_looks(self, log: Path) -> None:
        [(verdict, rounds)] = compared({"seconds": 0.0, "log": str(log)})

        assert verdict.outcome == "error"
        assert verdict.sentence == "the time of forward at 2 × 8: a round took no time that the clock could see"
        assert len(started(log)) == 1
        assert rounds.iterations == 1000


class TestScenario:
    def test_is_judged_as_a_stage_is(self) -> None:
        rules = [slowdown(stage="single-stream")]

        [(verdict, rounds)] = compared({"seconds": 0.011}, rules=rules, texts={}, scenarios=[STREAM])

        assert verdict.outcome == "fail"
        assert verdict.sentence.startswith(
            "the mean latency of single-stream in rounds of 3 reviews changed by +10.0 % ("
        )
        assert (rounds.id, rounds.scenario, rounds.reviews, rounds.stage) == (
            "single-stream.3",
            "single-stream",
            3,
            None,
        )
        assert (rounds.iterations, rounds.candidate.padded_tokens) == (1, None)
        assert [len(row) for row in rounds.candidate.seconds] == [6] * 5

    def test_the_server_meets_the_same_arrivals_on_both_sides_of_a_pair_and_others_in_the_next(self, log: Path) -> None:
        rules = [slowdown(stage="server")]

        [(_, rounds)] = compared(
            {"log": str(log)}, {"log": str(log)}, rules=rules, texts={}, scenarios=[SERVER], max_pairs=6
        )

        scheduled = [entry["scheduled"] for entry in entries(log, "round")]
        assert scheduled[::2] == scheduled[1::2]
        # Six pairs, and one round of each before them.
        assert len({tuple(each) for each in scheduled}) == 7
        assert all(len(each) == 3 and each[0] == 0.0 for each in scheduled)
        assert rounds.rate == 20.0

    def test_and_stages_have_each_its_own_cases(self, log: Path) -> None:
        texts = TEXTS | {(1, 16): ["a longer review of a book"]}
        rules = [slowdown(stage="server"), slowdown(stage="forward"), slowdown(stage="single-stream")]

        found = compared({"log": str(log)}, rules=rules, texts=texts, scenarios=[STREAM, SERVER], max_pairs=18)

        assert [rounds.id for _, rounds in found] == ["server.3", "forward.2x8", "forward.1x16", "single-stream.3"]
        asked = [
            next(iter(entry)) for entry in map(without_side, entries(log, "pid")) if {"prepare", "scenario"} & {*entry}
        ]
        assert asked == ["prepare", "prepare", "scenario", "scenario"] * 3
        # Sizes of one rule share its level; a scenario has one case.
        for (verdict, rounds), alike in zip(found, (1, 2, 2, 1), strict=True):
            rule = next(rule for rule in rules if rule.subject == rounds.subject)
            assert verdict == judge(rule, rounds, alpha=0.05, alike=alike)

    def test_without_a_rule_is_not_measured(self, log: Path) -> None:
        found = compared({"log": str(log)}, scenarios=[STREAM], max_pairs=6)

        assert [rounds.id for _, rounds in found] == ["forward.2x8"]
        assert entries(log, "scenario") == []


def without_side(entry: dict[str, Any]) -> dict[str, Any]:
    """What a worker was asked, without who it is."""
    return {key: value for key, value in entry.items() if key not in ("side", "pid")}


class TestTimeBudget:
    def test_no_look_is_begun_when_it_is_spent(self, log: Path) -> None:
        clock = iter([0.0, 4.0, 11.0])

        [(verdict, rounds)] = compared({"log": str(log), "noise": 0.1}, seconds=10, clock=lambda: next(clock))

        assert len(rounds.candidate.seconds) == len(started(log)) == 2
        assert verdict.outcome == "inconclusive"
        assert verdict.sentence.endswith(
            "; 2 process pairs: an interval needs 3 (the time was spent after 2 of 5 looks)"
        )

    def test_the_first_look_is_always_taken(self) -> None:
        clock = iter([0.0, 100.0])

        [(verdict, _)] = compared(seconds=1, clock=lambda: next(clock))

        assert verdict.examples == 6


class TestMeasuring:
    def test_both_sides_get_the_same_texts_threads_and_calls(self, log: Path) -> None:
        [(_, rounds)] = compared(
            {"log": str(log), "side": "new"}, {"log": str(log), "side": "old", "seconds": 0.02}, max_pairs=6
        )

        assert [entry["prepare"]["texts"] for entry in entries(log, "prepare")] == [TEXTS[2, 8]] * 2
        assert {entry["threads"] for entry in started(log)} == {"2"}
        # Rounds of 50 ms at least, by the faster side.
        assert {entry["iterations"] for entry in entries(log, "round")} == {5}
        assert (rounds.iterations, rounds.threads) == (5, 2)

    def test_every_process_has_a_hash_seed_of_its_own(self, log: Path) -> None:
        compared({"log": str(log)}, {"log": str(log)}, max_pairs=18)

        assert len({entry["hash_seed"] for entry in started(log)}) == len(started(log)) == 6

    def test_one_round_of_each_side_makes_a_pair_and_either_may_come_first(self, log: Path) -> None:
        [(_, rounds)] = compared({"log": str(log), "side": "new"}, {"log": str(log), "side": "old"}, max_pairs=6)

        asked = [entry["side"] for entry in entries(log, "round")]
        # One uncounted round of each before the pairs.
        pairs = list(zip(asked[2::2], asked[3::2], strict=True))
        assert len(pairs) == 6
        assert [pair == ("new", "old") for pair in pairs] == list(rounds.candidate_first[0])
        assert set(pairs) == {("new", "old"), ("old", "new")}

    def test_the_same_seed_gives_the_same_verdict(self) -> None:
        first, second, other = (compared({"noise": 0.01}, seed=seed) for seed in (1, 1, 2))

        assert first == second
        assert first != other

    def test_the_evidence_names_both_environments(self) -> None:
        [(_, rounds)] = compared({"torch": "2.7.0"}, max_pairs=6)

        assert rounds.candidate.versions == {"harness": "0.0.9", "torch": "2.7.0"}
        assert rounds.reference.versions == {"harness": "0.0.9", "torch": "2.6.0"}
        assert rounds.candidate.python == "FakePython 3.99"
        assert PairedRounds.model_validate_json(rounds.model_dump_json()) == rounds


class Interrupted:
    """A person who presses Ctrl-C after some pairs."""

    def __init__(self, after: int) -> None:
        self.left = after

    def resume(self, reviews: int) -> None: ...

    def advance(self, reviews: int) -> None:
        self.left -= reviews
        if self.left == 0:
            raise KeyboardInterrupt


class TestInterruption:
    def test_leaves_no_process_behind(self, log: Path) -> None:
        with pytest.raises(KeyboardInterrupt):
            compared({"log": str(log)}, {"log": str(log)}, progress=Interrupted(3))

        assert len(started(log)) == 2
        assert not any(alive(entry["pid"]) for entry in started(log))

    def test_kills_a_process_that_does_not_want_to_end(self, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("harness.gates.latency.process.GRACE", 0.1)
        stubborn = {"log": str(log), "at": "start", "trouble": "stubborn"}

        with pytest.raises(KeyboardInterrupt):
            compared(stubborn, stubborn, progress=Interrupted(3))

        assert not any(alive(entry["pid"]) for entry in started(log))

    def test_progress_hears_of_every_pair(self) -> None:
        count = Interrupted(-1)

        compared(max_pairs=12, progress=count)

        assert count.left == -13


class TestRefusals:
    @pytest.mark.parametrize(("pairs", "most"), [(0, 100), (20, 10), (20, 201)])
    def test_of_numbers_of_pairs(self, pairs: int, most: int) -> None:
        with pytest.raises(UsageError) as caught:
            compared(pairs_a_look=pairs, max_pairs=most)

        assert str(caught.value) == (
            f"a latency gate cannot take {most} pairs of rounds in looks of {pairs}\n"
            "  where     the most pairs of a latency gate\n"
            "  expected  at least one look of at least one pair, and at most 200 pairs in all"
        )

    def test_of_a_subject_that_is_not_timed(self) -> None:
        rules = [slowdown(), slowdown(stage="server", limit=0.05)]

        with pytest.raises(UsageError) as caught:
            compared(rules=rules, scenarios=[STREAM])

        assert str(caught.value) == (
            "pairs of rounds do not judge the rule server-slowdown<=5%\n"
            "  where     max_slowdown of server\n"
            "  expected  max_slowdown of what is timed: forward"
        )

    def test_of_a_stage_without_a_size(self) -> None:
        with pytest.raises(UsageError) as caught:
            compared(texts={})

        assert str(caught.value) == (
            "pairs of rounds do not judge the rule forward-slowdown<=2%\n"
            "  where     max_slowdown of forward\n"
            "  expected  max_slowdown of what is timed: nothing"
        )

    def test_of_no_rule(self) -> None:
        with pytest.raises(UsageError) as caught:
            compared(rules=[])

        assert str(caught.value) == "a latency gate needs a rule\n  where     1 sizes, 0 scenarios"

    def test_of_texts_that_make_no_such_batch(self) -> None:
        with pytest.raises(UsageError) as caught:
            compared(texts={(8, 32): ["one"]})

        assert str(caught.value) == "a batch of 8 texts was to be timed, and 1 are given\n  where     8 × 32"
