"""Small files of reviews, and what reading them says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.errors import ReviewSetError
from harness.reviews import ReviewOptions, ReviewSet, read

Content = str | bytes


def written(folder: Path, name: str, content: Content) -> str:
    """A file with this content, as a source; text is UTF-8 and its line ends stay as they are."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def reading(folder: Path, name: str, content: Content, **options: Any) -> ReviewSet:
    return read(written(folder, name, content), ReviewOptions(**options))


def refusal(folder: Path, name: str, content: Content, **options: Any) -> ReviewSetError:
    """The error that reading the file ends in."""
    source = written(folder, name, content)
    with pytest.raises(ReviewSetError) as caught:
        read(source, ReviewOptions(**options))
    return caught.value


def rows(review_set: ReviewSet) -> list[int]:
    found: list[int] = review_set.table["row"].to_pylist()
    return found


def column(review_set: ReviewSet, name: str) -> list[Any]:
    found: list[Any] = review_set.table[name].to_pylist()
    return found
