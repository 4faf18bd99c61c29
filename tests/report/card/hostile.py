"""A run in which a text stands wherever a user's words can come from."""

from __future__ import annotations

from functools import cache

from support import sample_run

from harness.records import Run

from ..injections import INJECTIONS


@cache
def _sample() -> Run:
    return sample_run.sample(reviews=60, timings=False).run


def run(text: str) -> Run:
    """Names of everything are the text, and the warnings all of the injections."""
    sample = _sample()
    (classifier,), (review_set,), (one,) = sample.classifiers, sample.review_sets, sample.evaluations
    classes = tuple(f"{text} {k}" for k in range(5))
    match = one.label_match.model_copy(update={"classes": classes, "how": text, "warnings": (text, *INJECTIONS)})
    counts = one.counts.model_copy(update={"skipped_reasons": {text: 3}})
    metrics = {name: metric.model_copy(update={"method": text}) for name, metric in one.metrics.items()}
    return sample.model_copy(
        update={
            "id": text,
            "name": text,
            "classifiers": (classifier.model_copy(update={"name": text, "device": text, "dtype": text}),),
            "review_sets": (review_set.model_copy(update={"name": text, "source": text, "fingerprint": text}),),
            "evaluations": (
                one.model_copy(update={"label_match": match, "counts": counts, "metrics": metrics, "sampling": text}),
            ),
            "environment": sample.environment.model_copy(update={"harness": text, "packages": {"torch": text}}),
        }
    )
