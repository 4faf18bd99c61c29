"""Confidences with whether each prediction is right, as selective prediction takes them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

Drawn = tuple[np.ndarray, np.ndarray]


@st.composite
def judged(draw: st.DrawFn, most: int = 40, fewest: int = 1, levels: int = 8) -> Drawn:
    """Confidences in float32, ties among them, and whether each prediction is right."""
    examples = draw(st.integers(fewest, most))
    confidence = draw(hnp.arrays(np.int64, examples, elements=st.integers(0, levels)))
    return (confidence / levels).astype(np.float32), draw(hnp.arrays(np.bool_, examples))


def drawn_from(examples: int, generator: np.random.Generator) -> Drawn:
    """Confidences that are earned, of a classifier that is right in 78 of 100."""
    confidence = 0.2 + 0.8 * generator.beta(4, 1.5, examples)
    return confidence, generator.random(examples) < confidence
