"""The timings of one run: cells measured on demand, each once, and what the machine can do at most."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from harness.errors import HarnessError
from harness.timing import TextSource, Wanted

if TYPE_CHECKING:
    from harness.classifier import Classifier
    from harness.records import Bandwidth, Peak, Run, Step, Timing
    from harness.subjects import Subjects
    from harness.timing import Case, Effort
    from harness.timing.cells import Member, Timed


NEAR = 0.9
"""Of the machine's peak: a stage also normalises, adds and copies, and seldom comes so far."""


class Timekeeper:
    """Measures cells of the matrix. Making one loads nothing."""

    def __init__(self, subjects: Subjects, *, seed: int = 0) -> None:
        """
        Args:
            subjects: Classifiers and review sets.
            seed: Of the order of rounds.
        """
        self._subjects = subjects
        self._seed = seed
        self._sources: dict[tuple[str, str], TextSource] = {}
        self._members: dict[tuple[str, str], Member] = {}
        self._shape: tuple[str, str, int, int] | None = None
        self._done: dict[Wanted, Timed] = {}
        self._peaks: dict[tuple[str, str], Peak] = {}
        self._bandwidths: dict[str, Bandwidth] = {}
        self._earlier: tuple[Timing, ...] = ()
        self.timings: list[Timing] = []
        """In the order measured."""

    @property
    def peaks(self) -> tuple[Peak, ...]:
        return tuple(self._peaks.values())

    @property
    def bandwidths(self) -> tuple[Bandwidth, ...]:
        return tuple(self._bandwidths.values())

    def resume(self, run: Run) -> None:
        """Take over the cells that a run had finished when it was interrupted, once they are asked for again."""
        self._earlier = run.timings
        self._peaks = {(peak.device, peak.dtype): peak for peak in run.peaks}
        self._bandwidths = {each.device: each for each in run.bandwidths}

    def why_not(self, wanted: Wanted) -> str | None:
        """Why a case cannot be timed on this machine, with this classifier; None where it can.

        Raises:
            HarnessError: A classifier that cannot be loaded.
        """
        if wanted.device.startswith(("cuda", "mps")):
            from harness import devices

            there = devices.available()
            if devices.numbered(wanted.device) not in there:
                return f"no device {wanted.device}: torch sees {', '.join(there)}"
        record = self._subjects.variant(wanted.model, wanted.device, wanted.dtype).record
        if wanted.seq_len > record.max_length:
            return f"{record.id} takes {record.max_length} tokens at most"
        return None

    def case(self, wanted: Wanted) -> Case:
        """A case, ready to be run.

        Raises:
            HarnessError: A classifier or a set that cannot be, or a length that has no room for a word.
        """
        from harness.timing import case

        member = self._member(wanted)
        return case(member.classifier, wanted.stage, member.ready, seq_len=wanted.seq_len, ids=member.ids)

    def timed(self, wanted: Wanted, others: Iterable[Wanted], effort: Effort) -> Timed:
        """The timing of a case, with its whole cell where that is not measured yet.

        Args:
            wanted: The case.
            others: All cases that will be asked for. Those of the same cell are measured with it; what
                cannot be is left to say so itself.
            effort: How long the cell is measured.

        Raises:
            HarnessError: As `case`.
        """
        if wanted not in self._done:
            self._member(wanted)
            cell = [each for each in dict.fromkeys((wanted, *others)) if each.cell == wanted.cell]
            self._measure([each for each in cell if each == wanted or self._can_be(each)], effort)
        return self._done[wanted]

    def keep(self, wanted: Wanted, seconds: Sequence[float], iterations: int) -> Timing:
        """Rounds of a case that were measured elsewhere, one after another."""
        from harness.timing import cells

        member = dataclasses.replace(self._member(wanted), stages=(wanted.stage,))
        made = cells.timing(self.case(wanted), seconds, iterations, member)
        self.timings.append(made)
        self._compare_with_the_machine([made])
        return made

    # ── within ──

    def _can_be(self, wanted: Wanted) -> bool:
        # Its own test will say why not; here it would only stop the others of the cell.
        try:
            if self.why_not(wanted) is not None:
                return False
            self._member(wanted)
        except HarnessError:
            return False
        return True

    def _measure(self, cell: Sequence[Wanted], effort: Effort) -> None:
        from harness.timing import STEPS, cells

        members = [self._member(each) for each in cell]
        stages: dict[str, set[Step]] = {}
        for each, member in zip(cell, members, strict=True):
            stages.setdefault(member.ids[0], set()).add(each.stage)
        distinct = {member.ids[0]: member for member in members}
        asked = [
            dataclasses.replace(member, stages=tuple(step for step in STEPS if step in stages[name]))
            for name, member in distinct.items()
        ]
        measured = cells.finished(asked, self._earlier) or cells.measure(asked, effort, seed=self._seed)
        for each, member in zip(cell, members, strict=True):
            self._done[each] = measured.cases[member.ids[0], each.stage]
        self.timings += measured.timings
        self._compare_with_the_machine(measured.timings)

    def _member(self, wanted: Wanted) -> Member:
        """The classifier of a case with its batch, kept while cases of the same cell are asked for."""
        from harness.timing import inputs
        from harness.timing.cells import Member

        if wanted.cell != self._shape:
            self._shape, self._members = wanted.cell, {}
        key = wanted.model, wanted.dtype
        if key not in self._members:
            classifier = self._subjects.variant(wanted.model, wanted.device, wanted.dtype)
            texts = self._texts(wanted.model, wanted.dataset, classifier).near(wanted.seq_len, wanted.batch_size)
            ids = self._subjects.ids(classifier, wanted.model, wanted.dataset)
            self._members[key] = Member(classifier, ids, inputs(classifier, texts), wanted.seq_len, (wanted.stage,))
        return self._members[key]

    def _texts(self, model: str, dataset: str, classifier: Classifier) -> TextSource:
        """Texts of a set, measured once in the tokens of a classifier: a dtype or a device does not change them."""
        from harness.timing import token_counter

        key = model, dataset
        if key not in self._sources:
            self._sources[key] = TextSource(self._subjects.review_set(dataset).texts(), token_counter(classifier))
        return self._sources[key]

    def _compare_with_the_machine(self, timings: Sequence[Timing]) -> None:
        """Measure what the machine can do at most on the devices and at the dtypes of these timings, once each."""
        from harness.timing.machine import bandwidth, matmul_peak, matmul_peak_now

        for timing in timings:
            if timing.device not in self._bandwidths:
                self._bandwidths[timing.device] = bandwidth(timing.device)
            key = timing.device, timing.dtype
            if timing.flops is None:
                continue
            if key not in self._peaks:
                self._peaks[key] = matmul_peak(*key)
            # So near the peak, it was probably measured while other work ran: the fastest of the run counts.
            if timing.flops > NEAR * self._peaks[key].flops_per_s * min(timing.seconds):
                again = matmul_peak_now(*key)
                self._peaks[key] = max(self._peaks[key], again, key=lambda peak: peak.flops_per_s)
