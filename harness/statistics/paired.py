"""Two classifiers on the same examples, from the examples on which exactly one of them is right.

`gained` counts those that the candidate has right and the baseline wrong, `lost` those that the baseline
has right and the candidate wrong. The rest of the `total` examples says nothing of the difference but
through its number. Examples are independent; nothing here knows of clusters.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from harness.statistics.estimates import Interval
from harness.statistics.intervals import two_sided

DETECTION = NormalDist().inv_cdf(0.95) + NormalDist().inv_cdf(0.80)
"""Standard errors between no difference and one that is found: one-sided level 5 %, power 80 %; 2.4865."""


def tango_interval(gained: int, lost: int, total: int, confidence: float) -> Interval:
    """The score interval of (gained - lost) / total (Tango 1998, Statistics in Medicine 17).

    It holds every difference that a score test does not reject, has a width where nothing is gained or
    lost, and never leaves [-1, 1]. Exact to rounding for totals up to 10^9 and beyond.

    Args:
        gained: Examples that the candidate alone has right.
        lost: Examples that the baseline alone has right.
        total: All examples, at least 1; `gained + lost` is not larger.
        confidence: Level, between 0 and 1.

    >>> interval = tango_interval(gained=1, lost=7, total=21, confidence=0.95)
    >>> round(interval.low, 3), round(interval.high, 3)
    (-0.517, -0.026)
    """
    z = two_sided(confidence)
    return Interval(-_upper_end(lost, gained, total, z), _upper_end(gained, lost, total, z), "Tango")


def mcnemar_mid_p(gained: int, lost: int) -> float:
    """The two-sided mid-p value of McNemar's test (Fagerland, Lydersen & Laake 2013, BMC Med Res Methodol 13:91).

    Given their number, half of the examples that one classifier alone has right are expected to be gained. Of
    the chances of all splits, this adds up those of the less even ones and half of those that are as even as the
    one observed. Without such an example nothing speaks against equality: 1.

    It is less conservative than the exact test, and its level is not guaranteed: the paper found no excess
    in 9,595 cases; of 60 examples that are all discordant it rejects 5.2 %, at 5 %.

    >>> mcnemar_mid_p(gained=1, lost=7)
    0.0390625
    """
    from scipy.special import betainc

    fewer, more = sorted((gained, lost))
    if more == 0:
        return 1.0
    # Binomial sums as incomplete beta functions: at counts of 10^9 they keep eleven digits, and a point
    # probability from logarithms of factorials five.
    at_most = float(betainc(more, fewer + 1, 0.5))
    below = float(betainc(more + 1, fewer, 0.5)) if fewer else 0.0
    if fewer == more:
        # The even split is its own mirror, so that its chance counts once and not twice.
        return 1 - (at_most - below) / 2
    return below + at_most


def detectable_difference(total: int, discordance: float) -> float:
    """The difference of two accuracies that `total` examples find in 80 of 100 comparisons, approximately.

    That is 2.487 · √(discordance / total), for a one-sided test at 5 %. The variance is taken as if there were no
    difference, which is a little too large (Connor 1987, Biometrics 43, has both terms): the figure errs on the
    safe side. Where it exceeds the discordance, no difference that is possible would be found so often.

    Args:
        total: Examples, at least 1.
        discordance: Share of the examples that exactly one of the two has right, in (0, 1].

    >>> round(detectable_difference(10_000, 0.1), 5)
    0.00786
    """
    return DETECTION * math.sqrt(discordance / total)


def examples_to_detect(difference: float, discordance: float) -> int:
    """How many examples find `difference` in 80 of 100 comparisons, approximately: 6.18 · discordance / difference².

    The same approximation as `detectable_difference`, rounded up.

    Args:
        difference: Of two accuracies, not 0; its sign does not matter.
        discordance: Share of the examples that exactly one of the two has right, in (0, 1] and not smaller
            than the size of the difference.

    >>> examples_to_detect(0.01, 0.1)
    6183
    """
    needed = DETECTION**2 * discordance / difference**2
    # Rounding of the product must not ask for one example more.
    return math.ceil(needed * (1 - 1e-12))


def _upper_end(gained: int, lost: int, total: int, z: float) -> float:
    """The largest difference that lies no more than z standard errors above the estimate, by bisection."""
    estimate = (gained - lost) / total
    gain, loss = gained / total, lost / total
    # No standard error exceeds 1 / √total. It is the distance that is halved, since it keeps its digits where
    # the end itself is close to 0.
    below, above = 0.0, min(1 - estimate, z / math.sqrt(total))
    while below < (middle := (below + above) / 2) < above:
        if middle < z * math.sqrt(_variance(estimate + middle, gain, loss) / total):
            below = middle
        else:
            above = middle
    return min(1.0, estimate + above)


def _variance(difference: float, gain: float, loss: float) -> float:
    """`total` times the variance of the estimate, at the likeliest chances of gain and loss with this difference."""
    if difference < 0:
        difference, gain, loss = -difference, loss, gain
    # Tango's quadratic for the chance of a loss, over `total`. Each branch adds numbers of one sign, so that
    # no digits cancel.
    spread = difference * (1 - difference)
    linear = (2 - gain + loss) * difference - gain - loss
    root = math.sqrt(linear * linear + 8 * loss * spread)
    chance = 2 * loss * spread / (root + linear) if linear > 0 else (root - linear) / 4
    return 2 * chance + spread
