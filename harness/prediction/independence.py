"""Does a prediction depend on the reviews it shared a batch with? A sample is classified one at a time.

Padding must not change a logit. What is left is rounding: a kernel sums in another order when
the shape of its input changes, so the last bits move. How far that goes is `tolerance`; a larger
difference means that padding reaches the result, as with an attention mask that is ignored.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from harness.prediction.stages import Reviews, Stages

SAMPLE = 16

EPS = {"float64": 2.0**-52, "float32": 2.0**-23, "bfloat16": 2.0**-7, "float16": 2.0**-10}
"""Distance from 1 to the next number of the dtype."""

FACTOR = {"float64": 256.0, "float32": 256.0, "bfloat16": 16.0, "float16": 16.0}
"""How many such distances rounding adds up to on the way through the layers.

Not a bound but a measurement with room: 96 reviews alone and in batches, on the cpu, through a
two-layer BERT, a MiniLM, a BERT-base and a BERT-base with weights four times too wide, gave at most
26 in float32 and 4.4 in the two half precisions. float32 has more, since its sums over hundreds of
products are in float32 too, while half precision is summed in float32 and rounded once.
"""


def tolerance(dtype: str, logits: np.ndarray) -> float:
    """The largest change of a logit that rounding at this dtype explains: factor × eps × scale.

    The scale is the largest absolute logit, and at least 1, since the hidden states whose rounding
    reaches the logits are of order 1 behind a layer norm.
    """
    scale = max(1.0, float(np.abs(logits).max(initial=0.0)))
    return FACTOR.get(dtype, FACTOR["float32"]) * EPS.get(dtype, EPS["float32"]) * scale


def sampled(reviews: int, seed: str, count: int = SAMPLE) -> list[int]:
    """Positions of the sample, the same for the same seed."""
    return sorted(random.Random(seed).sample(range(reviews), min(count, reviews)))  # noqa: S311


def difference(classifier: Stages, review_set: Reviews, logits: np.ndarray, positions: list[int]) -> float:
    """Largest absolute change of a logit when each review is classified alone.

    Args:
        classifier: The classifier that gave the logits.
        review_set: The reviews.
        logits: (N, K) float32, from batches, in the set's order.
        positions: The sample.
    """
    largest = 0.0
    for position in positions:
        text = review_set.table["text"][position].as_py()
        alone = classifier.forward(classifier.tokenize([text])).float().cpu().numpy()
        largest = max(largest, float(np.abs(alone[0] - logits[position]).max()))
    return largest


def note(moved: float | None, explained: float | None, dtype: str) -> str:
    """The warning for a person where the difference is larger than rounding explains, else ''."""
    if moved is None or explained is None or moved <= explained:
        return ""
    return (
        f"warning: predictions depend on batching: logits move by up to {moved:.2g} when reviews are classified "
        f"one at a time, and rounding in {dtype} explains {explained:.2g}; compare runs at --token-budget 1, "
        "and check that the checkpoint uses its attention mask"
    )
