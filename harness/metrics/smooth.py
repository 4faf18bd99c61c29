"""SmoothECE: the calibration error without bins, smoothed at the scale of its own value."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from harness.metrics.arrays import RankSums
from harness.metrics.ranking import FINE_BINS, Ranking

# float64: one number a cell of the grid, or a cosine
Grid = Float[np.ndarray, " cells"]

GRIDS = (2**12, 2**16, 2**20)
"""Cells of [0, 1]: each is sixteen times as fast as the next, which is for errors that it is too coarse for."""

FEWEST_CELLS = 64
"""In one width of the smoothing, for the grid to be fine enough: then the value is right to 1e-5, or better."""

_ROUNDING = 1e-12


def smooth_calibration_error(ranking: Ranking) -> float:
    """The calibration error of confidence, smoothed by a kernel as wide as the error itself.

    For a width σ it is ∫ |r(t)| dt, where r is the mean over examples of (right - confidence) spread by
    a Gaussian of deviation σ that is reflected at 0 and 1; the value is the one σ that equals its own
    error (Błasiok & Nakkiran 2023, arXiv:2309.12236, "smECE"). The smoothing is a product of discrete
    cosine transforms, since reflecting at the ends is what a cosine series does.

    Args:
        ranking: By confidence, hits are right; at least one example.
    """
    residuals: RankSums = (ranking.hits - ranking.total) / ranking.count.sum()
    # The error of the widest smoothing, and that of none: they agree where all residuals have one sign.
    least, most = abs(float(residuals.sum())), float(np.abs(residuals).sum())
    if most - least < _ROUNDING:
        return most
    error = most
    for cells in GRIDS:
        error = _fixed_point(_on_grid(residuals, ranking.probability, cells), error)
        if error * cells >= FEWEST_CELLS:
            break
    return error


def smooth_error_bound(error: float) -> float:
    """How far a value from fine bins may be from that of the examples themselves, at most 1.

    Fine bins move a confidence by less than 2⁻¹⁶, and two kernels of deviation σ that far from each other
    differ by less than 0.8 · 2⁻¹⁶ / σ.
    """
    return min(1.0, 0.8 / FINE_BINS / error) if error > 0 else 1.0


def _on_grid(residuals: RankSums, places: RankSums, cells: int) -> Grid:
    """The residuals at places in [0, 1] as one number a cell; between two centres they are shared."""
    place = np.clip(places * cells - 0.5, 0, cells - 1)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, cells - 1)
    share = place - below
    grid: Grid = np.bincount(below, weights=residuals * (1 - share), minlength=cells)
    grid += np.bincount(above, weights=residuals * share, minlength=cells)
    return grid


def _fixed_point(grid: Grid, guess: float) -> float:
    """The width that equals its own error, by bisection; a good guess of it saves most of the steps."""
    from scipy.fft import dct

    spectrum = dct(grid, type=2, norm="ortho")
    # The error falls as the width grows, so that what is sought lies between any width and its error.
    low, high = sorted((guess, _smoothed(spectrum, guess)))
    while high - low > 1e-7 * high:
        middle = (low + high) / 2
        if _smoothed(spectrum, middle) > middle:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _smoothed(spectrum: Grid, width: float) -> float:
    """∫ |r(t)| dt for one width: the heat kernel of [0, 1] with reflecting ends damps each cosine by itself."""
    from scipy.fft import idct

    frequency = np.pi * np.arange(len(spectrum))
    damped = spectrum * np.exp(-0.5 * np.square(frequency * width))
    return float(np.abs(idct(damped, type=2, norm="ortho")).sum())
