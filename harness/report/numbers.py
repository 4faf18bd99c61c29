"""How each quantity is written: one place for digits, units and separators.

A share is written in per cent, a time with three digits and its unit, a count with thousands
separators. Rounding never turns a number into a claim that it does not make: 99.97 % is written
`>99.9 %`, not 100 %.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.records import Metric
from harness.report.quantities import quantity

MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"
"""Where there is nothing to write."""


def count(number: int) -> str:
    """
    >>> count(5000)
    '5,000'
    """
    return f"{number:,}".replace("-", MINUS)


def counted(number: int, noun: str) -> str:
    """
    >>> counted(1, "review"), counted(1200, "review")
    ('1 review', '1,200 reviews')
    """
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def percent(share: float, decimals: int = 1) -> str:
    """
    >>> percent(0.5334), percent(0.93, 0), percent(0.00012), percent(0.9999), percent(1)
    ('53.3 %', '93 %', '<0.1 %', '>99.9 %', '100 %')
    """
    return f"{_hundredths(share, decimals)} %"


def _hundredths(share: float, decimals: int) -> str:
    step = 10.0**-decimals
    if share in (0, 1):
        return f"{share * 100:.0f}"
    rounded = f"{share * 100:.{decimals}f}"
    if share > 0 and float(rounded) == 0:
        return f"<{step:.{decimals}f}"
    if share < 1 and float(rounded) == 100:
        return f">{100 - step:.{decimals}f}"
    return _signed(rounded)


def score(number: float) -> str:
    """
    >>> score(0.81249), score(-0.0321)
    ('0.812', '−0.032')
    """
    return _signed(f"{number:.3f}")


def _signed(text: str) -> str:
    return text.replace("-", "" if float(text) == 0 else MINUS)


def digits(number: float, significant: int = 3) -> str:
    """A positive number with at least so many significant digits, and thousands separators.

    >>> digits(0.04561), digits(7.1), digits(112.36), digits(23456.7)
    ('0.0456', '7.10', '112', '23,457')
    """
    if number == 0:
        return "0"
    rounded = float(f"{number:.{significant - 1}e}")
    exponent = int(f"{rounded:e}".split("e")[1])
    return f"{number:,.{max(0, significant - 1 - exponent)}f}".replace("-", MINUS)


def small(number: float) -> str:
    """A difference that is mostly zeros, as a power of ten.

    >>> small(0.0000019), small(0.02)
    ('1.9 × 10⁻⁶', '0.020')
    """
    if number == 0 or abs(number) >= 0.001:
        return digits(number, 2)
    mantissa, exponent = f"{number:.1e}".split("e")
    return f"{_signed(mantissa)} × 10" + str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def seconds(duration: float) -> str:
    """
    >>> seconds(0.00000042), seconds(0.0123), seconds(9.8765), seconds(754), seconds(7384)
    ('420 ns', '12.3 ms', '9.88 s', '12 min 34 s', '2 h 03 min')
    """
    if duration == 0:
        return "0 s"
    for factor, unit in ((1e9, "ns"), (1e6, "µs"), (1e3, "ms")):
        # 999.6 µs is written 1.00 ms: what counts is the number as it will be rounded.
        if float(f"{duration * factor:.2e}") < 1000:
            return f"{digits(duration * factor)} {unit}"
    if duration < 119.5:
        return f"{digits(duration)} s"
    minutes, rest = divmod(round(duration), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(round(duration / 60), 60)
    return f"{count(hours)} h {minutes:02d} min"


def seconds_interval(low: float | None, high: float | None) -> str:
    """Two times with the unit once where they share it; empty where there is no interval.

    >>> seconds_interval(0.0123, 0.0131), seconds_interval(0.00099, 0.00102), seconds_interval(None, None)
    ('12.3–13.1 ms', '990 µs–1.02 ms', '')
    """
    if low is None or high is None:
        return ""
    first, last = seconds(low), seconds(high)
    number, _, unit = first.partition(" ")
    return f"{number}–{last}" if last.partition(" ")[2] == unit else f"{first}–{last}"


def ratio(number: float) -> str:
    """How many times as long, or as much.

    >>> ratio(1.203), ratio(0.0341), ratio(12.04)
    ('1.20 ×', '0.0341 ×', '12.0 ×')
    """
    return f"{digits(number)} ×"


def ratio_interval(metric: Metric) -> str:
    """The interval of a ratio, without its sign; empty where there is none.

    >>> ratio_interval(Metric(value=1.2, low=1.171, high=1.2346, method="sign test"))
    '1.17–1.23'
    """
    return "" if metric.low is None or metric.high is None else f"{digits(metric.low)}–{digits(metric.high)}"


def share_interval(metric: Metric) -> str:
    """The interval of a share that may be below 0; empty where there is none.

    >>> share_interval(Metric(value=0.2, low=0.182, high=0.2134, method="bootstrap"))
    '18.2–21.3 %'
    >>> share_interval(Metric(value=0, low=-0.01, high=0.03, method="bootstrap"))
    '−1.0 to 3.0 %'
    """
    if metric.low is None or metric.high is None:
        return ""
    low, high = (_signed(f"{100 * end:.1f}") for end in (metric.low, metric.high))
    return f"{low}{'–' if metric.low >= 0 else ' to '}{high} %"


def short(number: float) -> str:
    """As `digits`, with millions and more cut short.

    >>> short(112.36), short(23456.7), short(12_345_678), short(2.5e9)
    ('112', '23,457', '12.3 M', '2.50 G')
    """
    for factor, unit in ((1e9, " G"), (1e6, " M")):
        if number >= 0.9995 * factor:
            return f"{digits(number / factor)}{unit}"
    return digits(number)


def rate(per_second: float, noun: str = "reviews") -> str:
    """
    >>> rate(112.36), rate(23456.7, "tokens")
    ('112 reviews/s', '23,457 tokens/s')
    """
    return f"{digits(per_second)} {noun}/s"


def size(number: int) -> str:
    """Bytes, in powers of 1000 as disks and hubs count them.

    >>> size(512), size(31_250_000), size(137_000_000_000)
    ('512 B', '31.2 MB', '137 GB')
    """
    amount = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if float(f"{amount:.2e}") < 1000:
            return f"{amount:.0f} B" if unit == "B" else f"{digits(amount)} {unit}"
        amount /= 1000
    return f"{digits(amount)} TB"


def flops_rate(per_second: float) -> str:
    """Floating-point operations in a second.

    >>> flops_rate(1.89e11), flops_rate(9.9e14), flops_rate(45_600)
    ('189 GFLOP/s', '990 TFLOP/s', '45.6 kFLOP/s')
    """
    for factor, unit in ((1e3, "k"), (1e6, "M"), (1e9, "G")):
        if float(f"{per_second / factor:.2e}") < 1000:
            return f"{digits(per_second / factor)} {unit}FLOP/s"
    return f"{digits(per_second / 1e12)} TFLOP/s"


def value(name: str, metric: Metric, unit: str = "") -> str:
    """A metric's value; a dash where it is undefined (the reason is for a note beside it)."""
    return NONE if metric.value is None else plain(name, metric.value, unit)


def plain(name: str, number: float, unit: str = "") -> str:
    """A number as the values of a metric are written.

    >>> plain("accuracy", 0.5334), plain("mean_absolute_error", 0.551, "stars"), plain("brier_score", 0.595)
    ('53.3 %', '0.551 stars', '0.595')
    """
    if quantity(name).kind == "share":
        return percent(number)
    return f"{score(number)} {unit}".strip() if quantity(name).kind == "distance" else score(number)


def interval(name: str, metric: Metric) -> str:
    """A metric's interval, without its unit's repetition; empty where there is none.

    >>> interval("accuracy", Metric(value=0.5, low=0.4911, high=0.5089, method="Wilson"))
    '49.1–50.9 %'
    """
    if metric.low is None or metric.high is None:
        return ""
    if quantity(name).kind == "share":
        return f"{metric.low * 100:.1f}–{metric.high * 100:.1f} %"
    dash = "–" if metric.low >= 0 else " to "
    return f"{score(metric.low)}{dash}{score(metric.high)}"


def difference(name: str, number: float) -> str:
    """A difference of two values of a metric, with its sign; of shares in percentage points.

    >>> difference("accuracy", -0.0123), difference("brier_score", 0.0101)
    ('−1.2 points', '+0.010')
    """
    if quantity(name).kind == "share":
        return f"{_plus(f'{number * 100:.1f}')} points"
    return _plus(f"{number:.3f}")


def difference_interval(name: str, metric: Metric) -> str:
    """The interval of a difference; empty where there is none.

    >>> difference_interval("accuracy", Metric(value=0.01, low=-0.011, high=0.031, method="Tango"))
    '−1.1 to +3.1'
    """
    if metric.low is None or metric.high is None:
        return ""
    if quantity(name).kind == "share":
        return f"{_plus(f'{metric.low * 100:.1f}')} to {_plus(f'{metric.high * 100:.1f}')}"
    return f"{_plus(f'{metric.low:.3f}')} to {_plus(f'{metric.high:.3f}')}"


def value_told(name: str, metric: Metric, unit: str = "") -> str:
    """A metric's value with its interval in brackets, where it has one.

    >>> value_told("accuracy", Metric(value=0.5, low=0.4911, high=0.5089, method="Wilson"))
    '50.0 % (49.1–50.9 %)'
    """
    return _told(value(name, metric, unit), interval(name, metric))


def change(name: str, metric: Metric) -> tuple[str, str]:
    """A difference and its interval; a dash for what there is none of.

    >>> change("accuracy", Metric(value=0.01, low=-0.011, high=0.031, method="Tango"))
    ('+1.0 points', '−1.1 to +3.1')
    >>> change("accuracy", Metric(value=None, reason="no review"))
    ('–', '–')
    """
    value = NONE if metric.value is None else difference(name, metric.value)
    return value, difference_interval(name, metric) or NONE


def change_told(name: str, metric: Metric) -> str:
    """A difference with its interval in brackets, where it has one; a dash where it is undefined.

    >>> change_told("accuracy", Metric(value=0.01, low=-0.011, high=0.031, method="Tango"))
    '+1.0 points (−1.1 to +3.1)'
    """
    return _told(change(name, metric)[0], difference_interval(name, metric))


def _told(value: str, interval: str) -> str:
    return f"{value} ({interval})" if interval else value


def p_value(number: float | None) -> str:
    """A p value; a dash where there is none.

    >>> p_value(0.0312), p_value(0.00001), p_value(None)
    ('0.031', '<0.001', '–')
    """
    if number is None:
        return NONE
    return "<0.001" if number < 0.001 else f"{number:.3f}"


def _plus(text: str) -> str:
    signed = _signed(text)
    return signed if float(text) <= 0 else f"+{signed}"


def missing(metric: Metric) -> str:
    """Why a value or its interval is missing; empty where both are there."""
    return metric.reason or metric.interval_reason or ""


def step_noun(classes: Sequence[str]) -> str:
    """What one step on an ordinal scale is called: the word that all class names share.

    >>> step_noun(["1 star", "2 stars", "3 stars"]), step_noun(["bad", "fair", "good"])
    ('star', 'class')
    """
    singular = [{word.removesuffix("s") for word in name.lower().split() if word.isalpha()} for name in classes]
    shared = set.intersection(*singular) if singular else set()
    return min(shared) if len(shared) == 1 else "class"


def plural(noun: str) -> str:
    """
    >>> plural("star"), plural("class")
    ('stars', 'classes')
    """
    return noun + ("es" if noun.endswith("s") else "s")
