"""The HTML page of a run: one file that needs no network, no server and no other file.

Whatever a user named or wrote (reviews, labels, columns, models) is data. The templates escape it,
the embedded JSON cannot end its script element, and the page's Content-Security-Policy lets nothing
load and nothing run but the style sheet and the script that are named there by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from harness.records import Run
from harness.report import (
    charts,
    examples,
    machine,
    memory,
    numbers,
    public,
    scenario_view,
    scenarios,
    timed,
    timing_view,
    view,
)
from harness.report.quantities import grouped, quantity

if TYPE_CHECKING:
    import pyarrow as pa

    from harness.runs import PredictionTable

TEMPLATES = Path(__file__).parent / "templates"
NO_BREAK = "\N{NO-BREAK SPACE}"


def write(run_path: Path, to: Path) -> None:
    """Write the page of a run folder.

    Args:
        run_path: The run folder.
        to: The HTML file; its folder is made where it does not exist.

    Raises:
        RunError: The run, its predictions or its reviews cannot be read.
        OSError: The page cannot be written.
    """
    from harness import runs

    run = runs.read(run_path, run_path.parent, unfinished=True)
    predictions = {one.id: runs.read_predictions(run_path / one.predictions) for one in run.evaluations}
    reviews = {one.review_set: runs.read_reviews(run_path / one.reviews) for one in run.evaluations}
    text = page(run, predictions, reviews)
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(text, encoding="utf-8", newline="\n")


def page(
    run: Run, predictions_by_evaluation: Mapping[str, PredictionTable], reviews_by_set: Mapping[str, pa.Table]
) -> str:
    """The page of a run.

    Args:
        run: The record.
        predictions_by_evaluation: Evaluation id -> its predictions.
        reviews_by_set: Review set id -> columns id, text (unless texts were left out), kept columns.
    """
    names = {one.id: f"e{place}" for place, one in enumerate(run.evaluations, start=1)}
    joined = {
        names[one.id]: examples.join(predictions_by_evaluation[one.id], reviews_by_set[one.review_set])
        for one in run.evaluations
    }
    embedded = examples.embed(joined, {names[one.id]: one for one in run.evaluations})
    views = [view.view(run, names[one.id], one, joined[names[one.id]]) for one in run.evaluations]
    style, script = _asset("style.css"), _asset("script.js")
    return (
        _environment()
        .get_template("page.html.jinja")
        .render(
            run=run,
            views=views,
            comparison=view.comparison(run, names),
            timings=timing_view.view(run),
            loads=scenario_view.view(run),
            conditions=machine.conditions(run.environment),
            level=float(run.settings.get("confidence", 0.95)),
            embedded=embedded,
            data=Markup(embedded.json),  # noqa: S704 - escaped for a script element by examples.for_script
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=policy(style, script),
        )
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
def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8").replace("\r\n", "\n")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("harness.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": numbers.count,
        "percent": numbers.percent,
        "score": numbers.score,
        "digits": numbers.digits,
        "seconds": numbers.seconds,
        "rate": numbers.rate,
        "short": numbers.short,
        "ratio": numbers.ratio,
        "small": numbers.small,
        "size": numbers.size,
        "public": public.without_folders,
        "values": public.values,
        "together": together,
        "moment": moment,
        "sentence": sentence,
    }
    environment.globals |= {
        "quantity": quantity,
        "grouped": grouped,
        "value_of": numbers.value,
        "interval_of": numbers.interval,
        "missing": numbers.missing,
        "counted": numbers.counted,
        "few": charts.FEW,
        "stages": charts.STAGES,
        "column_kind": view.column_kind,
        "stage_bar": charts.stage_bar,
        "whisker": charts.whisker,
        "seconds_interval": numbers.seconds_interval,
        "share_interval": numbers.share_interval,
        "sizes": memory.SIZES,
        "random": timed.RANDOM,
        "percentiles": scenarios.PERCENTILES,
        "latency": scenarios.latency,
    }
    return environment


def together(text: object) -> Markup:
    """A number stays on the line of its per-cent sign.

    >>> together("53.3 % <b>")
    Markup('53.3\\xa0% &lt;b&gt;')
    """
    return Markup(escape(str(text)).replace(" %", f"{NO_BREAK}%"))  # noqa: S704 - escaped here


def sentence(text: str) -> str:
    """The text with a capital; the rest keeps its own (jinja's `capitalize` would write gpu for GPU).

    >>> sentence("on the GPU")
    'On the GPU'
    """
    return text[:1].upper() + text[1:]


def moment(iso: str) -> str:
    """
    >>> moment("2025-11-23T19:02:11+00:00")
    '23 November 2025, 19:02 UTC'
    """
    try:
        found = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{found.day} {found:%B %Y, %H:%M} UTC"
