"""The reviews of one round of a scenario: so many that it takes about half a second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from harness.gates.latency.cases import ScenarioCase
from harness.gates.latency.scenario import Scenario

if TYPE_CHECKING:
    from harness.records import ScenarioName
    from harness.timing.scenarios import Clock, Subject

ROUND = 0.5
"""Seconds. Twenty pairs of such rounds take 20 seconds, and a busy moment is a small part of one."""
ARRIVING = 1.0
"""Seconds within which a server's reviews arrive: most of them it waits for."""
LEAST, MOST = 10, 2_000
"""Reviews. Fewer have no mix of lengths, and a round of a slow classifier is the longer for it."""


def sized(
    name: ScenarioName,
    classifier: Subject,
    texts: Sequence[str],
    *,
    seed: int,
    rate: float | None = None,
    clock: Clock | None = None,
) -> ScenarioCase:
    """A scenario over as many reviews as this classifier, warm, answers within `ROUND`, and within bounds.

    Args:
        name: `offline`, `single-stream` or `server`.
        classifier: Loaded: the first reviews are answered here to learn how long one takes.
        texts: Of the review set, one or more.
        seed: Of the draw.
        rate: Server: arrivals in a second, which decides how many reviews arrive.
        clock: By default the clock on the wall.

    Raises:
        ClassifierError: A text that the tokenizer cannot read or makes no token of.
    """
    if name == "server":
        assert rate is not None, "a server is timed at a rate"
        count = round(rate * ARRIVING)
    else:
        count = _answered(Scenario(name, classifier, spread(texts, LEAST, seed), clock=clock), whole=name == "offline")
    return ScenarioCase(name, spread(texts, min(max(count, LEAST), MOST), seed), rate)


def spread(texts: Sequence[str], count: int, seed: int) -> tuple[str, ...]:
    """`count` of the texts, with the set's own mix of lengths, in random order.

    Drawn at even steps through the texts in order of their length, from a random start (systematic sampling:
    Cochran 1977, Sampling Techniques, chapter 8). Of a set with fewer texts each is there as often as any other,
    or once more.
    """
    generator = np.random.default_rng(seed)
    by_length = np.argsort([len(text) for text in texts], kind="stable")
    steps = (np.arange(count) + generator.random()) * len(texts) / count
    places = by_length[np.minimum(steps.astype(int), len(texts) - 1)]
    return tuple(texts[place] for place in generator.permutation(places))


def _answered(scenario: Scenario, *, whole: bool) -> int:
    """Reviews that are answered within `ROUND`, told from a round of `LEAST`; `whole`: a round is the time of all."""
    scenario.warm_up()
    seconds = scenario.round(1) / (LEAST if whole else 1)
    return int(min(ROUND / seconds, MOST)) if seconds > 0 else MOST
