"""From a device that was asked for to one that is there."""

from __future__ import annotations

import pytest
import torch

from harness import devices
from harness.errors import UsageError


@pytest.fixture
def cpu_alone(monkeypatch):
    """A machine without accelerators."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.fixture
def two_gpus(monkeypatch):
    """A machine with two CUDA devices."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


class TestResolve:
    def test_auto_is_the_cpu_where_there_is_nothing_else(self, cpu_alone):
        assert devices.resolve("auto") == torch.device("cpu")

    def test_auto_is_the_first_cuda_device_where_there_is_one(self, two_gpus):
        assert devices.resolve("auto") == torch.device("cuda:0")

    def test_auto_is_mps_where_there_is_no_cuda(self, cpu_alone, monkeypatch):
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)

        assert devices.resolve("auto") == torch.device("mps")

    def test_cuda_without_a_number_is_the_first(self, two_gpus):
        assert devices.resolve("cuda") == torch.device("cuda:0")
        assert devices.resolve("cuda:1") == torch.device("cuda:1")

    def test_the_cpu_is_there_beside_a_gpu(self, two_gpus):
        assert devices.resolve("cpu") == torch.device("cpu")

    def test_a_number_that_is_not_there_lists_those_that_are(self, two_gpus):
        with pytest.raises(UsageError) as caught:
            devices.resolve("cuda:2")

        assert str(caught.value) == (
            "device cuda:2 is not there\n"
            "  where     option --device cuda:2\n"
            "  expected  one of those that are: cuda:0, cuda:1, cpu\n"
            "  remedy    use one of these, or --device auto"
        )

    def test_cuda_on_a_machine_without_says_what_to_check(self, cpu_alone):
        with pytest.raises(UsageError) as caught:
            devices.resolve("cuda")

        assert caught.value.expected == "one of those that are: cpu"
        assert "check its driver and that torch is built for CUDA" in caught.value.remedy

    @pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:x", "CPU", ""])
    def test_an_unknown_name_is_refused(self, name, cpu_alone):
        with pytest.raises(UsageError, match=r"device cannot be") as caught:
            devices.resolve(name)

        assert caught.value.expected == "auto, cpu, cuda, cuda:N or mps"


class TestNameOf:
    def test_the_cpu_has_its_makers_name(self):
        assert devices.name_of(torch.device("cpu")) not in ("", "cpu")


class TestTokenBudget:
    def test_every_kind_of_device_has_one(self):
        assert [devices.token_budget(torch.device(name)) for name in ("cpu", "mps", "cuda:1")] == [1_024, 4_096, 16_384]
