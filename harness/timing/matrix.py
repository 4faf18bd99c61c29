"""Which cases are timed: batch size × sequence length × device × dtype, as the options narrow or widen it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, TypeVar

from harness.errors import UsageError
from harness.timing.cases import STEPS

if TYPE_CHECKING:
    from harness.options import Settings
    from harness.records import Step

T = TypeVar("T")


@dataclass(frozen=True)
class Wanted:
    """One case that was asked for, by the names that the options give."""

    model: str
    dataset: str
    device: str
    dtype: str
    batch_size: int
    seq_len: int
    stage: Step

    @property
    def cell(self) -> tuple[str, str, int, int]:
        """Cases with the same set, device, batch size and length are measured in turn."""
        return self.dataset, self.device, self.batch_size, self.seq_len


@dataclass(frozen=True)
class Matrix:
    """What each option stands at."""

    batch_sizes: tuple[int, ...]
    seq_lens: tuple[int, ...]
    dtypes: tuple[str, ...]
    devices: tuple[str, ...]

    @classmethod
    def of(cls, settings: Settings) -> Matrix:
        """The matrix that was asked for: an option of its own goes before `--timing full`.

        Raises:
            UsageError: A device that no machine has.
        """
        full = settings.timing == "full"
        for name in settings.timing_devices:
            if not re.fullmatch(r"auto|cpu|cuda(:\d+)?|mps", name):
                raise UsageError(
                    f"a device of the timings cannot be {name!r}",
                    where=f"option --timing-devices {','.join(settings.timing_devices)}",
                    expected="auto, cpu, cuda, cuda:N or mps",
                    remedy="correct the option, or leave it out",
                )
        return cls(
            batch_sizes=_once(settings.batch_sizes) or ((1, 8, 32) if full else (1, 8)),
            seq_lens=_once(settings.seq_lens) or ((16, 64, 128, 256, 512) if full else (16, 64)),
            dtypes=_once(settings.dtypes) or (("float32", "bfloat16") if full else (settings.dtype,)),
            devices=_once(settings.timing_devices) or (("cpu", "cuda") if full else (settings.device,)),
        )

    def cases(self, models: Sequence[str], datasets: Sequence[str]) -> Iterator[Wanted]:
        """Every case, those of a cell one after another."""
        places = product(_once(datasets), self.devices, self.batch_sizes, self.seq_lens)
        for (dataset, device, batch_size, seq_len), model, dtype, stage in product(
            places, _once(models), self.dtypes, STEPS
        ):
            yield Wanted(model, dataset, device, dtype, batch_size, seq_len, stage)


def _once(values: Sequence[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
