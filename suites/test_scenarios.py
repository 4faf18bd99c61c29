"""How does the classifier do under a load as a deployment has it?

Only where asked for: `--harness-scenario offline,single-stream,server`. The server runs without and with
batching of the reviews that wait; `--harness-latency-bound-ms 100` is what its p99 has to stay within,
`--harness-arrival-rate 50` the rate at which it is to do so (else the highest such rate is sought).
`--harness-min-duration` and `--harness-min-queries` say how long each lasts.
"""

from __future__ import annotations


def test_scenario(scenario):
    """It lasted as long as asked, and the server kept to its bound."""
    if scenario.scenario == "server":
        assert scenario.reviews_per_s is not None, "; ".join(scenario.unmet)
        assert scenario.latency["p99"].value <= scenario.bound_seconds

    assert scenario.queries >= scenario.min_queries
    assert scenario.seconds >= scenario.min_seconds
