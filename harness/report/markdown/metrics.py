"""The headline metrics of each evaluation as Markdown, with their change against what they were compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.records import Comparison, Evaluation, Reference, Run
from harness.report import comparison_words, environments, figures, numbers
from harness.report.environments import Fact
from harness.report.markdown.escaping import code, text
from harness.report.markdown.tables import Part, bullets, table
from harness.report.numbers import NONE, count, counted, percent
from harness.report.quantities import quantity

HEADLINE = (
    "accuracy", "off_by_one_accuracy", "mean_absolute_error", "macro_f1", "negative_log_likelihood", "brier_score",
    "expected_calibration_error",
)  # fmt: skip
MOST_EVALUATIONS = 4
"""That have a table of their own."""
MOST_ROWS = 20
"""Of the others, a row each."""
MOST_FACTS = 20


def parts(run: Run) -> Iterator[Part]:
    """Each evaluation with its metrics, its change, and what differs from its reference's environment."""
    for one in run.evaluations[:MOST_EVALUATIONS]:
        against = [each for each in run.references if each.evaluation == one.id]
        yield Part(f"the metrics of {_name(one)}", "\n\n".join(_evaluation(run, one, against)))
        for each in against:
            yield from _against(run, one, each)
    if len(run.evaluations) > MOST_EVALUATIONS:
        yield Part("the other evaluations", _others(run.evaluations[MOST_EVALUATIONS:]))
    if not run.references:
        yield from _paired(run)


def _evaluation(run: Run, one: Evaluation, against: Sequence[Reference]) -> Iterator[str]:
    classifier = next(each for each in run.classifiers if each.id == one.classifier)
    yield f"### {_name(one)}"
    yield f"{counted(one.counts.evaluated, 'review')} · {text(classifier.device)}, {text(classifier.dtype)}"
    for each in one.label_match.warnings:
        yield f"**Warning:** {text(each)}"
    unit = figures.step(one.label_match.classes, one.label_match.ordinal)
    shown = [name for name in HEADLINE if name in one.metrics and one.metrics[name].value is not None]
    level = percent(run.confidence, 0)
    changes = [f"change against {_reference(each)}" for each in against]
    rows = [
        [quantity(name).label, numbers.value(name, one.metrics[name], unit)]
        + [numbers.interval(name, one.metrics[name]) or NONE]
        + [_change(name, each.comparison) for each in against]
        for name in shown
    ]
    yield table("lrr" + "r" * len(against), ["metric", "value", f"{level} interval", *changes], rows)


def _change(name: str, comparison: Comparison) -> str:
    found = comparison.differences.get(name)
    return NONE if found is None else numbers.change_told(name, found.difference)


def _against(run: Run, one: Evaluation, reference: Reference) -> Iterator[Part]:
    comparison, name = reference.comparison, _reference(reference)
    found = (comparison_words.accuracy(comparison), comparison_words.slices(comparison))
    said = [text(each.sentence) for each in found if each is not None]
    if not comparison.identical:
        said.append(_flips(comparison))
    facts = environments.facts(environments.of_evaluation(run, one), environments.of_reference(reference))
    body = f"Against {name}:\n\n{bullets(said)}\n\n{_differing(facts, name)}"
    yield Part(f"what changed against {name}", body)


def _flips(comparison: Comparison) -> str:
    flips = comparison.flips
    return (
        f"Of {counted(comparison.reviews, 'review')}, {count(flips.gained)} gained, {count(flips.lost)} lost, "
        f"{count(flips.changed_wrong)} wrong in another way."
    )


def _differing(facts: Sequence[Fact], name: str) -> str:
    differing = [each for each in facts if each.differs]
    if not differing:
        return f"Nothing in the environment differs from {name}."
    rows = [[text(each.name), code(each.candidate), code(each.reference)] for each in differing[:MOST_FACTS]]
    shown = table("lll", ("what differs", "candidate", "reference"), rows)
    more = len(differing) - MOST_FACTS
    return f"{shown}\n\n{counted(more, 'other thing')} differ too." if more > 0 else shown


def _paired(run: Run) -> Iterator[Part]:
    """What differs between the two sides of pairs of rounds, where nothing else was compared."""
    done = set()
    for each in run.paired:
        facts = environments.facts(environments.of_side(each.candidate), environments.of_side(each.reference))
        if facts not in done:
            name = code(each.reference.classifier)
            yield Part("what differs between the environments", _differing(facts, name))
        done.add(facts)


def _others(evaluations: Sequence[Evaluation]) -> str:
    rows = [
        [
            code(one.classifier),
            code(one.review_set),
            count(one.counts.evaluated),
            numbers.value_told("accuracy", one.metrics["accuracy"]),
        ]
        for one in evaluations[:MOST_ROWS]
    ]
    shown = table("llrr", ("classifier", "review set", "reviews", "accuracy"), rows)
    more = len(evaluations) - MOST_ROWS
    return f"{shown}\n\nLeft out: {counted(more, 'other evaluation')}." if more > 0 else shown


def _name(one: Evaluation) -> str:
    return f"{code(one.classifier)} on {code(one.review_set)}"


def _reference(one: Reference) -> str:
    return f"{'the baseline ' if one.kind == 'baseline' else ''}{code(one.name)}"
