from __future__ import annotations

from support import sample_run, timed

from harness import rounds
from harness.rounds import Member


class TestCells:
    def test_keep_the_order_of_the_run(self):
        found = rounds.cells((*timed.cell(seq_len=128), *timed.cell(batch_size=1)))

        assert [(cell.name, cell.device, cell.batch_size, cell.seq_len) for cell in found] == [
            ("shop.cpu.8x128", "cpu", 8, 128),
            ("shop.cpu.1x64", "cpu", 1, 64),
        ]

    def test_find_cases_controls_and_plain_calls(self):
        (cell,) = rounds.cells(timed.cell(dtypes={"b": "bfloat16"}))
        first, second = cell.members

        assert (first, second) == (Member("a", "float32"), Member("b", "bfloat16"))
        assert cell.case(second, "forward").id == "b.shop.forward.8x64"
        assert cell.control(first, "forward").id == "a.shop.forward.8x64.control"
        assert cell.control(second, "forward") is None
        assert cell.plain(second).id == "b.shop.tokenize.8x64.plain"
        assert cell.stages == ("tokenize", "place", "forward", "softmax", "classify")

    def test_the_classifier_with_controls_is_the_first_whatever_the_order(self):
        (cell,) = rounds.cells(sorted(timed.cell(), key=lambda each: each.classifier, reverse=True))

        assert [member.classifier for member in cell.members] == ["a", "b"]

    def test_leave_timings_without_rounds_out(self):
        assert rounds.cells(timed.cell(rounds=0)) == ()

    def test_of_older_runs_are_found_by_size_and_length(self):
        found = rounds.cells(sample_run.sample(sets=(), classifiers=("one", "two")).run.timings)

        assert [(cell.name, cell.batch_size, cell.seq_len) for cell in found] == [
            ("", 1, 16), ("", 1, 64), ("", 8, 16), ("", 8, 64),
        ]  # fmt: skip
        assert [len(cell.members) for cell in found] == [2, 2, 2, 2]
