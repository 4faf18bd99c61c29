"""One word for one shape, for everything that knows counts and samples alone.

The annotations are checked while the tests run, and cost nothing in use.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

# int64: how often each cell of a table occurs
Counts = Int[np.ndarray, " cells"]

# int64: the same cells in tables drawn anew, one table a row
ResampledCounts = Int[np.ndarray, "resamples cells"]

# float64: one statistic in each table drawn anew; NaN where it is undefined there
Replicates = Float[np.ndarray, " resamples"]

# float64: the statistic of a table that lacks one example of the cell; NaN where it is undefined then
LeftOut = Float[np.ndarray, " cells"]

# float64: the values of a sample
Sample = Float[np.ndarray, " values"]
