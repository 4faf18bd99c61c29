from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.columns import nested, unnested


class TestNested:
    @given(
        hnp.arrays(np.float32, st.tuples(st.integers(1, 20), st.integers(1, 6)), elements=st.floats(width=32)),
        st.integers(1, 20),
    )
    def test_arrays_come_back_bit_by_bit_whatever_the_chunks(self, values: np.ndarray, chunk: int) -> None:
        """Infinities and NaN too."""
        whole = nested(values)
        column = pa.chunked_array([whole.slice(start, chunk) for start in range(0, len(whole), chunk)])

        assert unnested(column).tobytes() == values.tobytes()

    def test_a_transposed_array_keeps_its_rows(self) -> None:
        """Memory order is not the order of the values."""
        values = np.arange(6, dtype=np.float32).reshape(3, 2).T

        assert nested(values).to_pylist() == [[0, 2, 4], [1, 3, 5]]

    def test_lists_of_different_lengths_are_refused(self) -> None:
        """A row that lost a logit is damage."""
        with pytest.raises(ValueError, match="lists of different lengths"):
            unnested(pa.chunked_array([pa.array([[1.0, 2.0], [3.0]], pa.list_(pa.float32()))]))
