"""A run that nobody measured, but whose records and files agree with one another.

Reviews, predictions and times are drawn from a seeded generator; the metrics are computed from the
predictions by `harness.evaluation`. So that what speaks to a person can be tested without a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from harness.evaluation import evaluate
from harness.records import (
    ClassifierRecord,
    Counts,
    Environment,
    Evaluation,
    LabelMatchRecord,
    Metric,
    ReviewSetRecord,
    Run,
    ScenarioRecord,
    StageSeconds,
    Timing,
    Trial,
)
from harness.runs import PredictionTable, write_predictions, write_reviews
from harness.slicing import Column, columns_of
from support import timed as simulated

STARS = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
COLUMNS = ("language", "domain", "product")
"""Kept, for slices."""
_OPENINGS = {
    "en": ("Bought this for my sister.", "Second one I own.", "Arrived on a Tuesday,", "The box was dented, but"),
    "de": ("Für meine Mutter gekauft.", "Schon das zweite Gerät.", "Kam an einem Dienstag,", "Der Karton war offen,"),
}
_MIDDLES = {
    "en": ("the lid never closed properly", "it hums at night and nobody minds", "the colour is calmer than the photo"),
    "de": ("der Deckel schließt nicht richtig", "nachts brummt es ein wenig", "die Farbe ist ruhiger als im Bild"),
}
_ENDINGS = {
    "en": (
        "after three weeks of daily use.",
        "and I would think twice before ordering again.",
        "which is all I wanted.",
    ),
    "de": (
        "nach drei Wochen täglicher Nutzung.",
        "das würde ich so nicht noch einmal bestellen.",
        "mehr wollte ich nicht.",
    ),
}


@dataclass
class SampleRun:
    """A record with the tables that lie beside it."""

    run: Run
    predictions: dict[str, PredictionTable] = field(default_factory=dict)
    reviews: dict[str, pa.Table] = field(default_factory=dict)
    references: dict[str, PredictionTable] = field(default_factory=dict)
    """By the id of what an evaluation was compared with; see `support.sample_gate`."""

    def write(self, folder: Path) -> Path:
        """Make it a run folder."""
        for one in self.run.evaluations:
            write_predictions(folder / one.predictions, **vars(self.predictions[one.id]))
            write_reviews(folder / one.reviews, self.reviews[one.review_set], texts=True)
        for each in self.run.references:
            write_predictions(folder / each.predictions, **vars(self.references[each.id]))
        (folder / "run.json").write_text(self.run.model_dump_json(indent=2), encoding="utf-8")
        return folder


def sample(
    *,
    reviews: int = 500,
    classes: Sequence[str] = STARS,
    classifiers: Sequence[str] = ("builtin",),
    sets: Sequence[str] = ("shop",),
    ordinal: bool = True,
    texts: bool = True,
    timed: bool = True,
    timings: bool = True,
    cells: Sequence[tuple[int, int]] = (),
    scenarios: bool = False,
    warnings: Sequence[str] = (),
    text_of: Sequence[str] = (),
    seed: int = 0,
    **changes: Any,
) -> SampleRun:
    """A run of every classifier on every set.

    Args:
        reviews: In each set.
        classes: Of the classifiers and of the evaluations.
        texts: Whether the run keeps review texts.
        timed: Whether the stages of the evaluations were timed.
        timings: Whether there are rounds of the stages, measured one after another as in older runs.
        cells: Batch sizes and lengths whose rounds were measured in turn, in the place of these.
        scenarios: Whether every classifier was put under load.
        warnings: Of each label match.
        text_of: Texts that replace those of the first reviews.
        changes: Fields of the run record.
    """
    generator = np.random.default_rng(seed)
    tables = {name: review_table(reviews, generator, texts=texts, text_of=text_of) for name in sets}
    evaluations, predictions = [], {}
    for classifier in classifiers:
        for name in sets:
            gold, probabilities = predicted(tables[name], len(classes), generator)
            table = prediction_table(tables[name]["id"].to_pylist(), gold, probabilities, classes, generator)
            slices = columns_of(tables[name], COLUMNS, table.tokens)
            record = evaluation(
                classifier, name, classes, gold, probabilities,
                ordinal=ordinal, timed=timed, warnings=warnings, slices=slices,
            )  # fmt: skip
            evaluations.append(record)
            predictions[record.id] = table
    record = Run(
        **{
            "id": "20251123T190211Z-sample",
            "name": "sample",
            "status": "finished",
            "started": "2025-11-23T19:02:11+00:00",
            "finished": "2025-11-23T19:03:00+00:00",
            "seconds": 48.7,
            "command": "evaluate",
            "settings": {"dataset": ["shop.csv"], "seed": 3},
            "environment": environment(),
            "classifiers": tuple(classifier_record(name, classes) for name in classifiers),
            "review_sets": tuple(set_record(name, reviews) for name in sets),
            "evaluations": tuple(evaluations),
            "timings": tuple(stage_timings(classifiers, generator)) if timings else (),
            **(measured_in_turn(classifiers, cells) if cells else {}),
            **({"scenarios": tuple(under_load(classifiers))} if scenarios else {}),
            **changes,
        }
    )
    return SampleRun(record, predictions, tables)


def review_table(
    reviews: int, generator: np.random.Generator, *, texts: bool = True, text_of: Sequence[str] = ()
) -> pa.Table:
    """Columns id, text, label, row, language, domain, product (too many values for slices)."""
    languages = [("en", "de")[k] for k in generator.integers(0, 2, reviews)]
    written = [_text(language, generator) for language in languages]
    written[: len(text_of)] = text_of
    columns: dict[str, Any] = {"id": [f"r{k:06}" for k in range(reviews)], "text": written}
    if not texts:
        del columns["text"]
    columns |= {
        "language": languages,
        "domain": [("kitchen", "books", "toys", "garden")[k] for k in generator.integers(0, 4, reviews)],
        "product": [f"P{k % 97:03}" for k in range(reviews)],
    }
    return pa.table(columns)


def _text(language: str, generator: np.random.Generator) -> str:
    sentences = []
    for _ in range(int(generator.geometric(0.45))):
        parts = (_OPENINGS[language], _MIDDLES[language], _ENDINGS[language])
        sentences.append(" ".join(part[generator.integers(0, len(part))] for part in parts))
    return " ".join(sentences[:12])


def predicted(
    table: pa.Table, classes: int, generator: np.random.Generator
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Gold (N,) and probabilities (N, K) float32: near misses, over-confident, worse in German."""
    reviews = table.num_rows
    gold = generator.integers(0, classes, reviews)
    noise = np.where(np.array(table["language"].to_pylist()) == "de", 1.05, 0.6)
    seen = gold + generator.normal(0, noise)
    logits = -1.9 * np.abs(np.arange(classes)[None, :] - seen[:, None]) + generator.normal(0, 0.35, (reviews, classes))
    powers = np.exp(logits)
    return gold, (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def prediction_table(
    ids: Sequence[str],
    gold: np.ndarray[Any, Any],
    probabilities: np.ndarray[Any, Any],
    classes: Sequence[str],
    generator: np.random.Generator,
) -> PredictionTable:
    """What `harness.runs.read_predictions` reads."""
    tokens = np.minimum(512, generator.lognormal(3.4, 0.7, len(gold)).astype(np.int32) + 4)
    return PredictionTable(
        ids=list(ids), gold=gold.astype(np.int32), logits=np.log(probabilities), probabilities=probabilities,
        tokens=tokens, cut=tokens >= 512, classes=tuple(classes), logit_classes=tuple(classes),
    )  # fmt: skip


def evaluation(
    classifier: str,
    review_set: str,
    classes: Sequence[str],
    gold: np.ndarray[Any, Any],
    probabilities: np.ndarray[Any, Any],
    *,
    ordinal: bool = True,
    timed: bool = True,
    warnings: Sequence[str] = (),
    slices: Sequence[Column] = (),
) -> Evaluation:
    """The record of predictions, its metrics computed from them."""
    figures = evaluate(probabilities, gold, classes, ordinal=ordinal, slices=slices, resamples=200)
    name = f"{classifier}-{review_set}"
    reviews = len(gold)
    stages = StageSeconds(tokenize=0.41, forward=9.83, softmax=0.004, wall=10.12)
    return Evaluation(
        **dict(figures),
        id=name,
        classifier=classifier,
        review_set=review_set,
        counts=Counts(
            read=reviews + 3, skipped=3, skipped_reasons={"empty text": 2, "label fits no class": 1}, cut=4,
            evaluated=reviews, repeated_texts=7,
        ),
        label_match=LabelMatchRecord(
            classes=tuple(classes),
            ordinal=ordinal,
            labels={str(place): name for place, name in enumerate(classes, start=1)},
            projection={name: {name: 1.0} for name in classes},
            how=f"labels 1…{len(classes)} are the classes {classes[0]} … {classes[-1]}",
            warnings=tuple(warnings),
        ),
        reviews_per_s=reviews / stages.wall if timed else None,
        tokens_per_s=37 * reviews / stages.wall if timed else None,
        stage_seconds=stages if timed else None,
        timing_reason=None if timed else "the predictions were reused from an earlier run",
        token_budget=4096,
        padding_share=0.042,
        batching_difference=1.9e-6,
        batching_tolerance=1e-4,
        predictions=f"predictions/{name}.parquet",
        reviews=f"reviews/{review_set}.parquet",
        cached=not timed,
        notes=("the column 'body' holds the texts, 'stars' the labels",),
    )  # fmt: skip


def classifier_record(name: str, classes: Sequence[str]) -> ClassifierRecord:
    """A small BERT on a processor."""
    return ClassifierRecord(
        id=name, name=name, architecture="BertForSequenceClassification", classes=tuple(classes), device="cpu",
        device_name="Xeon 2.1 GHz, 2 threads", attention="sdpa", max_length=512,
        dtype="bfloat16" if name.endswith("bfloat16") else "float32",
        parameters=15_600_000, weights_bytes=31_250_000, weights_sha256="ab" * 32, tokenizer_sha256="cd" * 32,
        load_seconds=0.42, memory_bytes=62_500_000, load_before_bytes=410_000_000, load_peak_bytes=530_000_000,
    )  # fmt: skip


def set_record(name: str, reviews: int) -> ReviewSetRecord:
    """A set from a CSV file."""
    return ReviewSetRecord(
        id=name, name=name, source=f"{name}.csv", text_column="body", label_column="stars",
        columns=COLUMNS, reviews=reviews, fingerprint="ef" * 32,
        notes=("the delimiter is ';'",),
    )  # fmt: skip


def environment() -> Environment:
    """Two cores and no accelerator."""
    return Environment(
        harness="0.1.0", python="3.11.7", platform="Linux 6.1 x86_64", processor="Xeon 2.1 GHz", cores=2, threads=2,
        memory_bytes=16_000_000_000, packages={"torch": "2.6.0", "transformers": "5.0.1", "numpy": "2.1.3"},
        load_before=0.31, load_after=1.95, affinity=(0, 1), cpu_limit=1.5, memory_limit_bytes=8_000_000_000,
        governor="powersave",
    )  # fmt: skip


def stage_timings(classifiers: Sequence[str], generator: np.random.Generator) -> list[Timing]:
    """Rounds of the three stages at two batch sizes and two lengths, a little noisy and skewed."""
    base = {"tokenize": 3e-5, "forward": 2.4e-3, "softmax": 9e-7}
    return [
        Timing(
            id=f"{classifier}-{stage}-{batch}x{length}", classifier=classifier, stage=stage, batch_size=batch,
            seq_len=length, tokens=batch * length, padded_tokens=batch * length, device="cpu", dtype="float32",
            threads=2, iterations=1,
            seconds=tuple((base[stage] * batch * length / 16 * (1 + generator.gamma(1.2, 0.06, 25))).tolist()),
        )
        for classifier in classifiers
        for stage in ("tokenize", "forward", "softmax")
        for batch in (1, 8)
        for length in (16, 64)
    ]  # fmt: skip


def measured_in_turn(classifiers: Sequence[str], cells: Sequence[tuple[int, int]], rounds: int = 30) -> dict[str, Any]:
    """Fields of a run: a cell of simulated rounds for each batch size and length, with the machine's best.

    A classifier whose name ends in `bfloat16` has that dtype, and its forward pass takes half as long.
    """
    dtypes = {name: "bfloat16" for name in classifiers if name.endswith("bfloat16")}
    timings: list[Timing] = []
    for seed, (batch, length) in enumerate(cells):
        # Simulated times are those of 8 × 64.
        work = batch * length / 512
        timings += (
            scaled(each, work)
            for each in simulated.cell(
                classifiers, dtypes=dtypes, slower={name: {"forward": 0.5} for name in dtypes}, rounds=rounds,
                batch_size=batch, seq_len=length, seed=seed,
            )
        )  # fmt: skip
    return {
        "timings": tuple(timings),
        "peaks": simulated.peaks(flops_per_s=1.2e12),
        "bandwidths": simulated.bandwidths(),
    }


def scaled(timing: Timing, work: float) -> Timing:
    """The timing of so many times the work."""
    changes: dict[str, Any] = {
        "seconds": tuple(work * each for each in timing.seconds),
        "resident_before_bytes": 500_000_000,
        "resident_peak_bytes": 500_000_000 + round(40_000_000 * work),
    }
    for name in ("flops", "bytes"):
        amount = getattr(timing, name)
        changes[name] = None if amount is None else round(work * amount)
    return timing.model_copy(update=changes)


def under_load(classifiers: Sequence[str]) -> list[ScenarioRecord]:
    """Every scenario of each classifier: a bound that batching keeps at twice the rate, and one unmet rule."""
    found = []
    for name in classifiers:
        common: dict[str, Any] = {
            "classifier": name, "review_set": "shop", "device": "cpu", "threads": 2, "min_seconds": 10.0, "seed": 0,
            "dtype": "bfloat16" if name.endswith("bfloat16") else "float32", "min_queries": 100, "seconds": 10.2,
        }  # fmt: skip
        found += [
            ScenarioRecord(
                **common, id=f"{name}.offline", scenario="offline", queries=1500, reviews_per_s=147.0,
                tokens_per_s=5439.0, mean_batch=24.0,
            ),
            ScenarioRecord(
                **common, id=f"{name}.single", scenario="single-stream", queries=1000, reviews_per_s=98.0,
                tokens_per_s=3626.0, latency=percentiles(0.0098), mean_batch=1.0, latencies="latencies/single.parquet",
            ),
            served(common, batching=False, best=40.0),
            served(common, batching=True, best=80.0),
        ]  # fmt: skip
    return found


def served(common: dict[str, Any], *, batching: bool, best: float) -> ScenarioRecord:
    """A server that keeps 100 ms up to the rate `best`."""
    rates = [best * share for share in (0.25, 0.5, 0.75, 1.0, 1.25)]
    trials = tuple(
        Trial(
            rate=rate, queries=1000, p99=percentiles(0.012 / (1.12 - rate / best))["p99"] if rate <= best
            else Metric(value=None, reason="stopped after 400 of 1,000 queries"), met=rate <= best,
            mean_batch=rate / 20 if batching else 1.0,
        )
        for rate in rates
    )  # fmt: skip
    return ScenarioRecord(
        **common, id=f"{common['classifier']}.server.{batching}", scenario="server", batching=batching, queries=1000,
        reviews_per_s=best, tokens_per_s=37 * best, latency={**percentiles(0.04), "p99": trials[-2].p99},
        mean_batch=trials[-2].mean_batch, rate=best, bound_seconds=0.11, trials=trials,
        latencies="latencies/server.parquet",
        unmet=() if batching else ("p99 at 40 reviews/s may lie on either side of the bound of 110 ms",),
    )  # fmt: skip


def percentiles(middle: float) -> dict[Any, Metric]:
    """p50, p90 and p99 around a median, in seconds."""
    return {
        name: Metric(value=middle * times, low=middle * times * 0.95, high=middle * times * 1.08, method="ranks")
        for name, times in (("p50", 1.0), ("p90", 1.3), ("p99", 1.0 if middle != 0.04 else 2.0))
    }
