"""Figures in the sentences of verdicts: with as many digits as the verdict needs to be seen in them.

The report writes figures for tables, each for itself. Here a figure stands beside the limit that it was held
against, and rounding must not make the two equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.metrics.scales import SCALES

MINUS = "\N{MINUS SIGN}"
MOST_PLACES = 7


@dataclass(frozen=True)
class Figures:
    """How the figures of one sentence are written: shares in per cent or points, the rest as it is."""

    share: bool
    places: int
    """Decimals, of all figures of the sentence alike."""

    @classmethod
    def of(cls, subject: str, limit: float, ends: Iterable[float]) -> Figures:
        """With the fewest decimals that write the limit in full, and no end as if it were the limit.

        Args:
            subject: Name of the metric.
            limit: What the ends were held against, with their sign.
            ends: Those of the interval that was judged, and the value.

        >>> Figures.of("accuracy", -0.01, [-0.00996, 0.002]).places
        3
        """
        share = SCALES[subject].kind == "share"
        factor, fewest = (100, 1) if share else (1, 3)
        shown, others = factor * limit, [factor * end for end in ends if end != limit]
        for places in range(fewest, MOST_PLACES):
            written = round(shown, places)
            if abs(written - shown) < 1e-9 and all(round(end, places) != written for end in others):
                return cls(share, places)
        return cls(share, MOST_PLACES)

    def level(self, number: float) -> str:
        """A value of the metric.

        >>> Figures(share=True, places=1).level(0.5334)
        '53.3 %'
        """
        return f"{self._plain(number)} %" if self.share else self._plain(number)

    def levels(self, low: float, high: float) -> str:
        """
        >>> Figures(share=True, places=1).levels(0.525, 0.543)
        '52.5 to 54.3 %'
        """
        return f"{self._plain(low)} to {self.level(high)}"

    def amount(self, number: float) -> str:
        """The size of a difference.

        >>> Figures(share=True, places=1).amount(-0.021), Figures(share=False, places=3).amount(0.004)
        ('2.1 points', '0.004')
        """
        return f"{self._plain(abs(number))}{' points' if self.share else ''}"

    def change(self, number: float) -> str:
        """A difference with its sign.

        >>> Figures(share=True, places=1).change(-0.008)
        '−0.8 points'
        """
        return f"{self._signed(number)}{' points' if self.share else ''}"

    def changes(self, low: float, high: float) -> str:
        """
        >>> Figures(share=True, places=1).changes(-0.004, 0.009)
        '−0.4 to +0.9'
        """
        return f"{self._signed(low)} to {self._signed(high)}"

    def _plain(self, number: float) -> str:
        text = f"{(100 if self.share else 1) * number:.{self.places}f}"
        return text.replace("-", "" if float(text) == 0 else MINUS)

    def _signed(self, number: float) -> str:
        text = self._plain(number)
        return text if number <= 0 or float(text) == 0 else f"+{text}"


def interval_name(alpha: float) -> str:
    """
    >>> interval_name(0.05), interval_name(0.005)
    ('90 % interval', '99 % interval')
    """
    return f"{100 * (1 - 2 * alpha):.4g} % interval"


def spoken(subject: str) -> str:
    """
    >>> spoken("expected_calibration_error")
    'expected calibration error'
    """
    return subject.replace("_", " ")


def about(number: int) -> str:
    """With two digits that count, rounded up.

    >>> about(3381), about(97), about(20_100_000)
    ('3,400', '97', '21,000,000')
    """
    step: int = 10 ** max(0, len(str(number)) - 2)
    return f"{-(-number // step) * step:,}"


def decides(needed: int | None) -> str:
    """What would decide, as the end of a sentence that is inconclusive.

    >>> decides(3381), decides(None)
    (': about 3,400 reviews would decide it', ': too close to the limit to tell how many reviews would decide it')
    """
    if needed is None:
        return ": too close to the limit to tell how many reviews would decide it"
    return f": about {about(needed)} reviews would decide it"
