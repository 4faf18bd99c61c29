"""Temperature scaling: the one number that logits are divided by, so that confidence is earned.

After Guo, Pleiss, Sun & Weinberger (2017, ICML): the temperature with the smallest mean negative
log-likelihood of softmax(logits / T). A temperature above 1 says that the classifier is too sure of
itself; no temperature changes a prediction.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32

from harness.metrics.arrays import Gold, Probabilities
from harness.metrics.evidence import wrong_lacking
from harness.metrics.halves import Indices, fold_of
from harness.metrics.losses import SMALLEST
from harness.statistics import Bounds, Estimate, Interval, NoInterval, Scalar, Undefined, two_sided

# float32 or float64, finite: one number a class, before the softmax
Logits = Float[np.ndarray, "examples classes"]

# float32: each row sums to 1
Calibrated = Float32[np.ndarray, "examples classes"]

# float64: how far the logit of each class is above that of the gold label
Above = Float[np.ndarray, "classes examples"]

# whether each example takes part
Kept = Bool[np.ndarray, " examples"]

# float64: one temperature a fold, and one an example
Temperatures = Float[np.ndarray, " folds"]
TemperatureOf = Float[np.ndarray, " examples"]

FOLDS = 5

WIDEST = 0.5
"""Standard error of log T above which no interval is given: at 95 % it would span a factor of 7 and more.

In simulations with 30 wrong predictions or more and smaller errors than a fifth, intervals held the
truth in 93 to 97 % of the sets; of classifiers that hardly beat chance they miss it in up to 15 %.
"""

CELLS_AT_ONCE = 16_384
"""Numbers in one piece: 128 kB in float64, which stay in the cache; pieces of a megabyte cost ten times as much."""

CLOSE = 1e-8
"""Newton's method squares the relative error at each step: after one this small, what is left is rounding."""

STEPS = 200
"""More than halving alone would need; six are usual."""


def fit_temperature(logits: Logits, gold: Gold, *, start: float = 1.0) -> float | Undefined:
    """The temperature with the smallest mean negative log-likelihood, to convergence.

    Of the inverse temperature the likelihood is convex, so that there is one minimum at most. There is
    none where every gold label has the highest logit, and none where it is no higher than the mean one.

    Args:
        logits: (N, K), float32 or float64, finite; sums are in float64.
        gold: (N,) integers.
        start: Where the search begins; a good guess saves passes over the logits.

    >>> round(fit_temperature(np.log(np.array([[0.8, 0.2]] * 4)), np.array([0, 0, 0, 1])), 4)
    1.2619
    """
    return _fitted(logits, gold, None, start)


def temperature_metric(logits: Logits, gold: Gold, *, confidence: float, start: float = 1.0) -> Scalar:
    """The fitted temperature, with the normal interval of its logarithm.

    The standard error is that of an M-estimator (Huber 1967, the "sandwich"), which does not presume that
    the probabilities are right at any temperature.
    """
    fitted = fit_temperature(logits, gold, start=start)
    if isinstance(fitted, Undefined):
        return fitted
    at = _slopes(logits, gold, None, 1 / fitted)
    return Estimate(fitted, wrong_lacking(at.wrong) or _bounds(fitted, at, confidence))


@dataclass(frozen=True)
class CrossFitted:
    """Probabilities at a temperature that never saw their example."""

    probabilities: Calibrated
    """(N, K) float32, each row at the temperature of the other folds; the predictions are those of the logits."""
    temperatures: Temperatures
    """(folds,) float64: fitted on all examples but those of the fold."""


def cross_fitted(
    logits: Logits, gold: Gold, *, seed: int, folds: int = FOLDS, start: float = 1.0, unit: Indices | None = None
) -> CrossFitted | Undefined:
    """Calibrated probabilities of every example, none of them scored at a temperature fitted on itself.

    Args:
        logits: (N, K), float32 or float64, in the order of the whole set.
        gold: (N,) integers.
        seed: Of the folds.
        folds: How many; two or more.
        start: A guess of the temperature: that of all examples, if it is known.
        unit: (N,) integers, what goes into a fold as a whole, such as a cluster; None: each example.
    """
    whole = _fitted(logits, gold, None, start)
    if isinstance(whole, Undefined):
        return whole
    fold = fold_of(np.arange(len(gold)) if unit is None else unit, folds, seed)
    temperatures = np.empty(folds)
    for place in range(folds):
        fitted = _fitted(logits, gold, fold != place, whole)
        if isinstance(fitted, Undefined):
            return Undefined(f"without fold {place + 1} of {folds}: {fitted.reason}")
        temperatures[place] = fitted
    return CrossFitted(_softmax(logits, temperatures[fold]), temperatures)


def log_probabilities(probabilities: Probabilities) -> Logits:
    """What stands in for logits where they were not kept, in the dtype of the probabilities.

    They differ from the logits by one number a row, which no softmax sees, whatever the temperature. A
    probability of 0 counts as `SMALLEST`, as in the negative log-likelihood.
    """
    logits: Logits = np.log(np.maximum(probabilities, probabilities.dtype.type(SMALLEST)))
    return logits


@dataclass(frozen=True)
class _Slopes:
    """Of the mean negative log-likelihood, by the inverse temperature."""

    examples: int
    first: float
    second: float
    squares: float
    """Mean square of the first derivative of one example."""
    wrong: int
    """Examples in which another class has a higher logit than the gold label."""


def _slopes(logits: Logits, gold: Gold, kept: Kept | None, inverse: float) -> _Slopes:
    first = second = squares = 0.0
    wrong = examples = 0
    for above in _above(logits, gold, kept):
        highest = above.max(axis=0)
        weights = np.exp(inverse * (above - highest))
        total = weights.sum(axis=0)
        # In place: a fresh array for each product would double the time.
        weights *= above
        mean = weights.sum(axis=0) / total
        weights *= above
        square = weights.sum(axis=0) / total
        first += float(mean.sum())
        squares += float(mean @ mean)
        second += float(square.sum() - mean @ mean)
        wrong += int((highest > 0).sum())
        examples += above.shape[1]
    return _Slopes(examples, first / examples, second / examples, squares / examples, wrong)


def _pieces_of(logits: Logits) -> Iterator[slice]:
    step = max(1, CELLS_AT_ONCE // logits.shape[1])
    for start in range(0, len(logits), step):
        yield slice(start, start + step)


def _above(logits: Logits, gold: Gold, kept: Kept | None) -> Iterator[Above]:
    for rows in _pieces_of(logits):
        piece, label = logits[rows], gold[rows]
        if kept is not None:
            piece, label = piece[kept[rows]], label[kept[rows]]
        # Classes first: sums over a few numbers in a row cost four times as much.
        above = np.ascontiguousarray(piece.T, dtype=np.float64)
        above = above - above[label, np.arange(len(label))]
        yield above


def _fitted(logits: Logits, gold: Gold, kept: Kept | None, start: float) -> float | Undefined:
    if not (len(gold) if kept is None else kept.any()):
        return Undefined("there is no example to fit it on")
    flat = _slopes(logits, gold, kept, 0.0)
    if not flat.wrong:
        return Undefined("no class has a higher logit than the gold label: the lower the temperature, the better")
    # Where both sides of the sum are the same, what is left of it is rounding.
    if flat.first >= -1e-12 * math.sqrt(flat.squares + flat.second):
        return Undefined("gold labels have no higher logits than other classes: the higher the temperature, the better")
    low, high, inverse = 0.0, math.inf, 1 / start
    for _ in range(STEPS):
        at = _slopes(logits, gold, kept, inverse)
        low, high = (low, inverse) if at.first > 0 else (inverse, high)
        following = inverse - at.first / at.second if at.second > 0 else math.inf
        if abs(following - inverse) <= CLOSE * inverse:
            return 1 / following
        inverse = following if low < following < min(high, 16 * inverse) else _between(low, high)
    raise ArithmeticError(f"no temperature found in {STEPS} steps, between {1 / high:g} and {1 / low:g}")


def _between(low: float, high: float) -> float:
    """A safe step where Newton's leaves the bracket: the middle of the logarithms, or out of what is known."""
    if math.isinf(high):
        return 4 * low
    return math.sqrt(low * high) if low else high / 4


def _bounds(temperature: float, at: _Slopes, confidence: float) -> Bounds:
    # The derivative by log T is that by the inverse temperature, times T; N - 1 as in the variance of a mean.
    error = temperature * math.sqrt(at.squares / (at.examples - 1)) / at.second
    if error > WIDEST:
        return NoInterval("the logits tell too little of the gold labels for the temperature to be known")
    factor = math.exp(two_sided(confidence) * error)
    return Interval(temperature / factor, temperature * factor, "normal on the logarithm, sandwich variance")


def _softmax(logits: Logits, temperature: TemperatureOf) -> Calibrated:
    probabilities = np.empty(logits.shape, dtype=np.float32)
    for rows in _pieces_of(logits):
        scaled = logits[rows] / temperature[rows, None]
        weights = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        piece = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
        # Two classes may be the same in float32 only: the prediction is still the one of the logits.
        predicted = logits[rows].argmax(axis=1)
        tied = np.flatnonzero(piece.argmax(axis=1) != predicted)
        piece[tied, predicted[tied]] = np.nextafter(piece[tied].max(axis=1), np.float32(2))
        probabilities[rows] = piece
    return probabilities
