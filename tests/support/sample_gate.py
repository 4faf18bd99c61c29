"""What a gate adds to a sample run: references, verdicts and pairs of rounds.

Predictions and rounds are drawn from a seeded generator; what is said of them is computed by `harness.comparison` and
`harness.gates`, as in a real run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from harness.comparison import compare
from harness.gates import accuracy, latency
from harness.gates.evidence import Evidence
from harness.gates.pairing import Side
from harness.gates.rules import parse
from harness.records import Evaluation, PairedRounds, Reference, TimedSide, Verdict
from harness.runs import PredictionTable
from harness.slicing import columns_of
from harness.statistics.design import Design
from support.sample_run import COLUMNS, SampleRun

OLDER = {"review-harness": "0.1.0", "torch": "2.5.1", "transformers": "5.0.1", "numpy": "2.1.3"}
"""Packages of a reference; torch is another than that of the sample run."""


def compared(
    sample: SampleRun,
    *,
    kind: Literal["baseline", "classifier"] = "baseline",
    name: str = "main",
    better: float = 0.5,
    noise: float = 0.6,
    seed: int = 7,
    **changes: Any,
) -> SampleRun:
    """The run, each evaluation compared with a reference that knows the labels a little better, most of all in German.

    Args:
        better: Added to the logit of the label, twice as much in German; 0 with `noise` 0 is the same classifier.
        noise: Deviation of what is added to every logit.
        changes: Fields of the references.
    """
    generator = np.random.default_rng(seed)
    references, tables = list(sample.run.references), dict(sample.references)
    for one in sample.run.evaluations:
        table = reference_table(sample, one, better, noise, generator)
        record = reference(sample, one, table, kind, name, changes)
        references.append(record)
        tables[record.id] = table
    run = sample.run.model_copy(update={"references": tuple(references)})
    return replace(sample, run=run, references=tables)


def reference_table(
    sample: SampleRun, one: Evaluation, better: float, noise: float, generator: np.random.Generator
) -> PredictionTable:
    """Predictions of the same reviews in the same order, drawn around those of the evaluation."""
    table = sample.predictions[one.id]
    reviews = sample.reviews[one.review_set]
    german = np.array(reviews["language"].to_pylist()) == "de" if "language" in reviews.column_names else 0
    logits = np.log(np.maximum(table.probabilities, 1e-9)).astype(np.float64)
    logits += generator.normal(0, noise, logits.shape) if noise else 0.0
    logits[np.arange(len(table.gold)), table.gold] += better * (1 + np.asarray(german))
    powers = np.exp(logits)
    probabilities = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    # Division by the sum would move what nothing was added to.
    moved = table.probabilities if not (noise or better) else probabilities
    return replace(table, probabilities=moved, logits=logits.astype(np.float32))


def reference(
    sample: SampleRun,
    one: Evaluation,
    table: PredictionTable,
    kind: Literal["baseline", "classifier"],
    name: str,
    changes: Mapping[str, Any],
) -> Reference:
    """The record of a reference, its comparison computed from both predictions."""
    candidate, reviews = sample.predictions[one.id], sample.reviews[one.review_set]
    kept = [column for column in COLUMNS if column in reviews.column_names]
    return Reference(
        **{
            "id": f"{one.id}.{name}",
            "kind": kind,
            "name": name,
            "evaluation": one.id,
            "classifier": "builtin",
            "run": "20251101T080000Z-sample" if kind == "baseline" else None,
            "device": "cpu",
            "dtype": "float32",
            "python": "3.11.7",
            "packages": OLDER,
            "predictions": f"references/{one.id}.{kind}.parquet",
            "comparison": compare(
                candidate.probabilities,
                table.probabilities,
                candidate.gold,
                names=(one.classifier, name),
                ordinal=one.label_match.ordinal,
                slices=columns_of(reviews, kept, candidate.tokens),
                resamples=200,
            ),
            **changes,
        }
    )


def in_pairs(
    sample: SampleRun,
    *,
    ratios: Sequence[float] = (1.0,),
    processes: int = 5,
    pairs: int = 20,
    seed: int = 3,
    **changes: Any,
) -> SampleRun:
    """The run with pairs of rounds of forward: one size each for these ratios, candidate ÷ reference.

    Args:
        processes: Process pairs, which differ by 1 %.
        pairs: Of each, which differ by 3 %.
        changes: Fields of the reference's side.
    """
    generator = np.random.default_rng(seed)
    sides = {
        "classifier": "builtin", "device": "cpu", "dtype": "float32", "python": "CPython 3.11.7", "tokens": 480,
        "padded_tokens": 512, "versions": {"harness": "0.1.0", "torch": "2.6.0", "transformers": "5.0.1"},
    }  # fmt: skip
    found = []
    for place, ratio in enumerate(ratios):
        base = 0.01 * np.exp(0.01 * generator.standard_normal((2, processes, 1)))
        candidate, reference = base * np.exp(0.03 * generator.standard_normal((2, processes, pairs)))
        found.append(
            PairedRounds(
                id=f"forward.{8 * (place + 1)}x64", stage="forward", batch_size=8 * (place + 1), seq_len=64,
                iterations=5, threads=2, looks=5, seed=seed,
                candidate_first=tuple(map(tuple, (generator.random((processes, pairs)) < 0.5).tolist())),
                candidate=TimedSide(**sides, seconds=tuple(map(tuple, (ratio * candidate).tolist()))),
                reference=TimedSide(**{**sides, **changes}, seconds=tuple(map(tuple, reference.tolist()))),
            )
        )  # fmt: skip
    return replace(sample, run=sample.run.model_copy(update={"paired": tuple(found)}))


def judged(sample: SampleRun, *rules: str, alpha: float = 0.05, reason: str = "", **settings: Any) -> SampleRun:
    """The run with the verdicts of these rules; each evaluation is judged against its first reference.

    Args:
        rules: As `--gate` takes them.
        reason: Why each of them is there.
        settings: Of the run, beside those it has.
    """
    asked = [replace(parse(rule), reason=reason) for rule in rules]
    of_metrics = [rule for rule in asked if rule.kind != "max_slowdown"]
    verdicts: list[Verdict] = []
    for one in sample.run.evaluations:
        found = accuracy.judge(
            of_metrics, evidence(sample, one), alpha=alpha, classifier=one.classifier, review_set=one.review_set
        )
        verdicts += found
    for rule in asked:
        sizes = [each for each in sample.run.paired if each.subject == rule.subject]
        verdicts += (latency.judge(rule, each, alpha=alpha, alike=len(sizes)) for each in sizes)
    changed = {"verdicts": tuple(verdicts), "settings": sample.run.settings | settings}
    return replace(sample, run=sample.run.model_copy(update=changed))


def evidence(sample: SampleRun, one: Evaluation) -> Evidence:
    """Of an evaluation and its first reference; without a baseline where it has none."""
    table, reviews = sample.predictions[one.id], sample.reviews[one.review_set]
    texts = None
    if "text" in reviews.column_names:
        texts = dict(zip(reviews["id"].to_pylist(), reviews["text"].to_pylist(), strict=True))
    beside = next((each for each in sample.run.references if each.evaluation == one.id), None)
    kept = [column for column in COLUMNS if column in reviews.column_names]
    return Evidence(
        candidate=Side(one.classifier, table, texts),
        baseline=None if beside is None else Side(beside.name, sample.references[beside.id]),
        design=Design.independent(),
        ordinal=one.label_match.ordinal,
        columns=columns_of(reviews, kept, table.tokens),
        resamples=200,
    )
