"""The HTML page of several runs: side by side, in pairs, and over time. One file, as that of one run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness import __version__
from harness.report import comparison_view, embedding, environments, examples, flips, page
from harness.report import verdicts as terminal_verdicts
from harness.report.comparison_view import Against, ComparisonView
from harness.report.many import view
from harness.report.many.entries import Entry, Group
from harness.report.view import unit

if TYPE_CHECKING:
    from harness.records import Evaluation, Run
    from harness.report.examples import Joined
    from harness.report.flips import Flips


def write(
    groups: Sequence[Group],
    to: Path,
    *,
    title: str,
    history: bool = False,
    skipped: Sequence[tuple[str, str]] = (),
) -> None:
    """Write the page.

    Args:
        groups: Evaluations on the same reviews, at least one group.
        to: The HTML file; its folder is made where it does not exist.
        title: What the page is called.
        history: The runs are those of a folder, in the order of time.
        skipped: Folders that could not be read, and why.

    Raises:
        OSError: The page cannot be written.
    """
    text = made(groups, title=title, history=history, skipped=skipped)
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(text, encoding="utf-8", newline="\n")


def made(groups: Sequence[Group], *, title: str, history: bool = False, skipped: Sequence[tuple[str, str]] = ()) -> str:
    """The page as text, see `write`."""
    joined: dict[str, Joined] = {}
    records: dict[str, Evaluation] = {}
    flipped: dict[str, tuple[str, Flips]] = {}
    for place, group in enumerate(groups, start=1):
        if group.flipped is not None:
            name = f"s{place}"
            joined[name] = examples.join(group.flipped.candidate, group.flipped.reviews)
            records[name] = group.pairs[0].candidate.evaluation
            flipped[f"r{place}"] = name, flips.find(joined[name], group.flipped.reference)
    # The cells of the confusion matrices are on the pages of the runs.
    embedded = embedding.embed({}, records, flipped)
    longest = embedded.longest or examples.LONGEST
    views = []
    for place, group in enumerate(groups, start=1):
        compared = None
        if f"r{place}" in flipped:
            compared = _compared(f"r{place}", group, flipped[f"r{place}"][1], longest, len(flipped))
        gates = [_gate(entry) for entry in group.entries]
        views.append(view.view(f"s{place}", group, gates, compared, over_time=history))
    return page.rendered(
        "many.html.jinja",
        embedded,
        title=title,
        history=history,
        skipped=skipped,
        groups=views,
        runs=_runs(groups),
        version=__version__,
    )


def _runs(groups: Sequence[Group]) -> list[Run]:
    found = {entry.run.id: entry.run for group in groups for entry in group.entries}
    return sorted(found.values(), key=lambda run: run.started)


def _gate(entry: Entry) -> str:
    verdicts = [each for each in entry.run.verdicts if each.classifier in ("", entry.evaluation.classifier)]
    return terminal_verdicts.counted(verdicts) if verdicts else ""


def _compared(name: str, group: Group, found: Flips, longest: int, several: int) -> ComparisonView:
    [pair] = group.pairs
    candidate, reference = pair.candidate, pair.reference
    against = Against(
        comparison=pair.comparison,
        classes=candidate.evaluation.label_match.classes,
        review_set=candidate.review_set.name,
        candidate=environments.of_evaluation(candidate.run, candidate.evaluation),
        reference=environments.of_evaluation(reference.run, reference.evaluation),
        reference_words=reference.letter,
        origin=f"run {reference.run.id}",
        unit=unit(candidate.evaluation),
        level=candidate.run.confidence,
    )
    return comparison_view.view(name, against, found, longest, several)
