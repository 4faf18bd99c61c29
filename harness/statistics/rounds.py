"""Rounds of timings: the median, the ratio of two, and what several leave of their whole; with intervals.

Rounds come one after another on a machine that has slow seconds, so they are not independent: a
median is judged by whole blocks of neighbours. Two series that were measured in turn, once a cycle
in random order, are compared within their cycles: what slows both cancels, and chance alone decides
which of the two a slow moment meets.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

from harness.statistics.estimates import Bounds, Estimate, Interval, NoInterval, Scalar, Undefined
from harness.statistics.resampling import CELLS_AT_ONCE

MOST_CYCLES = 500
"""Ratios of cycles whose pairs are averaged; of more, medians of neighbours take their place."""

# float64: seconds of each round, in the order measured
Seconds = Float[np.ndarray, " rounds"]

# float64: seconds of the parts of a whole, round i of all of them from one cycle
Parts = Float[np.ndarray, "parts rounds"]

# int64: which rounds are drawn, one resample a row
Drawn = Int[np.ndarray, "resamples rounds"]


def fewest_rounds(confidence: float) -> int:
    """Rounds that an interval needs: of fewer, all lie on one side of the median too often, 2 · ½ⁿ.

    >>> fewest_rounds(0.95)
    6
    """
    return math.ceil(1 - math.log2(1 - confidence) - 1e-9)


def median_interval(seconds: Seconds, *, confidence: float, resamples: int, generator: np.random.Generator) -> Estimate:
    """The median of the rounds, with the wider end on each side of two intervals.

    The order statistics' interval is exact where rounds are independent, of six rounds too (Conover
    1999, Practical Nonparametric Statistics, section 3.2). The bootstrap of circular blocks (Politis &
    Romano 1992) knows that slow rounds come together, but is too narrow for few: of 10 independent
    rounds its 95 % held in 80 % of simulated sets. The blocks have 2 n^⅓ rounds: the order n^⅓ is that
    of Hall, Horowitz & Jing 1995 (Biometrika 82), the factor did best in the simulation below.

    Simulated: lognormal noise of 5 %, 2 % of the rounds at 3 times. The 95 % interval held the median in
    97, 98, 96 and 96 % of sets of 6, 10, 30 and 100 independent rounds. With slow phases beside it, a tenth
    of the time, of 5 to 20 rounds at 1.5 times, it held the median of all time in 90, 89, 89 and 88 %: of
    a run that lies in a slow phase no interval can know.

    Args:
        seconds: (rounds,) float64, in the order measured; at least one.
        confidence: Level, between 0 and 1.
        resamples: Of the bootstrap.
        generator: Draws them.
    """
    value = float(np.median(seconds))
    lacking = _lacking(len(seconds), confidence, resamples)
    if lacking is not None:
        return Estimate(value, lacking)
    if np.ptp(seconds) == 0:
        return Estimate(value, NoInterval("every round took the same time, which says nothing of the spread"))
    replicates = np.concatenate(
        [np.median(seconds[drawn], axis=1) for drawn in _blocks(len(seconds), resamples, generator)]
    )
    ordered = np.sort(seconds)
    place = _order_statistic(len(seconds), confidence)
    exact = Interval(float(ordered[place - 1]), float(ordered[-place]), "order statistics")
    return Estimate(value, _hull(exact, replicates, confidence))


def ratio_interval(candidate: Seconds, reference: Seconds, *, confidence: float) -> Scalar:
    """How many times as long as the reference the candidate takes, from cycles that hold a round of each.

    The ratio is the pseudo-median of the cycles' log ratios (Hodges & Lehmann 1963, Annals of
    Mathematical Statistics 34): the median of the means of every two. Its interval inverts Wilcoxon's
    signed-rank test (Tukey's; Hollander, Wolfe & Chicken 2014, Nonparametric Statistical Methods, section 3.3).

    It rests on the order within the cycles being random. Of one thing measured twice, each log ratio
    is then as likely to be above 0 as below it by as much, whatever the machine does, whether slow phases
    or spikes, and however rounds depend on those before. So an A/A interval leaves 1 out in at most
    1 - confidence of runs, of any number of rounds. For a true ratio it rests on the candidate taking the
    same multiple of whatever time the reference would have taken.

    Simulated as at `median_interval`, with slow phases, 95 %, of 6, 10, 30 and 100 cycles: an A/A interval
    left 1 out in 2.6, 5.3, 4.5 and 5.2 % of runs; a ratio of 1.2 was held in 95 to 97 %, and told from 1 in
    87, 82, 100 and 100 %, or 24, 53, 98 and 100 % at noise of 15 %. The ratio of the medians with a bootstrap
    of cycles in blocks raised 13 and 8 % of false alarms at 6 and 10 cycles, and erred more. The sign test
    told 98 % at 10 cycles with little noise, but less at every other number; the geometric mean with
    Student's t lost most to spikes.

    Args:
        candidate: (rounds,) float64, in the order measured; at least one.
        reference: (rounds,) float64, of the same cycles.
        confidence: Level, between 0 and 1.
    """
    if (candidate <= 0).any() or (reference <= 0).any():
        return Undefined("a round took no time that the clock could see")
    logs = np.log(candidate / reference)
    if len(logs) > MOST_CYCLES:
        # Medians of neighbours are as symmetric as they are, and pairs of 500 are quick.
        logs = np.array([np.median(some) for some in np.array_split(logs, MOST_CYCLES)])
    first, second = np.triu_indices(len(logs))
    means = np.sort((logs[first] + logs[second]) / 2)
    value = math.exp(float(np.median(means)))
    place = _signed_rank(len(logs), confidence)
    if place == 0:
        return Estimate(value, _too_few(len(logs), confidence))
    ends = math.exp(float(means[place - 1])), math.exp(float(means[-place]))
    return Estimate(value, Interval(*ends, "signed ranks of the cycles"))


def rest_interval(
    parts: Parts, whole: Seconds, *, confidence: float, resamples: int, generator: np.random.Generator
) -> Scalar:
    """What the parts leave of the whole, as a share of the whole: 1 less the sum of medians ÷ the median.

    So the shares of the parts and the rest add up to 1. By noise the rest can be below 0. Its interval
    has the wider end on each side of two: a bootstrap of the cycles in blocks, as of `median_interval`,
    which is too narrow for few cycles, and the signed ranks of the sum against the whole, as of
    `ratio_interval`, which lean a little below where many spiky parts are summed (0.6 % of the whole at
    noise of 5 %). Simulated as there, of 6 to 100 cycles it held the rest in 96 to 99 %.

    Args:
        parts: (parts, rounds) float64, seconds of each part in each cycle.
        whole: (rounds,) float64, seconds of the whole in the same cycles.
        confidence: Level, between 0 and 1.
        resamples: Of the bootstrap.
        generator: Draws them.
    """
    middle = float(np.median(whole))
    if middle <= 0:
        return Undefined("the whole took no time that the clock could see")
    value = 1 - float(np.median(parts, axis=1).sum()) / middle
    lacking = _lacking(len(whole), confidence, resamples)
    if lacking is not None:
        return Estimate(value, lacking)
    paired = ratio_interval(parts.sum(axis=0), whole, confidence=confidence)
    if isinstance(paired, Undefined):
        return paired
    if isinstance(paired.bounds, NoInterval):
        return Estimate(value, paired.bounds)
    replicates = np.concatenate(
        [
            1 - sum(np.median(part[drawn], axis=1) for part in parts) / np.median(whole[drawn], axis=1)
            for drawn in _blocks(len(whole), resamples, generator)
        ]
    )
    exact = Interval(1 - paired.bounds.high, 1 - paired.bounds.low, paired.bounds.method)
    return Estimate(value, _hull(exact, replicates, confidence))


def _lacking(rounds: int, confidence: float, resamples: int) -> NoInterval | None:
    if rounds < fewest_rounds(confidence):
        return _too_few(rounds, confidence)
    needed = math.ceil(2 / (1 - confidence) - 1e-9)
    if resamples < needed:
        return NoInterval(f"{resamples:,} resamples do not reach the tails of the interval: {needed:,} would")
    return None


def _too_few(rounds: int, confidence: float) -> NoInterval:
    counted = f"{rounds} round{'' if rounds == 1 else 's'}"
    return NoInterval(f"{counted}: an interval of {confidence * 100:.4g} % needs {fewest_rounds(confidence)}")


def _block_length(rounds: int) -> int:
    return min(rounds, round(2 * math.cbrt(rounds)))


def _blocks(rounds: int, resamples: int, generator: np.random.Generator) -> Iterator[Drawn]:
    """Rounds drawn in blocks of neighbours, of which the last is followed by the first; in bounded pieces."""
    length = _block_length(rounds)
    blocks = math.ceil(rounds / length)
    piece = max(1, CELLS_AT_ONCE // rounds)
    for start in range(0, resamples, piece):
        begins = generator.integers(rounds, size=(min(piece, resamples - start), blocks, 1))
        drawn = (begins + np.arange(length)).reshape(len(begins), -1)[:, :rounds] % rounds
        yield drawn


def _hull(exact: Interval, replicates: np.ndarray, confidence: float) -> Bounds:
    """The wider end on each side, of an interval that holds for independent rounds and of a bootstrap."""
    tail = (1 - confidence) / 2
    low, high = (float(end) for end in np.quantile(replicates, [tail, 1 - tail]))
    method = f"{exact.method}, no narrower than a bootstrap of blocks, {len(replicates):,} resamples"
    return Interval(min(exact.low, low), max(exact.high, high), method)


@lru_cache
def _order_statistic(rounds: int, confidence: float) -> int:
    """The k of which the interval from the k-th smallest to the k-th largest round holds the median; 0: none."""
    k = np.arange(1, rounds + 1)
    shares = np.exp(np.concatenate([[0.0], np.cumsum(np.log((rounds - k + 1) / k))]) - rounds * math.log(2))
    return _within(shares, confidence)


@lru_cache
def _signed_rank(cycles: int, confidence: float) -> int:
    """The k of which the interval from the k-th smallest to the k-th largest mean of two holds; 0: none.

    The distribution of the sum of the ranks that are above 0, each with probability ½, is exact.
    """
    shares = np.zeros(cycles * (cycles + 1) // 2 + 1)
    shares[0] = 1.0
    for rank in range(1, cycles + 1):
        shares[rank:] = (shares[rank:] + shares[:-rank]) / 2
        shares[:rank] /= 2
    return _within(shares, confidence)


def _within(shares: np.ndarray, confidence: float) -> int:
    """How many of the first shares together stay within the tail."""
    return int(np.count_nonzero(np.cumsum(shares) <= (1 - confidence) / 2 + 1e-12))
