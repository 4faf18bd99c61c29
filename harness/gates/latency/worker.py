"""One classifier in a process of its own, that measures a round whenever it is asked to.

    python -m harness.gates.latency.worker

Run by `harness.gates.latency.process`; see `harness.gates.latency.protocol` for what is said. The collector
of garbage is off once the classifier is loaded: it would fall into some rounds and not into others.
"""

from __future__ import annotations

import gc
import inspect
import os
import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TextIO

from harness.errors import HarnessError, UsageError
from harness.gates.latency.protocol import PROTOCOL, received, send

if TYPE_CHECKING:
    from harness.classifier import Classifier

WARM_CALLS = 3
"""The first calls compile, choose kernels and fill caches; the fastest of them tells how long a round should be."""
LONG_CALL = 0.5
"""Seconds. In a longer one, what its beginning costs does not show."""


class Answering(Protocol):
    """Whoever answers the parent's questions."""

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """What a message asks for.

        Raises:
            HarnessError: It cannot be answered; the parent is told, and may go on asking.
        """
        ...


class Prepared(Protocol):
    """What a round can be asked of: a stage, or a `harness.gates.latency.scenario.Scenario`."""

    def round(self, iterations: int, scheduled: Sequence[float] | None = None) -> float:
        """Seconds, see `harness.gates.latency.protocol`."""
        ...


@dataclass(frozen=True)
class Stage:
    """One stage, with its input ready."""

    run: Callable[[], Any]
    clock: Callable[[], float]
    fastest: float
    """Seconds of a warm call."""

    def round(self, iterations: int, scheduled: Sequence[float] | None = None) -> float:
        """Seconds of one call, on average over one round; nothing is scheduled."""
        if self.fastest < LONG_CALL:
            # It finds the caches cold and the other process's threads still spinning, and is not what is repeated.
            self.run()
        return _seconds(self.run, self.clock, iterations) / iterations


class Bench:
    """What this process has loaded and prepared."""

    def __init__(self, load: Callable[..., Classifier] | None = None) -> None:
        """Nothing yet; `load` stands in the place of `Classifier.load`."""
        self._load = load
        self._classifier: Classifier | None = None
        self._cases: dict[str, Prepared] = {}

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """What a message asks for.

        Raises:
            HarnessError: A classifier that cannot be loaded, or what this version does not know.
        """
        if "load" in message:
            return {"loaded": self.load(**message["load"])}
        if "prepare" in message:
            return {"prepared": self.prepare(**message["prepare"])}
        if "scenario" in message:
            return {"prepared": self.prepare_scenario(**message["scenario"])}
        if "round" in message:
            return {"seconds": self.round(message["round"], message["iterations"], message.get("scheduled"))}
        raise UsageError(
            "the worker of a latency gate does not know what it is asked",
            where=", ".join(message),
            expected="load, prepare, scenario, round",
        )

    def load(self, name: str, options: dict[str, Any]) -> dict[str, Any]:
        """Loads the classifier, with options of `Classifier.load`."""
        from harness.classifier import Classifier
        from harness.environment import threads

        load = self._load or Classifier.load
        known = inspect.signature(Classifier.load).parameters
        unknown = [option for option in options if option not in known]
        if unknown:
            raise UsageError(
                f"this version of the harness loads no classifier with {', '.join(unknown)}",
                where=f"{name}, in the environment of {sys.executable}",
                expected=", ".join(option for option in known if option not in ("cls", "name")),
                remedy="leave the option out, or use a newer harness in that environment",
            )
        self._classifier = load(name, **options)
        # Here both sides do it at the same time, and once: a million objects take a third of a second.
        gc.collect()
        gc.disable()
        record = self._classifier.record
        return {"device": record.device, "dtype": record.dtype, "threads": threads()}

    def prepare(self, case: str, stage: Any, seq_len: int, texts: list[str]) -> dict[str, Any]:
        """Runs the stages before for the input of this one, and warms it."""
        from harness.timing import STEPS, prepare, timer_for

        classifier = self._loaded(case, stage, STEPS)
        made = prepare(classifier, stage, texts, seq_len=seq_len, ids=("timed", "texts"))
        clock = timer_for(made.device) or perf_counter
        fastest = min(_seconds(made.run, clock, 1) for _ in range(WARM_CALLS))
        self._cases[case] = Stage(made.run, clock, fastest)
        return {"tokens": made.tokens, "padded_tokens": made.padded_tokens, "call_seconds": fastest}

    def prepare_scenario(self, case: str, name: Any, texts: list[str], rate: float | None) -> dict[str, Any]:
        """Warms the classifier for a scenario over these reviews."""
        from harness.gates.latency.scenario import NAMES, Scenario

        made = Scenario(name, self._loaded(case, name, NAMES), texts, rate=rate)
        facts = made.warm_up()
        self._cases[case] = made
        return facts

    def round(self, case: str, iterations: int, scheduled: Sequence[float] | None = None) -> float:
        """Seconds of one round, see `harness.gates.latency.protocol`."""
        if case not in self._cases:
            raise UsageError("the worker of a latency gate has not prepared this", where=case)
        return self._cases[case].round(iterations, scheduled)

    def _loaded(self, case: str, subject: Any, known: Sequence[str]) -> Classifier:
        if self._classifier is None or subject not in known:
            raise UsageError(
                "the worker of a latency gate cannot prepare this",
                where=case,
                expected=f"a classifier that is loaded, and one of {', '.join(known)}",
            )
        return self._classifier


def serve(questions: Iterable[str], answers: TextIO, bench: Answering) -> None:
    """Answers every line, until there are no more."""
    from harness import __version__
    from harness.environment import PACKAGES, versions

    python = f"{platform.python_implementation()} {platform.python_version()}"
    found = {"harness": __version__} | versions(PACKAGES)
    send(answers, {"hello": {"protocol": PROTOCOL, "python": python, "versions": found}})
    for line in questions:
        try:
            answer = bench.answer(received(line))
        except HarnessError as error:
            answer = {"error": {"kind": type(error).__name__, "message": error.message, **error.details()}}
        send(answers, answer)


def main(bench: Answering | None = None) -> None:
    """Serves the parent over standard input and output, which nothing else in this process gets to see."""
    questions = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # A library that prints, or C code that does, would speak in the place of the worker.
    os.dup2(2, 1)
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    try:
        serve(questions, answers, bench or Bench())
    except (BrokenPipeError, KeyboardInterrupt):
        # The parent has gone, or is about to end this process.
        sys.exit(130)


def _seconds(run: Callable[[], Any], clock: Callable[[], float], calls: int) -> float:
    started = clock()
    for _ in range(calls):
        run()
    return clock() - started


def leave() -> NoReturn:
    """Ends the process as it is: to take a million objects apart takes a second, and the next look waits for it."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
    leave()
