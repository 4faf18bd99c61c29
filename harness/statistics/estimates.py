"""A value with its interval, and what stands there when one of them is missing.

Scalar
├── Estimate     a value and its bounds
│   ├── Interval     low, high and the method behind them
│   └── NoInterval   the reason why no interval holds
└── Undefined    the reason why there is no value
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Interval:
    """Both ends belong to it; `method` names how it was made, in a few words."""

    low: float
    high: float
    method: str


@dataclass(frozen=True)
class NoInterval:
    """No interval would hold here, and why."""

    reason: str


Bounds: TypeAlias = Interval | NoInterval


@dataclass(frozen=True)
class Estimate:
    """A defined value with its bounds."""

    value: float
    bounds: Bounds


@dataclass(frozen=True)
class Undefined:
    """A quantity that these examples do not define, and why."""

    reason: str


Scalar: TypeAlias = Estimate | Undefined
