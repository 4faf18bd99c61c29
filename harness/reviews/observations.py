"""What looks odd in texts that were read rightly: said, and left as it is."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from harness.errors import first_rows
from harness.reviews.strings import string_column

_SHEET_ERRORS = string_column(["#NAME?", "#VALUE!", "#REF!", "#N/A", "#DIV/0!", "#NULL!", "#NUM!"]).combine_chunks()
_TWICE_ENCODED = "Ã[\u0080-\u00bf€ŸŠšŽžŒœ„…†‡ˆ‰‹‘’“”•–—˜™›]|â€[™œ\u009d“”˜¦]|Â[\u00a0-\u00bf]"


def observations(column: pa.ChunkedArray, rows: pa.ChunkedArray, repeated: int) -> list[str]:
    """A line for repeated texts, spreadsheet errors, lost characters and characters encoded twice.

    Args:
        column: The texts.
        rows: Their row numbers.
        repeated: How many of them stand earlier in the set too.
    """
    notes = []
    if repeated:
        notes.append(f"{repeated:,} text{' stands' if repeated == 1 else 's stand'} earlier in the set too")
    found = {
        "an error value that a spreadsheet left in place of the text": pc.is_in(column, _SHEET_ERRORS),
        "the sign U+FFFD, where an earlier program lost characters": pc.match_substring(column, "\ufffd"),
        "characters such as 'Ã¤' or 'â€™', as if UTF-8 had been read as another encoding": pc.match_substring_regex(
            column, _TWICE_ENCODED
        ),
    }
    for what, mask in found.items():
        if pc.any(mask).as_py():
            notes.append(f"texts with {what}: {first_rows(rows.filter(mask).to_pylist())}")
    return notes
