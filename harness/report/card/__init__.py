"""The results of a run as metadata of a Hugging Face model card: the front door is `write`.

one classifier of the run       subject
what its review sets are        data_set
its metrics in the hub's words  results
the `model-index` of the card   model_index
the README around it            readme
what a person reads there       text
the hub's newer form            benchmark

Nothing is pushed anywhere, and no result is called verified: that is for the hub to say.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import UsageError
from harness.report.card import benchmark, model_index, readme, results, subject, text
from harness.report.card.data_set import DataSet

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

    from harness.records import Run

README = "README.md"


def write(
    run: Run, to: Path, *, evaluations: Sequence[str] = (), source_url: str | None = None, task: str | None = None
) -> list[str]:
    """Put the results of a run into a model card, and say what was done, a line each.

    What the card says already stays as it is, to the byte: its text, its other metadata, and results
    of other data sets or metrics. Results of the same task, data set and metric are replaced, unless
    the hub has verified them. The same run again changes nothing.

    Args:
        run: A finished run.
        to: The README, which ends in `.md`, or the folder that it lies in. Made where it does not exist.
        evaluations: Ids of evaluations of one classifier; none: all that the run has.
        source_url: Where these results come from, for readers of the card.
        task: Task of the benchmark that the data set is on the hub: the accuracy is also written into
            `.eval_results/` beside the README.

    Raises:
        NothingMeasured: The run has no evaluation, or no metric of one is defined.
        UsageError: Evaluations of several classifiers, an id that no evaluation has, a README that
            cannot be read or written, a benchmark that the hub cannot have.
    """
    path = _readme_of(to)
    _check_url(source_url)
    chosen = subject.choose(run, evaluations)
    found: list[EvalResult] = []
    sections: dict[str, str] = {}
    for one in chosen.evaluations:
        record = chosen.review_sets[one.review_set]
        data_set = DataSet.of(record)
        if data_set.key in sections:
            raise _same_name(chosen, data_set)
        found += results.of(one, record, data_set, chosen.confidence, source_url)
        sections[data_set.key] = text.section(run, chosen, one, data_set)
    entry = benchmark.entry(run, chosen, task, source_url) if task is not None else None

    before = readme.read(path)
    card = text.opening(chosen.classifier.name) if before is None else before
    index, lines = model_index.merged(readme.index_of(card, path), chosen.classifier.name, found)
    card, anew = readme.with_index(card, index, path)
    card = readme.with_body(card, lambda body: text.renewed(body, sections, anyway=before is None))
    beside = benchmark.updated(path.parent, entry) if entry is not None else None

    if card != before:
        readme.write(path, card)
    if anew:
        lines.append("the metadata is written anew, without its comments: lines of its form cannot be exchanged")
    lines.append(f"made     {path}" if before is None else f"updated  {path}" if card != before else f"kept     {path}")
    if beside is not None:
        lines.append(f"{'updated' if beside.write() else 'kept   '}  {beside.path}")
    return [*lines, *_how_to_push(chosen, path, beside.path if beside else None)]


def _readme_of(to: Path) -> Path:
    path = to if to.suffix.lower() == ".md" else to / README
    if path.parent.is_dir():
        return path
    raise UsageError(
        f"there is no folder {path.parent}",
        where=f"option --to {to}",
        expected="a folder, or a README.md in one",
        remedy="make the folder; a card of the hub is fetched with hf download REPOSITORY README.md --local-dir FOLDER",
    )


def _same_name(chosen: subject.Subject, data_set: DataSet) -> UsageError:
    alike = [one.id for one in chosen.evaluations if DataSet.of(chosen.review_sets[one.review_set]) == data_set]
    return UsageError(
        f"{len(alike)} review sets are called {data_set.name!r}, and a card could not tell them apart",
        where=", ".join(alike),
        remedy="choose one of these evaluations with --evaluation ID",
    )


def _check_url(url: str | None) -> None:
    if url is not None and not url.startswith(("https://", "http://")):
        raise UsageError(
            f"{url!r} is no link",
            where="option --source-url",
            expected="an address that begins with https://",
            remedy="give the address of the page with these results, or leave the option out",
        )


def _how_to_push(chosen: subject.Subject, path: Path, beside: Path | None) -> list[str]:
    # Only a classifier that came from the hub has a name there.
    repository = chosen.classifier.name if chosen.classifier.revision else "OWNER/NAME"
    files = {path: README} if beside is None else {path: README, beside: f"{benchmark.FOLDER}/{beside.name}"}
    return ["nothing is pushed; to do that:"] + [
        "  " + shlex.join(["hf", "upload", repository, str(local), there, "--create-pr"])
        for local, there in files.items()
    ]
