"""What the whole numbers of a label column count: decided from the whole column, never guessed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from harness.errors import LabelError
from harness.labels.scheme import SENTIMENTS, Scheme, read, whole_number
from harness.labels.wording import SHOWN, Sides, listed, option_for_map

STEPS = 5
"""Stars of a rating."""


@dataclass(frozen=True)
class Numbering:
    """Numbers count the classes, or the stars of a rating, from `base`."""

    base: int
    count: int
    """How many numbers there are: as many as classes, or five stars."""
    reason: str
    """`1-based`, or `1-based, as --label-base says`."""

    def index(self, number: int) -> int | None:
        """0 for the first; None for a number that counts nothing."""
        return number - self.base if 0 <= number - self.base < self.count else None


def bases(numbers: Collection[int], count: int) -> tuple[int, ...]:
    """The numbers from which `count` things may be counted so that every number is one of them.

    >>> bases({0, 4}, 5), bases({1, 5}, 5), bases({1, 4}, 5), bases({0, 5}, 5)
    ((0,), (1,), (0, 1), ())
    """
    return tuple(base for base in (0, 1) if all(base <= number < base + count for number in numbers))


def numbering(
    column: Collection[int],
    unmapped: Collection[int],
    scheme: Scheme,
    *,
    from_one: bool,
    label_base: int | None,
    sides: Sides,
) -> Numbering:
    """How the numbers of a column count.

    Numbers that fit the classes count the classes (from worst to best on a scale, by id otherwise).
    On two or three sentiments, numbers that do not fit them count stars, where the column proves it:
    a 5 does, and so does a 0 beside a 4.

    Args:
        column: Every number in the column.
        unmapped: Those that no label map takes; they decide alone where the whole column cannot.
        from_one: Other labels of the column ("4 stars") show that it holds stars counted from 1.
        label_base: 0 or 1 as given; None where the column has to prove it.

    Raises:
        LabelError: The numbers can be read in two ways, or in none.
    """
    count = len(scheme.order)
    counts: tuple[int, ...] = (count,)
    if scheme.kind in ("sentiment", "polarity"):
        counts = (STEPS,) if from_one else (count, STEPS)
    # Numbers below 0 are unknown labels in every reading, and prove nothing.
    column = {number for number in column if number >= 0}
    unmapped = {number for number in unmapped if number >= 0}
    if label_base is not None or from_one or not unmapped:
        base = 1 if label_base is None else label_base
        fitting = [size for size in counts if base in bases(column, size)]
        reason = f"{base}-based" + (", as --label-base says" if label_base is not None else "")
        return Numbering(base, (fitting or [max(counts)])[0], reason)
    for evidence in (column, unmapped):
        for size in counts:
            found = bases(evidence, size)
            if found:
                _one_reading(evidence, found, size, scheme, sides)
                return Numbering(found[0], size, f"{found[0]}-based")
    raise _no_reading(unmapped, max(counts), scheme, sides)


def _no_reading(numbers: Collection[int], count: int, scheme: Scheme, sides: Sides) -> LabelError:
    """Numbers that neither count reaches: the rows shown are those that the better one leaves over."""

    def rest(base: int) -> list[str]:
        return [label for label in sides.labels if _beyond(whole_number(label), numbers, base, count)]

    base = min((1, 0), key=lambda base: sum(sides.labels[label] for label in rest(base)))
    over = sorted({number for label in rest(base) if (number := whole_number(label)) is not None})
    message = f"labels {_numbers(numbers)} count neither 0…{count - 1} nor 1…{count}"
    if len(over) > 1 and 10 * sum(sides.labels[label] for label in rest(base)) > sum(sides.labels.values()):
        example = option_for_map(_spread(sorted(numbers)[:SHOWN], scheme))
        return sides.error(message, f"say which class each label is, for example {example}")
    example = option_for_map({str(n): scheme.names[0 if n < base else -1] for n in over[:3]})
    return sides.error(
        message,
        f"correct the rows of label {_numbers(over)}, or say which class it is, for example {example},\n"
        f"or give --label-base {base} and --on-bad-row skip, which leaves the rows out",
        rest(base),
    )


def _spread(numbers: list[int], scheme: Scheme) -> dict[str, str]:
    """Another scale laid evenly on the classes, with its middle between two classes."""
    count, size = len(numbers), len(scheme.order)
    spread = {str(number): scheme.names[rank * size // count] for rank, number in enumerate(numbers)}
    if size == 2 and count % 2:
        spread[str(numbers[count // 2])] = SENTIMENTS[1]
    return spread


def _beyond(number: int | None, numbers: Collection[int], base: int, count: int) -> bool:
    return number in numbers and number is not None and not base <= number < base + count


def _one_reading(numbers: Collection[int], found: tuple[int, ...], size: int, scheme: Scheme, sides: Sides) -> None:
    """Raise where the numbers have another reading that is as good."""
    names = scheme.names
    stars_alone = size == STEPS and size != len(names)
    if scheme.kind in ("stars", "sentiment") and not stars_alone and 0 in numbers and set(numbers) <= {0, 1}:
        raise _two_readings(
            numbers,
            option_for_map({"0": SENTIMENTS[0], "1": SENTIMENTS[2]}) + " if 0 is negative and 1 is positive",
            f"--label-base 0 if {_counted(numbers, names, 0)}",
            sides,
        )
    if stars_alone and not (STEPS in numbers or {0, STEPS - 1} <= set(numbers)):
        raise _two_readings(
            numbers,
            "--label-base 1 if they are stars counted from 1",
            "--label-base 0 if they are stars counted from 0",
            sides,
        )
    if len(found) == 2:
        raise _two_readings(
            numbers,
            f"--label-base 1 if {_counted(numbers, names, 1)}",
            f"--label-base 0 if {_counted(numbers, names, 0)}",
            sides,
        )
    # Words are stored in many orders; but two are 0 negative, 1 positive everywhere, and a star says its number.
    words = scheme.kind == "sentiment" or (scheme.kind == "stars" and read(names[0]).kind == "very")
    if words and not stars_alone and scheme.reordered:
        by_id = {str(n): sides.classes[n - found[0]] for n in sorted(numbers)}
        raise _two_readings(
            numbers,
            f"--label-base {found[0]} if they count from worst to best: {_counted(numbers, names, found[0])}",
            f"{option_for_map(by_id)} if they are positions in id2label",
            sides,
        )


def _two_readings(numbers: Collection[int], one: str, other: str, sides: Sides) -> LabelError:
    verb = "labels {} can" if len(numbers) > 1 else "label {} can"
    return sides.error(verb.format(_numbers(numbers)) + " be read in two ways", f"give {one},\nor {other}")


def _counted(numbers: Collection[int], names: tuple[str, ...], base: int) -> str:
    """`1 is '1 star' and 4 is '4 stars'`: the ends of the numbers."""
    ends = sorted({min(numbers), max(numbers)})
    return " and ".join(f"{number} is {names[number - base]!r}" for number in ends)


def _numbers(numbers: Collection[int]) -> str:
    return listed([str(number) for number in sorted(numbers)], last=" and ")
