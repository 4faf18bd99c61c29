"""Every error of the harness: what was wrong, where, what was expected, and what to do.

HarnessError
├── UsageError          an option or a combination of options
├── ReviewSetError      a file or data set that cannot be read as labelled reviews
│   └── LabelError      labels that do not fit the classifier
├── ClassifierError     a checkpoint that cannot be loaded or is no sequence classifier
├── PredictionsError    probabilities or gold labels that cannot be scored
├── RunError            a run folder that cannot be read, written or resumed
├── BaselineError       a baseline that cannot be found, read, replaced or compared with
└── NothingMeasured     the work was done and there is nothing to judge
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence


class HarnessError(Exception):
    """An error for a person: printed without a traceback.

    `str(error)` is the message and one indented line for each of where, expected and remedy.
    """

    exit_code = 2

    def __init__(self, message: str, *, where: str = "", expected: str = "", remedy: str = "") -> None:
        self.message = message
        self.where = where
        self.expected = expected
        self.remedy = remedy
        super().__init__(message)

    def details(self) -> Mapping[str, str]:
        """The parts that were given, in the order in which they are printed."""
        parts = {"where": self.where, "expected": self.expected, "remedy": self.remedy}
        return {name: text for name, text in parts.items() if text}

    def __str__(self) -> str:
        indented = [f"  {name:<9} " + text.replace("\n", "\n" + " " * 12) for name, text in self.details().items()]
        return "\n".join([self.message, *indented])

    def rewritten(self, change: Callable[[str], str]) -> HarnessError:
        """The same error with another wording of each part."""
        parts = {name: change(text) for name, text in self.details().items()}
        return _rebuild(type(self), change(self.message), parts)

    def __reduce__(self) -> tuple[object, ...]:
        # The default would call __init__ without the keyword arguments; xdist sends errors as pickles.
        return (_rebuild, (type(self), self.message, dict(self.details())))


def _rebuild(kind: type[HarnessError], message: str, details: dict[str, str]) -> HarnessError:
    return kind(message, **details)


class UsageError(HarnessError):
    """An option, or a combination of options, that cannot be followed."""


class ReviewSetError(HarnessError):
    """A file or data set that cannot be read as labelled reviews."""


class LabelError(ReviewSetError):
    """Labels that do not fit the classifier's classes."""


class ClassifierError(HarnessError):
    """A checkpoint that cannot be loaded, or that is no single-label sequence classifier."""


class PredictionsError(HarnessError):
    """Probabilities or gold labels that cannot be scored."""


class RunError(HarnessError):
    """A run folder that cannot be found, read, written or resumed."""


class BaselineError(HarnessError):
    """A baseline that cannot be found, read, replaced or compared with."""


class NothingMeasured(HarnessError):
    """The work ended with nothing to judge: no pass, and no regression either."""

    exit_code = 3


def first_rows(rows: Sequence[int], shown: int = 10) -> str:
    """`rows 3, 8, 9 (3 in all)`: the first ten numbers and the total."""
    listed = ", ".join(str(row) for row in rows[:shown])
    more = ", …" if len(rows) > shown else ""
    return f"row{'s' if len(rows) != 1 else ''} {listed}{more} ({len(rows):,} in all)"
