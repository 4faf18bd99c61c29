"""The usual names of columns and arrays, compared by letters and digits alone: `y_true` is `ytrue`."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["auto", "probabilities", "logits"]
"""What the user says that the numbers are."""

GOLD = (frozenset({"gold", "ytrue"}), frozenset({"label", "labels", "target", "targets", "y", "stars"}))
"""By rank: a `label` beside a `gold` may be what a model predicted."""
PROBABILITIES = frozenset({"probabilities", "probability", "probs", "prob", "proba", "yprob", "yproba"})
LOGITS = frozenset({"logits", "logit"})
UNSAID = frozenset({"scores", "yscore", "yscores"})
"""They do not say whether they are probabilities or logits."""
WHOLE_ROWS = PROBABILITIES | LOGITS | UNSAID
"""One column of these holds a number for each class, or the one number that two classes need."""
CLASSES = frozenset({"classes", "classnames"})
IDS = frozenset({"id", "ids"})

OF_CLASS = re.compile(r"(p|prob|probs|proba|probability|probabilities|logit|logits)_(.+)", re.IGNORECASE | re.DOTALL)
"""Prefix and class of a column that holds one class."""
