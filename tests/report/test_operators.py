"""A profile in a terminal and as CSV: what cost most, and shares that add up."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.records.profiles import Operator, OperatorShapes, Profile
from harness.report import operators

from .injections import INJECTIONS
from .printing import coloured, drawn, printed


def operator(name: str, calls: int, seconds: float, device: float | None = None) -> Operator:
    """All of whose calls had the same two inputs."""
    same = OperatorShapes(shapes=((8, 64), (64, 32)), calls=calls, self_seconds=seconds, device_self_seconds=device)
    return Operator(name=name, calls=calls, self_seconds=seconds, device_self_seconds=device, shapes=(same,))


def made(**changes: Any) -> Profile:
    """Two rounds of 10 ms: 12 ms in a product, 4 ms in a sum, 1 ms in two others, 3 ms outside."""
    facts: dict[str, Any] = {
        "classifier": "tiny", "review_set": "shop", "stage": "forward", "batch_size": 8, "seq_len": 64, "tokens": 500,
        "padded_tokens": 512, "device": "cpu", "dtype": "float32", "threads": 2, "seconds": (0.008, 0.008),
        "profiled_seconds": (0.01, 0.01), "outside_seconds": 0.003, "trace": "runs/trace.json.gz",
        "operators": (
            operator("aten::addmm", 24, 0.012), operator("aten::add", 2, 0.004),
            operator("aten::gelu", 2, 0.0007), operator("aten::t", 3, 0.0003),
        ),
    }  # fmt: skip
    return Profile(**facts | changes)


def on_gpu(**changes: Any) -> Profile:
    """Two rounds of 10 ms in which kernels ran for 15 ms."""
    several = (operator("aten::addmm", 24, 0.002, 0.014), operator("aten::add", 2, 0.003, 0.001))
    return made(device="cuda:0", operators=several, outside_seconds=0.015, device_idle_seconds=0.005, **changes)


def text(one: Profile, **options: Any) -> str:
    return printed(one, lambda one, console: operators.show(one, console, **options))


def in_one_line(text: str) -> str:
    return " ".join(text.split())


class TestTable:
    def test_has_the_means_of_a_round_and_shares_that_add_up(self):
        lines = [" ".join(line.split()) for line in drawn(operators.table(made(), top=2))]

        assert lines == [
            "operator calls self time share a call",
            "─" * len(lines[1]),
            "aten::addmm 12 6.00 ms 60.0 % 500 µs",
            "aten::add 1 2.00 ms 20.0 % 2.00 ms",
            "2 other operators 2.5 500 µs 5.0 % 200 µs",
            "outside torch operators 1.50 ms 15.0 %",
            "",
            "a round 10.0 ms 100 %",
        ]

    def test_without_others_there_is_no_row_for_them(self):
        assert "other operator" not in "\n".join(drawn(operators.table(made(), top=4)))
        assert "1 other operator " in "\n".join(drawn(operators.table(made(), top=3)))

    def test_on_a_device_shares_are_of_the_device_and_the_host_stands_beside_it(self):
        lines = [" ".join(line.split()) for line in drawn(operators.table(on_gpu()))]

        assert lines[0] == "operator calls device host share a call"
        assert lines[2:] == [
            "aten::addmm 12 7.00 ms 1.00 ms 70.0 % 583 µs",
            "aten::add 1 500 µs 1.50 ms 5.0 % 500 µs",
            "no operator on the device 2.50 ms 25.0 %",
            "",
            "a round 10.0 ms 100 %",
        ]

    def test_a_profile_without_operators_is_all_outside(self):
        lines = [" ".join(line.split()) for line in drawn(operators.table(made(operators=(), outside_seconds=0.02)))]

        assert lines[2:] == ["outside torch operators 10.0 ms 100 %", "", "a round 10.0 ms 100 %"]


class TestShow:
    def test_opens_with_what_was_profiled(self):
        assert in_one_line(text(made())).startswith(
            "forward of tiny on shop: 8 reviews of 64 tokens, cpu, float32, 2 threads median of 2 rounds: "
        )

    def test_says_what_the_profiler_costs_and_that_this_is_no_timing(self):
        assert (
            "median of 2 rounds: 8.00 ms without the profiler, 10.0 ms under it, × 1.25; "
            "below are times under it, which are no timing"
        ) in in_one_line(text(made()))

    def test_a_profiler_that_seems_to_cost_nothing_is_put_down_to_noise(self):
        assert (
            "12.0 ms without the profiler, 10.0 ms under it, so the machine's noise hides what it costs; "
        ) in in_one_line(text(made(seconds=(0.012, 0.012))))

    def test_says_what_self_time_is(self):
        assert (
            "self time: an operator's own, without the operators that it calls; the means of a round"
        ) in in_one_line(text(made()))
        assert (
            "device: the kernels that an operator launched itself; host: its own time, without the operators that "
            "it calls; the means of a round; shares are of the device"
        ) in in_one_line(text(on_gpu()))

    def test_shows_the_shapes_of_the_operator_that_costs_most(self):
        several = tuple(
            OperatorShapes(shapes=((8, width), (width, 32)), calls=6, self_seconds=0.003) for width in (1, 2, 3, 4)
        )
        first = operator("aten::addmm", 24, 0.012).model_copy(update={"shapes": several})

        assert (
            "aten::addmm by its inputs: 8×1 · 1×32 (25 %), 8×2 · 2×32 (25 %), 8×3 · 3×32 (25 %) and 1 more"
        ) in in_one_line(text(made(operators=(first,))))

    def test_an_operator_without_tensors_says_so(self):
        bare = OperatorShapes(shapes=(), calls=2, self_seconds=0.012)
        first = operator("aten::empty", 2, 0.012).model_copy(update={"shapes": (bare,)})

        assert "aten::empty by its inputs: no tensor (100 %)" in text(made(operators=(first,)))

    def test_mostly_outside_says_where_to_look_instead(self):
        outside = made(operators=(operator("aten::to", 2, 0.002),), outside_seconds=0.018)

        assert (
            "90 % of the time lies outside torch's operators, in Python and in libraries such as tokenizers, where "
            "this profiler does not look. A sampling profiler does, such as py-spy with --native."
        ) in in_one_line(text(outside))
        assert "py-spy" not in text(made())

    def test_a_device_that_mostly_waits_says_what_would_help(self):
        waiting = on_gpu().model_copy(update={"device_idle_seconds": 0.045})

        assert (
            "75 % of the time no operator's kernel ran: the device waited for the host. "
            "Larger batches or fewer, larger kernels would help, a faster device would not."
        ) in in_one_line(text(waiting))
        assert "waited" not in text(on_gpu())

    def test_a_device_that_the_profiler_does_not_see_is_named(self):
        assert "torch's profiler does not see what mps does: waiting for it is outside." in text(made(device="mps"))

    def test_ends_with_the_trace_and_where_to_open_it(self):
        folder = "a-long-name/" * 12

        lines = text(made(trace=f"{folder}trace.json.gz")).splitlines()

        assert lines[-2:] == [f"trace  {folder}trace.json.gz", "open it at https://ui.perfetto.dev"]

    @pytest.mark.parametrize("one", [made(), on_gpu()], ids=["cpu", "gpu"])
    def test_fits_80_columns(self, one):
        long = one.operators[0].model_copy(update={"name": "aten::_scaled_dot_product_flash_attention_for_cpu" * 2})

        shown = text(one.model_copy(update={"operators": (long, *one.operators[1:])}))

        assert max(len(line) for line in shown.splitlines()) <= 80

    def test_reads_the_same_without_colour(self):
        assert coloured(made(), operators.show) == text(made())

    def test_no_name_moves_the_cursor_or_is_taken_for_markup(self):
        names = ("[red]x[/]", "\x1b[31mred", *INJECTIONS)
        hostile = made(operators=tuple(operator(name, 2, 0.001) for name in names))

        shown = printed(hostile, lambda one, console: operators.show(one, console, top=100), width=400)

        assert "\x1b" not in shown
        assert "[red]x[/] " in shown


class TestWrite:
    def rows(self, one: Profile) -> list[dict[str, str]]:
        out = io.StringIO()
        operators.write(one, out)
        return list(csv.DictReader(io.StringIO(out.getvalue())))

    def test_has_every_operator_with_all_its_digits_and_the_rest(self):
        rows = self.rows(made())

        assert [row["operator"] for row in rows] == [
            "aten::addmm", "aten::add", "aten::gelu", "aten::t", "outside torch operators",
        ]  # fmt: skip
        assert rows[0] == {
            "operator": "aten::addmm", "calls": "24", "self_seconds": "0.012", "device_self_seconds": "",
            "share": rows[0]["share"], "self_seconds_per_call": "0.0005", "device_self_seconds_per_call": "",
            "shapes": "8×64 · 64×32",
        }  # fmt: skip
        assert float(rows[0]["share"]) == pytest.approx(0.6)

    def test_on_a_device_the_rest_is_the_time_without_a_kernel(self):
        last = self.rows(on_gpu())[-1]

        assert (last["operator"], last["device_self_seconds"], last["share"]) == (
            "no operator on the device", "0.005", "0.25",
        )  # fmt: skip

    @given(st.lists(st.floats(0, 1), max_size=20), st.floats(0, 1))
    def test_shares_add_up_to_one_or_nothing_was_measured(self, costs, outside):
        one = made(operators=tuple(operator("x", 1, cost) for cost in costs), outside_seconds=outside)
        shares = sum(float(row["share"]) for row in self.rows(one))

        assert shares == pytest.approx(1.0 if sum(costs) + outside else 0.0)

    def test_no_cell_is_a_formula(self):
        assert self.rows(made(operators=(operator("=1+1", 1, 0.01),)))[0]["operator"] == "'=1+1"
