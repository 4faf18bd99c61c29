"""One stage under torch's profiler: a trace for Perfetto, and what each operator costs.

A timing says that a stage is slow; the profile says which of its operators are. Its times are for
comparing operators with one another and not for anything else, since the profiler slows what it watches.
`operators` adds up what was watched, `trace_file` is what Perfetto opens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from harness.collector import uncollected
from harness.errors import UsageError
from harness.profiling import trace_file
from harness.profiling.operators import within
from harness.records.profiles import Profile
from harness.timing import STEPS, TextSource, prepare, timer_for, token_counter

if TYPE_CHECKING:
    from harness.classifier import Classifier
    from harness.options import Settings
    from harness.records import Step
    from harness.timing import Case

WARM_UP = 3
"""Calls before the rounds, without the profiler and with it: the first that it watches take it longer."""


@dataclass(frozen=True)
class Asked:
    """What is to be profiled."""

    stage: Step = "forward"
    batch_size: int = 8
    """Reviews."""
    seq_len: int = 64
    """Tokens of each, or as many as whole words allow."""
    rounds: int = 10

    def __post_init__(self) -> None:
        if self.stage not in STEPS:
            raise UsageError(
                f"no stage is called {self.stage!r}",
                where=f"option --stage {self.stage}",
                expected=", ".join(STEPS),
                remedy="name one of these",
            )


def run(settings: Settings, asked: Asked, trace: Path | None = None) -> Profile:
    """Profile a stage of the settings' classifier on texts of their review set, and write the trace.

    Args:
        settings: One classifier, one review set, how they are loaded and read, and the runs folder.
        asked: What is to be profiled.
        trace: The file to write; by default one in the runs folder, named after what is profiled.

    Raises:
        UsageError: Several classifiers or review sets, or a length that the classifier cannot take.
        RunError: The trace cannot be written.
        HarnessError: A classifier or a review set that cannot be.
    """
    from harness import reviews
    from harness.classifier import Classifier

    model = _only(settings.model, "classifier", "--model")
    dataset = _only(settings.dataset, "review set", "--dataset")
    # Before anything is loaded: whoever mistypes the folder should know at once.
    trace_file.check_writable(trace or settings.output / "trace-….json.gz")
    classifier = Classifier.of(model, settings)
    if asked.seq_len > classifier.record.max_length:
        raise UsageError(
            f"a sequence length of {asked.seq_len} is more than the classifier takes",
            where=f"option --seq-len {asked.seq_len}",
            expected=f"at most {classifier.record.max_length} tokens",
            remedy=f"use --seq-len {classifier.record.max_length} or less",
        )
    review_set = reviews.read(dataset, reviews.ReviewOptions.of(settings))
    texts = _texts(review_set.texts(), classifier, asked)
    ids = classifier.record.id, review_set.id
    case = prepare(classifier, asked.stage, texts, seq_len=asked.seq_len, ids=ids)
    return profile(case, trace or settings.output / file_name(case), rounds=asked.rounds)


def file_name(case: Case) -> str:
    """The name of a trace: `trace-builtin-forward-8x64.json.gz`."""
    return f"trace-{case.classifier}-{case.stage}-{case.batch_size}x{case.seq_len}.json.gz"


def profile(case: Case, trace: Path, *, rounds: int) -> Profile:
    """Run a case `rounds` times under the profiler, and as often without it, and write the trace.

    Each round is a range of the trace, `forward round 1`. It ends when the device is done. Half of the
    rounds without the profiler come before those with it and half after, so that a machine that gets
    slower or faster meanwhile weighs on both alike; each of the three starts with a warm-up.

    Args:
        case: The stage, ready to be run.
        trace: The file to write, compressed where its name ends in `.gz`.
        rounds: At least 1.

    Raises:
        RunError: The trace cannot be written.
    """
    import torch
    from torch.profiler import ProfilerActivity, record_function

    clock = timer_for(case.device) or perf_counter
    on_cuda = case.device.startswith("cuda")
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_cuda else [])]
    names = [f"{case.stage} round {number}" for number in range(1, rounds + 1)]
    with uncollected(clean=True):
        seconds = _plain_rounds(case, clock, rounds - rounds // 2)
        watched = torch.profiler.profile(activities=activities, record_shapes=True)
        with trace_file.without_marks():
            watched.start()
        try:
            for name in [f"{case.stage} warm-up"] * WARM_UP + names:
                clock()
                with record_function(name):
                    case.run()
                    clock()
        finally:
            with trace_file.without_marks():
                watched.stop()
        seconds += _plain_rounds(case, clock, rounds // 2)
    found = within(watched.events(), names, device=on_cuda)  # type: ignore[no-untyped-call]
    trace_file.write(watched.export_chrome_trace, trace)
    facts = case.facts()
    return Profile.model_validate(
        {
            **{name: fact for name, fact in facts.items() if name in Profile.model_fields},
            "seconds": tuple(seconds),
            "profiled_seconds": found.rounds,
            "operators": found.operators,
            "outside_seconds": found.outside,
            "device_idle_seconds": found.device_idle,
            "trace": str(trace),
        }
    )


def _only(names: Sequence[str], noun: str, flag: str) -> str:
    if len(names) != 1:
        raise UsageError(
            f"profile takes one {noun}, not {len(names)}",
            where=f"option {flag}: " + ", ".join(names),
            remedy="call profile once for each",
        )
    return names[0]


def _texts(reviews: Sequence[str], classifier: Classifier, asked: Asked) -> list[str]:
    try:
        return TextSource(reviews, token_counter(classifier)).near(asked.seq_len, asked.batch_size)
    except UsageError as error:
        # The source names the option of the stage timings.
        raise UsageError(
            error.message, where=f"option --seq-len {asked.seq_len}", remedy="name a longer sequence"
        ) from None


def _plain_rounds(case: Case, clock: Callable[[], float], rounds: int) -> list[float]:
    """Seconds of each round, without the profiler."""
    seconds = []
    for _ in range(WARM_UP + rounds):
        started = clock()
        case.run()
        seconds.append(clock() - started)
    return seconds[WARM_UP:]
