"""Reasons to distrust the rounds of a timing, each with its figure and what to do next."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from harness.statistics import Estimate, NoInterval, fewest_rounds, two_sided

WIDEST_MIDDLE_HALF = 0.10
"""Of the median. Quiet rounds of one process spread by 1 to 3 %; beyond this, what people look for in a
table of timings, a fifth more or less, is no wider than the rounds themselves."""
WIDEST_INTERVAL = 0.05
"""Of the median, to one side: half of the difference that a comparison should find."""
LARGEST_DRIFT = 0.05
"""Of the first half: as much as the interval may be wide."""
FEWEST_FOR_MODES = 20
"""Of 10 rounds with one mode, 14 % would look like two; of 20, 1 % do."""
CLEAREST_SPLIT = 0.85
"""Share of the variance between the best two groups (Otsu 1979): 64 % for a normal distribution, 75 % for
an even one."""
SMALLEST_MODE = 0.2
"""Of the rounds: fewer are spikes."""
LARGEST_SPIKE = 3.0
"""Times the median."""

QUIETER = "stop what else runs on this machine, then measure again"
LONGER = "measure more rounds"


@dataclass(frozen=True)
class Doubt:
    """Why a timing is noisy."""

    reason: str
    """With its figure, in a few words."""
    remedy: str
    """What to do next."""

    def __str__(self) -> str:
        return f"{self.reason}: {self.remedy}"


def doubts_of(seconds: np.ndarray, estimate: Estimate, confidence: float) -> tuple[Doubt, ...]:
    """Every reason to call these rounds noisy; none where they are to be believed.

    Args:
        seconds: (rounds,) float64, in the order measured; at least one.
        estimate: Their median with its interval.
        confidence: Level of that interval and of the drift, between 0 and 1.
    """
    if len(seconds) < fewest_rounds(confidence):
        counted = f"{len(seconds)} round{'' if len(seconds) == 1 else 's'}"
        return (Doubt(f"{counted}, fewer than {fewest_rounds(confidence)}", LONGER),)
    if estimate.value <= 0:
        return (Doubt("half of the rounds took no time that the clock could see", "repeat the call within a round"),)
    drift = tuple(_drift(seconds, confidence))
    # Halves that differ are two modes of their own.
    last = drift or tuple(_modes(seconds))
    return (*_middle_half(seconds), *_interval(estimate), *last)


def remarks_of(seconds: np.ndarray) -> tuple[str, ...]:
    """What is worth a word and no doubt: the median does not feel it."""
    middle, slowest = float(np.median(seconds)), float(seconds.max())
    if middle <= 0 or slowest <= LARGEST_SPIKE * middle:
        return ()
    return (f"the slowest round took {slowest / middle:.1f} times the median",)


def _middle_half(seconds: np.ndarray) -> Iterator[Doubt]:
    lower, middle, upper = np.quantile(seconds, [0.25, 0.5, 0.75])
    spread = float((upper - lower) / middle)
    if spread > WIDEST_MIDDLE_HALF:
        limit = _percent(WIDEST_MIDDLE_HALF)
        yield Doubt(f"the middle half of the rounds is {_percent(spread)} of the median wide, above {limit}", QUIETER)


def _interval(estimate: Estimate) -> Iterator[Doubt]:
    bounds = estimate.bounds
    if isinstance(bounds, NoInterval):
        # Rounds that are all the same leave nothing to doubt; too few were said before.
        return
    reach = max(bounds.high - estimate.value, estimate.value - bounds.low) / estimate.value
    if reach > WIDEST_INTERVAL:
        yield Doubt(f"the median is known to ±{_percent(reach)} only, above ±{_percent(WIDEST_INTERVAL)}", LONGER)


def _drift(seconds: np.ndarray, confidence: float) -> Iterator[Doubt]:
    """The second half against the first, beyond what chance makes of ranks (Mann & Whitney 1947)."""
    half = len(seconds) // 2
    first, second = seconds[:half], seconds[-half:]
    change = float(np.median(second) / np.median(first)) - 1 if np.median(first) > 0 else 0.0
    # Rounds of the second half that are slower than one of the first; a tie counts half.
    slower = float(np.sign(second[:, None] - first).sum() + half * half) / 2
    deviation = math.sqrt(half * half * (2 * half + 1) / 12)
    if abs(change) > LARGEST_DRIFT and abs(slower - half * half / 2) > two_sided(confidence) * deviation:
        way = "slower" if change > 0 else "faster"
        yield Doubt(
            f"the second half of the rounds is {_percent(abs(change))} {way} than the first",
            "let clocks and caches settle, and measure longer",
        )


def _modes(seconds: np.ndarray) -> Iterator[Doubt]:
    """The best split of the rounds in two groups, where it leaves little variance within them."""
    rounds = len(seconds)
    if rounds < FEWEST_FOR_MODES:
        return
    ordered = np.sort(seconds)
    # A spike would be most of the variance.
    ordered = np.minimum(ordered, np.quantile(ordered, 0.95, method="lower"))
    least = math.ceil(SMALLEST_MODE * rounds)
    below = np.arange(least, rounds - least + 1)
    sums = np.cumsum(ordered)
    low = sums[below - 1] / below
    high = (sums[-1] - sums[below - 1]) / (rounds - below)
    between = below * (rounds - below) / rounds**2 * np.square(high - low)
    best = int(between.argmax())
    variance = float(ordered.var())
    if variance == 0 or low[best] <= 0 or between[best] / variance < CLEAREST_SPLIT:
        return
    apart = float(high[best] / low[best]) - 1
    if apart > LARGEST_DRIFT:
        yield Doubt(
            f"two modes perhaps, {_percent(apart)} apart, {_percent(1 - below[best] / rounds)} of the rounds in the "
            "slower",
            "look for a clock rate that changes or a process that comes and goes",
        )


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %" if share >= 0.1 else f"{share * 100:.1f} %"
