"""The pytest plugin: a thin skin of options, fixtures, hooks and a summary.

Each module below is a plugin of its own, with the hooks of one matter. Nothing heavy is imported
and nothing is written until a test asks for one of the fixtures.
"""

from __future__ import annotations

pytest_plugins = [
    "harness.plugin.options",
    "harness.plugin.parametrize",
    # These two before those that import them: pytest warns of a plugin that is imported already.
    "harness.plugin.xdist",
    "harness.plugin.junit",
    "harness.plugin.fixtures",
    "harness.plugin.benchmarks",
    "harness.plugin.scenarios",
    "harness.plugin.gates",
    "harness.plugin.failures",
    "harness.plugin.summary",
]
