"""The `harness` command: what it prints, and the code it exits with."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.checkpoints import bert

from harness.cli import cli, main

HEAVY = {"torch", "transformers", "datasets", "sklearn", "scipy", "pandas", "numpy", "pyarrow", "pydantic"}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random five-star checkpoint, made once."""
    return bert(tmp_path_factory.mktemp("checkpoints") / "tiny")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with a small review set, as the current one."""
    (tmp_path / "shop.csv").write_text("text,stars\nI love this book,5\nawful product,1\nit was good,4\nnot bad,3\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def exit_code(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return int(caught.value.code or 0)


class TestPredict:
    def test_json_is_a_list_with_one_object_a_text(
        self, tiny: Path, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main(["predict", "--model", str(tiny), "--format", "json", "I love this book", "awful"])

        found = json.loads(capsys.readouterr().out)
        assert [each["text"] for each in found] == ["I love this book", "awful"]
        assert list(found[0]["probabilities"]) == ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"]
        assert sum(found[0]["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert found[0]["label"] == max(found[0]["probabilities"], key=found[0]["probabilities"].get)

    def test_text_and_csv_and_a_file_tell_the_same(
        self, tiny: Path, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (here / "lines.txt").write_text("I love this book\n")
        main(["predict", "--model", str(tiny), "I love this book"])
        shown = capsys.readouterr().out
        main(["predict", "--model", str(tiny), "--file", "lines.txt", "--format", "csv"])
        (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))

        for name in ("1 star", "5 stars"):
            assert f"{name:<7}  {float(row[name]):.4f}" in shown

    def test_several_classifiers_are_refused(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert exit_code("predict", "--model", "a", "--model", "b", "text") == 2
        assert "predict takes one classifier, not 2" in capsys.readouterr().err


class TestEvaluate:
    def test_prints_the_tables_and_show_prints_them_again(
        self, tiny: Path, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main(["evaluate", "--model", str(tiny), "--dataset", "shop.csv", "--resamples", "100"])
        first = capsys.readouterr().out
        main(["show", "latest"])
        second = capsys.readouterr().out

        assert "Accuracy" in first
        assert "Confusion" in first
        assert first == second

    def test_json_of_evaluate_and_of_show_is_the_run(
        self, tiny: Path, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main(["evaluate", "--model", str(tiny), "--dataset", "shop.csv", "--resamples", "100", "--format", "json"])
        run = json.loads(capsys.readouterr().out)
        main(["show", run["id"], "--format", "json"])

        assert json.loads(capsys.readouterr().out) == run
        assert json.loads((here / "reports/runs" / run["id"] / "run.json").read_text()) == run
        (evaluation,) = run["evaluations"]
        assert evaluation["counts"]["evaluated"] == 4
        assert set(evaluation["metrics"]["accuracy"]) == {"value", "low", "high", "method"}

    def test_csv_has_one_row_a_metric(self, tiny: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        main(["evaluate", "--model", str(tiny), "--dataset", "shop.csv", "--resamples", "100", "--format", "csv"])

        rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
        assert "accuracy" in {row["metric"] for row in rows}

    def test_bad_input_is_one_message_without_a_traceback(
        self, tiny: Path, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code = exit_code("evaluate", "--model", str(tiny), "--dataset", "shop.csv", "--text-column", "body")
        error = capsys.readouterr().err

        assert code == 2
        assert error.startswith("harness: ")
        assert "shop.csv" in error
        assert "Traceback" not in error

    @pytest.mark.parametrize("command", ["show", "report"])
    def test_a_run_that_is_not_there_is_an_error(
        self, command: str, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert exit_code(command, "nowhere") == 2
        assert "nowhere" in capsys.readouterr().err


class TestReport:
    def test_writes_the_page_where_it_is_asked_to(
        self, tiny: Path, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main(["evaluate", "--model", str(tiny), "--dataset", "shop.csv", "--resamples", "100"])
        main(["report", "latest", "-o", "page.html"])

        assert capsys.readouterr().out.endswith("page.html\n")
        assert "awful product" in (here / "page.html").read_text()

    def test_several_runs_are_refused(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert exit_code("report", "a", "b") == 2
        assert "report writes the page of one run, not of 2" in capsys.readouterr().err


class TestCommand:
    @pytest.mark.parametrize("arguments", [["--help"], ["evaluate", "--help"], ["--version"]])
    def test_help_imports_nothing_heavy(self, arguments: list[str]) -> None:
        program = (
            f"import sys\nfrom harness.cli import main\nmain({arguments!r})\n"
            f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

        assert done.stderr.strip() == "[]"
        assert done.stdout

    def test_the_check_of_heavy_imports_can_fail(self) -> None:
        program = f"import sys, numpy\nprint(sorted({HEAVY!r} & set(sys.modules)))"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

        assert done.stdout.strip() == "['numpy']"

    def test_an_unknown_option_exits_with_2(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert exit_code("evaluate", "--modle", "builtin") == 2
        assert "--modle" in capsys.readouterr().err

    def test_every_command_has_a_help_that_begins_with_a_verb(self) -> None:
        for name, command in cli.commands.items():
            assert command.help, name
            assert command.help.split()[0] in {"Evaluate", "Print", "Put", "Write"}, name

    def test_an_interrupt_exits_with_130(
        self, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def interrupted(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("harness.session.Session.evaluate", interrupted)

        assert exit_code("evaluate") == 130
        assert "interrupted; the same command goes on from here" in capsys.readouterr().err
