from __future__ import annotations

import getpass
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness import control_groups, environment
from harness.records.run import AcceleratorState


class TestEnvironment:
    def test_it_says_what_could_move_a_figure_or_a_time(self) -> None:
        """Versions, processor, cores, threads, memory."""
        found = environment.environment(load_before=0.5)

        assert found.python == ".".join(map(str, sys.version_info[:3]))
        assert found.packages["numpy"]
        assert 1 <= found.cores <= (os.cpu_count() or 1)
        assert found.threads >= 1
        assert found.memory_bytes > 2**28
        assert found.processor
        assert found.load_before == 0.5

    def test_it_says_what_could_make_a_time_irregular(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Load after the work, cores allowed, limits of the control group, clock rates, states of GPUs."""
        monkeypatch.setattr(os, "getloadavg", lambda: (1.5, 1.0, 0.5), raising=False)
        monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {7, 2}, raising=False)
        monkeypatch.setattr(control_groups, "cpu_limit", lambda: 1.5)
        monkeypatch.setattr(control_groups, "memory_limit", lambda: 2**30)
        monkeypatch.setattr(environment, "governor", {(2, 7): "powersave"}.__getitem__)
        states = (AcceleratorState(name="NVIDIA X100"),)

        found = environment.environment(accelerator_states=states)

        assert found.load_after == 1.5
        assert found.affinity == (2, 7)
        assert found.cpu_limit == 1.5
        assert found.memory_limit_bytes == 2**30
        assert found.governor == "powersave"
        assert found.accelerator_states == states

    def test_it_names_no_user_and_no_folder(self) -> None:
        """A run folder may be published."""
        text = environment.environment().model_dump_json()

        assert str(Path.home()) not in text
        assert str(Path.cwd()) not in text
        assert f'"{getpass.getuser()}"' not in text

    def test_torch_is_not_imported_for_it(self) -> None:
        """A session that loads no classifier does not wait for torch."""
        code = "import sys; from harness.environment import environment as e; e(); sys.exit('torch' in sys.modules)"

        assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1]).returncode == 0


class TestParts:
    def test_a_package_that_is_not_installed_is_left_out(self) -> None:
        """No version is no entry, not an empty text."""
        assert list(environment.versions(("numpy", "no-such-package"))) == ["numpy"]

    def test_the_processor_has_its_makers_name(self, tmp_path: Path) -> None:
        """Spaces put right."""
        (tmp_path / "cpuinfo").write_text("processor : 0\nmodel name\t: Fine  CPU @ 2.0GHz\nmodel name\t: other\n")

        assert environment.processor(tmp_path / "cpuinfo") == "Fine CPU @ 2.0GHz"

    def test_a_processor_without_a_name_is_its_architecture(self, tmp_path: Path) -> None:
        """ARM servers give none."""
        (tmp_path / "cpuinfo").write_text("processor : 0\nBogoMIPS : 50\n")

        assert environment.processor(tmp_path / "cpuinfo")

    def test_cores_are_those_this_process_may_use(self) -> None:
        """A container with two of sixteen cores has two."""
        if not hasattr(os, "sched_setaffinity"):
            pytest.skip("this system has no affinity")
        allowed = os.sched_getaffinity(0)
        try:
            os.sched_setaffinity(0, {min(allowed)})
            assert environment.cores() == 1
        finally:
            os.sched_setaffinity(0, allowed)

    def test_a_system_without_affinity_has_all_its_cores(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """macOS and Windows."""
        monkeypatch.delattr(os, "sched_getaffinity", raising=False)

        assert environment.affinity() is None
        assert environment.cores() == os.cpu_count()

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["performance", "performance"], "performance"),
            (["powersave", "performance"], "mixed: performance, powersave"),
            (["", "schedutil"], "schedutil"),
            ([], None),
        ],
    )
    def test_the_governor_is_that_of_the_cores_allowed(
        self, tmp_path: Path, words: list[str], told: str | None
    ) -> None:
        """Core 9 is not among them; a core that tells nothing has no say."""
        for core, word in enumerate([*words, *[""] * (9 - len(words)), "ondemand"]):
            folder = tmp_path / f"sys/devices/system/cpu/cpu{core}/cpufreq"
            folder.mkdir(parents=True)
            if word:
                (folder / "scaling_governor").write_text(f"{word}\n")

        assert environment.governor((0, 1), tmp_path) == told
        assert environment.governor(None, tmp_path) is None

    def test_threads_without_torch_follow_the_variable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As torch would; nonsense in it is passed over."""
        monkeypatch.delitem(sys.modules, "torch", raising=False)
        monkeypatch.setenv("OMP_NUM_THREADS", "3")
        assert environment.threads() == 3
        monkeypatch.setenv("OMP_NUM_THREADS", "many")
        assert environment.threads() == environment.cores()

    def test_the_load_average_is_a_number_where_there_is_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Windows has none."""
        monkeypatch.setattr(os, "getloadavg", lambda: (1.5, 1.0, 0.5), raising=False)
        assert environment.load_average() == 1.5
        monkeypatch.delattr(os, "getloadavg")
        assert environment.load_average() is None
