"""The gates of a project: its settings files, and the rules of the option `--gate` before them.

Rule by rule, what is said first in this order holds: option, `harness.toml`, `pyproject.toml`. `no_worse = false`
takes such a rule back.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from harness import options
from harness.errors import UsageError
from harness.gates.limits import check_together
from harness.gates.rules import Gates, parse, placed
from harness.gates.subjects import NAMES, sort_of
from harness.gates.tables import Found, Place, number, rules_of, wrong
from harness.options import nearest

if TYPE_CHECKING:
    from harness.options import Settings

GENERAL = ("alpha", "inconclusive", "baseline", "against")
"""Keys beside the tables of metrics, stages and scenarios."""

_SUBJECTS = {name.replace("-", "_"): name for name in NAMES}


def of(settings: Settings, root: Path) -> Gates:
    """The rules of a project as `read` has them, with what the settings of a run say.

    Raises:
        UsageError: As `read`; another interpreter without a classifier that it runs.
    """
    gates = read(
        root,
        settings.gate,
        alpha=settings.alpha,
        inconclusive=settings.inconclusive,
        baseline=settings.baseline,
        against=settings.against,
    )
    if settings.against_python and not gates.against:
        raise UsageError(
            "--against-python is given without a classifier that it runs",
            where=f"option --against-python {settings.against_python}",
            remedy="name the classifier with --against; it may be the same as --model",
        )
    return gates


def read(
    root: Path,
    given: Sequence[str] = (),
    *,
    alpha: float | None = None,
    inconclusive: Literal["show", "fail"] | None = None,
    baseline: str | None = None,
    against: str | None = None,
) -> Gates:
    """The rules of a project, completed and overridden by what was given as options.

    Args:
        root: Folder whose `harness.toml` (table `gates`) and `pyproject.toml` (table `tool.harness.gates`) are read.
        given: Texts of `--gate`. Each takes the place of the rule of the files with the same kind, subject and slice.
        alpha: Level of each side, between 0 and 0.5; None: that of the files, else 0.05.
        inconclusive: None: that of the files, else "show".
        baseline: Its name; None: that of the files.
        against: The classifier that is the reference for times; None: that of the files.

    Raises:
        UsageError: A file or a text says what no gate could follow, or the same thing twice.
    """
    general: dict[str, Any] = {}
    rules: Found = {}
    for path in (root / "pyproject.toml", root / "harness.toml"):
        keys = ("tool", "harness", "gates") if path.name == "pyproject.toml" else ("gates",)
        said, found = _file(options.read_table(path).get("gates", {}), Place(path.name, keys))
        general |= said
        rules |= found
    rules |= _given(given)
    kept = tuple(rule for rule in rules.values() if rule is not None)
    check_together(kept)
    asked = {"alpha": alpha, "inconclusive": inconclusive, "baseline": baseline, "against": against}
    general |= {key: value for key, value in asked.items() if value is not None}
    if alpha is not None and not 0 < alpha < 0.5:
        raise UsageError(
            f"alpha cannot be {alpha!r}",
            where="option --alpha",
            expected="a number between 0 and 0.5",
            remedy="0.05 is customary",
        )
    return Gates(kept, **general)


def _given(texts: Sequence[str]) -> Found:
    """The rules of `--gate`."""
    rules: Found = {}
    for text in texts:
        rule = parse(text)
        before = rules.get(rule.scope)
        if before is not None:
            raise UsageError(
                f"{before.id} and {rule.id} are rules of one kind for one subject",
                where=f"{before.where}\n{rule.where}",
                expected="one of them",
                remedy="leave one of them out",
            )
        rules[rule.scope] = rule
    return rules


def _file(table: object, place: Place) -> tuple[dict[str, object], Found]:
    """What a file says in general, and its rules."""
    if not isinstance(table, dict):
        raise UsageError(
            f"gates is no table: {table!r}",
            where=place.file,
            expected=f"{place.table}, and {(place / 'accuracy').table} with min = 0.52",
            remedy="write the rules as tables",
        )
    general: dict[str, object] = {}
    rules: Found = {}
    spelt: dict[str, str] = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name in spelt:
            raise UsageError(
                f"{spelt[name]!r} and {key!r} are the same key", where=str(place), remedy="leave one of them out"
            )
        spelt[name] = key
        if name in GENERAL:
            general[name] = _general(name, value, place)
        elif isinstance(value, dict):
            rules |= rules_of(_subject(key, place), value, place / key)
        else:
            raise _unknown(key, place)
    return general, rules


def _general(key: str, value: object, place: Place) -> object:
    if key == "alpha":
        alpha = number(value, key, place)
        if not 0 < alpha < 0.5:
            raise wrong(value, key, place, "a number between 0 and 0.5; 0.05 is customary")
        return alpha
    if key == "inconclusive" and value not in ("show", "fail"):
        raise wrong(value, key, place, "show or fail")
    if not isinstance(value, str) or not value:
        raise wrong(value, key, place, "the name of a baseline" if key == "baseline" else "a classifier")
    return value


def _subject(key: str, place: Place) -> str:
    """The metric, stage or scenario of a table: `single_stream` is `single-stream`."""
    name = _SUBJECTS.get(key.replace("-", "_"), key)
    try:
        sort_of(name)
    except UsageError as error:
        raise placed(error, str(place / key)) from None
    return name


def _unknown(key: str, place: Place) -> UsageError:
    if key.replace("-", "_") in _SUBJECTS:
        return UsageError(
            f"{key!r} needs a table of its own",
            where=str(place),
            expected=", ".join(("min", "max", "max_drop", "no_worse or max_slowdown")),
            remedy=f"write {(place / key).table} and the rule below it",
        )
    return UsageError(
        f"unknown key {key!r}",
        where=str(place),
        expected=", ".join(GENERAL) + ", and tables of metrics, stages and scenarios",
        remedy=f"{nearest(key, (*GENERAL, *NAMES))}correct or remove the key",
    )
