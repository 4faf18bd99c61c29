"""Candidate and reference in turn, look after look, until every rule is decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from harness.errors import UsageError
from harness.gates.latency.cases import StageCase
from harness.gates.latency.judging import judge
from harness.gates.latency.looks import Gathered, look
from harness.progress import Silent

if TYPE_CHECKING:
    from harness.gates.latency.cases import Case, ScenarioCase
    from harness.gates.latency.process import Side, SideName
    from harness.gates.rules import Rule
    from harness.progress import Progress
    from harness.records import Step, Verdict
    from harness.records.pairs import PairedRounds

MOST_PAIRS = 200

Texts = Mapping[tuple[int, int], Sequence[str]]
"""By batch size and sequence length: one batch of texts of about as many tokens each."""


def compare(
    rules: Sequence[Rule],
    candidate: Side,
    reference: Side,
    texts: Texts,
    scenarios: Sequence[ScenarioCase] = (),
    *,
    alpha: float = 0.05,
    pairs_a_look: int = 20,
    max_pairs: int = 100,
    seconds: float | None = None,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
    clock: Callable[[], float] = perf_counter,
) -> list[tuple[Verdict, PairedRounds]]:
    """Times both sides on this machine, now, and judges each rule: on a stage at each size, on a scenario once.

    A look starts a fresh pair of processes and adds `pairs_a_look` pairs of rounds to every case that is
    not decided. The verdict is that of the look which decided, or of the last one.

    Args:
        rules: Of the kind max_slowdown, on stages and scenarios.
        candidate: Whom the rules judge.
        reference: With whom it is compared.
        texts: What both sides are given, by size: of rules on stages.
        scenarios: One for each scenario that rules are on.
        alpha: Chance of a false fail, and of a false pass, of each rule, over all looks.
        pairs_a_look: Pairs of rounds from one pair of processes.
        max_pairs: At most 200; as many whole looks are planned as fit.
        seconds: No look is begun after so many; None is no limit. The first look is always taken.
        seed: Of the orders, the processes' hash seeds and the bootstrap.
        threads: Of each process; by default as many as this one's operations use.
        progress: Told of each pair.
        clock: Seconds.

    Returns:
        A verdict with its evidence for each rule and case: in the order of the rules, then of the sizes. A
        rule with several sizes fails where one of them fails, and passes where all pass.

    Raises:
        UsageError: A rule, a size or a number of pairs that cannot be followed; an interpreter that cannot be run.
        HarnessError: A side that cannot be loaded.
        RunError: A process that ended in the middle.
    """
    import numpy as np

    from harness.environment import threads as usual_threads

    looks = _planned(pairs_a_look, max_pairs)
    cases = _gathered(rules, texts, scenarios)
    threads = usual_threads() if threads is None else threads
    generator = np.random.default_rng(seed)
    sides: dict[SideName, Side] = {"candidate": candidate, "reference": reference}
    verdicts: dict[tuple[str, str], Verdict] = {}
    started = clock()
    for number in range(1, looks + 1):
        still = [each for each in cases.values() if any(_open(verdicts, rule, each) for rule in _of(rules, each))]
        look(sides, still, pairs_a_look, threads=threads, generator=generator, progress=progress or Silent())
        spent = seconds is not None and clock() - started >= seconds
        stopped = f"the time was spent after {number} of {looks} looks" if spent and number < looks else ""
        for each in still:
            rounds = each.record(looks=looks, seed=seed)
            for rule in _of(rules, each):
                if _open(verdicts, rule, each):
                    alike = len(_of_rule(rule, cases))
                    found = judge(rule, rounds, alpha=alpha, alike=alike, stopped=stopped)
                    verdicts[rule.id, each.case.id] = found
        if spent or not any(_undecided(found) for found in verdicts.values()):
            break
    return [
        (verdicts[rule.id, each.case.id], each.record(looks=looks, seed=seed))
        for rule in rules
        for each in _of_rule(rule, cases)
    ]


def _planned(pairs_a_look: int, max_pairs: int) -> int:
    if not 1 <= pairs_a_look <= max_pairs <= MOST_PAIRS:
        raise UsageError(
            f"a latency gate cannot take {max_pairs} pairs of rounds in looks of {pairs_a_look}",
            where="the most pairs of a latency gate",
            expected=f"at least one look of at least one pair, and at most {MOST_PAIRS} pairs in all",
        )
    return max_pairs // pairs_a_look


def _gathered(rules: Sequence[Rule], texts: Texts, scenarios: Sequence[ScenarioCase]) -> dict[str, Gathered]:
    """What the rules ask for, each once."""
    stages = _stages(rules, texts)
    cases: list[Case] = [*stages, *(each for each in scenarios if any(rule.subject == each.scenario for rule in rules))]
    timed = {case.subject for case in cases}
    for rule in rules:
        if rule.kind != "max_slowdown" or rule.subject not in timed:
            raise UsageError(
                f"pairs of rounds do not judge the rule {rule.id}",
                where=f"{rule.kind} of {rule.subject}",
                expected=f"max_slowdown of what is timed: {', '.join(sorted(timed)) or 'nothing'}",
            )
    if not cases:
        raise UsageError("a latency gate needs a rule", where=f"{len(texts)} sizes, {len(scenarios)} scenarios")
    return {case.id: Gathered(case) for case in cases}


def _stages(rules: Sequence[Rule], texts: Texts) -> list[StageCase]:
    from harness.timing.cases import STEPS

    for (batch_size, seq_len), batch in texts.items():
        if not batch or len(batch) != batch_size:
            raise UsageError(
                f"a batch of {batch_size} texts was to be timed, and {len(batch)} are given",
                where=f"{batch_size} × {seq_len}",
            )
    stages: dict[Step, None] = {step: None for rule in rules for step in STEPS if step == rule.subject}
    return [StageCase(stage, seq_len, tuple(batch)) for stage in stages for (_, seq_len), batch in texts.items()]


def _of(rules: Sequence[Rule], gathered: Gathered) -> list[Rule]:
    return [rule for rule in rules if rule.subject == gathered.case.subject]


def _of_rule(rule: Rule, cases: Mapping[str, Gathered]) -> list[Gathered]:
    return [each for each in cases.values() if each.case.subject == rule.subject]


def _open(verdicts: Mapping[tuple[str, str], Verdict], rule: Rule, gathered: Gathered) -> bool:
    found = verdicts.get((rule.id, gathered.case.id))
    return found is None or _undecided(found)


def _undecided(verdict: Verdict) -> bool:
    return verdict.outcome == "inconclusive"
