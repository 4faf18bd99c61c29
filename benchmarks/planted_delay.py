"""Does a delay that is planted in one stage show in that stage alone, with the right size?

    python benchmarks/planted_delay.py --stage forward --delay 0.2

The built-in classifier is timed against itself with one stage slowed down, and against itself as it is (A/A),
as `pytest suites/` times two classifiers: all rounds in turn. Prints each stage's ratio with its interval, the
noise floor, and whether the difference goes beyond the noise.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from time import perf_counter
from typing import Any

from harness import reviews, rounds
from harness.classifier import Classifier
from harness.options import Settings
from harness.timing import STEPS, Effort, TextSource, cells, inputs, token_counter
from harness.timing.cells import Member


def slowed(classifier: Classifier, stage: str, delay: float) -> Classifier:
    """The same classifier, with a stage that keeps the processor busy for that share of its own time more."""
    method: Callable[[Any], Any] = getattr(Classifier, stage)

    def slow(self: Classifier, argument: Any) -> Any:
        started = perf_counter()
        answer = method(self, argument)
        end = perf_counter() + delay * (perf_counter() - started)
        while perf_counter() < end:
            pass
        return answer

    made: Classifier = type("Slowed", (Classifier,), {stage: slow}).__new__(
        type("Slowed", (Classifier,), {stage: slow})
    )
    made.__dict__.update(classifier.__dict__)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", choices=STEPS[:-1], default="forward")
    parser.add_argument("--delay", type=float, default=0.2)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--seq-len", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each series")
    given = parser.parse_args()
    classifier = Classifier.load("builtin")
    review_set = reviews.read("builtin", reviews.ReviewOptions.of(Settings()))
    texts = TextSource(review_set.texts(), token_counter(classifier)).near(given.seq_len, given.batch_size)
    ready = inputs(classifier, texts)
    for title, other in (
        (f"{given.stage} + {given.delay:.0%}", slowed(classifier, given.stage, given.delay)),
        ("A/A", classifier),
    ):
        members = [
            Member(classifier, ("reference", "builtin"), ready, given.seq_len, STEPS),
            Member(other, ("candidate", "builtin"), ready, given.seq_len, STEPS),
        ]
        timings = cells.measure(members, Effort(seconds=given.seconds)).timings
        [cell] = rounds.cells(timings)
        print(f"{title}, {len(timings[0].seconds)} rounds")
        for found in rounds.comparisons(cell):
            ratio, floor = found.ratio, found.floor
            verdict = {True: "differs", False: "within the noise", None: found.reason}[found.beyond_noise]
            print(
                f"  {found.stage:<9} {ratio.value:.3f} ({ratio.low:.3f} to {ratio.high:.3f})"
                f"   A/A {floor.ratio.value:.3f} ({floor.ratio.low:.3f} to {floor.ratio.high:.3f})   {verdict}"
            )


if __name__ == "__main__":
    main()
