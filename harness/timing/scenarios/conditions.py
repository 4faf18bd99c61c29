"""What is so before the first query counts: the classifier is warm."""

from __future__ import annotations

import numpy as np

from harness.timing.scenarios.scene import Scene

LENGTHS = 9
"""Reviews that a classifier is warmed up with, from the shortest to the longest."""


def warm_up(scene: Scene) -> None:
    """Answer reviews from the shortest to the longest, each alone, and then as long a batch as the budget takes.

    What is done once only (allocating, choosing kernels, compiling) is done before anything counts.
    """
    by_length = sorted(range(len(scene.texts)), key=lambda place: len(scene.texts[place]))
    places = np.unique(np.linspace(0, len(by_length) - 1, LENGTHS).round().astype(int))
    spread = [scene.texts[by_length[place]] for place in places]
    widest = max(int(scene.answer([text]).max()) for text in spread)
    scene.answer([spread[-1]] * max(1, scene.subject.token_budget // widest))
