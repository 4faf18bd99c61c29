"""`harness init`: suites, settings and a CI workflow for a repository of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from harness import options
from harness.errors import UsageError
from harness.options import Option

WORKFLOW = """\
name: review-harness
on: [push, pull_request]
permissions:
  contents: read
jobs:
  suites:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    env:
      HARNESS_CACHE: .harness-cache
    steps:
      - uses: actions/checkout@v6
        with:
          persist-credentials: false
      - uses: actions/setup-python@v6
        with:
          python-version: "3.12"
          cache: pip
          cache-dependency-path: .github/workflows/review-harness.yml
      - uses: actions/cache@v5
        with:
          path: .harness-cache
          key: review-harness-${{ runner.os }}-${{ runner.arch }}-${{ github.run_id }}-${{ github.run_attempt }}
          restore-keys: review-harness-${{ runner.os }}-${{ runner.arch }}-
      - run: pip install review-harness
      - run: pytest suites/ --junitxml=reports/junit.xml
      - run: harness ci-summary latest >> "$GITHUB_STEP_SUMMARY"
        if: ${{ !cancelled() }}
      - uses: actions/upload-artifact@v6
        if: ${{ !cancelled() }}
        with:
          name: review-harness
          path: reports/
"""

IGNORED = """\
# Runs are made again at any time; baselines are kept.
runs/
*.html
junit.xml
"""

GATES = """\
# ── gates ──
# What must hold for a change to ship. A rule is a key of the table of a metric (min, max, max_drop, no_worse),
# or of a stage or a scenario (max_slowdown). Tables stand last in this file.

# [gates]
# # Chance of a wrong verdict on each side.
# alpha = 0.05
# # What a verdict is worth that the evidence does not decide: "show" it, or "fail".
# inconclusive = "show"
# # Made by: harness baseline promote RUN --name main
# baseline = "main"

# [gates.accuracy]
# min = 0.52
# # How much worse than the baseline: one point.
# max_drop = 0.01
# reason = "below this the stars mislead"

# [gates.accuracy.slices.language.de]
# min = 0.45

# # Calibration: lower is better.
# [gates.expected_calibration_error]
# max = 0.15

# # 5 % slower than the reference, which --against names.
# [gates.forward]
# max_slowdown = 0.05
"""


NEXT = "next: name your classifier and reviews in harness.toml (model, dataset), then run: pytest suites/"


def initialise(folder: Path, *, force: bool = False) -> list[str]:
    """Put the suites, a settings file and a CI workflow into a folder; one line for each file, and what to do next.

    A file that is there already is left as it is, unless `force` says to write over it.

    Raises:
        UsageError: The folder is a file, or cannot be written.
    """
    lines = []
    for name, content in files().items():
        path = folder / name
        try:
            there = path.read_text(encoding="utf-8") if path.is_file() else None
            if there is not None and there != content and not force:
                lines.append(f"kept      {name} (it differs; --force writes over it)")
                continue
            if there == content:
                lines.append(f"same      {name}")
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"{name} cannot be written: {error}", where=str(folder), remedy="choose another folder"
            ) from None
        lines.append(f"{'wrote' if there is None else 'replaced':<9} {name}")
    return [*lines, "", NEXT]


def files() -> Mapping[str, str]:
    """What is written: path relative to the repository -> content."""
    suites = {f"suites/{path.name}": path.read_text(encoding="utf-8") for path in sorted(suites_folder().glob("*.py"))}
    return suites | {
        "harness.toml": settings(),
        ".github/workflows/review-harness.yml": WORKFLOW,
        "reports/.gitignore": IGNORED,
    }


def suites_folder() -> Path:
    """The suites: inside the package where it is installed from a wheel, beside it in a checkout."""
    package = Path(__file__).parent
    for folder in (package / "template" / "suites", package.parent / "suites"):
        if (folder / "test_accuracy.py").is_file():
            return folder
    raise UsageError(
        "the suites are not beside the installed package",
        where=str(package),
        remedy="install review-harness again: pip install --force-reinstall --no-deps review-harness",
    )


def settings() -> str:
    """A `harness.toml` with every option, commented out at its default, and an example of gates, commented out."""
    lines = ["# Settings of review-harness. An option or a variable HARNESS_… comes before what stands here."]
    group = ""
    for opt in options.declared().values():
        if opt.group != group:
            group = opt.group
            lines += ["", f"# ── {group} ──"]
        unit = f" [{opt.unit}]" if opt.unit else ""
        lines += ["", f"# {opt.help}{unit}", f"# {opt.key} = {_toml(opt)}"]
    return "\n".join([*lines, "", GATES])


def _toml(opt: Option) -> str:
    if opt.default is None:
        return "…"
    if opt.kind == "flag":
        return str(opt.default).lower()
    if opt.many:
        return "[" + ", ".join(_value(opt, each) for each in opt.default) + "]"
    return _value(opt, opt.default)


def _value(opt: Option, value: object) -> str:
    return str(value) if opt.kind in ("integer", "number") else f'"{value}"'
