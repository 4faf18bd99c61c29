"""Every option, declared once: name, type, default, unit and help.

The fields of `Settings` are the declarations. The command line, the pytest plugin, the settings
files, the environment record and the reference page all read them here. A field `max_length` is
`--max-length` for the command, `--harness-max-length` for pytest, `HARNESS_MAX_LENGTH` in the
environment and `max-length` under `[tool.harness]`.

Precedence: option > `HARNESS_*` > pytest ini > `harness.toml` > `[tool.harness]` in `pyproject.toml`.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import os
import re
import tomllib
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from harness.errors import UsageError

Dtype = Literal["auto", "float32", "bfloat16", "float16"]
ScenarioName = Literal["offline", "single-stream", "server"]


def option(
    default: Any,
    help: str,
    *,
    unit: str = "",
    metavar: str = "",
    short: bool = False,
    commas: bool = False,
    group: str = "run",
) -> Any:
    """A field of `Settings` with what the command line and the reference page say of it.

    `short` keeps the bare name under pytest (`--model`, not `--harness-model`). `commas`: several
    values stand in one, separated by commas; else a field of several is repeated.
    """
    said = {"help": help, "unit": unit, "metavar": metavar, "short": short, "commas": commas, "group": group}
    return field(default=default, metadata=said)


@dataclass(frozen=True)
class Settings:
    """What one run was asked to do. Every field is an option; every value is final."""

    model: tuple[str, ...] = option(
        ("builtin",),
        "classifier: builtin, a checkpoint folder, a hub id, with @revision if wanted, or a shape without weights "
        "to be timed, such as shape:bert-base; repeatable",
        metavar="NAME",
        short=True,
        group="classifier",
    )
    device: str = option(
        "auto", "device of the forward stage: auto, cpu, cuda, cuda:N or mps", metavar="DEVICE", group="classifier"
    )
    dtype: Dtype = option("auto", "dtype of the weights; auto is the checkpoint's own", group="classifier")
    max_length: int | None = option(
        None,
        "longest input; longer texts are cut and counted (default: the checkpoint's own limit)",
        unit="tokens",
        metavar="N",
        group="classifier",
    )
    token_budget: int | None = option(
        None, "padded tokens in one forward pass (default: by device)", unit="tokens", metavar="N", group="classifier"
    )
    allow_pickle: bool = option(
        False, "load a checkpoint that has only pickled weights, weights-only", group="classifier"
    )
    trust_remote_code: bool = option(False, "run the Python code that a checkpoint brings along", group="classifier")

    dataset: tuple[str, ...] = option(
        ("builtin",),
        "review set: builtin, a file, a saved datasets folder, or a hub name:config/split; repeatable",
        metavar="SOURCE",
        short=True,
        group="review set",
    )
    text_column: str | None = option(None, "column of the review text", metavar="NAME", group="review set")
    title_column: str | None = option(
        None, "column of a title that is put before the text", metavar="NAME", group="review set"
    )
    label_column: str | None = option(None, "column of the label", metavar="NAME", group="review set")
    id_column: str | None = option(
        None, "column of the review ids; none makes ids from the texts", metavar="NAME", group="review set"
    )
    label_map: str | None = option(
        None,
        "labels of the set for classes of the classifier: '5=POSITIVE,1=NEGATIVE' or a JSON file",
        metavar="MAP",
        group="review set",
    )
    label_base: Literal["0", "1"] | None = option(
        None, "number of the first class where the labels are integers that could be either", group="review set"
    )
    neutral: Literal["drop", "split"] = option(
        "drop", "the middle class where a set has only positive and negative", group="review set"
    )
    encoding: str | None = option(None, "encoding of text files (default: UTF-8)", metavar="NAME", group="review set")
    delimiter: str | None = option(
        None,
        "column separator of CSV files (default: read off the first rows)",
        metavar="CHARACTER",
        group="review set",
    )
    no_header: bool = option(
        False, "the first row is a review; columns are named by number, from 1", group="review set"
    )
    on_bad_row: Literal["error", "skip"] = option(
        "error", "a row that is no labelled review stops the run, or is left out and counted", group="review set"
    )

    slice_by: tuple[str, ...] = option(
        (),
        "kept column whose values are slices with metrics of their own, or length; repeatable "
        "(default: length and every column with 2 to 20 values)",
        metavar="NAME",
        group="evaluation",
    )
    cluster_by: str | None = option(
        None,
        "kept column whose values were drawn as a whole, such as a product: intervals then count clusters, not reviews",
        metavar="NAME",
        group="evaluation",
    )
    stratify_by: str | None = option(
        None,
        "kept column, or label, whose values have a number of reviews that was fixed beforehand",
        metavar="NAME",
        group="evaluation",
    )
    seed: int = option(0, "seed of every resampling", metavar="N", group="evaluation")
    resamples: int = option(2000, "bootstrap resamples behind an interval", metavar="N", group="evaluation")
    confidence: float = option(0.95, "level of the intervals", metavar="LEVEL", group="evaluation")

    output: Path = option(Path("reports/runs"), "the runs folder", metavar="DIR")
    name: str | None = option(None, "name of the run (default: from the classifier and the review set)", metavar="NAME")
    no_cache: bool = option(False, "measure anew, even where finished predictions are at hand")
    no_texts: bool = option(False, "leave the review texts out of the run folder and the page")

    timing: Literal["default", "full"] = option(
        "default", "how wide the stage timings are where the options below say nothing else", group="timing"
    )
    batch_sizes: tuple[int, ...] = option(
        (),
        "batch sizes of the stage timings (default: 1,8; with --timing full 1,8,32)",
        unit="reviews",
        metavar="N,N,…",
        commas=True,
        group="timing",
    )
    seq_lens: tuple[int, ...] = option(
        (),
        "sequence lengths of the stage timings (default: 16,64; with --timing full 16,64,128,256,512)",
        unit="tokens",
        metavar="N,N,…",
        commas=True,
        group="timing",
    )
    dtypes: tuple[Dtype, ...] = option(
        (),
        "dtypes of the stage timings (default: that of --dtype; with --timing full float32,bfloat16)",
        metavar="DTYPE,…",
        commas=True,
        group="timing",
    )
    timing_devices: tuple[str, ...] = option(
        (),
        "devices of the stage timings (default: that of --device; with --timing full cpu,cuda)",
        metavar="DEVICE,…",
        commas=True,
        group="timing",
    )
    timing_only: bool = option(
        False, "`harness evaluate` times the stages and the scenarios, and evaluates nothing", group="timing"
    )

    scenario: tuple[ScenarioName, ...] = option(
        (),
        "load as a deployment has it: offline, single-stream, server (default: none)",
        metavar="NAME,…",
        commas=True,
        group="scenario",
    )
    latency_bound_ms: float = option(
        100.0, "p99 latency within which the server scenario must answer", unit="ms", metavar="MS", group="scenario"
    )
    arrival_rate: float | None = option(
        None,
        "reviews that arrive in the server scenario (default: the highest rate within the bound is sought)",
        unit="reviews/s",
        metavar="RATE",
        group="scenario",
    )
    min_duration: float = option(
        10.0, "least duration of a scenario, and of each rate that is tried", unit="s", metavar="S", group="scenario"
    )
    min_queries: int = option(
        100, "least number of queries of a scenario, and of each rate that is tried", metavar="N", group="scenario"
    )

    # What the table of the gates may say too has no default here: None leaves it to the table.
    gate: tuple[str, ...] = option(
        (),
        'rule of the gate, such as "accuracy>=0.52" or "accuracy-drop<=0.01"; repeatable; '
        "beside those of the settings file",
        metavar="RULE",
        group="gate",
    )
    baseline: str | None = option(
        None,
        "name of the baseline that is compared with (default: that of the table of the gates)",
        metavar="NAME",
        group="gate",
    )
    alpha: float | None = option(
        None,
        "chance of a wrong verdict on each side, below 0.5 (default: that of the table of the gates, else 0.05)",
        metavar="LEVEL",
        group="gate",
    )
    against: str | None = option(
        None,
        "classifier that is compared with in the same run: stages are timed in pairs of rounds "
        "(forward-slowdown<=5%), and where no baseline is named, metrics are compared with its own on the same reviews",
        metavar="NAME",
        group="gate",
    )
    against_python: Path | None = option(
        None,
        "interpreter of the environment that runs the --against classifier (default: this one)",
        metavar="PATH",
        group="gate",
    )
    max_pairs: int = option(
        100,
        "most pairs of rounds of a latency gate, 20 from each pair of processes; at most 200",
        metavar="N",
        group="gate",
    )
    inconclusive: Literal["show", "fail"] | None = option(
        None,
        "an inconclusive verdict is shown, or fails the build (default: as the table of the gates says, else show)",
        group="gate",
    )


@dataclass(frozen=True)
class Option:
    """One declared option, as the front ends need it."""

    name: str
    default: Any
    help: str
    unit: str
    metavar: str
    short: bool
    commas: bool
    """Several values are separated by commas, in one."""
    group: str
    kind: Literal["text", "integer", "number", "flag", "choice", "path"]
    choices: tuple[str, ...]
    many: bool
    """Takes several values."""
    share: bool
    """A number between 0 and 1; any other number is positive."""

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def pytest_flag(self) -> str:
        return self.flag if self.short else "--harness-" + self.name.replace("_", "-")

    @property
    def pytest_dest(self) -> str:
        return f"harness_{self.name}"

    @property
    def variable(self) -> str:
        return f"HARNESS_{self.name.upper()}"

    @property
    def key(self) -> str:
        return self.name.replace("_", "-")

    def parse(self, value: object, where: str) -> Any:
        """The value in the field's own type, from a text or from TOML.

        Raises UsageError, naming `where` the value was given.
        """
        if self.many:
            parts = value if isinstance(value, (list, tuple)) else self._split(str(value))
            if not parts:
                raise UsageError(
                    f"{self.key} needs at least one value", where=where, remedy="name one, or leave it out"
                )
            return tuple(self._one(part, where) for part in parts)
        return self._one(value, where)

    def _split(self, text: str) -> list[str]:
        return [part.strip() for part in text.split(",") if part.strip()] if self.commas else [text]

    def _one(self, value: object, where: str) -> Any:
        text = str(value)
        if self.kind == "flag":
            if isinstance(value, bool):
                return value
            if text.lower() in ("1", "true", "yes", "on"):
                return True
            if text.lower() in ("0", "false", "no", "off", ""):
                return False
            raise self._wrong(text, where, "true or false")
        if self.kind == "choice":
            if text not in self.choices:
                raise self._wrong(text, where, ", ".join(self.choices))
            return text
        if self.kind == "integer":
            try:
                number = int(text)
            except ValueError:
                raise self._wrong(text, where, "a whole number") from None
            if number < (0 if self.name == "seed" else 1):
                raise self._wrong(text, where, "a positive whole number")
            return number
        if self.kind == "number":
            try:
                amount = float(text)
            except ValueError:
                raise self._wrong(text, where, "a number") from None
            if not 0 < amount < (1 if self.share else math.inf):
                raise self._wrong(text, where, "a number between 0 and 1" if self.share else "a positive number")
            return amount
        return Path(text) if self.kind == "path" else text

    def _wrong(self, text: str, where: str, expected: str) -> UsageError:
        return UsageError(
            f"{self.key} cannot be {text!r}",
            where=where,
            expected=expected,
            remedy="correct the value, or leave it out",
        )


@cache
def declared() -> Mapping[str, Option]:
    """Every option by field name, in the order of `Settings`."""
    hints = get_type_hints(Settings)
    return {f.name: _option_of(f, hints[f.name]) for f in dataclasses.fields(Settings)}


def of_group(group: str, without: Iterable[str] = ()) -> tuple[str, ...]:
    """Field names of the options of a group, in the order of `Settings`.

    >>> of_group("scenario", without=("min_duration", "min_queries"))
    ('scenario', 'latency_bound_ms', 'arrival_rate')
    """
    return tuple(name for name, each in declared().items() if each.group == group and name not in without)


def _option_of(declaration: dataclasses.Field[Any], hint: Any) -> Option:
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    many = get_origin(hint) is tuple
    if many:
        hint = get_args(hint)[0]
    choices: tuple[str, ...] = get_args(hint) if get_origin(hint) is Literal else ()
    kinds = {str: "text", int: "integer", float: "number", bool: "flag", Path: "path"}
    kind: Any = "choice" if choices else kinds[hint]
    return Option(
        name=declaration.name,
        default=declaration.default,
        kind=kind,
        choices=choices,
        many=many,
        share=declaration.name in ("confidence", "alpha"),
        **declaration.metadata,
    )


def resolve(
    given: Mapping[str, object],
    root: Path,
    environ: Mapping[str, str] = os.environ,
    ini: Mapping[str, object] | None = None,
) -> Settings:
    """The settings of a run: what was given, completed from the environment and the settings files.

    Args:
        given: Values from the command line by field name; `None` and `()` count as not given.
        root: Folder whose `harness.toml` and `pyproject.toml` are read.
        environ: Environment variables.
        ini: Values from pytest's own ini file, by field name.

    Raises:
        UsageError: A value of the wrong kind, or a settings file with an unknown key.
    """
    files = [read_file(root / "harness.toml"), read_file(root / "pyproject.toml")]
    values: dict[str, Any] = {}
    for name, opt in declared().items():
        sources: list[tuple[str, object]] = [
            (f"option {opt.flag}", given.get(name)),
            (f"environment variable {opt.variable}", environ.get(opt.variable)),
            (f"pytest ini option harness_{name}", (ini or {}).get(name)),
            *((str(path), table.get(name)) for path, table in files),
        ]
        for where, value in sources:
            if value is not None and value != () and value != []:
                values[name] = opt.parse(value, where)
                break
    return Settings(**values)


def project_root(start: Path) -> Path:
    """The nearest folder from `start` upwards with a `harness.toml` or `pyproject.toml`; else `start`."""
    for folder in (start, *start.parents):
        if any((folder / name).is_file() for name in ("harness.toml", "pyproject.toml")):
            return folder
    return start


def under_pytest(text: str) -> str:
    """A message with each option as pytest knows it: `--on-bad-row` is `--harness-on-bad-row` there."""
    for opt in declared().values():
        text = re.sub(rf"(?<![\w-]){re.escape(opt.flag)}(?![\w-])", opt.pytest_flag, text)
    return text


def read_table(path: Path) -> Mapping[str, object]:
    """What a TOML file says to the harness: all of `harness.toml`, `[tool.harness]` of `pyproject.toml`.

    Empty where there is no such file or table.

    Raises:
        UsageError: The file is no valid TOML, or `tool.harness` no table.
    """
    if not path.is_file():
        return {}
    try:
        table: object = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path.name} is not valid TOML: {error}", where=str(path), remedy="correct the file"
        ) from None
    for key in ("tool", "harness") if path.name == "pyproject.toml" else ():
        table = table.get(key, {}) if isinstance(table, dict) else table
    if not isinstance(table, dict):
        raise UsageError(
            "tool.harness is no table", where=str(path), expected="[tool.harness]", remedy="correct the file"
        )
    return table


def read_file(path: Path) -> tuple[Path, Mapping[str, object]]:
    """The harness settings of a TOML file by field name; none where it does not exist.

    The table of the gates is left to `harness.gates.reading`.
    """
    table = {key: value for key, value in read_table(path).items() if key != "gates"}
    known = {opt.key: name for name, opt in declared().items()}
    for key in table:
        if key.replace("_", "-") not in known:
            raise UsageError(
                f"unknown setting {key!r}", where=str(path), remedy=f"{nearest(key, known)}remove or rename the key"
            )
    return path, {known[key.replace("_", "-")]: value for key, value in table.items()}


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean 'dtype'? ` where a known word is near, else nothing."""
    found = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean {found[0]!r}? " if found else ""
