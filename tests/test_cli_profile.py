"""`harness profile`: what it prints, what it writes, and the code it exits with."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pytest
from support.checkpoints import bert
from support.command import exit_code

from harness.cli import cli, main
from harness.timing import STEPS

SHORT = ("--batch-size", "2", "--seq-len", "6", "--rounds", "2")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random five-star checkpoint, made once."""
    return bert(tmp_path_factory.mktemp("checkpoints") / "tiny")


@pytest.fixture
def asked(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command on a small review set, in a folder of its own."""
    (tmp_path / "shop.csv").write_text("text,stars\nI love this book,5\nawful product,1\nit was good,4\nnot bad,3\n")
    monkeypatch.chdir(tmp_path)
    return ["profile", "--model", str(tiny), "--dataset", "shop.csv", "--device", "cpu", *SHORT]


def test_prints_the_operators_and_says_where_the_trace_is(asked, capsys):
    main(asked)
    out, err = capsys.readouterr()

    assert out.startswith("forward of tiny on shop: 2 reviews of 6 tokens, cpu, float32, ")
    assert "aten::addmm" in out
    assert out.splitlines()[-2] == "trace  reports/runs/trace-tiny-forward-2x6.json.gz"
    assert "traceEvents" in json.loads(
        gzip.decompress(Path("reports/runs/trace-tiny-forward-2x6.json.gz").read_bytes())
    )
    assert err == ""


def test_top_says_how_many_operators_are_shown(asked, capsys):
    main([*asked, "--top", "3"])
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("aten::") and "%" in line]

    # One more line has the shapes of the first.
    assert len([row for row in rows if " by its inputs" not in row]) == 3


def test_json_is_the_whole_profile(asked, capsys):
    main([*asked, "--format", "json"])
    one = json.loads(capsys.readouterr().out)

    assert (one["stage"], one["batch_size"], one["seq_len"], len(one["profiled_seconds"])) == ("forward", 2, 6, 2)
    assert one["trace"] == "reports/runs/trace-tiny-forward-2x6.json.gz"
    assert {"name", "calls", "self_seconds", "device_self_seconds", "shapes"} == set(one["operators"][0])


def test_csv_has_a_row_for_each_operator_and_names_the_trace_elsewhere(asked, capsys):
    main([*asked, "--format", "csv", "--stage", "softmax", "-o", "here.json.gz"])
    out, err = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(out)))

    assert rows[-1]["operator"] == "outside torch operators"
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1)
    assert err == "trace  here.json.gz\n"
    assert Path("here.json.gz").is_file()


def test_the_runs_folder_is_where_output_says(asked):
    main([*asked, "--output", "elsewhere", "--stage", "place"])

    assert [path.name for path in Path("elsewhere").iterdir()] == ["trace-tiny-place-2x6.json.gz"]


def test_traces_in_the_runs_folder_are_no_runs(asked, capsys):
    main([*asked, "--stage", "softmax"])

    assert exit_code("show", "latest") == 2
    assert "no run" in capsys.readouterr().err


def test_every_stage_can_be_named():
    option = next(each for each in cli.commands["profile"].params if each.name == "stage")

    assert tuple(option.type.choices) == STEPS


def test_an_unknown_stage_ends_with_those_that_are_known(asked, capsys):
    assert exit_code(*asked, "--stage", "pooling") == 2
    assert "'pooling' is not one of 'tokenize', 'place', 'forward', 'softmax', 'classify'" in capsys.readouterr().err


def test_a_length_beyond_the_classifier_is_one_message(asked, capsys):
    assert exit_code(*asked, "--seq-len", "513") == 2
    assert capsys.readouterr().err == (
        "harness: a sequence length of 513 is more than the classifier takes\n"
        "  where     option --seq-len 513\n"
        "  expected  at most 512 tokens\n"
        "  remedy    use --seq-len 512 or less\n"
    )


def test_a_folder_that_cannot_be_written_is_one_message(asked, capsys):
    Path("runs").write_text("a file")

    assert exit_code(*asked, "--output", "runs") == 2
    assert capsys.readouterr().err == (
        "harness: the trace cannot be written: File exists\n"
        "  where     runs/trace-….json.gz\n"
        "  remedy    name another file with -o, or another folder with --output\n"
    )
