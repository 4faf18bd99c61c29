"""What the gate says, as Markdown: its verdict in words, the table of rules, and the evidence of what failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.records import Evaluation, FlippedReview, Outcome, Run, Verdict
from harness.records.verdicts import ORDER, decisive
from harness.report import gate_words, numbers, verdict_figures, verdicts
from harness.report.markdown.escaping import code, text
from harness.report.markdown.tables import Part, bullets, folded, table

MOST_RULES = 40
MOST_FAILS = 5
"""Failed verdicts whose slices and reviews are shown."""
MOST_NAMED = 3
"""Evaluations whose accuracy is in the heading."""
LONGEST_REVIEW = 140


def headline(run: Run) -> str:
    """The first line: the verdict of the gate, or the accuracy where nothing was judged.

    Of a run that did not end it says so first: what was not reached may have failed.
    """
    before = "" if run.status == "finished" else f"{run.status.capitalize()}, which is no pass. So far: "
    return f"## {before}{_verdict(run)}"


def _verdict(run: Run) -> str:
    if run.verdicts:
        word = verdicts.MEANINGS.get(outcome(run), outcome(run))
        return f"Gate: {word}. {text(gate_words.summary(run.verdicts, run.settings))}"
    if not run.evaluations:
        return "No gate judged this run, and it evaluated nothing"
    shown = [_accuracy(run, each) for each in run.evaluations[:MOST_NAMED]]
    more = len(run.evaluations) - len(shown)
    also = f", and {numbers.counted(more, 'other evaluation')}" if more else ""
    return f"Accuracy {', '.join(shown)}{also}. No gate judged this run"


def outcome(run: Run) -> Outcome:
    """What the verdicts come to, as `harness gate` ends: a fail before what was not measured, before inconclusive.

    Args:
        run: With a verdict, at least.
    """
    fails = gate_words.fails_on_inconclusive(run.settings)
    return decisive((each.outcome for each in run.verdicts), inconclusive_fails=fails)


def parts(run: Run) -> Iterator[Part]:
    """The rules with their verdicts, why those did not pass that did not, and the evidence of the fails."""
    if not run.verdicts:
        return
    ordered = sorted(run.verdicts, key=lambda each: ORDER.index(each.outcome))
    yield Part("the table of rules", _rules(ordered))
    undone = [each for each in ordered if each.outcome != "pass"]
    if undone:
        said = [_sentence(each) for each in undone[:MOST_RULES]]
        note = gate_words.on_inconclusive(run.verdicts, run.settings)
        yield Part("why rules did not pass", bullets(said) + (f"\n\n{text(note)}" if note else ""))
    yield from _fails([each for each in ordered if each.outcome == "fail"])


def passed(run: Run) -> Iterator[Part]:
    """The sentences of what passed, folded."""
    found = [each for each in run.verdicts if each.outcome == "pass"][:MOST_RULES]
    if found:
        yield Part("why rules passed", folded("Why rules passed", bullets(_sentence(each) for each in found)))


def _accuracy(run: Run, one: Evaluation) -> str:
    value = numbers.value_told("accuracy", one.metrics["accuracy"])
    return f"{value} of {code(one.classifier)} on {code(one.review_set)}" if len(run.evaluations) > 1 else value


def _rules(ordered: Sequence[Verdict]) -> str:
    several = len({(each.classifier, each.review_set) for each in ordered}) > 1
    judged = ["judged"] if several else []
    head = ["rule", *judged, "candidate", "reference", "difference", verdict_figures.level(ordered), "verdict"]
    rows = []
    for each in ordered[:MOST_RULES]:
        figures = verdict_figures.of(each)
        cells = (figures.candidate, figures.reference, figures.difference, figures.interval)
        rows.append([code(each.rule), *([gate_words.judged(each, code)] if several else []), *cells, _word(each)])
    shown = table(f"l{'l' * several}rrrrl", head, rows)
    rest = ordered[MOST_RULES:]
    return f"{shown}\n\nLeft out: {verdicts.counted(rest)}." if rest else shown


def _word(verdict: Verdict) -> str:
    word = verdicts.word(verdict)
    return word if verdict.outcome == "pass" else f"**{word}**"


def _sentence(verdict: Verdict) -> str:
    judged = gate_words.judged(verdict, code)
    said = f"{_word(verdict)} {code(verdict.rule)}{f' ({judged})' if judged else ''}: {text(verdict.sentence)}"
    return f"{said}. Why the rule is there: {text(verdict.reason)}" if verdict.reason else said


def _fails(failed: Sequence[Verdict]) -> Iterator[Part]:
    shown: dict[tuple[FlippedReview, ...], str] = {}
    for each in failed[:MOST_FAILS]:
        body = []
        if each.worst_slices:
            rows = [_of_slice(*verdict_figures.of_slice(each.subject, part)) for part in each.worst_slices]
            body.append(table("lrrr", ("worst slices", "reviews", "difference", "interval"), rows))
        if each.flips and each.flips in shown:
            body.append(f"The lost reviews are those of {shown[each.flips]}.")
        elif each.flips:
            body.append(_flips(each.flips))
            shown[each.flips] = code(each.rule)
        if body:
            title = f"where {code(each.rule)} failed"
            yield Part(title, "\n\n".join([f"### W{title[1:]}", *body]))
    if len(failed) > MOST_FAILS:
        more = numbers.counted(len(failed) - MOST_FAILS, "other verdict")
        yield Part("a note", f"Slices and reviews of {more} that failed are on the page of the run.")


def _of_slice(name: str, *figures: str) -> list[str]:
    return [code(name), *figures]


def _flips(flips: Sequence[FlippedReview]) -> str:
    with_texts = any(flip.text for flip in flips)
    rows = []
    for flip in flips:
        said = [code(flip.text, LONGEST_REVIEW) if flip.text else numbers.NONE] if with_texts else []
        rows.append([code(flip.id), *said, *(text(cell, 60) for cell in verdict_figures.of_flip(flip))])
    head = ["lost review", *(["text"] if with_texts else []), "label", "candidate", "reference"]
    return table("l" * len(head), head, rows)
