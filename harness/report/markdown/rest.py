"""What a reader opens when the rest is not enough, as folded Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from harness.records import Evaluation, Run
from harness.report import figures, machine, numbers, slices, words
from harness.report.markdown.escaping import code, text
from harness.report.markdown.metrics import MOST_EVALUATIONS
from harness.report.markdown.tables import Part, bullets, folded, table
from harness.report.numbers import count
from harness.report.public import values
from harness.report.quantities import grouped, quantity

WIDEST_MATRIX = 8
"""Classes up to which the confusion matrix is shown."""
MOST_NOTES = 20


def parts(run: Run) -> Iterator[Part]:
    """What to look at next, the confusion matrix and every metric of each evaluation; the run and its machine."""
    for one in run.evaluations[:MOST_EVALUATIONS]:
        name = f"{code(one.classifier)} on {code(one.review_set)}"
        yield Part(f"what stands out of {name}", folded(f"What stands out: {name}", _findings(one)))
        yield Part(f"every metric of {name}", folded(f"Every metric: {name}", _metrics(one)))
    yield Part("the run and its machine", folded("The run and its machine", _run(run)))


def _findings(one: Evaluation) -> str:
    columns = [each for each in slices.columns(one) if each.slices]
    found = bullets(text(each.sentence) for each in words.findings(one, columns))
    names = one.label_match.classes
    if len(names) > WIDEST_MATRIX:
        return found
    rows = [
        [text(name, 60), *(count(number) for number in line)] for name, line in zip(names, one.confusion, strict=True)
    ]
    matrix = table("l" + "r" * len(names), ["label ↓, predicted →", *(text(name, 60) for name in names)], rows)
    return f"{found}\n\n{matrix}"


def _metrics(one: Evaluation) -> str:
    unit = figures.step(one.label_match.classes, one.label_match.ordinal)
    defined = [name for name, metric in one.metrics.items() if metric.value is not None]
    rows = [
        [quantity(name).label, numbers.value_told(name, one.metrics[name], unit), quantity(name).better or "–"]
        for names in grouped(defined).values()
        for name in names
    ]
    return table("lrl", ("metric", "value (interval)", "better"), rows)


def _run(run: Run) -> str:
    environment = run.environment
    facts = [
        ("run", run.id),
        ("started", run.started),
        ("took", "–" if run.seconds is None else numbers.seconds(run.seconds)),
        ("platform", environment.platform),
        ("processor", environment.processor),
        *machine.conditions(environment),
        ("accelerators", ", ".join(environment.accelerators) or "none"),
        ("Python", environment.python),
        ("review-harness", environment.harness),
        *environment.packages.items(),
    ]
    asked = [[code(f"--{key.replace('_', '-')}"), code(values(given), 200)] for key, given in run.settings.items()]
    rows = [*asked, *([text(name, 60), code(said, 200)] for name, said in facts)]
    notes = [text(note) for note in run.notes]
    said = [table("ll", ("", ""), rows), bullets(notes[:MOST_NOTES])]
    if len(notes) > MOST_NOTES:
        said.append(f"Left out: {numbers.counted(len(notes) - MOST_NOTES, 'note')}.")
    return "\n\n".join(filter(None, said))
