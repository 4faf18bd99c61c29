"""What an evaluation is compared with: found, paired row for row, and kept in the run folder with the comparison.

A reference is a baseline, or a run that the classifier of `--against` has just made. Both come as a
`harness.baselines.Baseline`, so that both are matched and refused by the same rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from harness import baselines, comparison, runs, sampling, slicing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.baselines import Baseline
    from harness.options import Settings
    from harness.records import Comparison, Evaluation, Reference, Run
    from harness.runs import PredictionTable
    from harness.slicing import Column
    from harness.statistics.design import Design

FOLDER = "references"


@dataclass(frozen=True)
class Candidate:
    """An evaluation of a run with all that a judgement of it needs, read from the run folder."""

    run_path: Path
    run: Run
    evaluation: Evaluation
    table: PredictionTable
    """N rows."""
    design: Design
    """How the N reviews were drawn."""
    columns: Sequence[Column]
    """Every column that cuts the reviews into slices; rows are those of the table."""
    asked_columns: Sequence[Column]
    """Those that the run was asked to slice by; all of them where it was asked for none."""
    texts: Mapping[str, str] | None
    """By id; None where the run keeps none."""
    asked: Settings
    """What the run was asked that intervals depend on."""

    @classmethod
    def read(cls, run_path: Path, run: Run, evaluation: Evaluation) -> Candidate:
        """The evaluation, from its predictions and reviews.

        Raises:
            RunError: Predictions or reviews cannot be read.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        table = runs.read_predictions(run_path / evaluation.predictions)
        reviews = runs.read_reviews(run_path / evaluation.reviews)
        places = pc.index_in(pa.array(table.ids, reviews["id"].type), value_set=reviews["id"].combine_chunks())
        reviews = reviews.take(places)
        kept = [name for name in reviews.column_names if name not in ("id", "text")]
        with_texts = "text" in reviews.column_names
        asked = _asked(run)
        columns = slicing.columns_of(reviews, kept, table.tokens)
        by = asked.slice_by
        return cls(
            run_path=run_path,
            run=run,
            evaluation=evaluation,
            table=table,
            design=sampling.design_of(asked, reviews, table.gold, evaluation.review_set),
            columns=columns,
            asked_columns=slicing.columns_of(reviews, kept, table.tokens, by) if by else columns,
            texts=dict(zip(table.ids, reviews["text"].to_pylist(), strict=True)) if with_texts else None,
            asked=asked,
        )

    def compared(self, table: PredictionTable, names: tuple[str, str]) -> Comparison:
        """Every difference, candidate less another classifier, at the run's own level.

        Args:
            table: The other's predictions, rows and classes in the candidate's order.
            names: What candidate and other are called.
        """
        return comparison.compare(
            self.table.probabilities,
            table.probabilities,
            self.table.gold,
            names=names,
            ordinal=self.evaluation.label_match.ordinal,
            design=self.design,
            slices=self.asked_columns,
            # Only what was asked for is sliced then, and so was named beforehand.
            named=[each.name for each in self.asked_columns] if self.asked.slice_by else (),
            confidence=self.asked.confidence,
            resamples=self.asked.resamples,
            seed=self.asked.seed,
        )


def keep(
    candidate: Candidate, reference: Baseline, kind: Literal["baseline", "classifier"], name: str
) -> tuple[Reference, PredictionTable]:
    """Compare an evaluation with the reference, and put the reference's predictions into the run folder.

    Args:
        candidate: What is compared.
        reference: With what; of a classifier, its run promoted for the moment.
        kind: Which of the two it is.
        name: Of the baseline, or of the classifier as it was asked for.

    Returns:
        The record, and the reference's predictions in the candidate's order of rows and classes.

    Raises:
        BaselineError: It is of other reviews or another label scheme, or its predictions cannot be used.
        RunError: The run folder cannot be written.
    """
    from harness.records import Reference

    evaluation, run = candidate.evaluation, candidate.run
    one = baselines.match(reference, run, evaluation)
    table = baselines.paired(reference, one, candidate.table)
    found = next(each for each in reference.record.classifiers if each.id == one.classifier)
    # Names of classifiers have slashes and colons; those of baselines and evaluations are plain words.
    path = f"{FOLDER}/{evaluation.id}.{name if kind == 'baseline' else 'against'}.parquet"
    runs.write_predictions(candidate.run_path / path, **vars(table))
    record = Reference(
        id=f"{evaluation.id}.{name}",
        kind=kind,
        name=name,
        evaluation=evaluation.id,
        classifier=found.name,
        run=reference.record.run if kind == "baseline" else None,
        device=found.device,
        dtype=found.dtype,
        python=reference.record.python,
        packages={"review-harness": reference.record.harness} | reference.record.packages,
        predictions=path,
        comparison=candidate.compared(table, (evaluation.classifier, name)),
    )
    return record, table


def of_run(run: Run, evaluation: Evaluation) -> Reference | None:
    """The classifier that a run itself compared an evaluation with; None where there is none."""
    beside = (each for each in run.references if each.kind == "classifier")
    return next((each for each in beside if each.evaluation == evaluation.id), None)


def _asked(run: Run) -> Settings:
    from harness.options import Settings

    names = ("cluster_by", "stratify_by", "slice_by", "confidence", "resamples", "seed")
    given = {name: run.settings[name] for name in names if name in run.settings}
    if "slice_by" in given:
        given["slice_by"] = tuple(given["slice_by"])
    return Settings(**given)
