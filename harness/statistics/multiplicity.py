"""Several tests at once: p values adjusted so that each may be held against the level itself."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

# float64: one p value a test
PValues = Float[np.ndarray, " tests"]

# statsmodels has both as multipletests, and scipy.stats the second; importing either takes a second, for a
# sort and a running extreme. The tests hold these lines against both.


def holm(p_values: PValues) -> PValues:
    """P values for a short list of tests named beforehand (Holm 1979, Scandinavian Journal of Statistics 6).

    To reject those at or below a level leaves at most that chance of a single false rejection, however
    the tests depend on each other.

    Args:
        p_values: (tests,) float64 between 0 and 1, none of them NaN.

    Returns:
        (tests,) float64 in the same order, cut at 1.

    >>> holm(np.array([0.01, 0.04, 0.03]))
    array([0.03, 0.06, 0.06])
    """
    order = np.argsort(p_values, kind="stable")
    left = np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p_values[order] * left))
    return adjusted


def benjamini_hochberg(p_values: PValues) -> PValues:
    """P values for warnings over many tests (Benjamini & Hochberg 1995, JRSS B 57).

    Of those at or below a level, at most that share is expected to be false, where the tests are
    independent or depend on each other positively (Benjamini & Yekutieli 2001, Annals of Statistics 29).

    Args:
        p_values: (tests,) float64 between 0 and 1, none of them NaN.

    Returns:
        (tests,) float64 in the same order, cut at 1.

    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03]))
    array([0.03, 0.04, 0.04])
    """
    order = np.argsort(-p_values, kind="stable")
    # Divided before the product: the last ratio is exactly 1, so that no p value becomes smaller than it was.
    share = len(p_values) / np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(1, np.minimum.accumulate(p_values[order] * share))
    return adjusted
