"""From bytes to text: UTF-8 unless the file or the user says otherwise, and never with replaced characters."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.errors import ReviewSetError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHUNK = 1 << 20
_LINE_END = re.compile("\r\n|\r|\n")
_STRAY = re.compile("[\udc80-\udcff]")
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 1 << 16
"""Bytes of lines beyond ASCII that an encoding is told by."""
_SEEN = 8 << 20


@dataclass(frozen=True)
class Content:
    """Bytes together with how they are read as text."""

    data: bytes
    """Without a byte order mark."""
    encoding: str
    stray: bool = False
    """A few bytes are no UTF-8: they stand as lone surrogates in the text, and their rows are faulty."""
    notes: tuple[str, ...] = ()

    def lines(self, *, end: str = "") -> Iterator[str]:
        """The lines with their ends as they are: CR, LF or CRLF, as an editor counts them; or each up to one `end`."""
        errors = "surrogateescape" if self.stray else "strict"
        return iter(io.TextIOWrapper(io.BytesIO(self.data), self.encoding, errors=errors, newline=end))

    def text(self) -> str:
        return self.data.decode(self.encoding, "surrogateescape" if self.stray else "strict")


def has_stray(text: str) -> bool:
    """Whether a text holds a byte that could not be read, or half a surrogate pair."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def decode(data: bytes, given: str | None, location: str) -> Content:
    """Decide how bytes are read as text, having read them once to the end.

    A byte order mark decides; then the user; then UTF-8. Where a UTF-8 file has a few bytes that
    are none, it is still read (`stray`), and the rows are named later.

    Args:
        data: The file.
        given: `--encoding`.
        location: The file, for errors.

    Raises:
        ReviewSetError: Bytes that are no text in this encoding, with the likely one.
    """
    mark = next(((bom, name) for bom, name in _BOMS if data.startswith(bom)), None)
    if mark is None:
        return _without_mark(data, given, location)
    bom, name = mark
    if given is not None and _family(given) != _family(name):
        raise ReviewSetError(
            f"the file begins with the byte order mark of {name.upper()}, so that it is not {given}",
            where=location, expected=name.upper(), remedy="leave out --encoding",
        )  # fmt: skip
    content = _without_mark(data[len(bom) :], name, location)
    return Content(
        content.data, content.encoding, content.stray, (f"byte order mark of {name.upper()} left out", *content.notes)
    )


def _family(name: str) -> str:
    return codecs.lookup(name).name.replace("-sig", "").removesuffix("-le").removesuffix("-be")


def _without_mark(data: bytes, given: str | None, location: str) -> Content:
    encoding = given or "utf-8"
    position = _first_bad(data, encoding)
    if given is None and (wide := _wide(data)):
        raise ReviewSetError(
            "the file is not UTF-8: every other byte is NUL",
            where=location, expected="UTF-8, or the encoding named", remedy=f"--encoding {wide}",
        )  # fmt: skip
    if position is None:
        return Content(data, encoding, notes=_doubt(data, given))
    line = len(_LINE_END.findall(data[:position].decode(encoding, "replace"))) + 1
    # The first line may be the header, whose names cannot be left out as a row can.
    if _family(encoding) == "utf-8" and line > 1 and _mostly_utf8(data):
        return Content(data, encoding, stray=True)
    start = max(data.rfind(b"\n", 0, position), data.rfind(b"\r", 0, position)) + 1
    likely = _wide(data) or likely_encoding(data[start : start + _SEEN])
    raise ReviewSetError(
        f"the file is not {encoding.upper() if given is None else given}: "
        f"byte 0x{data[position]:02x} in line {line} is no character of it",
        where=f"{location}, row {line}",
        expected="UTF-8, or the encoding named" if given is None else given,
        remedy=f"--encoding {likely}" if likely else "name the encoding with --encoding, or save the file as UTF-8",
    )


def _first_bad(data: bytes, encoding: str) -> int | None:
    """Position of the first byte that cannot be read; `None` where all can. In chunks, to hold no second copy."""
    decoder = codecs.getincrementaldecoder(encoding)()
    view = memoryview(data)
    for start in range(0, len(data) + 1, _CHUNK):
        pending = decoder.getstate()[0]
        chunk = view[start : start + _CHUNK]
        try:
            decoder.decode(bytes(chunk), final=start + _CHUNK > len(data))
        except UnicodeDecodeError as error:
            # What the decoder kept from the chunk before stands in front of this one.
            return min(max(start - len(pending) + error.start, 0), len(data) - 1)
        except UnicodeError:  # utf-16 and utf-32 want a byte order mark, which stood before this
            return 0
    return None


def _wide(data: bytes) -> str | None:
    """UTF-16 without its mark: in text of Latin letters every other byte is NUL."""
    sample = data[:4096]
    half = len(sample) // 2
    if half and sample[1::2].count(0) > 0.7 * half:
        return "utf-16-le"
    if half and sample[0::2].count(0) > 0.7 * half:
        return "utf-16-be"
    return None


def _mostly_utf8(data: bytes) -> bool:
    """Whether far more characters beyond ASCII are good UTF-8 than bytes are bad."""
    good = bad = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for start in range(0, len(data), _CHUNK):
        text = decoder.decode(data[start : start + _CHUNK], final=start + _CHUNK >= len(data))
        stray = len(_STRAY.findall(text))
        bad += stray
        good += sum(1 for character in text if character > "\x7f") - stray
    return good > 2 * bad


def _doubt(data: bytes, given: str | None) -> tuple[str, ...]:
    """A note where the encoding that the user named turns good UTF-8 into other characters."""
    if given is None or _family(given) in ("utf-8", "ascii") or data.isascii() or _first_bad(data, "utf-8") is not None:
        return ()
    return (f"read as {given}, as asked, though every byte of it is valid UTF-8",)


def likely_encoding(data: bytes) -> str | None:
    """The encoding that makes the most believable words of the bytes beyond ASCII; `None` where none does.

    Windows-1252, Mac Roman and the two DOS pages of western Europe are tried beside what
    charset-normalizer finds; on short western texts it alone mistakes one for the other.

    >>> likely_encoding("Die Ärzte sind größtenteils sehr höflich".encode("cp1252"))
    'cp1252'
    >>> likely_encoding("très bon, déjà goûté à l'été".encode("mac_roman"))
    'mac_roman'
    """
    lines = [line for line in re.split(b"[\r\n]+", data) if not line.isascii()]
    sample = b"\n".join(lines)[:_SAMPLE]
    candidates = ["utf-8", "cp1252", "mac_roman", "cp850", "cp437"]
    import charset_normalizer

    # Silent on purpose: its own log lines would stand among the user's output.
    best = charset_normalizer.from_bytes(sample).best()
    if best is not None and best.encoding not in candidates:
        candidates.append(best.encoding)
    scored = [(_believable(sample, name), -place, name) for place, name in enumerate(candidates)]
    score, _, name = max(scored)
    return name if score > 0.5 else None


def _believable(sample: bytes, encoding: str) -> float:
    """Share of the characters beyond ASCII that stand where such characters do in words."""
    try:
        text = sample.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return 0.0
    beyond = [place for place, character in enumerate(text) if character > "\x7f"]
    if not beyond:
        return 0.0
    good = sum(_fits(text, place) for place in beyond)
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    letters = sum(map(len, words))
    foreign = sum(character > "\x7f" for word in words for character in word)
    # A word of the western languages has few letters beyond ASCII; one of another script has no other.
    if encoding in ("cp1252", "mac_roman", "cp850", "cp437") and letters and foreign > letters / 2:
        return 0.25 * good / len(beyond)
    return good / len(beyond)


def _fits(text: str, place: int) -> bool:
    character = text[place]
    before = text[place - 1] if place else " "
    after = text[place + 1] if place + 1 < len(text) else " "
    if character.isalpha():
        return not (character.isupper() and before.islower()) and character not in "ªºƒµ"
    if before.isalpha() and after.isalpha():
        return character in "’‘-–\u00ad"
    return character in "€“”„‘’‚–—…«»¿¡°©®™²³½¼·•\u00a0‹›" or (character > "\u2fff")
