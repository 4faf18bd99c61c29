"""What a run was asked to do, as its name, its record and the next invocation see it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import options

if TYPE_CHECKING:
    from harness.options import Settings


def run_name(settings: Settings) -> str:
    """The name that was given, else one from the classifiers and the review sets."""
    if settings.name:
        return settings.name
    models, sets = settings.model, settings.dataset
    model = Path(models[0]).name if len(models) == 1 else f"{len(models)} classifiers"
    dataset = Path(sets[0]).name.split(".")[0] if len(sets) == 1 else f"{len(sets)} review sets"
    return model if model == dataset else f"{model} on {dataset}"


def same_request(command: str, settings: Settings, request: Sequence[str]) -> str:
    """What makes a later invocation the same one: everything asked for but how to treat and judge finished runs."""
    aside = ("no_cache", "gate", "baseline", "alpha", "inconclusive", "max_pairs")
    asked = {name: value for name, value in differing(settings).items() if name not in aside}
    return json.dumps([command, asked, tuple(request)], sort_keys=True)


def settings_record(settings: Settings) -> dict[str, Any]:
    """The settings that differ from their defaults, without folders of this machine."""
    shown = differing(settings)
    for name in ("model", "dataset"):
        if name in shown:
            shown[name] = [Path(value).name if Path(value).exists() else value for value in shown[name]]
    if "output" in shown:
        shown["output"] = Path(shown["output"]).name
    for name in ("against", "against_python"):
        if name in shown and Path(shown[name]).exists():
            shown[name] = Path(shown[name]).name
    if "label_map" in shown and Path(shown["label_map"]).exists():
        shown["label_map"] = Path(shown["label_map"]).name
    return shown


def differing(settings: Settings, names: Iterable[str] | None = None) -> dict[str, Any]:
    """The settings that differ from their defaults, as JSON has them.

    Args:
        settings: Of a run.
        names: Among these options; None: among all.
    """
    values = {name: getattr(settings, name) for name in (options.declared() if names is None else names)}
    return {
        name: list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Path) else value
        for name, value in values.items()
        if value != options.declared()[name].default
    }
