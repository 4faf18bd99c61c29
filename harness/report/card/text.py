"""What a reader of a card is told: a section for each data set, between two comments by which it is found again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from harness.records import Evaluation, ReviewSetRecord, Run
from harness.report import figures, numbers
from harness.report.card import readme, results
from harness.report.card.data_set import DataSet
from harness.report.card.subject import Subject
from harness.report.markdown.escaping import code, text
from harness.report.markdown.tables import table
from harness.report.numbers import count, counted
from harness.report.quantities import quantity

END = "<!-- harness card end -->"
_SECTION = re.compile(rf"<!-- harness card: ([A-Za-z0-9._-]+) -->.*?{END}", re.DOTALL)
_VERSIONS = ("transformers", "torch")
_OPENING = """\
---
pipeline_tag: text-classification
---

# {name}

`harness card` of review-harness began this card. It says what was measured on labelled reviews and nothing else: how
the classifier was trained, what it is meant for and where it fails is for its maker to add.
"""


def opening(name: str) -> str:
    """A new README, without results."""
    return _OPENING.format(name=text(name))


def section(run: Run, subject: Subject, one: Evaluation, data_set: DataSet) -> str:
    """What was measured on one data set, and how, as Markdown."""
    record = subject.review_sets[one.review_set]
    level = f"{100 * subject.confidence:g} %"
    names = list(results.defined(one))
    step = figures.step(one.label_match.classes, one.label_match.ordinal)
    rows = []
    for name in names:
        metric = one.metrics[name]
        cells = [numbers.value(name, metric, text(step)), numbers.interval(name, metric) or "–"]
        rows.append([quantity(name).label, *cells, text(metric.method or "–")])
    parts = [
        f"<!-- harness card: {data_set.key} -->\n## Evaluation on {code(data_set.name)}",
        table("lrrl", ("metric", "value", f"{level} interval", "interval by"), rows),
        " ".join(_about(one, record, data_set)),
        " ".join(_how(run, subject, one, level)),
        *(f"Warning: {text(warning)}" for warning in one.label_match.warnings),
    ]
    return "\n\n".join(parts) + f"\n\n{END}"


def renewed(body: str, sections: Mapping[str, str], *, anyway: bool = False) -> str:
    """The text of a README with its sections brought up to date.

    A text without any section stays as it is: it is somebody's own.

    Args:
        body: What stands below the metadata.
        sections: By the key of their data set.
        anyway: Put sections into a text that has none.
    """
    known = [found[1] for found in _SECTION.finditer(body)]
    if not known and not anyway:
        return body
    lines = readme.line_break(body)
    written = {key: each.replace("\n", lines) for key, each in sections.items()}
    body = _SECTION.sub(lambda found: written.get(found[1], found[0]), body)
    new = [each for key, each in written.items() if key not in known]
    ends = [found.end() for found in _SECTION.finditer(body)]
    if ends:
        return body[: ends[-1]] + "".join(f"{lines}{lines}{each}" for each in new) + body[ends[-1] :]
    return body.rstrip() + "".join(f"{lines}{lines}{each}" for each in new) + lines


def _about(one: Evaluation, record: ReviewSetRecord, data_set: DataSet) -> Iterator[str]:
    """Which reviews these were."""
    yield f"{counted(one.counts.evaluated, 'review')} of {_place(data_set)}."
    yield f"SHA-256 of the ids, texts and labels: {code(record.fingerprint[:16])}."
    counts = one.counts
    if counts.skipped:
        reasons = "; ".join(f"{count(number)} {reason}" for reason, number in counts.skipped_reasons.items())
        yield f"{count(counts.skipped)} of {count(counts.read)} rows were left out: {text(reasons)}."
    yield f"Labels: {text(one.label_match.how)}."


def _place(data_set: DataSet) -> str:
    if data_set.home == "hub":
        parts = (("split", data_set.split), ("configuration", data_set.config), ("revision", data_set.revision))
        told = ", ".join(f"{word} {code(part)}" for word, part in parts if part)
        return f"{code(data_set.name)} on the hub ({told})"
    if data_set.home == "builtin":
        return "the set that ships with review-harness"
    return f"{code(data_set.name)}, a local file or folder without an id on the hub"


def _how(run: Run, subject: Subject, one: Evaluation, level: str) -> Iterator[str]:
    """By what, where and when; and what the intervals say."""
    classifier, environment = subject.classifier, run.environment
    versions = [f"review-harness {environment.harness}"]
    versions += [f"{name} {environment.packages[name]}" for name in _VERSIONS if name in environment.packages]
    day = (run.finished or run.started)[:10]
    weights = code(classifier.weights_sha256[:16])
    yield (
        f"Measured on {text(day)} by {text(', '.join(versions))}, in {text(classifier.dtype)} on"
        f" {text(classifier.device)}. Run {code(run.id)}; SHA-256 of the weights: {weights}."
    )
    if one.counts.cut:
        yield (
            f"{counted(one.counts.cut, 'review')} had more than {count(classifier.max_length)} tokens and lost the end."
        )
    yield (
        f"Intervals are at {level}: they tell how far chance in the choice of the reviews may have moved a value,"
        " and nothing of reviews of another kind."
    )
    if one.sampling != "independent":
        yield f"They are those of {text(one.sampling)}."
    yield "The results are self-reported: the hub has not verified them."
