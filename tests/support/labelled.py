"""Gold labels, predictions and probabilities for property tests."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp


@st.composite
def labelled(draw: st.DrawFn, most_classes: int = 7, most_examples: int = 60) -> tuple[np.ndarray, np.ndarray, int]:
    """Gold labels, predicted classes and the number of classes; some classes may be missing."""
    classes = draw(st.integers(2, most_classes))
    examples = draw(st.integers(1, most_examples))
    label = hnp.arrays(np.int64, examples, elements=st.integers(0, classes - 1))
    return draw(label), draw(label), classes


@st.composite
def probable(draw: st.DrawFn, most_classes: int = 6, most_examples: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (float64, rows that sum to 1, zeros and ties among them) and gold labels."""
    classes = draw(st.integers(2, most_classes))
    examples = draw(st.integers(1, most_examples))
    weights = draw(hnp.arrays(np.int64, (examples, classes), elements=st.integers(0, 20)))
    weights[weights.sum(axis=1) == 0] = 1
    gold = draw(hnp.arrays(np.int64, examples, elements=st.integers(0, classes - 1)))
    return weights / weights.sum(axis=1, keepdims=True), gold
