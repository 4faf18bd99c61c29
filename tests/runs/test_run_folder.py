from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.errors import RunError
from harness.records import Environment, Run
from harness.runs import RunFolder
from harness.runs import folder as room

ROOT = Path(__file__).parents[2]


def record(folder: RunFolder, **changed: Any) -> Run:
    """The record of a run that has evaluated nothing yet."""
    machine = Environment(
        harness="0", python="3", platform="x", processor="y", cores=1, threads=1, memory_bytes=1, packages={}
    )
    values: dict[str, Any] = {
        "id": folder.id, "name": "n", "status": "unfinished", "started": "2026-01-01T00:00:00+00:00",
        "command": "evaluate", "settings": {}, "environment": machine,
    }  # fmt: skip
    return Run(**values | changed)


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still, within one second."""
    monkeypatch.setattr(room, "TIME", "20260102T120000Z")


class TestStart:
    def test_the_id_is_the_utc_time_and_the_name(self, tmp_path: Path) -> None:
        """`20260102T120000Z-builtin-on-Grosse-5`."""
        folder = RunFolder.start(tmp_path / "runs", "builtin on Größe 5", "request")

        assert re.fullmatch(r"\d{8}T\d{6}Z-builtin-on-Grosse-5", folder.id)
        assert folder.path == tmp_path / "runs" / folder.id
        assert not folder.resumed

    @pytest.mark.usefixtures("at_noon")
    def test_runs_within_one_second_have_their_own_folders(self, tmp_path: Path) -> None:
        """Also while the others are at work."""
        folders = [RunFolder.start(tmp_path, "n", f"request {number}") for number in range(3)]

        assert [each.id for each in folders] == ["20260102T120000Z-n", "20260102T120000Z-n-2", "20260102T120000Z-n-3"]

    def test_an_unfinished_run_of_the_same_request_is_gone_on_with(self, tmp_path: Path) -> None:
        """In place, whatever it is called now."""
        first = RunFolder.start(tmp_path, "n", "request")
        first.write(record(first, status="interrupted"))
        first.release()

        again = RunFolder.start(tmp_path, "n", "request")

        assert again.resumed
        assert again.path == first.path

    def test_the_newest_of_several_is_taken(self, tmp_path: Path) -> None:
        """Two interrupted runs of one request: the later one, also within one second."""
        held = [RunFolder.start(tmp_path, "n", "request") for _ in range(3)]
        for folder in held:
            folder.release()

        assert RunFolder.start(tmp_path, "n", "request").path == held[-1].path

    def test_another_request_starts_its_own(self, tmp_path: Path) -> None:
        """Other options are another run."""
        first = RunFolder.start(tmp_path, "n", "request")
        first.release()

        assert RunFolder.start(tmp_path, "n", "other request").path != first.path

    def test_a_finished_run_is_left_alone(self, tmp_path: Path) -> None:
        """The same command again is a new run."""
        first = RunFolder.start(tmp_path, "n", "request")
        first.write(record(first))
        first.finish()

        again = RunFolder.start(tmp_path, "n", "request")

        assert not again.resumed
        assert again.path != first.path

    def test_a_run_that_another_process_holds_is_left_alone(self, tmp_path: Path) -> None:
        """Two at once do not share a folder; when the holder is killed, its run can be gone on with."""
        code = (
            "import sys, time; from pathlib import Path; from harness.runs import RunFolder\n"
            f"held = RunFolder.start(Path({str(tmp_path)!r}), 'n', 'request')\n"
            "print(held.id, flush=True); time.sleep(600)"
        )
        with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout is not None
            held = other.stdout.readline().strip()
            here = RunFolder.start(tmp_path, "n", "request")
            other.kill()
        here.write(record(here))
        here.finish()

        assert here.id != held
        assert RunFolder.start(tmp_path, "n", "request").id == held

    def test_request_json_keeps_a_digest_and_no_path(self, tmp_path: Path) -> None:
        """What was asked may name folders of this machine; the file does not."""
        folder = RunFolder.start(tmp_path, "n", f"--dataset {tmp_path}/reviews.csv")

        content = json.loads((folder.path / "request.json").read_text())

        assert list(content) == ["name", "started", "request"]
        assert re.fullmatch(r"[0-9a-f]{64}", content["request"])

    def test_a_folder_that_cannot_be_made_is_an_error_with_a_remedy(self, tmp_path: Path) -> None:
        """A file stands in its place."""
        (tmp_path / "runs").write_text("a file")

        with pytest.raises(RunError, match="the run folder cannot be written: ") as raised:
            RunFolder.start(tmp_path / "runs", "n", "request")

        assert raised.value.where == str(tmp_path / "runs")
        assert raised.value.remedy == "name a folder that can be written with --output"

    def test_a_folder_with_other_things_in_it_is_no_trouble(self, tmp_path: Path) -> None:
        """Files, foreign folders and a request that cannot be read are passed over."""
        (tmp_path / "notes.txt").write_text("mine")
        (tmp_path / "empty").mkdir()
        (tmp_path / "broken").mkdir()
        (tmp_path / "broken" / "request.json").write_text("{")

        assert not RunFolder.start(tmp_path, "n", "request").resumed


class TestReserve:
    def test_nothing_is_created(self, tmp_path: Path) -> None:
        """A session without a test of ours leaves no trace."""
        RunFolder.reserve(tmp_path / "runs", "n", "request")

        assert list(tmp_path.iterdir()) == []

    def test_start_takes_the_reserved_folder_that_workers_have_filled(self, tmp_path: Path) -> None:
        """The controller comes later than the first worker's predictions."""
        reserved = RunFolder.reserve(tmp_path, "n", "request")
        (reserved / "predictions").mkdir(parents=True)

        folder = RunFolder.start(tmp_path, "n", "request", at=reserved)

        assert folder.path == reserved
        assert not folder.resumed
        assert (reserved / "request.json").is_file()

    def test_it_names_the_run_that_start_would_go_on_with(self, tmp_path: Path) -> None:
        """An interrupted run under xdist goes on in its folder too."""
        first = RunFolder.start(tmp_path, "n", "request")
        first.release()

        reserved = RunFolder.reserve(tmp_path, "n", "request")

        assert reserved == first.path
        assert RunFolder.start(tmp_path, "n", "request", at=reserved).resumed

    def test_a_folder_that_another_process_took_meanwhile_is_an_error(self, tmp_path: Path) -> None:
        """Two processes reserved the same name and one was first."""
        reserved = RunFolder.reserve(tmp_path, "n", "request")
        holder = RunFolder.start(tmp_path, "n", "other request", at=reserved)

        with pytest.raises(RunError, match="another process works on the same run") as raised:
            RunFolder.start(tmp_path, "n", "request", at=reserved)

        assert raised.value.remedy == "wait until it ends, or give this run another --name"
        holder.release()


class TestWrite:
    def test_run_json_is_indented_ends_in_a_newline_and_keeps_its_order(self, tmp_path: Path) -> None:
        """Readable in an editor; the same record gives the same bytes."""
        folder = RunFolder.start(tmp_path, "n", "request")
        folder.write(record(folder))
        first = (folder.path / "run.json").read_bytes()
        folder.write(record(folder))

        assert (folder.path / "run.json").read_bytes() == first
        assert first.startswith(b'{\n  "schema_version": 3,\n  "id": ')
        assert first.endswith(b"}\n")
        assert list(json.loads(first)) == list(Run.model_fields)


class TestFinish:
    def test_the_run_is_marked_finished_and_its_shards_go(self, tmp_path: Path) -> None:
        """Status, time and seconds; no shards, no lock file."""
        folder = RunFolder.start(tmp_path, "n", "request")
        shards = folder.path / "predictions" / "e.shards"
        shards.mkdir(parents=True)
        (shards / "shard-00000.parquet").write_bytes(b"x")
        (folder.path / "predictions" / "e.parquet").write_bytes(b"x")
        folder.write(record(folder))

        folder.finish()

        found = json.loads((folder.path / "run.json").read_text())
        assert found["status"] == "finished"
        assert found["finished"] > found["started"]
        assert found["seconds"] >= 0
        left = sorted(path.relative_to(folder.path).as_posix() for path in folder.path.rglob("*"))
        assert left == ["predictions", "predictions/e.parquet", "request.json", "run.json"]

    def test_a_record_that_says_finished_is_kept_as_it_is(self, tmp_path: Path) -> None:
        """The session's own seconds stay."""
        folder = RunFolder.start(tmp_path, "n", "request")
        folder.write(record(folder, status="finished", seconds=12.5))

        folder.finish()

        assert json.loads((folder.path / "run.json").read_text())["seconds"] == 12.5

    def test_latest_html_stands_beside_the_runs_folder_and_leads_to_the_page(self, tmp_path: Path) -> None:
        """A relative link, so that it survives a zip and another machine."""
        folder = RunFolder.start(tmp_path / "reports" / "runs", "n", "request")
        (folder.path / "report.html").write_text("the page")
        folder.write(record(folder))

        folder.finish()

        latest = tmp_path / "reports" / "latest.html"
        (link,) = set(re.findall(r'(?:href="|url=)([^"]+)"', latest.read_text()))
        assert link == f"runs/{folder.id}/report.html"
        assert (latest.parent / link).read_text() == "the page"
        assert str(tmp_path) not in latest.read_text()

    def test_in_a_folder_of_another_name_it_stands_inside(self, tmp_path: Path) -> None:
        """`--output out` writes nothing beside `out`."""
        folder = RunFolder.start(tmp_path / "out", "n", "request")
        folder.write(record(folder))

        folder.finish()

        assert [path.name for path in tmp_path.iterdir()] == ["out"]
        assert f'href="{folder.id}/run.json"' in (tmp_path / "out" / "latest.html").read_text()

    def test_no_file_names_the_machines_folders(self, tmp_path: Path) -> None:
        """A run folder may be published as it is."""
        folder = RunFolder.start(tmp_path / "runs", "n", str(tmp_path))
        folder.write(record(folder))
        folder.finish()

        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert len(files) == 3
        assert all(str(tmp_path) not in path.read_text() for path in files)


class TestSlug:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("nlptown/bert-base", "nlptown-bert-base"),
            ("../../etc", "etc"),
            ("星", "run"),
            ("", "run"),
            ("a" * 200, "a" * 80),
            ("C:\\reviews\\é.csv", "C-reviews-e.csv"),
        ],
    )
    def test_any_name_is_a_part_of_a_file_name(self, name: str, expected: str) -> None:
        """On every system, and never a way out of the folder."""
        assert room.slug(name) == expected
