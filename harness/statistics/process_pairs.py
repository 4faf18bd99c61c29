"""The ratio of two times from pairs of rounds, a group of them from each of a few pairs of fresh processes.

Pairs of one process pair are not independent: the layout of memory and the hash seed move all rounds
of a process together, by a per cent or so. Repeating rounds in the same process never averages that
out. So the process pair is the unit, and there are only a few of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from harness.statistics.estimates import Estimate, Interval, NoInterval, Scalar, Undefined
from harness.statistics.resampling import CELLS_AT_ONCE

FEWEST_TO_PASS = 3
"""Process pairs. Student's t of two has one degree of freedom, and its bound lies too far away to be of use."""
FEWEST_TO_FAIL = 5
"""Process pairs. Who fails a build says it of five processes."""

# float64: seconds of each round, one row a process, in the order measured
Seconds = Float[np.ndarray, "processes pairs"]

# float64: the log of each paired ratio
Logs = Float[np.ndarray, "processes pairs"]

# float64: the median log ratio of each process pair
Middles = Float[np.ndarray, " processes"]

# float64: the median of each resample
Replicates = Float[np.ndarray, " resamples"]


@dataclass(frozen=True)
class Levels:
    """The level of either bound at one look, so that all looks together keep to theirs (Bonferroni).

    A level is divided by the looks at which its outcome can be said at all, since no error can be made
    at the others: with five looks of one process pair each, a fail at the fifth alone.
    """

    low: float
    """Of the bound from below, which fails."""
    high: float
    """Of the bound from above, which passes."""

    @classmethod
    def of(cls, alpha: float, looks: int, *, alike: int = 1) -> Levels:
        """Of so many looks, each with one process pair more.

        Args:
            alpha: Chance of a false fail, and of a false pass, that all looks together may have.
            looks: That are planned.
            alike: Ratios under one rule, which fails when any of them does and passes when all do.

        >>> Levels.of(0.06, 5)
        Levels(low=0.06, high=0.02)
        """
        failing, passing = (max(1, looks - fewest + 1) for fewest in (FEWEST_TO_FAIL, FEWEST_TO_PASS))
        return cls(low=alpha / failing / alike, high=alpha / passing)


def paired_ratio(
    candidate: Seconds, reference: Seconds, *, levels: Levels, resamples: int, generator: np.random.Generator
) -> Scalar:
    """How many times as long as the reference the candidate takes: the median of the paired ratios.

    The interval has the wider end on each side of two:

    - the percentiles of a bootstrap that draws process pairs and then pairs within each (Davison & Hinkley
      1997, Bootstrap Methods and their Application, section 3.8);
    - Student's t of the process pairs' median log ratios, which knows that a spread of so few is itself
      uncertain. A bootstrap does not: of five values it sees √(4/5) of their spread, and takes that for sure.

    Simulated: whole gates at a limit of 2 % and alpha 5 %, five looks of 20 pairs, which stop when they have
    something to say; processes that differ by 1 or 2 % (normal), rounds by 5 % (lognormal), 600 gates of each
    kind. At the limit itself 2.7 and 3.2 % failed and 1.2 and 4.7 % passed. Of two alike none and 0.2 % failed,
    22 and 17 % passed; of a true 5 %, 69 and 46 % failed, of a true 10 %, 100 and 99 %. On a quiet machine, of
    0.3 % and 1 %, all alike passed, most at the third look, and all 5 % failed. The bootstrap by itself passed
    9.5 and 19 % at the limit, and 42 % where rounds differ by 1 % and processes by 2 %, since it took one
    process pair for all of them; it failed 9 % there. With both levels divided by all five looks, a true 5 %
    failed in 26 and 14 %.

    Args:
        candidate: (processes, pairs) float64.
        reference: (processes, pairs) float64; round i of process p was measured beside round i of `candidate`.
        levels: Of either bound.
        resamples: Of the bootstrap.
        generator: Draws them.
    """
    if (candidate <= 0).any() or (reference <= 0).any():
        return Undefined("a round took no time that the clock could see")
    value = float(np.median(candidate / reference))
    logs: Logs = np.log(candidate / reference)
    processes = len(logs)
    if processes < FEWEST_TO_PASS:
        counted = f"{processes} process pair{'' if processes == 1 else 's'}"
        return Estimate(value, NoInterval(f"{counted}: an interval needs {FEWEST_TO_PASS}"))
    needed = math.ceil(1 / min(levels.low, levels.high) - 1e-9)
    if resamples < needed:
        reason = f"{resamples:,} resamples do not reach the tails of the interval: {needed:,} would"
        return Estimate(value, NoInterval(reason))
    if np.ptp(logs) == 0:
        return Estimate(value, NoInterval("every pair has the same ratio, which says nothing of the spread"))
    drawn = _medians(logs, resamples, generator)
    middles: Middles = np.median(logs, axis=1)
    spread = _standard_error(middles)
    low = min(float(np.quantile(drawn, levels.low)), float(middles.mean()) - _student(levels.low, processes) * spread)
    high = max(
        float(np.quantile(drawn, 1 - levels.high)), float(middles.mean()) + _student(levels.high, processes) * spread
    )
    method = (
        f"bootstrap of {processes} process pairs and of pairs within, {resamples:,} resamples,"
        f" no narrower than Student's t of the process pairs"
    )
    return Estimate(value, Interval(math.exp(low), math.exp(high), method))


def processes_needed(candidate: Seconds, reference: Seconds, limit: float, *, levels: Levels, least: int) -> int | None:
    """About how many process pairs, each with as many pairs, would tell the ratio from the limit.

    As many as let Student's t bound on the ratio's side of the limit reach no further than the limit, if
    the ratio and the spread stay as they are. Chance decides too: with so many it is told every second time.

    Args:
        candidate: (processes, pairs) float64, as in `paired_ratio`; above 0.
        reference: (processes, pairs) float64.
        limit: Ratio, above 0.
        levels: Of either bound.
        least: Process pairs that are to be exceeded.

    Returns:
        `None` where that cannot be told: of one process pair, or where the ratio is no further from the
        limit than its own standard error.
    """
    if len(candidate) < 2:
        return None
    middles: Middles = np.median(np.log(candidate / reference), axis=1)
    distance = float(middles.mean()) - math.log(limit)
    error = _standard_error(middles)
    if error >= abs(distance):
        return None
    level, fewest = (levels.low, FEWEST_TO_FAIL) if distance > 0 else (levels.high, FEWEST_TO_PASS)
    processes = max(fewest, least + 1)
    while _student(level, processes) * error * math.sqrt(len(middles) / processes) >= abs(distance):
        processes += 1
    return processes


def _medians(logs: Logs, resamples: int, generator: np.random.Generator) -> Replicates:
    """Medians of whole process pairs drawn with replacement, and of pairs drawn anew within each of them."""
    processes, pairs = logs.shape
    piece = max(1, CELLS_AT_ONCE // logs.size)
    found = []
    for start in range(0, resamples, piece):
        rows = min(piece, resamples - start)
        who = generator.integers(processes, size=(rows, processes, 1))
        which = generator.integers(pairs, size=(rows, processes, pairs))
        found.append(np.median(logs[who, which].reshape(rows, -1), axis=1))
    medians: Replicates = np.concatenate(found)
    return medians


def _standard_error(middles: Middles) -> float:
    return float(np.std(middles, ddof=1)) / math.sqrt(len(middles))


def _student(level: float, processes: int) -> float:
    from scipy.special import stdtrit

    # scipy.stats takes most of a second to import, for this one number.
    return float(stdtrit(processes - 1, 1 - level))
