"""One review after another: how long does an answer take?"""

from __future__ import annotations

import numpy as np

from harness.timing.scenarios import draws
from harness.timing.scenarios.latencies import percentiles
from harness.timing.scenarios.queries import Queries
from harness.timing.scenarios.scene import Outcome, Scene


def measure(scene: Scene) -> Outcome:
    """Latency where the next query is issued when the last is answered, until both minimums are met."""
    queries = stream(scene, min_seconds=scene.rules.min_seconds, min_queries=scene.rules.min_queries)
    latency = percentiles(queries.latencies, scene.rules.confidence)
    return Outcome(scene.record("single-stream", queries, latency=latency), queries)


def stream(scene: Scene, *, min_seconds: float, min_queries: int) -> Queries:
    """Queries one after another, until so many are answered and so many seconds have passed."""
    drawn = draws.reviews(len(scene.texts), scene.rules.seed)
    started: list[float] = []
    answered: list[float] = []
    tokens: list[int] = []
    begin, end = scene.clock.now(), 0.0
    while end < min_seconds or len(answered) < min_queries:
        if len(answered) % draws.PIECE == 0:
            upcoming = drawn.first(len(answered) + draws.PIECE)
        text = scene.texts[upcoming[len(answered)]]
        started.append(scene.clock.now() - begin)
        tokens.append(int(scene.answer([text])[0]))
        end = scene.clock.now() - begin
        answered.append(end)
        scene.tell(1, begin + end)
    return Queries.one_by_one(np.array(drawn.first(len(answered))), started, answered, tokens)
