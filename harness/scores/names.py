"""The usual names of columns and arrays, compared by letters and digits alone: `y_true` is `ytrue`."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["auto", "probabilities", "logits"]
"""What the user says that the numbers are."""

GOLD = (
    frozenset({"gold", "ytrue"}),
    frozenset({"truelabel", "actual", "ytest"}),
    frozenset({"label", "labels", "target", "targets", "y", "stars"}),
    frozenset({"rating"}),
)
"""By rank: a `label` beside a `gold` may be what a model predicted, and a `rating` may only describe the row."""
SCALES = frozenset({"stars", "rating"})
"""Names of gold labels that say that these are steps of a scale."""
PREDICTED = frozenset({"pred", "ypred", "prediction", "predicted"})
"""What a model chose, which its probabilities say already."""
PROBABILITIES = frozenset({"probabilities", "probability", "probs", "prob", "proba", "yprob", "yproba", "ypredproba"})
LOGITS = frozenset({"logits", "logit"})
UNSAID = frozenset({"scores", "yscore", "yscores"})
"""They do not say whether they are probabilities or logits."""
TABLES = frozenset({"predictions"})
"""A number for each class, where there is no better name; one value a row is what was chosen."""
WHOLE_ROWS = PROBABILITIES | LOGITS | UNSAID | TABLES
"""One column of these holds a number for each class, or the one number that two classes need."""
CLASSES = frozenset({"classes", "classnames"})
IDS = frozenset({"id", "ids"})

OF_CLASS = re.compile(r"(p|prob|probs|proba|probability|probabilities|logit|logits)_(.+)", re.IGNORECASE | re.DOTALL)
"""Prefix and class of a column that holds one class."""
UNSAID_OF_CLASS = re.compile(r"(class|score|scores|pred)_(.+)", re.IGNORECASE | re.DOTALL)
"""The same, where the prefix does not say what the number is."""
