"""One word for one shape: the arrays that every metric is made of.

The annotations are checked while the tests run, and cost nothing in use. A lone axis begins with a
space; `*tables` is any number of leading axes: none for one table, one for many resampled ones.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int

# float32 or float64: each row sums to 1
Probabilities = Float[np.ndarray, "examples classes"]

# integers: the index of the labelled class
Gold = Int[np.ndarray, " examples"]

# int64: the index of the most probable class
Predicted = Int[np.ndarray, " examples"]

# float64: one value an example
PerExample = Float[np.ndarray, " examples"]

# whether each example is predicted right
Right = Bool[np.ndarray, " examples"]

# int64: examples by gold label (rows) and predicted class (columns)
Confusion = Int[np.ndarray, "classes classes"]

# some cells of a confusion matrix
Cells = Bool[np.ndarray, "classes classes"]

# int64: one number a cell of the confusion matrix, in each table
ByCell = Int[np.ndarray, "*tables cells"]

# int64: one number a class, in each table
ByClass = Int[np.ndarray, "*tables classes"]

# int64: one number a table
ByTable = Int[np.ndarray, "*tables"]

# float64: one statistic a table, NaN where it is undefined
Statistic = Float[np.ndarray, "*tables"]

# int64 and float64: one number a bin of confidence
BinCounts = Int[np.ndarray, " bins"]
BinSums = Float[np.ndarray, " bins"]

# int64: the bin that each example is in
BinOf = Int[np.ndarray, " examples"]

# int64 and float64: one number for each row (a class, or a group of examples) and column (a bin, or a class)
ClassBinCounts = Int[np.ndarray, "rows columns"]
ClassBinSums = Float[np.ndarray, "rows columns"]

# int64 and float64: one number for each distinct probability, lowest first
RankCounts = Int[np.ndarray, " ranks"]
RankSums = Float[np.ndarray, " ranks"]
