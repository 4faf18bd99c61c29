from __future__ import annotations

import re

import pytest
from support import sample_run
from support import timed as simulated

from harness.records import AcceleratorState
from harness.report import machine, memory, timed, versus


def run_of(*timings, **changes):
    return sample_run.sample(sets=(), timings=False, classifiers=("a", "b"), **changes).run.model_copy(
        update={"timings": timings}
    )


class TestGroups:
    def test_are_one_for_each_classifier_and_device_without_controls_and_plain_calls(self):
        run = run_of(
            *simulated.cell(dtypes={"b": "bfloat16"}), *simulated.cell(seq_len=128), *simulated.cell(device="cuda:0")
        )

        found = timed.groups(run)

        assert [group.title for group in found] == [
            "a (float32) on cpu", "b (bfloat16) on cpu", "b (float32) on cpu", "a (float32) on cuda:0",
            "b (float32) on cuda:0",
        ]  # fmt: skip
        assert [shape.size for shape in found[0].shapes] == ["8 × 64", "8 × 128"]
        assert {stage.timing.role for group in found for shape in group.shapes for stage in shape.stages} == {"case"}

    def test_name_the_review_set_where_there_are_several(self):
        one = simulated.cell(("a",))
        other = tuple(each.model_copy(update={"review_set": "books", "cell": "books.8x64"}) for each in one)

        assert [group.title for group in timed.groups(run_of(*one, *other))] == [
            "a (float32) on cpu, texts of shop", "a (float32) on cpu, texts of books",
        ]  # fmt: skip

    def test_classifiers_whose_names_differ_by_their_folders_are_not_mixed(self):
        run = run_of(*simulated.cell(("/one/stars", "/other/stars")))

        assert [group.title for group in timed.groups(run)] == ["stars (float32) on cpu"] * 2
        assert [pair.title for pair in versus.pairs(run)] == ["stars (float32) against stars (float32), on cpu"]

    def test_shares_of_peak_and_of_bandwidth_are_of_the_right_stages(self):
        run = run_of(*simulated.cell(("a",), steady=True, noise=0)).model_copy(
            update={"peaks": simulated.peaks(flops_per_s=1e12), "bandwidths": simulated.bandwidths(bytes_per_s=2e10)}
        )
        (group,) = timed.groups(run)
        shown = {stage.name: (stage.achieved, stage.of_best) for stage in group.shapes[0].stages}

        assert shown["forward"] == ("400 GFLOP/s", "40.0 %")
        assert shown["softmax"] == ("32.0 MB/s", "0.2 %")
        assert shown["tokenize"] == ("4.00 MB/s", "<0.1 %")

    def test_batch_that_moves_more_than_memory_can_is_said_to_be_cached(self):
        run = run_of(*simulated.cell(("a",))).model_copy(update={"bandwidths": simulated.bandwidths(bytes_per_s=1e6)})

        assert timed.groups(run)[0].shapes[0].stage("softmax").of_best == "cached"

    @pytest.mark.parametrize(("rest", "noise", "word"), [(0.01, 0.0, ""), (0.2, 0.0, "large"), (0.08, 0.15, "unsure")])
    def test_rest_above_5_percent_has_a_word(self, rest, noise, word):
        run = run_of(*simulated.cell(("a",), rest=rest, noise=noise, steady=True, rounds=12))

        assert timed.groups(run)[0].shapes[0].rest_word == word

    def test_shape_without_the_whole_has_no_rest(self):
        run = run_of(*simulated.cell(("a",), stages=("tokenize", "forward")))
        (shape,) = timed.groups(run)[0].shapes

        assert (shape.breakdown, shape.rest, shape.rest_word) == (None, "", "")
        assert [stage.share for stage in shape.stages] == [None, None]


class TestDistrust:
    def test_quiet_rounds_are_not_distrusted(self):
        assert timed.distrust(timed.groups(run_of(*simulated.cell(steady=True, noise=0.01)))) == ()

    def test_too_few_rounds_are_one_sentence_with_the_remedy_once(self):
        (said,) = timed.distrust(timed.groups(run_of(*simulated.cell(("a",), rounds=3))))

        assert said == "5 of 5 medians are noisy: 3 rounds, fewer than 6; measure more rounds"

    def test_one_noisy_median_is_named(self):
        timings = simulated.cell(("a",), steady=True, noise=0.01)
        few = timings[2].model_copy(update={"seconds": timings[2].seconds[:2]})

        (said,) = timed.distrust(timed.groups(run_of(*timings[:2], few, *timings[3:])))

        assert said == (
            "1 of 5 medians is noisy, forward at 8 × 64 of a (float32): 2 rounds, fewer than 6; measure more rounds"
        )

    def test_first_reason_alone_counts_each_median_once(self):
        groups = timed.groups(run_of(*simulated.cell(noise=0.4, rounds=20)))
        noisy = sum(stage.rounds.noisy for group in groups for shape in group.shapes for stage in shape.stages)

        counts = [int(said.split()[0]) for said in timed.distrust(groups, every=False)]

        assert sum(counts) == noisy > 0
        assert sum(int(said.split()[0]) for said in timed.distrust(groups)) > noisy


class TestVersus:
    def test_delay_planted_in_one_stage_is_slower_in_that_stage_alone(self):
        run = run_of(*simulated.cell(slower={"b": {"tokenize": 1.4}}, noise=0.02, rounds=40, steady=True))
        (pair,) = versus.pairs(run)

        assert {row.stage: versus.verdict(row) for row in pair.rows if row.stage != "classify"} == {
            "tokenize": "slower", "place": "within noise", "forward": "within noise", "softmax": "within noise",
        }  # fmt: skip
        assert all(re.fullmatch(r"0\.9\d+–1\.0\d+", versus.floor(row)) for row in pair.rows)
        assert pair.reasons == ()

    def test_comparison_without_a_control_is_undecided_and_says_why(self):
        timings = [each for each in simulated.cell() if each.role == "case"]
        (pair,) = versus.pairs(run_of(*timings))

        assert {versus.verdict(row) for row in pair.rows} == {"undecided"}
        assert versus.floor(pair.rows[0]) == "–"
        assert pair.reasons[0] == "no noise floor: tokenize was not measured twice in this cell"

    def test_one_classifier_is_compared_with_nothing(self):
        assert versus.pairs(run_of(*simulated.cell(("a",)))) == ()


class TestMachine:
    def test_best_names_dtype_device_and_threads(self):
        run = run_of().model_copy(
            update={"peaks": simulated.peaks()[:1] + simulated.peaks(device="cuda:0")[1:],
                    "bandwidths": simulated.bandwidths()}
        )  # fmt: skip

        assert machine.best(run) == (
            ("matrix product, float32", "1.00 TFLOP/s (cpu, 2 threads, 2,048 wide)"),
            ("matrix product, bfloat16", "2.00 TFLOP/s (cuda:0, 2,048 wide)"),
            ("copy in memory", "20.0 GB/s read and written (cpu, 2 threads)"),
        )

    def test_conditions_leave_out_what_the_system_does_not_tell(self):
        known = sample_run.environment()
        bare = known.model_copy(
            update={"load_before": None, "load_after": None, "affinity": None, "cpu_limit": None,
                    "memory_limit_bytes": None, "governor": None}
        )  # fmt: skip

        assert machine.conditions(bare) == (("cores", "2 threads on 2 cores"),)
        assert machine.conditions(known)[1:] == (
            ("control group grants", "1.50 cores and 8.00 GB of memory"),
            ("governor", "powersave"),
            ("load", "0.31 before, 1.95 after (processes that want a core)"),
        )

    def test_cores_that_may_be_used_are_told_where_they_are_not_all(self):
        found = sample_run.environment().model_copy(update={"cores": 16, "affinity": (0, 1, 2, 8)})

        assert machine.conditions(found)[0] == ("cores", "2 threads on 16 cores, may run on 4 cores: 0–2, 8")

    def test_accelerator_says_what_its_driver_tells(self):
        state = AcceleratorState(
            name="H100", driver="550.1", clock_mhz=1980, clock_limit_mhz=1980, memory_clock_mhz=2619,
            temperature_c=61.2, power_w=320, power_limit_w=700, throttled=(),
        )  # fmt: skip

        assert machine.accelerator(state) == (
            "1,980 of 1,980 MHz, memory 2,619 MHz, 61 °C, 320 of 700 W, clock not held back, driver 550.1"
        )
        assert machine.accelerator(AcceleratorState(name="H100")) == "its driver tells nothing"


class TestMemory:
    def test_has_sizes_and_the_largest_rise_of_each_stage(self):
        run = sample_run.sample(sets=(), cells=((1, 16), (8, 64))).run
        (found,) = memory.of(run)

        assert (found.disk, found.loaded, found.loading) == ("31.2 MB", "62.5 MB", "530 MB (+120 MB)")
        assert found.stages["forward"] == 40_000_000
        assert found.on_device == ""

    def test_random_weights_lie_on_no_disk(self):
        run = sample_run.sample(sets=()).run
        (record,) = run.classifiers

        (found,) = memory.of(run.model_copy(update={"classifiers": (record.model_copy(update={"timing_only": True}),)}))

        assert found.disk == ""

    def test_run_that_kept_nothing_of_it_has_none(self):
        run = sample_run.sample(sets=()).run
        bare = {"memory_bytes": None, "load_before_bytes": None, "load_peak_bytes": None}

        assert memory.of(run.model_copy(update={"classifiers": (run.classifiers[0].model_copy(update=bare),)})) == ()
