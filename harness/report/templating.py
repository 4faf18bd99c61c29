"""What the templates of a page are given: filters and words. Whatever is put into one is escaped."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from harness.report import charts, gate_charts, memory, numbers, public, scenarios, timed, view
from harness.report.quantities import grouped, quantity

NO_BREAK = "\N{NO-BREAK SPACE}"


@cache
def environment() -> Environment:
    """Of jinja, with autoescape; a name that is not there is an error."""
    made = Environment(
        loader=PackageLoader("harness.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
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
    made.globals |= {
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
        "outcome_mark": gate_charts.mark,
        "seconds_interval": numbers.seconds_interval,
        "share_interval": numbers.share_interval,
        "sizes": memory.SIZES,
        "random": timed.RANDOM,
        "percentiles": scenarios.PERCENTILES,
        "latency": scenarios.latency,
    }
    return made


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
