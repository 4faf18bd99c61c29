"""How many reviews decide, and what they could have seen: the arithmetic of an interval against a margin.

Differences are turned so that more is better: `low` and `high` are the ends of an interval of that difference.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

from harness.statistics.intervals import two_sided

if TYPE_CHECKING:
    from harness.records.verdicts import Outcome

POWER = NormalDist().inv_cdf(0.80)
"""Standard errors that a difference must lie beyond the limit of a test, to be found in 80 of 100 comparisons."""


def decided(low: float, high: float, margin: float) -> Outcome:
    """Non-inferiority by the ends of the (1 - 2 alpha) interval; either decision is wrong with a chance of alpha.

    It is the test of "worse by `margin` or more" that a pass rejects, and of "worse by `margin` at most" that a
    fail rejects, each one-sided at alpha (Schuirmann 1987, Journal of Pharmacokinetics and Biopharmaceutics 15).

    >>> decided(-0.004, 0.009, 0.01), decided(-0.029, -0.013, 0.01), decided(-0.017, 0.001, 0.01)
    ('pass', 'fail', 'inconclusive')
    """
    return "pass" if low > -margin else "fail" if high < -margin else "inconclusive"


def decided_no_worse(high: float) -> Outcome:
    """Without a margin a pass could prove nothing: what is not seen to be worse passes.

    >>> decided_no_worse(-0.001), decided_no_worse(0.0)
    ('fail', 'pass')
    """
    return "fail" if high < 0 else "pass"


def reach(alpha: float) -> float:
    """Standard errors between a limit and a difference that a one-sided test at alpha finds in 80 of 100 comparisons.

    >>> round(reach(0.05) ** 2, 2)
    6.18
    """
    return two_sided(1 - 2 * alpha) + POWER


def reviews_to_decide(
    variance: float, distance: float, reviews: int, alpha: float, *, least: float = 0.0
) -> int | None:
    """How many reviews would decide in 80 of 100 comparisons, approximately: reach² · variance / distance².

    At 5 % that is 6.18 · variance / distance².

    Args:
        variance: Of a single review's difference: the squared standard error times the reviews. Of accuracies it is
            the discordance, the share of the reviews that exactly one of the two has right.
        distance: Of the estimate from the limit, with either sign.
        reviews: Those that did not decide.
        alpha: Level of each side, between 0 and 0.5.
        least: The smallest variance that other reviews can have, where these show less.

    Returns:
        None where the standard error exceeds the distance: then the true distance may have any size and either
        sign, and so the number.

    >>> reviews_to_decide(0.1, 0.01, reviews=2000, alpha=0.05)
    6183
    >>> reviews_to_decide(0.1, 0.01, reviews=500, alpha=0.05) is None
    True
    """
    if not distance or math.sqrt(variance / reviews) > abs(distance):
        return None
    needed = reach(alpha) ** 2 * max(variance, least) / distance**2
    # Rounding of the product must not ask for one review more; and what did not decide is not enough.
    return max(reviews + 1, math.ceil(needed * (1 - 1e-12)))


def detectable(variance: float, reviews: int, alpha: float) -> float | None:
    """The drop that as many reviews find in 80 of 100 comparisons, approximately: reach · √(variance / reviews).

    None where nothing varies, which tells nothing of other reviews. At 5 % it is the `detectable_difference`
    of `harness.statistics.paired`.
    """
    return reach(alpha) * math.sqrt(variance / reviews) if variance else None


def spread_within(low: float, high: float, reviews: int, alpha: float) -> float:
    """The variance of a single review's difference that an interval at 1 - 2 alpha shows, approximately.

    As if the interval were the normal one: half its width is so many standard errors.
    """
    error = (high - low) / (2 * two_sided(1 - 2 * alpha))
    return reviews * error * error
