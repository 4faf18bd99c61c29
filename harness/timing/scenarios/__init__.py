"""A classifier under a load as a deployment has it, by the words and rules of MLPerf's LoadGen.

A query is one review of the set, at its real length. One strategy a file: `offline` (all reviews at
once), `single_stream` (the next review when the last is answered), `server` (reviews arrive at random).
They share `scene` (what is measured and how), `conditions` (what is so before it begins), `clock`, `draws`
(which reviews, when), `queries` (what came of each) and `latencies` (percentiles). A server's `trial` is one
arrival rate, `waiting` is how the queue is answered, `search` finds the highest rate.

Reddi et al. 2020, "MLPerf Inference Benchmark" (ISCA); the LoadGen of mlcommons/inference. Taken over: a
least duration and a least number of queries, both of which must be reached; reviews drawn with replacement
by a seed; Poisson arrivals that are scheduled beforehand; latency counted from the scheduled arrival, so
that a slow answer does not hide the queue behind it. Not taken over: its own minimums (ten minutes, and a
number of queries for each percentile), whose place the interval of the percentile takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.collector import uncollected
from harness.timing.scenarios import offline, server, single_stream
from harness.timing.scenarios.clock import Clock, WallClock
from harness.timing.scenarios.conditions import warm_up
from harness.timing.scenarios.queries import Queries
from harness.timing.scenarios.scene import Outcome, Rules, Scene, Subject

if TYPE_CHECKING:
    from harness.progress import Progress
    from harness.records import ScenarioName

__all__ = ["Clock", "Outcome", "Queries", "Rules", "Subject", "WallClock", "run", "scenario_id"]


def run(
    name: ScenarioName,
    classifier: Subject,
    texts: Sequence[str],
    rules: Rules,
    *,
    ids: tuple[str, str],
    batching: bool | None = None,
    clock: Clock | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Put a classifier under the load of one scenario.

    It is warmed up first, and garbage is not collected while queries count.

    Args:
        name: `offline`, `single-stream` or `server`.
        classifier: Loaded.
        texts: The reviews of the set, one or more, in the set's order.
        rules: How long, how many, within which bound.
        ids: Of the classifier and of the review set, in this run.
        batching: Server: whether queries that wait are answered together; the other two have none.
        clock: By default the clock on the wall, which waits for the classifier's device.
        progress: Told of reviews as they are answered.

    Raises:
        ValueError: `batching` is missing for the server, or given for another scenario.
        ClassifierError: A text that the tokenizer cannot read or makes no token of.
        KeyboardInterrupt: Interrupted; what was measured is lost.
    """
    if (name == "server") != (batching is not None):
        raise ValueError("the server scenario is told whether it batches, and no other scenario is")
    from harness.progress import Silent

    scene = Scene(
        classifier,
        texts,
        rules,
        clock or WallClock(classifier.record.device),
        progress or Silent(),
        scenario_id(ids, name, batching),
        ids,
    )
    with uncollected(clean=True):
        warm_up(scene)
        if batching is not None:
            outcome = server.measure(scene, batching)
        else:
            outcome = offline.measure(scene) if name == "offline" else single_stream.measure(scene)
    scene.tell_all()
    return outcome


def scenario_id(ids: tuple[str, str], name: ScenarioName, batching: bool | None = None) -> str:
    """Id of a scenario in its run.

    >>> scenario_id(("stars-mini", "reviews"), "server", True)
    'stars-mini.reviews.server.batching'
    """
    ways = {None: "", True: ".batching", False: ".no-batching"}
    return f"{ids[0]}.{ids[1]}.{name}{ways[batching]}"
