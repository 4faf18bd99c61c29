"""What a label or the name of a class means, and what the classes of a classifier are together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

SENTIMENTS = ("negative", "neutral", "positive")
"""The three sentiments from worst to best; a `Reading` of kind "sentiment" is an index into them."""

# In the six languages of the reviews that ship, without accents (see `_plain`).
_SENTIMENT_WORDS = (
    "negative neg negativ negatif negativo negativa negatief",
    "neutral neu neutre neutro neutra neutraal neutrale",
    "positive pos positiv positif positivo positiva positief",
)
_SENTIMENT = {word: value for value, words in enumerate(_SENTIMENT_WORDS) for word in words.split()}
_VERY = frozenset(["very", "extremely", "strongly", "sehr", "tres", "muy", "molto", "zeer"])
_NUMBER_WORDS = (
    "one ein eins eine einen un une uno una een",
    "two zwei deux dos due twee",
    "three drei trois tres tre drie",
    "four vier quatre cuatro quattro",
    "five funf fuenf cinq cinco cinque vijf",
)
_COUNT = {word: value for value, words in enumerate(_NUMBER_WORDS, start=1) for word in words.split()}

_WHOLE = re.compile(r"([+-]?\d{1,9})(?:\.0*|,0{1,2})?")
_STAR_WORD = r"(?:stars?|stern|sternen?|etoiles?|estrellas?|stella|stelle|ster|sterren)"
_STARS_AFTER = re.compile(rf"(\w+)(?:\.0+)? ?{_STAR_WORD}")
_STARS_BEFORE = re.compile(rf"{_STAR_WORD} ?(\w+)")
_OUT_OF_FIVE = re.compile(rf"(\d)(?:\.0+)? ?(?:out of|/|von|sur|de|su|van) ?5(?: {_STAR_WORD})?")
_STAR_SIGNS = re.compile(r"([★⭐]{1,5})☆*")
_POSITION = re.compile(r"label ?(\d{1,4})")

ReadingKind = Literal["number", "stars", "very", "sentiment", "truth", "position", "class", "middle", "name"]


@dataclass(frozen=True)
class Reading:
    """What one text says by itself, before the rest of its column is known.

    | kind      | example           | value                                        |
    | --------- | ----------------- | -------------------------------------------- |
    | number    | 4, 4.0            | the number; what it counts, the column says  |
    | stars     | 4 stars, 4 Sterne | the stars, counted from 1                    |
    | very      | very negative     | 0 (worst) or 4 (best) of five steps          |
    | sentiment | pos, NEGATIVE     | index into `SENTIMENTS`                      |
    | truth     | true, False       | index into `SENTIMENTS`: 0 or 2              |
    | position  | LABEL_2           | id of the class                              |
    | class     |                   | id of the class that a label map names       |
    | middle    |                   | 0: a label map says it is neither of two     |
    | name      | sports            | 0: only a name                               |
    """

    kind: ReadingKind
    value: int


NEUTRAL = Reading("sentiment", 1)
POSITIVE = Reading("sentiment", 2)


def whole_number(text: str) -> int | None:
    """The number that `4`, `4.0` or `+4` is; None for a fraction or anything else.

    >>> whole_number(" 4.0 "), whole_number("3.5")
    (4, None)
    """
    found = _WHOLE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return int(found[1]) if found else None


def canonical(text: str) -> str:
    """The form in which two texts are the same label: `4` and `4.0`, `Very_Negative` and `very negative`."""
    number = whole_number(text)
    if number is not None:
        return str(number)
    return re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


def read(text: str) -> Reading:
    """What a text says by itself.

    >>> read("5 étoiles")
    Reading(kind='stars', value=5)
    """
    number = whole_number(text)
    if number is not None:
        return Reading("number", number)
    plain = _plain(text)
    stars = _stars(plain)
    if stars is not None:
        return Reading("stars", stars)
    if plain in _SENTIMENT:
        return Reading("sentiment", _SENTIMENT[plain])
    degree, _, word = plain.partition(" ")
    if degree in _VERY and word in _SENTIMENT and SENTIMENTS[_SENTIMENT[word]] != "neutral":
        return Reading("very", 2 * _SENTIMENT[word])
    if plain in ("true", "false"):
        return Reading("truth", 2 * (plain == "true"))
    position = _POSITION.fullmatch(plain)
    return Reading("position", int(position[1])) if position else Reading("name", 0)


def _plain(text: str) -> str:
    """`canonical` without accents and variation selectors (category Mn)."""
    decomposed = unicodedata.normalize("NFKD", canonical(text))
    return "".join(letter for letter in decomposed if unicodedata.category(letter) != "Mn")


def _stars(plain: str) -> int | None:
    signs = _STAR_SIGNS.fullmatch(plain)
    if signs:
        return len(signs[1])
    found = _OUT_OF_FIVE.fullmatch(plain) or _STARS_AFTER.fullmatch(plain) or _STARS_BEFORE.fullmatch(plain)
    if not found:
        return None
    return int(found[1]) if re.fullmatch(r"\d{1,3}", found[1]) else _COUNT.get(found[1])


SchemeKind = Literal["stars", "sentiment", "polarity", "numbered", "opaque", "named"]


@dataclass(frozen=True)
class Scheme:
    """What the classes of a classifier are together.

    | kind      | classes, in any order of ids                          |
    | --------- | ----------------------------------------------------- |
    | stars     | five steps: 1 star … 5 stars, very negative … very positive |
    | sentiment | negative, neutral, positive                           |
    | polarity  | negative, positive                                    |
    | numbered  | another scale that counts from 1, such as 1 … 10      |
    | opaque    | LABEL_0 … , or bare numbers from 0: ids without a meaning |
    | named     | anything else                                         |
    """

    kind: SchemeKind
    order: tuple[int, ...]
    """Class ids: from worst to best on a scale, by number where the classes are opaque, else as they are."""
    names: tuple[str, ...]
    """The names, in that order."""

    @property
    def sentimental(self) -> bool:
        """Its classes stand for negative … positive."""
        return self.kind in ("stars", "sentiment", "polarity")

    @property
    def reordered(self) -> bool:
        """The ids are not in the order of the scale."""
        return self.order != tuple(range(len(self.order)))


def scheme_of(classes: Sequence[str]) -> Scheme:
    """The scheme of `id2label` names, given in id order.

    >>> scheme_of(["neutral", "positive", "negative"]).order
    (2, 0, 1)
    """
    readings = [read(name) for name in classes]
    kind, keys = _kind_of(readings)
    order = tuple(sorted(range(len(classes)), key=lambda i: keys[i])) if keys else tuple(range(len(classes)))
    return Scheme(kind, order, tuple(classes[i] for i in order))


def _kind_of(readings: Sequence[Reading]) -> tuple[SchemeKind, list[int]]:
    """The kind of scheme and the sort key of each class; no keys where the classes have no order."""
    kinds = {reading.kind for reading in readings}
    values = [reading.value for reading in readings]
    found = sorted(values)
    if kinds == {"sentiment"} and found in ([0, 1, 2], [0, 2]):
        return ("sentiment" if len(found) == 3 else "polarity"), values
    if kinds == {"sentiment", "very"}:
        steps = [as_step(reading) for reading in readings]
        if sorted(steps) == [0, 1, 2, 3, 4]:
            return "stars", steps
    if kinds and kinds <= {"number", "stars"} and found == list(range(found[0], found[0] + len(found))):
        if found == [1, 2, 3, 4, 5]:
            return "stars", values
        if found[0] == 1 or "stars" in kinds:
            return "numbered", values
        if found[0] == 0:
            return "opaque", values
    if kinds == {"position"} and len(set(values)) == len(values):
        return "opaque", values
    return "named", []


def as_step(reading: Reading) -> int:
    """Index of a sentiment among very negative, negative, neutral, positive, very positive."""
    return reading.value if reading.kind == "very" else reading.value + 1
