"""What the hub calls a review set: its id there, or a name of ours where it has none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from harness.records import ReviewSetRecord
from harness.report.public import printable
from harness.runs.folder import slug

# As `harness.reviews` names one in a record. A file or a saved folder stands there without its
# folders, so that only a set of the hub has a slash before its split.
_HUB = re.compile(r"(?P<id>[A-Za-z0-9][\w.-]*/[\w.-]+)(@(?P<revision>[^:]+))?:((?P<config>[^/]+)/)?(?P<split>[^/:]+):?")


@dataclass(frozen=True)
class DataSet:
    """A review set as a card names it."""

    home: Literal["hub", "builtin", "local"]
    type: str
    """Id on the hub; else the name in letters that an id could have."""
    name: str
    config: str | None = None
    split: str | None = None
    revision: str | None = None

    @classmethod
    def of(cls, record: ReviewSetRecord) -> DataSet:
        """As the record tells it.

        A data set of the hub that has no owner in its name (`imdb:test`) looks like a saved folder
        there, and is taken for one: no id is claimed that may not be right.
        """
        if record.source == "builtin":
            return cls("builtin", "review-harness-builtin", "built-in reviews of review-harness")
        found = _HUB.fullmatch(record.source)
        if found is None:
            return cls("local", slug(record.source), printable(record.source))
        config, split, revision = (found[part] and printable(found[part]) for part in ("config", "split", "revision"))
        return cls("hub", found["id"], found["id"], config, split, revision)

    @property
    def key(self) -> str:
        """Tells data sets apart, in letters, digits, dots, dashes and underscores."""
        return slug(" ".join(part for part in (self.type, self.config, self.split, self.revision) if part))
