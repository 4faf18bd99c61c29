"""The timings of a run in a terminal of 80 columns: an overview first, then every figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from harness.records import Run
from harness.report import numbers, timed, versus
from harness.report.layout import plain_table
from harness.report.numbers import count, counted, percent
from harness.report.public import printable
from harness.report.timed import Shape, Stage
from harness.report.versus import Versus
from harness.rounds import TimingComparison

NOISY = "*"
"""Behind a median that is not to be believed."""
BUSY = 0.5
"""Processes a core that wanted to run before the work, from which on that is said."""
MOST_SHAPES = 8
"""Whose every stage is shown without being asked."""
MOST_ROWS = 10
"""Of comparisons, stage by stage; above, a row is a cell."""
DETAIL = {
    "stage": 8,
    "median": 8,
    "interval": 14,
    "share": 6,
    "reviews/s": 9,
    "tokens/s": 8,
    "achieved": 12,
    "of best": 7,
}
"""Columns, and how wide they are in every table, so that the tables of all cells line up."""


def short(run: Run) -> Iterator[RenderableType]:
    """What the end of a pytest session says: a row for each shape, and one for each comparison of `classify`."""
    yield from overview(run, every_doubt=False)
    yield from comparisons(run, MOST_ROWS)


def whole(run: Run, *, full: bool = False) -> Iterator[RenderableType]:
    """What `harness show` says: the overview, comparisons, and each stage of each shape.

    Args:
        run: With timings.
        full: However many shapes there are.
    """
    yield from overview(run)
    yield from comparisons(run, len(run.timings) if full else 2 * MOST_ROWS)
    groups = timed.groups(run)
    if not full and sum(len(group.shapes) for group in groups) > MOST_SHAPES:
        yield Text("\n--full shows each stage with its interval, its rates and its share of the machine's best")
        return
    level = percent(run.confidence, 0)
    for group in groups:
        yield Text(f"\n{printable(group.title)}, each stage with its {level} interval, by batch × length", style="bold")
        for place, shape in enumerate(group.shapes):
            yield Text(("\n" if place else "") + _facts(shape), style="dim")
            yield _details(shape, show_header=place == 0)


def overview(run: Run, *, every_doubt: bool = True) -> Iterator[RenderableType]:
    """A table of medians for each classifier, and what to distrust in them.

    Args:
        run: With timings.
        every_doubt: Not only the first reason of each noisy median.
    """
    groups = timed.groups(run)
    shapes = [shape for group in groups for shape in group.shapes]
    steps = [step for step in timed.STEPS if any(shape.stage(step) for shape in shapes)]
    has_peak = any(_peak(shape) for shape in shapes)
    has_rest = any(shape.rest for shape in shapes)
    columns = ["batch", "length", *steps, *(["peak"] if has_peak else []), *(["rest"] if has_rest else [])]
    for place, group in enumerate(groups):
        title = f"{printable(group.title)}, median of a batch"
        if group.is_random:
            title += f"\n{timed.RANDOM}"
        yield Text(("\n" if place else "") + title, style="bold")
        table = plain_table(*columns, left=0)
        if any(shape.rest_word for shape in shapes):
            # The word takes the room.
            table.padding = 0
        for shape in group.shapes:
            row = [count(shape.cell.batch_size), count(shape.cell.seq_len)]
            row += [_median(shape.stage(step)) for step in steps]
            row += [_peak(shape) or "–"] if has_peak else []
            row += [f"{shape.rest or '–'} {shape.rest_word}".strip()] if has_rest else []
            table.add_row(*row)
        yield table
    yield from _footnotes(shapes, has_peak, timed.distrust(groups, every=every_doubt))
    busy, cores = run.environment.load_before, run.environment.cores
    if busy is not None and busy > BUSY * cores:
        said = f"{busy:.1f} processes wanted one of {cores} cores before the work, which makes times longer"
        yield _hanging("load:", said)
    if any(stage.peak is not None and stage.peak > 1 for shape in shapes for stage in shape.stages):
        yield _hanging("above 100 %:", "the machine was busier while its peak was measured; measure again")


def comparisons(run: Run, most_rows: int) -> Iterator[RenderableType]:
    """Ratios beside the noise floor: stage by stage where these are few, else a row for each cell."""
    every = versus.pairs(run)
    by_stage = sum(len(each.rows) for each in every) <= most_rows
    for each in every:
        yield Text(f"\n{printable(each.title)}: times ÷ those of the latter", style="bold")
        yield _by_stage(each) if by_stage else _by_cell(each)
        for reason in each.reasons:
            yield _hanging("undecided:", printable(reason))


def _median(stage: Stage | None) -> str:
    if stage is None:
        return "–"
    return numbers.seconds(stage.rounds.median) + (NOISY if stage.rounds.noisy else "")


def _peak(shape: Shape) -> str:
    forward = shape.stage("forward")
    return "" if forward is None or forward.peak is None else percent(forward.peak, 0)


def _footnotes(shapes: Iterable[Shape], has_peak: bool, distrusted: Iterable[str]) -> Iterator[RenderableType]:
    if has_peak:
        yield _hanging("peak:", "FLOP/s of forward ÷ those of the machine's fastest matrix product")
    words = {shape.rest_word for shape in shapes} - {""}
    if words:
        meanings = {"large": "above 5 % of classify", "unsure": "more than 5 % from nothing, but perhaps noise"}
        said = ", ".join(f"{word}: {meaning}" for word, meaning in meanings.items() if word in words)
        yield _hanging("rest:", f"what classify spends in no stage; {said}")
    for sentence in distrusted:
        yield _hanging(NOISY, printable(sentence))


def _hanging(mark: str, text: str) -> RenderableType:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_row(Text(mark, style="bold"), Text(text))
    return grid


def _by_stage(pair: Versus) -> RenderableType:
    sized = len(pair.cells) > 1
    table = plain_table(
        *(["batch", "length"] if sized else []), "stage", "ratio", "interval", "A/A floor", "verdict", left=0
    )
    table.columns[2 if sized else 0].justify = "left"
    table.columns[-1].justify = "left"
    for rows in pair.cells:
        for place, row in enumerate(rows):
            size = [count(row.cell.batch_size), count(row.cell.seq_len)] if not place else ["", ""]
            table.add_row(*(size if sized else []), row.stage, *_compared(row))
    return table


def _by_cell(pair: Versus) -> RenderableType:
    """`classify` alone, and which stages differ."""
    table = plain_table("batch", "length", "classify", "interval", "A/A floor", "verdict", "stages that differ", left=0)
    for column in table.columns[-2:]:
        column.justify = "left"
    table.columns[-1].no_wrap = False
    for rows in pair.cells:
        size = count(rows[0].cell.batch_size), count(rows[0].cell.seq_len)
        whole = next((row for row in rows if row.stage == "classify"), None)
        differ = [
            f"{row.stage} {numbers.digits(row.ratio.value)}"
            for row in rows
            if row.stage != "classify" and row.beyond_noise and row.ratio.value is not None
        ]
        table.add_row(*size, *(_compared(whole) if whole else ("–",) * 4), ", ".join(differ) or "none")
    return table


def _compared(row: TimingComparison) -> tuple[str, str, str, str]:
    value = "–" if row.ratio.value is None else numbers.ratio(row.ratio.value)
    return value, numbers.ratio_interval(row.ratio) or "–", versus.floor(row), versus.verdict(row)


def _facts(shape: Shape) -> str:
    """The shape, and what holds for all of its stages."""
    first = shape.stages[0]
    said = [shape.size]
    if first.rates.padding_share is not None:
        said.append(f"{percent(first.rates.padding_share)} padding")
    said.append(counted(first.rounds.count, "round"))
    if shape.plain.value is not None:
        said.append(f"tokenize {numbers.ratio(shape.plain.value)} the tokenizers call")
    shares = [(stage.name, stage.rates.device_share) for stage in shape.stages]
    device = [f"{name} {percent(share, 0)}" for name, share in shares if share is not None]
    if device:
        said.append(f"the device's own time: {', '.join(device)} of the wall")
    return " · ".join(said)


def _details(shape: Shape, *, show_header: bool) -> RenderableType:
    table = plain_table(*DETAIL)
    table.show_header, table.padding = show_header, 0
    # A wide interval goes on in the next line, and not over the columns behind it.
    table.columns[2].no_wrap = False
    for column, width in zip(table.columns, DETAIL.values(), strict=True):
        column.min_width = width
    for stage in shape.stages:
        if stage.name == "classify" and shape.breakdown is not None and shape.rest:
            table.add_row("rest", "", numbers.share_interval(shape.breakdown.rest), shape.rest, shape.rest_word)
        table.add_row(
            stage.name,
            _median(stage),
            numbers.seconds_interval(stage.rounds.low, stage.rounds.high) or "–",
            "" if stage.share is None else percent(stage.share),
            *(_rate(each) for each in (stage.rates.reviews_per_s, stage.rates.tokens_per_s)),
            stage.achieved,
            stage.of_best,
        )
    return table


def _rate(per_second: float | None) -> str:
    return "" if per_second is None else numbers.short(per_second)
