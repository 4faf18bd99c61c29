"""The `harness` command: a thin skin over the library.

click rather than typer: the options are generated from their one declaration in
`harness.options`, and a typer command takes its options from a function signature instead.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO, TypeVar

import click

from harness import __version__, options
from harness.errors import HarnessError, RunError, UsageError
from harness.timing.cases import STEPS

if TYPE_CHECKING:
    from rich.console import Console

    from harness.gates.rules import Gates
    from harness.options import Settings
    from harness.records import Record, Run, Step, Verdict
    from harness.scores import Kind

CLASSIFIER = options.of_group("classifier", without=("model",))
REVIEW_SET = options.of_group("review set", without=("dataset",))
EVALUATION = options.of_group("evaluation")
BASES: dict[str, Literal[0, 1]] = {"0": 0, "1": 1}
MATRIX = ("timing", "batch_sizes", "seq_lens", "dtypes", "timing_devices")
TIMING = ("timing_only", *MATRIX)
GATE = ("gate", "baseline", "alpha", "inconclusive")
AGAINST = ("against", "against_python", "max_pairs")
SCENARIO = options.of_group("scenario")
EXIT_CODES = {"pass": 0, "inconclusive": 0, "fail": 1, "error": 3}
RUN = options.of_group("run")


def with_options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds declared options to a command; their values arrive as texts, under their field names."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for name in reversed(names):
            opt = options.declared()[name]
            unit = f" [{opt.unit}]" if opt.unit else ""
            kwargs: dict[str, Any] = {"help": opt.help + unit + _default(opt), "default": None}
            if opt.kind == "flag":
                kwargs |= {"is_flag": True}
            else:
                one_of = opt.choices and not opt.commas
                shape = {"type": click.Choice(opt.choices)} if one_of else {"metavar": opt.metavar or "TEXT"}
                once = {} if opt.many and not opt.commas else {"callback": _once}
                kwargs |= {"multiple": True, **shape, **once}
            command = click.option(opt.flag, name, **kwargs)(command)
        return command

    return add


def _once(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> str | None:
    """The one value of an option that takes one: the last of two would win without a word."""
    if len(values) > 1:
        flag = parameter.opts[0]
        raise UsageError(
            f"{flag} is given {len(values)} times",
            where=" ".join(f"{flag} {value}" for value in values),
            expected="one value",
            remedy="give it once",
        )
    return values[0] if values else None


def _default(opt: options.Option) -> str:
    if opt.default is None or opt.default is False or opt.default == ():
        return ""
    shown = ",".join(map(str, opt.default)) if opt.many else opt.default
    return f" (default: {shown})"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="harness")
def cli() -> None:
    """May this sequence classifier ship? Evaluate it on labelled reviews, and see where the time goes."""


FORMAT = click.option(
    "--format", "shape", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True,
    help="what is written to standard output; csv has the metrics, json everything",
)  # fmt: skip


@cli.command()
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option("--file", "file", metavar="F", help="read one text a line from this file; - is standard input")
@with_options("model", *CLASSIFIER, "encoding", "on_bad_row")
@FORMAT
def predict(texts: tuple[str, ...], file: str | None, shape: str, **given: object) -> None:
    """Print the probability of each label for TEXTs, or for the lines of a file or of standard input."""
    from harness import predicting
    from harness.classifier import Classifier

    settings = options.resolve(given, Path.cwd())
    (model,) = settings.model if len(settings.model) == 1 else _one_model(settings)
    wanted = predicting.texts_of(texts, file, settings)
    classifier = Classifier.of(model, settings)
    predicting.refuse_timing_only(classifier)
    encoding = classifier.tokenize(wanted)
    if encoding.cut.any():
        click.echo(predicting.cut_note(encoding.cut, classifier.record.max_length), err=True)
    predicting.write(wanted, classifier.classify_encoding(encoding), classifier.classes, shape, sys.stdout)


def _one_model(settings: Settings) -> tuple[str]:
    raise UsageError(
        f"predict takes one classifier, not {len(settings.model)}",
        where="option --model: " + ", ".join(settings.model),
        remedy="call predict once for each",
    )


@cli.command()
@with_options("model", "dataset", *CLASSIFIER, *REVIEW_SET, *EVALUATION, *TIMING, *SCENARIO, *GATE, *AGAINST, *RUN)
@FORMAT
def evaluate(shape: str, **given: object) -> None:
    """Evaluate classifiers on review sets: metrics with intervals, a run folder and a page.

    With --timing-only, time the stages at each batch size and length instead; with --scenario, put the
    classifier under a load as a deployment has it. --timing-only --scenario does that alone, unless a batch
    size, a length, a dtype or a device of the stages is named too.
    """
    from harness import shapes
    from harness.gates import rules
    from harness.reference_timing import require_rate
    from harness.session import Session

    settings = options.resolve(given, Path.cwd())
    if not settings.timing_only:
        for model in settings.model:
            shapes.refuse(model)
    _check_timing(settings, given)
    asks = settings.gate or settings.baseline or settings.against or settings.against_python
    gates = _gates(settings) if asks else None
    if gates is not None:
        rules.require_baseline(gates)
        rules.require_reference(gates)
        require_rate(gates, settings)
    session = Session(settings, command="evaluate", root=Path.cwd(), progress=shape == "text")
    try:
        if settings.timing_only and (any(given[name] for name in MATRIX) or not (settings.scenario or gates)):
            session.time_stages()
        for model in settings.model:
            for dataset in settings.dataset:
                if not settings.timing_only:
                    session.evaluate(model, dataset)
                session.run_scenarios(model, dataset)
                if gates is not None:
                    session.judge(model, dataset, gates)
    except (KeyboardInterrupt, HarnessError):
        # What was evaluated before is kept, and the error still ends the command.
        session.close("interrupted")
        raise
    run = session.close()
    if run is not None:
        _show(run, shape, session.folder)
        if gates is not None:
            _end_with(run.verdicts, gates, shape)


def _check_timing(settings: Settings, given: Mapping[str, object]) -> None:
    """Options of the stage timings that nothing would follow."""
    named = [name for name in MATRIX if given[name]]
    if named and not settings.timing_only and not settings.against:
        flags = ", ".join(options.declared()[name].flag for name in named)
        raise UsageError(
            f"{flags}: an evaluation times no stages",
            where="options of evaluate",
            remedy="add --timing-only; the dtype of an evaluation is --dtype",
        )


def _gates(settings: Settings) -> Gates:
    """The rules of the settings files and of --gate, of which there is at least one."""
    from harness.gates import reading

    gates = reading.of(settings, Path.cwd())
    if not gates.rules:
        raise UsageError(
            "there is no rule to judge by",
            where="tool.harness.gates of pyproject.toml, gates of harness.toml, option --gate",
            remedy="give one: --gate 'accuracy>=0.5'",
        )
    return gates


def _end_with(found: Sequence[Verdict], gates: Gates, shape: str) -> None:
    """Show verdicts, unless they are part of what was printed, and exit as they say."""
    from harness import gating
    from harness.report import verdicts

    if shape == "text":
        from rich.console import Console

        click.echo()
        verdicts.show(found, Console())
    sys.exit(EXIT_CODES[gating.outcome(found, gates)])


@cli.command()
@click.argument("file", metavar="FILE")
@click.option("--against", metavar="FILE", help="a baseline: print the paired differences, FILE less this one")
@click.option("--classes", metavar="A,B,…", help="names of the classes, in the order of the columns")
@click.option("--ordinal/--nominal", default=None, help="whether the order of the classes means something")
@click.option(
    "--values", type=click.Choice(["auto", "probabilities", "logits"]), default="auto", show_default=True,
    help="what the numbers of FILE are",
)  # fmt: skip
@with_options("label_column", "label_map", "label_base", *EVALUATION)
@FORMAT
def score(
    file: str, against: str | None, classes: str | None, ordinal: bool | None, values: Kind, shape: str, **given: object
) -> None:
    """Print every metric of FILE: labels with probabilities or logits of any model, as NPZ, Parquet or CSV."""
    from harness import labels, scores, scoring
    from harness.report import differences, figures, rows

    settings = options.resolve(given, Path.cwd())

    def read(path: str) -> scores.Scores:
        names = [name.strip() for name in classes.split(",")] if classes is not None else None
        return scores.read_scores(
            path,
            classes=names,
            ordinal=ordinal,
            kind=values,
            label_column=settings.label_column,
            label_base=BASES[settings.label_base] if settings.label_base else None,
            label_map=labels.read_label_map(settings.label_map) if settings.label_map else None,
        )

    found = read(file)
    if against is not None:
        comparison = scoring.compare(found, read(against), settings)
        _print(comparison, shape, rows.write_comparison, differences.show)
    else:
        _print(scoring.score(found, settings), shape, rows.write_score, figures.score)


R = TypeVar("R", bound="Record")


def _print(record: R, shape: str, as_csv: Callable[[R, TextIO], None], as_text: Callable[[R, Console], None]) -> None:
    if shape == "json":
        click.echo(record.model_dump_json(indent=2))
    elif shape == "csv":
        as_csv(record, sys.stdout)
    else:
        from rich.console import Console

        as_text(record, Console())


@cli.command()
@click.argument("run", metavar="RUN")
@click.option("--full", is_flag=True, help="every metric, calibration before and after, thresholds, slices")
@with_options("output")
@FORMAT
def show(run: str, full: bool, shape: str, **given: object) -> None:
    """Print the tables of RUN again: a run folder, its id, or `latest`."""
    from harness import runs

    settings = options.resolve(given, Path.cwd())
    path = runs.find(run, settings.output)
    _show(runs.read(path, settings.output), shape, path, full=full)


def _show(run: Run, shape: str, folder: Path | None, *, full: bool = False) -> None:
    if shape == "json":
        click.echo(run.model_dump_json(indent=2))
    elif shape == "csv":
        from harness.report import rows

        rows.write(run, sys.stdout)
    else:
        from rich.console import Console

        from harness.report import terminal

        console = Console()
        terminal.tables(run, console, full=full)
        if folder is not None:
            terminal.places(folder, console)


@cli.command()
@click.argument("run", nargs=-1, metavar="[RUN]...")
@click.option("-o", "page", type=click.Path(path_type=Path, dir_okay=False), metavar="PAGE", help="the page to write")
@click.option(
    "--history", type=click.Path(path_type=Path, file_okay=False, exists=True), metavar="DIR",
    help="all runs of this folder, in the order of time",
)  # fmt: skip
@with_options("output")
def report(run: tuple[str, ...], page: Path | None, history: Path | None, **given: object) -> None:
    """Write the HTML page of RUN: a run folder, its id, or `latest`. Of several, or of --history: one that compares."""
    from harness import runs
    from harness.report import page as pages

    settings = options.resolve(given, Path.cwd())
    if bool(run) == (history is not None):
        raise UsageError(
            "report needs a run" if history is None else "report takes runs or --history, not both",
            where="arguments of report" if history is None else f"arguments {' '.join(run)} and --history {history}",
            remedy="name runs, such as latest; or a folder of runs with --history",
        )
    if len(run) == 1:
        path = runs.find(run[0], settings.output)
        to = page or path / "report.html"
        _written(to, lambda: pages.write(path, to))
    else:
        _report_many(run, history, page, settings)


def _report_many(names: Sequence[str], history: Path | None, page: Path | None, settings: Settings) -> None:
    from harness import pairwise
    from harness.report.many import page as pages

    found, skipped = pairwise.named(names, settings.output) if history is None else pairwise.of_folder(history)
    groups = pairwise.compare(found, pairs=history is None)
    to = page or settings.output.parent / ("history.html" if history else "comparison.html")
    title = f"Runs of {history.resolve().name}" if history else " · ".join(dict.fromkeys(run.name for _, run in found))
    _written(to, lambda: pages.write(groups, to, title=title, history=history is not None, skipped=skipped))


def _written(to: Path, write: Callable[[], None]) -> None:
    try:
        write()
    except OSError as error:
        raise RunError(
            f"the page cannot be written: {error.strerror}", where=str(to), remedy="name another -o"
        ) from None
    click.echo(to)


@cli.command()
@click.option("--stage", type=click.Choice(STEPS), default="forward", show_default=True, help="what is profiled")
@click.option(
    "--batch-size", type=click.IntRange(min=1), default=8, show_default=True, metavar="N", help="reviews in a round"
)
@click.option(
    "--seq-len", type=click.IntRange(min=1), default=64, show_default=True, metavar="N", help="tokens of each review"
)
@click.option(
    "--rounds", type=click.IntRange(min=1), default=10, show_default=True, metavar="N",
    help="rounds under the profiler, and as many without it; both after a warm-up",
)  # fmt: skip
@click.option(
    "-o", "trace", type=click.Path(path_type=Path, dir_okay=False), metavar="TRACE",
    help="the trace to write, compressed if it ends in .gz (default: trace-….json.gz in the runs folder)",
)  # fmt: skip
@click.option(
    "--top", type=click.IntRange(min=1), default=10, show_default=True, metavar="N", help="operators that text shows"
)
@with_options("model", "dataset", *CLASSIFIER, *REVIEW_SET, "output")
@FORMAT
def profile(
    stage: Step, batch_size: int, seq_len: int, rounds: int, trace: Path | None, top: int, shape: str, **given: object
) -> None:
    """Write a trace of one stage for Perfetto, and print the operators that cost most."""
    from harness import profiling
    from harness.report import operators

    settings = options.resolve(given, Path.cwd())
    asked = profiling.Asked(stage, batch_size, seq_len, rounds)
    found = profiling.run(settings, asked, trace)
    _print(found, shape, operators.write, lambda one, console: operators.show(one, console, top=top))
    if shape == "csv":
        # The one shape that has no place for it.
        click.echo(f"trace  {found.trace}", err=True)


@cli.command()
@click.argument("run", metavar="RUN")
@with_options(*GATE, "output")
@FORMAT
def gate(run: str, shape: str, **given: object) -> None:
    """Judge RUN by the rules of the settings file and of --gate, without running the model.

    The verdicts are put into its record and its page. Exit code 1: a rule failed; 3: one had nothing to judge.
    """
    from harness import baselines, gating, runs
    from harness.gates import rules
    from harness.report import page, verdicts

    settings = options.resolve(given, Path.cwd())
    gates = _gates(settings)
    path = runs.find(run, settings.output)
    record = runs.read(path, settings.output)
    if all(each.kind != "classifier" for each in record.references):
        rules.require_baseline(gates)
    judged = gating.judge(path, record, gates, baselines.folder_beside(settings.output)).into(record)
    found = judged.verdicts
    runs.rewrite(path, judged)
    page.write(path, path / "report.html")
    if shape == "json":
        click.echo("[" + ", ".join(each.model_dump_json() for each in found) + "]")
    elif shape == "csv":
        verdicts.write(found, sys.stdout)
    _end_with(found, gates, shape)


@cli.command("ci-summary")
@click.argument("run", metavar="RUN")
@click.option(
    "-o", "to", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="the file to write (default: standard output)",
)  # fmt: skip
@with_options("output")
def ci_summary(run: str, to: Path | None, **given: object) -> None:
    """Write RUN as Markdown, for the summary of a CI job or a comment on a pull request: the verdict first.

    In a job on GitHub (GITHUB_ACTIONS is true) every verdict that is no pass becomes an annotation too, through
    standard error. This reports and ends with 0; `harness gate` judges.
    """
    from harness import runs
    from harness.report import annotations, markdown

    settings = options.resolve(given, Path.cwd())
    record = runs.read(run, settings.output, unfinished=True)
    # Bytes: the summary of a job is UTF-8 whatever the system writes otherwise.
    document = markdown.summary(record).encode()
    if to is None:
        click.echo(document, nl=False)
    else:
        try:
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(document)
        except OSError as error:
            raise RunError(
                f"the summary cannot be written: {error.strerror}", where=str(to), remedy="name another -o"
            ) from None
    for line in annotations.commands(record) if annotations.wanted() else ():
        click.echo(line, err=True)


@cli.group()
def baseline() -> None:
    """Put runs aside as baselines, to be committed and compared with."""


@baseline.command()
@click.argument("run", metavar="RUN")
@click.option("--name", "called", required=True, metavar="NAME", help="name of the baseline, such as main")
@click.option("--force", is_flag=True, help="replace a baseline that is better, or that cannot be compared with")
@click.option("--reason", default="", metavar="TEXT", help="why; kept with the baseline, and needed with --force")
@with_options("output")
def promote(run: str, called: str, force: bool, reason: str, **given: object) -> None:
    """Make RUN a baseline: a run folder, its id, or `latest`. Review texts and times are left out."""
    from harness import baselines, runs

    settings = options.resolve(given, Path.cwd())
    path = runs.find(run, settings.output)
    record = runs.read(path, settings.output)
    folder = baselines.folder_beside(settings.output)
    click.echo(baselines.promote(path, record, called, folder, force=force, reason=reason))


@baseline.command("list")
@with_options("output")
def list_baselines(**given: object) -> None:
    """Print every baseline with its accuracy."""
    from rich.console import Console

    from harness import baselines
    from harness.report import baselines as tables

    folder = baselines.folder_beside(options.resolve(given, Path.cwd()).output)
    found = baselines.listed(folder)
    if not found:
        click.echo(f"no baseline yet in {folder}: make one with `harness baseline promote latest --name main`")
    tables.listing(
        {name: each.record if isinstance(each, baselines.Baseline) else each for name, each in found.items()},
        Console(),
    )


@baseline.command("show")
@click.argument("name", metavar="NAME")
@with_options("output")
@FORMAT
def show_baseline(name: str, shape: str, **given: object) -> None:
    """Print the baseline NAME: where it comes from, why, and its figures."""
    from harness import baselines
    from harness.report import baselines as tables

    folder = baselines.folder_beside(options.resolve(given, Path.cwd()).output)
    _print(baselines.find(name, folder).record, shape, tables.write, tables.show)


@baseline.command("remove")
@click.argument("name", metavar="NAME")
@click.option("--yes", is_flag=True, help="do not ask")
@with_options("output")
def remove_baseline(name: str, yes: bool, **given: object) -> None:
    """Remove the baseline NAME, also one that cannot be read any more."""
    from harness import baselines

    folder = baselines.folder_beside(options.resolve(given, Path.cwd()).output)
    path = baselines.existing(name, folder)
    if not yes and not sys.stdin.isatty():
        raise UsageError(
            f"the baseline {name!r} is not removed unasked",
            where="standard input is no terminal, so nobody can be asked",
            remedy="give --yes",
        )
    if yes or click.confirm(f"remove {path}?"):
        click.echo(f"removed {baselines.remove(name, folder)}")
    else:
        click.echo("kept")


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), metavar="[FOLDER]")
@click.option("--force", is_flag=True, help="overwrite files that are there already")
def init(folder: Path, force: bool) -> None:
    """Put the suites, settings and a CI workflow into FOLDER (default: here)."""
    from harness.init import initialise

    for line in initialise(folder, force=force):
        click.echo(line)


@cli.command()
@click.argument("run", metavar="RUN")
@click.option(
    "--to", type=click.Path(path_type=Path), metavar="README",
    help="the card: a README.md, or the folder that it lies in (default: one in the run folder)",
)  # fmt: skip
@click.option(
    "--evaluation", "evaluations", multiple=True, metavar="ID", help="only this evaluation; may be given several times"
)
@click.option("--source-url", metavar="URL", help="where a reader of the card finds these results")
@click.option(
    "--benchmark-task", "task", metavar="TASK",
    help="the data set is a benchmark of the hub with this task: write the accuracy to .eval_results/ too",
)  # fmt: skip
@with_options("output")
def card(
    run: str, to: Path | None, evaluations: tuple[str, ...], source_url: str | None, task: str | None, **given: object
) -> None:
    """Put the results of RUN into the README of a model on the Hugging Face hub. Nothing is pushed.

    The README's text and other metadata stay; earlier results of the same data set and metric are replaced.
    """
    from harness import runs
    from harness.report import card as cards

    settings = options.resolve(given, Path.cwd())
    path = runs.find(run, settings.output)
    record = runs.read(path, settings.output)
    for line in cards.write(record, to or path, evaluations=evaluations, source_url=source_url, task=task):
        click.echo(line)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: errors of the harness end in one message and the conventional exit code."""
    from harness.report import signs

    signs.degrade(sys.stdout)
    signs.degrade(sys.stderr)
    with _exit_codes():
        cli.main(args=None if arguments is None else list(arguments), prog_name="harness", standalone_mode=False)


@contextlib.contextmanager
def _exit_codes() -> Iterator[None]:
    try:
        yield
    except HarnessError as error:
        click.echo(f"harness: {error}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("harness: interrupted; the same command goes on from here", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader (head, less) has gone; closing stderr keeps Python from saying so at exit.
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
