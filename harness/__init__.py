"""May this change ship? An evaluation and benchmarking harness for sequence classifiers.

The names below are the public interface; everything else may move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.classifier import Classifier
    from harness.errors import HarnessError
    from harness.evaluation import evaluate
    from harness.measuring import Evaluated
    from harness.options import Settings
    from harness.reviews import ReviewOptions, ReviewSet
    from harness.session import Session

__version__ = "0.1.0"

_HOME = {
    "Classifier": "harness.classifier",
    "Evaluated": "harness.measuring",
    "HarnessError": "harness.errors",
    "ReviewOptions": "harness.reviews",
    "ReviewSet": "harness.reviews",
    "Session": "harness.session",
    "Settings": "harness.options",
    "evaluate": "harness.evaluation",
}

__all__ = [
    "Classifier",
    "Evaluated",
    "HarnessError",
    "ReviewOptions",
    "ReviewSet",
    "Session",
    "Settings",
    "__version__",
    "evaluate",
]


def __getattr__(name: str) -> Any:
    # Names are imported when they are asked for, so that `import harness` costs nothing.
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'harness' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
