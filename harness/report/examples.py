"""Which reviews of an evaluation a page shows.

Each cell of the confusion matrix gets at most `PER_CELL` of its reviews: the half that the classifier was most sure
of, and as many drawn at random (seeded) from the rest. How they travel inside the page: `embedding`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from harness.runs import PredictionTable

PER_CELL = 40
LONGEST = 1200
"""Characters of a text that are shown."""
MISTAKES = 20
SEED = 0


@dataclass(frozen=True)
class Joined:
    """The predictions of one evaluation, beside the reviews that they are about."""

    ids: Sequence[str]
    gold: np.ndarray[Any, Any]
    """(N,) int64, index into the evaluation's classes."""
    probabilities: np.ndarray[Any, Any]
    """(N, E) float64."""
    tokens: np.ndarray[Any, Any]
    """(N,) int64."""
    kept: pa.Table
    """(N) rows: the kept columns of the reviews, in the order of the predictions."""
    texts: pa.ChunkedArray | None
    """Of the whole review set, in its own order; `None` where the run keeps no texts."""
    places: pa.Array
    """(N,) int32: where the text of each prediction stands in `texts`; null where its review is missing."""

    @property
    def predicted(self) -> np.ndarray[Any, Any]:
        """(N,) int64: the most probable class, the lowest one on a tie."""
        top: np.ndarray[Any, Any] = self.probabilities.argmax(axis=1)
        return top

    @property
    def confidence(self) -> np.ndarray[Any, Any]:
        """(N,) float64: the probability of the most probable class."""
        highest: np.ndarray[Any, Any] = self.probabilities.max(axis=1)
        return highest


def join(predictions: PredictionTable, reviews: pa.Table) -> Joined:
    """Put the reviews in the order of the predictions; a prediction without a review keeps its id alone.

    Args:
        predictions: Of one evaluation.
        reviews: Columns id, text (unless texts were left out), kept columns.
    """
    places = pc.index_in(pa.array(predictions.ids, reviews["id"].type), value_set=reviews["id"].combine_chunks())
    return Joined(
        ids=predictions.ids,
        gold=predictions.gold.astype(np.int64),
        probabilities=predictions.probabilities.astype(np.float64),
        tokens=predictions.tokens.astype(np.int64),
        kept=reviews.drop_columns([name for name in ("id", "text") if name in reviews.column_names]).take(places),
        # Texts are taken when they are shown: a copy of all of them would outgrow a string array.
        texts=reviews["text"] if "text" in reviews.column_names else None,
        places=places,
    )


@dataclass(frozen=True)
class Example:
    """One review as the page shows it."""

    id: str
    gold: int
    predicted: int
    probabilities: tuple[float, ...]
    text: str | None
    """`None` where the run keeps no texts."""

    @property
    def confidence(self) -> float:
        return self.probabilities[self.predicted]


def at(joined: Joined, places: Sequence[int], longest: int = LONGEST) -> list[Example]:
    """The reviews at these places, with their texts shortened to `longest` characters."""
    rows = pa.array(places, pa.int64())
    texts: list[str | None] = [None] * len(places)
    if joined.texts is not None:
        found = joined.texts.take(joined.places.take(rows)).to_pylist()
        texts = [shortened(text or "", longest) for text in found]
    ids = [joined.ids[place] for place in places]
    predicted = joined.probabilities[list(places)].argmax(axis=1)
    return [
        Example(id, int(joined.gold[place]), int(top), tuple(joined.probabilities[place].tolist()), text)
        for id, place, top, text in zip(ids, places, predicted, texts, strict=True)
    ]


def shortened(text: str, longest: int) -> str:
    """The text, cut at the end of a word where it is longer."""
    if len(text) <= longest:
        return text
    head = text[:longest]
    return (head.rsplit(maxsplit=1)[0] if " " in head else head) + " …"


def most_confident_mistakes(joined: Joined, limit: int = MISTAKES) -> list[Example]:
    """The wrong predictions with the highest confidence, the surest first."""
    wrong = np.flatnonzero(joined.predicted != joined.gold)
    order = np.argsort(-joined.confidence[wrong], kind="stable")[:limit]
    return at(joined, wrong[order].tolist())


def of_cells(joined: Joined, per_cell: int = PER_CELL) -> dict[tuple[int, int], list[int]]:
    """(gold, predicted) -> places of the reviews that stand for this cell, the surest first.

    At most `per_cell`: the surest half, then as many drawn at random from the rest.
    """
    generator = np.random.default_rng(SEED)
    predicted, confidence = joined.predicted, joined.confidence
    classes = joined.probabilities.shape[1]
    codes = joined.gold * classes + predicted
    order = np.lexsort((-confidence, codes))
    edges = np.searchsorted(codes[order], np.arange(classes * classes + 1))
    chosen = {}
    for code in np.unique(codes).tolist():
        places = order[edges[code] : edges[code + 1]]
        if len(places) > per_cell:
            surest = per_cell // 2
            drawn = generator.choice(len(places) - surest, per_cell - surest, replace=False) + surest
            places = np.concatenate([places[:surest], places[np.sort(drawn)]])
        chosen[divmod(code, classes)] = places.tolist()
    return chosen
