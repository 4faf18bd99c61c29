"""The prediction is the most probable class, and confidence is its probability."""

from __future__ import annotations

import numpy as np

from harness.metrics import confidences, predicted_classes

PROBABILITIES = np.array([[0.25, 0.5, 0.25], [0.4, 0.2, 0.4], [0.2, 0.4, 0.4]], dtype=np.float32)


class TestPredictedClasses:
    def test_a_tie_goes_to_the_lowest_index(self) -> None:
        assert predicted_classes(PROBABILITIES).tolist() == [1, 0, 1]


class TestConfidences:
    def test_is_the_top_probability_in_float64(self) -> None:
        confidence = confidences(PROBABILITIES)

        assert confidence.dtype == np.float64
        assert confidence.tolist() == [0.5, float(np.float32(0.4)), float(np.float32(0.4))]
