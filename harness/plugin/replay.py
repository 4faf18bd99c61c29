"""Rounds that were measured elsewhere, handed to pytest-benchmark through its own `timer` and `pedantic`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any


class Replay:
    """A timer for the `benchmark` marker: a real clock, until it is told to play.

    pytest-benchmark reads its timer once before and once after each round. While playing, these two
    readings differ by the seconds of the recorded round, and the call between them does nothing.
    """

    def __init__(self, clock: Callable[[], float] | None) -> None:
        """
        Args:
            clock: The clock of the device; None is `time.perf_counter`.
        """
        self._clock = clock or perf_counter
        self._readings: list[float] = []
        self._answer: Any = None
        self._run: Callable[[], Any] = lambda: None
        self.played = False
        """Whether rounds were played."""
        # pytest-benchmark prints and stores a timer by its `__name__`.
        self.__name__ = getattr(self._clock, "__name__", "clock")

    def play(self, seconds: Sequence[float], iterations: int, answer: Any, run: Callable[[], Any]) -> None:
        """Let the next rounds be these.

        Args:
            seconds: Of one call, one value a round.
            iterations: Calls in a round.
            answer: Of the last call.
            run: The call itself, for what pytest-benchmark asks for beyond the rounds, such as a profile.
        """
        self.played = True
        self._answer, self._run = answer, run
        # From the end: readings are taken off the list as they are asked for.
        self._readings = [reading for each in reversed(seconds) for reading in (each * iterations, 0.0)]

    def __call__(self) -> float:
        return self._readings.pop() if self._readings else self._clock()

    def call(self) -> Any:
        """What is called within a round: nothing while rounds are played, the case itself after them."""
        return self._answer if self._readings else self._run()
