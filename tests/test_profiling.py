"""A profile of one stage: the trace on disk, and what each operator took within the rounds."""

from __future__ import annotations

import gzip
import json
import os
import socket
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from support import checkpoints
from torch.autograd import DeviceType

from harness.classifier import Classifier
from harness.errors import RunError, UsageError
from harness.options import Settings
from harness.profiling import Asked, profile, run, trace_file
from harness.profiling.operators import within
from harness.records.profiles import Profile
from harness.timing import STEPS, Case, prepare

TEXTS = ["a good book", "not bad at all", "awful", "I would buy it with love"]
ROUNDS = 3


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny real checkpoint of two layers."""
    return checkpoints.bert(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def cases(tiny: Path) -> dict[str, Case]:
    """Every stage on the same texts, by its name; a case keeps no state, so every test may share it."""
    classifier = Classifier.load(str(tiny), device="cpu", max_length=64)
    return {stage: prepare(classifier, stage, TEXTS, seq_len=8, ids=("tiny", "reviews")) for stage in STEPS}


@pytest.fixture(scope="module")
def forward(cases: dict[str, Case], tmp_path_factory: pytest.TempPathFactory) -> tuple[Profile, dict[str, Any]]:
    """A profile of forward, and its trace."""
    path = tmp_path_factory.mktemp("traces") / "trace.json.gz"
    return profile(cases["forward"], path, rounds=ROUNDS), content(path)


def content(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return found


def ranges(trace: dict[str, Any]) -> list[str]:
    found = [each for each in trace["traceEvents"] if each.get("cat") == "user_annotation"]
    return [each["name"] for each in sorted(found, key=lambda each: each["ts"])]


class TestTrace:
    def test_is_a_chrome_trace_whose_complete_events_have_a_start_and_a_duration(self, forward):
        complete = [each for each in forward[1]["traceEvents"] if each["ph"] == "X"]

        assert all(each["ts"] >= 0 and each["dur"] >= 0 and each["name"] for each in complete)
        assert "aten::addmm" in {each["name"] for each in complete}

    def test_each_round_is_a_range_named_after_the_stage(self, forward):
        assert ranges(forward[1]) == ["forward warm-up"] * 3 + [f"forward round {number}" for number in (1, 2, 3)]

    @pytest.mark.parametrize("stage", [stage for stage in STEPS if stage != "forward"])
    def test_other_stages_have_their_ranges_too(self, cases, stage, tmp_path):
        profile(cases[stage], tmp_path / "trace.json.gz", rounds=2)

        assert ranges(content(tmp_path / "trace.json.gz"))[3:] == [f"{stage} round 1", f"{stage} round 2"]

    def test_operators_have_the_shapes_of_their_inputs(self, forward):
        product = next(each for each in forward[1]["traceEvents"] if each["name"] == "aten::addmm")

        assert product["args"]["Input Dims"]

    def test_names_neither_the_machine_nor_a_folder_of_it(self, forward):
        text = json.dumps(forward[1])

        assert "host_name" not in forward[1]
        assert socket.gethostname() not in forward[1].values()
        assert forward[1]["traceName"] == "trace.json.gz"
        assert [folder for folder in (str(Path.home()), str(Path.cwd()), "/tmp/") if folder in text] == []

    def test_is_plain_json_where_its_name_does_not_end_in_gz(self, cases, tmp_path):
        profile(cases["softmax"], tmp_path / "trace.json", rounds=1)

        assert "traceEvents" in json.loads((tmp_path / "trace.json").read_text())

    def test_nothing_else_is_left_in_its_folder(self, cases, tmp_path):
        profile(cases["softmax"], tmp_path / "trace.json.gz", rounds=1)

        assert [each.name for each in tmp_path.iterdir()] == ["trace.json.gz"]


class TestProfile:
    def test_says_what_ran(self, forward, cases):
        one, case = forward[0], cases["forward"]

        assert (one.classifier, one.review_set, one.stage) == ("tiny", "reviews", "forward")
        assert (one.batch_size, one.seq_len, one.device, one.dtype) == (4, 8, "cpu", "float32")
        assert (one.tokens, one.padded_tokens) == (case.tokens, case.padded_tokens)
        assert one.threads == torch.get_num_threads()

    def test_has_as_many_rounds_without_the_profiler_as_with_it(self, forward, cases, tmp_path):
        alone = profile(cases["softmax"], tmp_path / "trace.json.gz", rounds=1)

        assert (len(forward[0].seconds), len(forward[0].profiled_seconds)) == (ROUNDS, ROUNDS)
        assert (len(alone.seconds), len(alone.profiled_seconds)) == (1, 1)
        assert min(forward[0].seconds + forward[0].profiled_seconds) > 0

    def test_counts_each_operator_as_often_as_the_trace_has_it_in_the_rounds(self, forward):
        events = forward[1]["traceEvents"]
        rounds = [each for each in events if each["name"].startswith("forward round")]
        operators = Counter(
            each["name"]
            for each in events
            if each.get("cat") == "cpu_op"
            and any(one["ts"] <= each["ts"] < one["ts"] + one["dur"] and one["tid"] == each["tid"] for one in rounds)
        )

        assert {each.name: each.calls for each in forward[0].operators} == operators

    def test_self_times_and_what_is_outside_add_up_to_the_rounds(self, forward):
        one = forward[0]

        assert sum(each.self_seconds for each in one.operators) + one.outside_seconds == pytest.approx(
            sum(one.profiled_seconds)
        )

    def test_operators_that_cost_most_come_first(self, forward):
        costs = [each.self_seconds for each in forward[0].operators]

        assert costs == sorted(costs, reverse=True)

    def test_an_operator_is_the_sum_of_its_shapes(self, forward):
        linear = next(each for each in forward[0].operators if each.name == "aten::addmm")

        # Two layers, each with the four square matrices of its attention and two between 32 and 64 wide.
        assert {each.shapes[2] for each in linear.shapes} >= {(32, 32), (32, 64), (64, 32)}
        assert sum(each.calls for each in linear.shapes) == linear.calls
        assert sum(each.self_seconds for each in linear.shapes) == pytest.approx(linear.self_seconds)

    def test_on_the_cpu_nothing_is_said_of_a_device(self, forward):
        assert forward[0].device_idle_seconds is None
        assert {each.device_self_seconds for each in forward[0].operators} == {None}

    def test_all_of_tokenize_is_outside_torch(self, cases, tmp_path):
        one = profile(cases["tokenize"], tmp_path / "trace.json.gz", rounds=2)

        assert one.operators == ()
        assert one.outside_seconds == pytest.approx(sum(one.profiled_seconds))

    def test_is_the_same_after_its_json(self, forward):
        assert Profile.model_validate_json(forward[0].model_dump_json()) == forward[0]

    def test_a_stage_that_fails_ends_the_profiler_too(self, cases, tmp_path):
        calls = []

        def fail() -> None:
            calls.append(1)
            # Past the rounds without the profiler.
            if len(calls) > 5:
                raise ValueError("broken")

        with pytest.raises(ValueError, match="broken"):
            profile(replace(cases["softmax"], run=fail), tmp_path / "trace.json.gz", rounds=2)

        assert not torch.autograd._profiler_enabled()
        assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no CUDA device")
class TestProfileOnCuda:
    def test_operators_have_the_time_of_their_kernels(self, tiny, tmp_path):
        classifier = Classifier.load(str(tiny), device="cuda")
        case = prepare(classifier, "forward", TEXTS, seq_len=8, ids=("tiny", "reviews"))
        one = profile(case, tmp_path / "trace.json.gz", rounds=2)

        assert one.device_idle_seconds is not None
        assert one.operators[0].device_self_seconds > 0
        assert "kernel" in {each.get("cat") for each in content(tmp_path / "trace.json.gz")["traceEvents"]}


def event(
    name: str, start: float, end: float, parent: Any = None, *, own: float = 0.0, kernels: float = 0.0, **more: Any
) -> SimpleNamespace:
    """An event of the profiler: microseconds from `start` to `end`, of which `own` are its self time."""
    known = {"device_type": DeviceType.CPU, "is_user_annotation": False, "input_shapes": []} | more
    return SimpleNamespace(
        name=name,
        time_range=SimpleNamespace(start=start, end=end),
        cpu_parent=parent,
        self_cpu_time_total=own,
        self_device_time_total=kernels,
        **known,
    )


class TestWithin:
    def launched(self) -> list[SimpleNamespace]:
        """Two rounds of 100 µs on a GPU: a product whose kernel takes 60 µs, launched within 20 µs of the host."""
        events = [event("warm-up", 0, 50, is_user_annotation=True)]
        events.append(event("mm", 0, 40, events[0], own=40, kernels=500))
        for start in (100, 300):
            round_ = event(f"round {start}", start, start + 100, is_user_annotation=True)
            linear = event("linear", start, start + 20, round_, own=8)
            product = event("mm", start + 5, start + 17, linear, own=2, kernels=60, input_shapes=[[2, 3], [], [3, 4]])
            launch = event("cudaLaunchKernel", start + 6, start + 16, product, own=10)
            # The profiler repeats a range on the device, and adds the kernels within it to the range.
            round_.self_device_time_total = 60
            shadow = event(round_.name, start + 20, start + 80, device_type=DeviceType.CUDA, is_user_annotation=True)
            kernel = event("gemm", start + 20, start + 80, device_type=DeviceType.CUDA, kernels=60)
            events += [round_, linear, product, launch, shadow, kernel]
        return events

    def test_device_time_is_that_of_the_kernels_in_the_rounds_and_ranks_the_operators(self):
        found = within(self.launched(), ["round 100", "round 300"], device=True)

        assert [(each.name, each.calls) for each in found.operators] == [
            ("mm", 2),
            ("cudaLaunchKernel", 2),
            ("linear", 2),
        ]
        assert [each.device_self_seconds for each in found.operators] == pytest.approx([120e-6, 0, 0])
        assert [each.self_seconds for each in found.operators] == pytest.approx([4e-6, 20e-6, 16e-6])

    def test_the_device_is_idle_while_no_kernel_runs(self):
        found = within(self.launched(), ["round 100", "round 300"], device=True)

        assert found.rounds == pytest.approx((100e-6, 100e-6))
        assert found.device_idle == pytest.approx(80e-6)
        assert found.outside == pytest.approx(160e-6)

    def test_shapes_leave_out_inputs_that_are_no_tensors(self):
        found = within(self.launched(), ["round 100"], device=True)

        assert found.operators[0].shapes[0].shapes == ((2, 3), (3, 4))

    def test_a_range_within_a_round_has_no_kernels_of_its_own(self):
        round_ = event("round", 0, 100, is_user_annotation=True)
        inner = event("attention", 0, 50, round_, own=30, kernels=20, is_user_annotation=True)
        found = within([round_, inner, event("mm", 5, 25, inner, own=20, kernels=20)], ["round"], device=True)

        assert {each.name: each.device_self_seconds for each in found.operators} == pytest.approx(
            {"mm": 20e-6, "attention": 0}
        )

    def test_a_device_on_which_nothing_ran_is_not_said_to_be_idle(self):
        round_ = event("round", 0, 100, is_user_annotation=True)
        found = within([round_], ["round"], device=True)

        assert (found.operators, found.device_idle, found.outside) == ((), None, pytest.approx(100e-6))

    def test_kernels_that_run_at_the_same_time_leave_no_negative_rest(self):
        round_ = event("round", 0, 100, is_user_annotation=True)
        found = within([round_, event("mm", 0, 90, round_, own=101, kernels=150)], ["round"], device=True)

        assert (found.outside, found.device_idle) == (0, 0)


class TestWrite:
    def test_leaves_out_the_machine_and_its_folders_wherever_they_stand(self, tmp_path):
        raw = {
            "host_name": "box",
            "traceName": "/tmp/x.json",
            "traceEvents": [{"ph": "X", "name": "load /home/ann/model.bin", "args": {"cwd": ["/home/ann/work"]}}],
        }
        trace_file.write(lambda name: Path(name).write_text(json.dumps(raw)), tmp_path / "t.json")

        assert json.loads((tmp_path / "t.json").read_text()) == {
            "traceName": "t.json",
            "traceEvents": [{"ph": "X", "name": "load model.bin", "args": {"cwd": ["work"]}}],
        }

    def test_the_names_of_operators_and_kernels_stay(self, tmp_path):
        names = [
            "aten::add_",
            "void at::native::(anonymous namespace)::f<float, 4>(int)",
            "Memcpy HtoD (Pinned -> Device)",
        ]
        raw = {"traceEvents": [{"name": name} for name in names]}
        trace_file.write(lambda name: Path(name).write_text(json.dumps(raw)), tmp_path / "t.json")

        assert [each["name"] for each in json.loads((tmp_path / "t.json").read_text())["traceEvents"]] == names

    def test_the_same_trace_gives_the_same_bytes(self, tmp_path):
        for name in ("a", "b"):
            path = tmp_path / name / "t.json.gz"
            trace_file.write(lambda raw: Path(raw).write_text('{"traceEvents": []}'), path)

        assert (tmp_path / "a/t.json.gz").read_bytes() == (tmp_path / "b/t.json.gz").read_bytes()

    def test_a_folder_in_its_place_is_an_error(self, tmp_path):
        (tmp_path / "t.json.gz").mkdir()

        with pytest.raises(RunError) as caught:
            trace_file.check_writable(tmp_path / "t.json.gz")

        assert str(caught.value) == (
            "the trace cannot be written: Is a directory\n"
            f"  where     {tmp_path}/t.json.gz\n"
            "  remedy    name another file with -o, or another folder with --output"
        )


class TestWithoutMarks:
    def test_hides_the_marks_of_the_profiler_and_nothing_else(self, capfd):
        with trace_file.without_marks():
            os.write(2, b"USDT:2026-01-01 profiler_start\nWARNING: no kernels\n")
        os.write(2, b"after\n")

        assert capfd.readouterr().err == "WARNING: no kernels\nafter\n"

    def test_a_profile_is_silent(self, cases, tmp_path, capfd):
        profile(cases["softmax"], tmp_path / "trace.json.gz", rounds=1)

        assert capfd.readouterr() == ("", "")


class TestRun:
    @pytest.fixture
    def settings(self, tiny: Path, tmp_path: Path) -> Settings:
        (tmp_path / "shop.csv").write_text("text,stars\nI love this book,5\nawful product,1\nit was good,4\nbad,2\n")
        return Settings(
            model=(str(tiny),), dataset=(str(tmp_path / "shop.csv"),), device="cpu", output=tmp_path / "runs"
        )

    def test_takes_its_texts_from_the_review_set_and_names_the_trace_after_what_it_profiles(self, settings, tmp_path):
        one = run(settings, Asked("softmax", batch_size=2, seq_len=6, rounds=2))

        assert (one.review_set, one.batch_size, one.seq_len) == ("shop", 2, 6)
        assert one.trace == str(tmp_path / "runs" / f"trace-{one.classifier}-softmax-2x6.json.gz")
        assert ranges(content(Path(one.trace)))[-1] == "softmax round 2"

    def test_writes_the_trace_where_it_is_told(self, settings, tmp_path):
        one = run(settings, Asked("softmax", rounds=1), tmp_path / "here" / "t.json.gz")

        assert one.trace == str(tmp_path / "here" / "t.json.gz")
        assert (tmp_path / "here" / "t.json.gz").is_file()
        assert not (tmp_path / "runs").exists()

    def test_an_unknown_stage_is_an_error(self):
        with pytest.raises(UsageError) as caught:
            Asked("pooling")  # type: ignore[arg-type]

        assert str(caught.value) == (
            "no stage is called 'pooling'\n"
            "  where     option --stage pooling\n"
            "  expected  tokenize, place, forward, softmax, classify\n"
            "  remedy    name one of these"
        )

    def test_a_length_beyond_the_classifier_is_an_error(self, settings):
        with pytest.raises(UsageError) as caught:
            run(replace(settings, max_length=16), Asked(seq_len=17))

        assert str(caught.value) == (
            "a sequence length of 17 is more than the classifier takes\n"
            "  where     option --seq-len 17\n"
            "  expected  at most 16 tokens\n"
            "  remedy    use --seq-len 16 or less"
        )

    def test_a_length_without_room_for_a_word_is_an_error(self, settings):
        with pytest.raises(UsageError) as caught:
            run(settings, Asked(seq_len=2))

        assert str(caught.value) == (
            "a sequence length of 2 leaves no room for a word\n"
            "  where     option --seq-len 2\n"
            "  remedy    name a longer sequence"
        )

    @pytest.mark.parametrize(
        ("field", "noun", "flag"), [("model", "classifier", "--model"), ("dataset", "review set", "--dataset")]
    )
    def test_two_subjects_are_an_error(self, settings, field, noun, flag):
        with pytest.raises(UsageError) as caught:
            run(replace(settings, **{field: ("a", "b")}), Asked())

        assert str(caught.value) == (
            f"profile takes one {noun}, not 2\n  where     option {flag}: a, b\n  remedy    call profile once for each"
        )

    def test_a_folder_that_cannot_be_made_is_an_error_before_anything_is_loaded(self, settings, tmp_path):
        (tmp_path / "runs").write_text("a file")

        with pytest.raises(RunError) as caught:
            run(replace(settings, model=("nowhere",)), Asked())

        assert str(caught.value) == (
            "the trace cannot be written: File exists\n"
            f"  where     {tmp_path}/runs/trace-….json.gz\n"
            "  remedy    name another file with -o, or another folder with --output"
        )
