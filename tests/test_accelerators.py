"""Names, clocks and throttling of GPUs, told by drivers that are made up here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness import accelerators

OF_TODAY = "clocks_event_reasons.active"
OLDER = "clocks_throttle_reasons.active"


class Driver:
    """Answers like `nvidia-smi`: values for the fields it knows, a message for the first that it does not."""

    def __init__(self, *rows: str, unknown: Sequence[str] = ()) -> None:
        self.rows = rows
        self.unknown = unknown
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, fields: Sequence[str]) -> str:
        self.asked.append(tuple(fields))
        for field in fields:
            if field in self.unknown:
                return f'Field "{field}" is not a valid field to query.\n\n'
        return "".join(f"{row}\n" for row in self.rows)


class TestNames:
    def test_without_torch_they_come_from_the_drivers_list(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Two devices, in order; none where there is no driver."""
        monkeypatch.delitem(sys.modules, "torch", raising=False)
        for place, name in enumerate(("NVIDIA A", "NVIDIA B")):
            (tmp_path / f"0000:0{place}").mkdir()
            (tmp_path / f"0000:0{place}" / "information").write_text(f"Model: \t {name}\nIRQ: 1\n")

        assert accelerators.names(tmp_path) == ("NVIDIA A", "NVIDIA B")
        assert accelerators.names(tmp_path / "none") == ()


class TestStates:
    def test_every_figure_of_the_driver_is_kept(self) -> None:
        """One line, one GPU, with its units."""
        driver = Driver("NVIDIA X100, 550.54.15, 1980, 2100, 2619, 61, 412.35, 700.00, 0x0000000000000004")

        (state,) = accelerators.states(driver)

        assert state.model_dump() == {
            "name": "NVIDIA X100",
            "driver": "550.54.15",
            "clock_mhz": 1980.0,
            "clock_limit_mhz": 2100.0,
            "memory_clock_mhz": 2619.0,
            "temperature_c": 61.0,
            "power_w": 412.35,
            "power_limit_w": 700.0,
            "throttled": ("software power cap",),
        }
        assert driver.asked == [(*accelerators.FIELDS.values(), OF_TODAY)]

    @pytest.mark.parametrize("nothing", ["[N/A]", "[Not Supported]", "[Unknown Error]", "N/A", ""])
    def test_what_the_driver_does_not_tell_is_none(self, nothing: str) -> None:
        """It has several ways to say so."""
        (state,) = accelerators.states(Driver(", ".join(["NVIDIA X100", *[nothing] * 8])))

        assert state.name == "NVIDIA X100"
        assert set(state.model_dump(exclude={"name", "throttled"}).values()) == {None}

    def test_reasons_that_the_driver_does_not_tell_are_left_at_the_records_default(self) -> None:
        """No answer is not `no reason`."""
        (told,) = accelerators.states(Driver("NVIDIA X100, 550.54, 1, 1, 1, 1, 1, 1, 0x0000000000000000"))
        (silent,) = accelerators.states(Driver("NVIDIA X100, 550.54, 1, 1, 1, 1, 1, 1, [N/A]"))

        assert "throttled" in told.model_fields_set and told.throttled == ()
        assert "throttled" not in silent.model_fields_set

    def test_an_older_driver_is_asked_by_the_older_name(self) -> None:
        """Both names mean the same mask."""
        driver = Driver("Tesla P4, 470.82.01, 1, 1, 1, 1, 1, 1, 0x0000000000000020", unknown=[OF_TODAY])

        (state,) = accelerators.states(driver)

        assert state.throttled == ("software thermal slowdown",)
        assert [fields[-1] for fields in driver.asked] == [OF_TODAY, OLDER]

    def test_a_driver_without_reasons_still_tells_its_clocks(self) -> None:
        """The last question names no mask."""
        driver = Driver("Tesla K80, 340.10, 875, 875, 2505, 50, 60.1, 149.0", unknown=[OF_TODAY, OLDER])

        (state,) = accelerators.states(driver)

        assert state.clock_mhz == 875.0
        assert "throttled" not in state.model_fields_set

    def test_a_driver_that_knows_nothing_tells_nothing(self) -> None:
        """Every question was refused."""
        assert accelerators.states(Driver(unknown=["name"])) == ()

    def test_two_gpus_are_two_states_in_order(self) -> None:
        """One line each."""
        rows = [f"NVIDIA {letter}, 550.54, 1, 1, 1, 1, 1, 1, 0x0000000000000001" for letter in "AB"]

        assert [state.name for state in accelerators.states(Driver(*rows))] == ["NVIDIA A", "NVIDIA B"]

    @pytest.mark.parametrize(
        "message",
        [
            "No devices were found",
            "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest "
            "NVIDIA driver is installed and running.",
            "",
        ],
    )
    def test_a_message_is_no_gpu(self, message: str) -> None:
        """The driver prints it in the place of the values."""
        assert accelerators.states(Driver(message)) == ()

    def test_no_answer_is_no_state_and_is_asked_once(self) -> None:
        """A driver that hangs does so for every question."""
        asked: list[Sequence[str]] = []

        assert accelerators.states(lambda fields: asked.append(fields)) == ()
        assert len(asked) == 1


class TestThrottled:
    def test_each_bit_has_its_word(self) -> None:
        """As NVML documents them, lowest first."""
        assert accelerators.throttled(0x1FF) == (
            "software power cap",
            "hardware slowdown",
            "sync boost",
            "software thermal slowdown",
            "hardware thermal slowdown",
            "hardware power brake",
        )

    @pytest.mark.parametrize("mask", [0x0, 0x1, 0x2, 0x100, 0x103])
    def test_an_idle_gpu_and_a_chosen_clock_are_not_throttled(self, mask: int) -> None:
        """They hold for every round alike."""
        assert accelerators.throttled(mask) == ()

    def test_a_bit_of_a_later_driver_is_told_by_its_number(self) -> None:
        """It may hold the clock down: it is not passed over."""
        assert accelerators.throttled(0x400) == ("reason 0x400",)


@pytest.mark.skipif(os.name == "nt", reason="the made-up command is a shell script")
class TestNvidiaSmi:
    @staticmethod
    def install(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Makes a command of this name the only one that can be found."""
        command = folder / "nvidia-smi"
        command.write_text(f"#!/bin/sh\n{script}\n")
        command.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))

    def test_it_is_asked_for_values_alone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """No header and no units."""
        self.install(tmp_path, 'echo "$@"', monkeypatch)

        assert accelerators.nvidia_smi(["name", "clocks.sm"]) == (
            "--query-gpu=name,clocks.sm --format=csv,noheader,nounits\n"
        )

    def test_an_error_of_the_driver_is_text_too(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """`states` sees which field was not known."""
        self.install(tmp_path, 'echo "not a valid field"; exit 2', monkeypatch)

        assert accelerators.nvidia_smi(["name"]) == "not a valid field\n"

    def test_a_machine_without_it_gives_no_answer(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """An empty folder is all that is searched."""
        monkeypatch.setenv("PATH", str(tmp_path))

        assert accelerators.nvidia_smi(["name"]) is None

    def test_one_that_cannot_be_started_gives_no_answer(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its interpreter is not there."""
        self.install(tmp_path, "", monkeypatch)
        (tmp_path / "nvidia-smi").write_text("#!/no/such/interpreter\n")

        assert accelerators.nvidia_smi(["name"]) is None

    def test_one_that_hangs_is_ended(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Left alone it would end without a word, which is another answer."""
        self.install(tmp_path, "exec /bin/sleep 20", monkeypatch)

        assert accelerators.nvidia_smi(["name"], patience=0.2) is None

    def test_nothing_is_asked_at_import(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nor for the environment of a run on the CPU."""
        self.install(tmp_path, f'echo asked > "{tmp_path}/asked"', monkeypatch)
        code = "from harness.environment import environment as e; e()"

        assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1]).returncode == 0
        assert not (tmp_path / "asked").exists()


def test_a_real_driver_tells_a_clock() -> None:
    """Of every GPU that it lists."""
    found = accelerators.states()
    if not found:
        pytest.skip("this machine has no NVIDIA driver")

    assert all(state.driver and state.clock_mhz for state in found)
