"""The HTML page of a run: one file that needs no network, no server and no other file.

Whatever a user named or wrote (reviews, labels, columns, models) is data. The templates escape it,
the embedded JSON cannot end its script element, and the page's Content-Security-Policy lets nothing
load and nothing run but the style sheet and the script that are named there by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from markupsafe import Markup

from harness.records import Reference, Run
from harness.report import (
    comparison_view,
    embedding,
    environments,
    examples,
    flips,
    gate_view,
    machine,
    paired_view,
    scenario_view,
    templating,
    timing_view,
    view,
)
from harness.report.comparison_view import Against, ComparisonView
from harness.report.embedding import Embedded
from harness.report.examples import Joined
from harness.report.flips import Flips

if TYPE_CHECKING:
    import pyarrow as pa

    from harness.runs import PredictionTable

TEMPLATES = Path(__file__).parent / "templates"
NO_REFERENCES: Mapping[str, PredictionTable] = MappingProxyType({})


def write(run_path: Path, to: Path) -> None:
    """Write the page of a run folder.

    Args:
        run_path: The run folder.
        to: The HTML file; its folder is made where it does not exist.

    Raises:
        RunError: The run, its predictions, its reviews or the predictions of a reference cannot be read.
        OSError: The page cannot be written.
    """
    from harness import runs

    run = runs.read(run_path, run_path.parent, unfinished=True)
    predictions = {one.id: runs.read_predictions(run_path / one.predictions) for one in run.evaluations}
    reviews = {one.review_set: runs.read_reviews(run_path / one.reviews) for one in run.evaluations}
    references = {one.id: runs.read_predictions(run_path / one.predictions) for one in run.references}
    text = page(run, predictions, reviews, references)
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(text, encoding="utf-8", newline="\n")


def page(
    run: Run,
    predictions_by_evaluation: Mapping[str, PredictionTable],
    reviews_by_set: Mapping[str, pa.Table],
    predictions_by_reference: Mapping[str, PredictionTable] = NO_REFERENCES,
) -> str:
    """The page of a run.

    Args:
        run: The record.
        predictions_by_evaluation: Evaluation id -> its predictions.
        reviews_by_set: Review set id -> columns id, text (unless texts were left out), kept columns.
        predictions_by_reference: Id of what an evaluation was compared with -> its predictions, rows and classes in
            the order of the evaluation's.

    Raises:
        RunError: The predictions of a reference are not of the evaluation's reviews.
    """
    names = {one.id: f"e{place}" for place, one in enumerate(run.evaluations, start=1)}
    joined = {
        names[one.id]: examples.join(predictions_by_evaluation[one.id], reviews_by_set[one.review_set])
        for one in run.evaluations
    }
    flipped = {
        f"r{place}": (one, flips.find(joined[names[one.evaluation]], predictions_by_reference[one.id]))
        for place, one in enumerate(run.references, start=1)
    }
    embedded = embedding.embed(
        joined,
        {names[one.id]: one for one in run.evaluations},
        {name: (names[one.evaluation], found) for name, (one, found) in flipped.items()},
    )
    lost = {name: (one, found.counts["lost"]) for name, (one, found) in flipped.items()}
    return rendered(
        "page.html.jinja",
        embedded,
        run=run,
        version=run.environment.harness,
        gate=gate_view.view(run, names, lost),
        comparisons=_comparisons(run, flipped, embedded.longest or examples.LONGEST),
        paired=paired_view.view(run),
        views=_views(run, names, joined),
        side_by_side=view.side_by_side(run, names),
        timings=timing_view.view(run),
        loads=scenario_view.view(run),
        conditions=machine.conditions(run.environment),
        level=run.confidence,
    )


def rendered(template: str, embedded: Embedded, **context: object) -> str:
    """A page from its template, which extends `base.html.jinja`, with our style sheet, script and policy.

    Args:
        template: Its file name.
        embedded: The reviews that travel inside the page.
        context: What the template shows; `version` is that of the harness.
    """
    style, script = asset("style.css"), asset("script.js")
    return (
        templating.environment()
        .get_template(template)
        .render(
            **context,
            embedded=embedded,
            data=Markup(embedded.json),  # noqa: S704 - escaped for a script element by embedding.for_script
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=policy(style, script),
        )
    )


def _views(run: Run, names: Mapping[str, str], joined: Mapping[str, Joined]) -> list[view.EvaluationView]:
    return [view.view(run, names[one.id], one, joined[names[one.id]]) for one in run.evaluations]


def _comparisons(run: Run, flipped: Mapping[str, tuple[Reference, Flips]], longest: int) -> tuple[ComparisonView, ...]:
    return tuple(
        comparison_view.view(name, _against(run, one), found, longest, len(flipped))
        for name, (one, found) in flipped.items()
    )


def _against(run: Run, reference: Reference) -> Against:
    """An evaluation beside what the run compared it with."""
    evaluation = next(one for one in run.evaluations if one.id == reference.evaluation)
    is_baseline = reference.kind == "baseline"
    return Against(
        comparison=reference.comparison,
        classes=evaluation.label_match.classes,
        review_set=evaluation.review_set,
        candidate=environments.of_evaluation(run, evaluation),
        reference=environments.of_reference(reference),
        reference_words=f"the baseline {reference.name}" if is_baseline else reference.name,
        origin=f"promoted from run {reference.run}" if reference.run else "evaluated beside it",
        unit=view.unit(evaluation),
        level=run.confidence,
    )


def policy(style: str, script: str) -> str:
    """The Content-Security-Policy: nothing but this style sheet and this script, by their hashes."""
    rules = {
        "default-src": "'none'",
        "style-src": _digest(style),
        "script-src": _digest(script),
        # The empty icon keeps a browser from asking a server for one.
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def asset(name: str) -> str:
    """A style sheet or script of ours, with the line ends that its hash is made of."""
    return (TEMPLATES / name).read_text(encoding="utf-8").replace("\r\n", "\n")
