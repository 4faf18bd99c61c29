"""How often is the latency gate wrong? The real gate, on the built-in classifier against itself.

    python benchmarks/latency_gate.py --alike 50 --slowed 20

Runs the gate with one and the same classifier on both sides (A/A), and with a delay planted in the candidate's
stage: each delay a share of the stage's own time, in the worker process, where the gate cannot see it. Judged is
the stage, or with --scenario what users of a deployment see of the delay. Prints every verdict when it falls, and
a table at the end. A gate takes about a minute.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import Any

DELAY, STAGE = "LATENCY_GATE_DELAY", "LATENCY_GATE_STAGE"
"""Environment variables that the benchmark's own worker reads."""


def worker() -> None:
    """The gate's own worker, with a classifier one of whose stages is slowed down."""
    from harness.classifier import Classifier
    from harness.gates.latency.worker import Bench, main

    delay, stage = float(os.environ[DELAY]), os.environ[STAGE]

    def load(name: str, **options: Any) -> Classifier:
        return slowed(Classifier.load(name, **options), stage, delay)

    main(Bench(load))


def slowed(classifier: Any, stage: str, delay: float) -> Any:
    """The same classifier, with a stage that keeps the processor busy for that share of its own time more."""
    kind = type(classifier)
    method = getattr(kind, stage)

    def slow(self: Any, argument: Any) -> Any:
        started = perf_counter()
        answer = method(self, argument)
        end = perf_counter() + delay * (perf_counter() - started)
        while perf_counter() < end:
            pass
        return answer

    made = object.__new__(type("Slowed", (kind,), {stage: slow}))
    made.__dict__.update(classifier.__dict__)
    return made


def gates(given: argparse.Namespace, title: str, count: int, delay: float) -> str:
    """Runs so many gates; their row of the table."""
    from harness import reviews
    from harness.classifier import Classifier
    from harness.gates.latency import Side, compare, samples
    from harness.gates.rules import Rule
    from harness.options import Settings
    from harness.timing import TextSource, token_counter

    classifier = Classifier.load(given.model, device=given.device)
    review_set = reviews.read("builtin", reviews.ReviewOptions.of(Settings()))
    texts, scenarios = {}, []
    if given.scenario:
        rate = given.arrival_rate if given.scenario == "server" else None
        scenarios = [samples.sized(given.scenario, classifier, review_set.texts(), seed=given.seed, rate=rate)]
    else:
        source = TextSource(review_set.texts(), token_counter(classifier))
        texts = {(given.batch_size, given.seq_len): source.near(given.seq_len, given.batch_size)}
    rule = Rule(kind="max_slowdown", subject=given.scenario or given.stage, limit=given.limit)
    options = {"device": given.device}
    reference = Side(given.model, options)
    # The A/A candidate is the gate's own worker too: the benchmark's worker adds a call to every call.
    planted = Side(given.model, options, program=("-P", str(Path(__file__).resolve()), "--worker"))
    os.environ |= {DELAY: str(delay), STAGE: given.stage}
    outcomes: Counter[str] = Counter()
    pairs, spent = 0, 0.0
    for seed in range(given.seed, given.seed + count):
        started = perf_counter()
        [(verdict, rounds)] = compare(
            [rule],
            planted if delay else reference,
            reference,
            texts,
            scenarios,
            pairs_a_look=given.pairs,
            max_pairs=given.max_pairs,
            seed=seed,
        )
        took = perf_counter() - started
        spent += took
        outcomes[verdict.outcome] += 1
        pairs += verdict.examples or 0
        looks = len(rounds.candidate.seconds)
        print(f"{title}, {seed}: {verdict.outcome} after {looks} looks, {took:.0f} s: {verdict.sentence}", flush=True)
    counts = f"{count:>6} {outcomes['pass']:>5} {outcomes['inconclusive']:>13} {outcomes['fail']:>5}"
    return f"{title:<6}{counts} {pairs / count:>13.0f} {spent / count:>15.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alike", type=int, default=50, help="gates with nothing planted")
    parser.add_argument("--slowed", type=int, default=20, help="gates with each planted delay")
    parser.add_argument("--delay", type=float, nargs="*", default=[0.1], help="as shares of the stage's own time")
    parser.add_argument("--limit", type=float, default=0.02, help="slowdown that the rule allows")
    parser.add_argument("--stage", choices=("tokenize", "place", "forward", "softmax"), default="forward")
    parser.add_argument(
        "--scenario", choices=("offline", "single-stream", "server"), help="judged in the stage's place"
    )
    parser.add_argument("--arrival-rate", type=float, default=20.0, help="of the server, in reviews/s")
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--seq-len", type=int, default=32)
    parser.add_argument("--pairs", type=int, default=20, help="in a look")
    parser.add_argument("--max-pairs", type=int, default=100)
    parser.add_argument("--model", default="builtin")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0, help="of the first gate; each has the next")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        worker()
        return
    planned = [("A/A", given.alike, 0.0), *((f"{delay:+.0%}", given.slowed, delay) for delay in given.delay)]
    rows = [gates(given, title, count, delay) for title, count, delay in planned if count]
    judged = given.scenario or f"{given.stage} at {given.batch_size} × {given.seq_len}"
    print(f"\n{judged}, limit {given.limit:+.0%}")
    print("       gates  pass  inconclusive  fail  pairs a gate  seconds a gate")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
