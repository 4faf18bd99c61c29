"""The clock of a scenario: it waits for the device, and it can be waited for."""

from __future__ import annotations

import time
from typing import Protocol

from harness.timing.clocks import timer_for

SPIN = 0.001
"""Seconds. A sleeping process wakes up late, by less than that; so the end of a wait is spent awake."""


class Clock(Protocol):
    """What a scenario needs of a clock."""

    def now(self) -> float:
        """Seconds from any moment, read when all work that was queued on the device is done."""

    def sleep_until(self, moment: float) -> None:
        """Come back once `now` is at `moment`, or later; at once where it is already."""


class WallClock:
    """Seconds of `time.perf_counter`, read after everything queued on a device is done."""

    def __init__(self, device: str) -> None:
        """
        Args:
            device: As in `ClassifierRecord.device`.

        Raises:
            ValueError: A device that no clock is known for.
        """
        self._timer = timer_for(device) or time.perf_counter

    def now(self) -> float:
        """Seconds, see `Clock`."""
        return self._timer()

    def sleep_until(self, moment: float) -> None:
        """Asleep until a millisecond before, then awake: nothing is queued on the device meanwhile."""
        while (left := moment - time.perf_counter()) > 0:
            if left > SPIN:
                time.sleep(left - SPIN)
