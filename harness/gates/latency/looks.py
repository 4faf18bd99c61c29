"""One look: a fresh pair of worker processes, and pairs of rounds of every case that is still open."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

from harness.errors import RunError
from harness.gates.latency.process import Side, SideName, Worker
from harness.records.pairs import PairedRounds, TimedSide

if TYPE_CHECKING:
    import numpy as np

    from harness.gates.latency.cases import Case
    from harness.progress import Progress

SHORTEST_ROUND = 0.05
"""Seconds. To start the processes takes seconds, so rounds can be long enough for the change of process to vanish."""

SIDES: tuple[SideName, SideName] = ("candidate", "reference")


@dataclass
class Gathered:
    """What the looks at a case came to so far."""

    case: Case
    iterations: int = 0
    """Calls in a round; 0 before the first look."""
    facts: dict[SideName, dict[str, Any]] = field(default_factory=dict)
    """Of each side, what does not change from process to process."""
    seconds: dict[SideName, list[list[float]]] = field(default_factory=lambda: {side: [] for side in SIDES})
    candidate_first: list[list[bool]] = field(default_factory=list)

    def record(self, *, looks: int, seed: int) -> PairedRounds:
        """Everything of it; at least one look has been taken."""
        candidate, reference = (
            TimedSide(
                **{key: value for key, value in self.facts[side].items() if key != "threads"},
                seconds=tuple(map(tuple, self.seconds[side])),
            )
            for side in SIDES
        )
        return PairedRounds(
            id=self.case.id,
            **self.case.described(),
            iterations=self.iterations,
            threads=self.facts["candidate"]["threads"],
            looks=looks,
            seed=seed,
            candidate_first=tuple(map(tuple, self.candidate_first)),
            candidate=candidate,
            reference=reference,
        )


def look(
    sides: dict[SideName, Side],
    open_cases: Sequence[Gathered],
    pairs: int,
    *,
    threads: int,
    generator: np.random.Generator,
    progress: Progress,
) -> None:
    """Adds so many pairs of rounds to each case, from two processes that are started for them and ended.

    Both load at the same time. From then on one of them works and the other waits to be asked.

    Args:
        sides: Candidate and reference.
        open_cases: That are measured, all of them in every turn, in random order.
        pairs: Of each case.
        threads: Of each process.
        generator: Draws the orders and the processes' hash seeds.
        progress: Told of each pair.

    Raises:
        HarnessError: A side that cannot be started, loaded or prepared.
        RunError: A process that ended, or that is not what it was at the look before.
    """
    with ExitStack() as started:
        workers: dict[SideName, Worker] = {}
        for name in SIDES:
            seed = int(generator.integers(2**32))
            workers[name] = started.enter_context(Worker(sides[name], name, threads=threads, hash_seed=seed))
        for worker in workers.values():
            worker.greet()
            for gathered in open_cases:
                worker.require(gathered.case.protocol, gathered.case.subject)
        for name, worker in workers.items():
            worker.ask({"load": {"name": sides[name].name, "options": dict(sides[name].options)}})
        loaded = {name: worker.answer("loaded") for name, worker in workers.items()}
        for gathered in open_cases:
            _prepare(gathered, sides, workers, loaded, generator)
        for gathered in open_cases:
            gathered.candidate_first.append([])
            for name in SIDES:
                gathered.seconds[name].append([])
        for _ in range(pairs):
            for place in generator.permutation(len(open_cases)):
                _pair(open_cases[place], workers, generator)
                progress.advance(1)


def _prepare(
    gathered: Gathered,
    sides: dict[SideName, Side],
    workers: dict[SideName, Worker],
    loaded: dict[SideName, dict[str, Any]],
    generator: np.random.Generator,
) -> None:
    case, calls = gathered.case, []
    for name, worker in workers.items():
        worker.ask(case.question())
        ready = worker.answer("prepared")
        calls.append(ready.get("call_seconds"))
        facts = {
            "classifier": sides[name].name,
            "python": worker.hello["python"],
            "versions": worker.hello["versions"],
            "tokens": ready["tokens"],
            "padded_tokens": ready["padded_tokens"],
            **{key: loaded[name][key] for key in ("device", "dtype", "threads")},
        }
        _same(gathered.facts.setdefault(name, facts), facts, name, case)
    gathered.iterations = gathered.iterations or _iterations(calls)
    # The first round of a process is not like those after it.
    conditions = case.conditions(generator)
    for worker in workers.values():
        _round(worker, gathered, conditions)


def _iterations(calls: Sequence[float | None]) -> int:
    """Calls in a round, by the faster side; a scenario's round is long enough as it is, and says no time of a call."""
    told = [seconds for seconds in calls if seconds is not None]
    if not told:
        return 1
    return max(1, ceil(SHORTEST_ROUND / min(told))) if min(told) > 0 else 1000


def _pair(gathered: Gathered, workers: dict[SideName, Worker], generator: np.random.Generator) -> None:
    candidate_first = bool(generator.integers(2))
    conditions = gathered.case.conditions(generator)
    for name in SIDES if candidate_first else SIDES[::-1]:
        gathered.seconds[name][-1].append(_round(workers[name], gathered, conditions))
    gathered.candidate_first[-1].append(candidate_first)


def _round(worker: Worker, gathered: Gathered, conditions: dict[str, Any]) -> float:
    worker.ask({"round": gathered.case.id, "iterations": gathered.iterations, **conditions})
    return float(worker.answer("seconds"))


def _same(before: dict[str, Any], now: dict[str, Any], name: SideName, case: Case) -> None:
    changed = [key for key in before if before[key] != now.get(key)]
    if changed:
        raise RunError(
            f"the {name} is not what it was a moment ago: another {changed[0]}",
            where=f"{case.id}: {now.get(changed[0])}",
            expected=f"{before[changed[0]]}, as in its first process",
            remedy="leave the environment and the checkpoint alone while they are timed",
        )
