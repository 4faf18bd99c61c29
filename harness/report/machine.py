"""The machine as a run found it: what it can do at most, what it grants, and how busy it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from harness.records import AcceleratorState, Environment, Run
from harness.report import numbers
from harness.report.numbers import count, counted
from harness.report.public import printable

Fact = tuple[str, str]
"""A name and what is known of it."""


def best(run: Run) -> tuple[Fact, ...]:
    """The fastest matrix product at each dtype, and the fastest copy, of each device."""
    products = (
        (
            f"matrix product, {peak.dtype}",
            f"{numbers.flops_rate(peak.flops_per_s)} ({_by(peak.device, peak.threads)}, {count(peak.size)} wide)",
        )
        for peak in run.peaks
    )
    copies = (
        (
            "copy in memory",
            f"{numbers.size(round(each.bytes_per_s))}/s read and written ({_by(each.device, each.threads)})",
        )
        for each in run.bandwidths
    )
    return (*products, *copies)


def table(run: Run) -> RenderableType:
    """What the machine can do at most, and the conditions of the run."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for name, fact in (*best(run), *conditions(run.environment)):
        grid.add_row(Text(printable(name)), Text(printable(fact)))
    return grid


def _by(device: str, threads: int) -> str:
    return f"cpu, {counted(threads, 'thread')}" if device == "cpu" else device


def conditions(environment: Environment) -> tuple[Fact, ...]:
    """Threads, limits, clocks and load; what the system does not tell is left out."""
    return tuple(_conditions(environment))


def _conditions(found: Environment) -> Iterator[Fact]:
    cores = f"{counted(found.threads, 'thread')} on {counted(found.cores, 'core')}"
    if found.affinity is not None and len(found.affinity) < found.cores:
        cores += f", may run on {counted(len(found.affinity), 'core')}: {ranges(found.affinity)}"
    yield "cores", cores
    granted = []
    if found.cpu_limit is not None:
        granted.append(f"{numbers.digits(found.cpu_limit)} cores")
    if found.memory_limit_bytes is not None:
        granted.append(f"{numbers.size(found.memory_limit_bytes)} of memory")
    if granted:
        yield "control group grants", " and ".join(granted)
    if found.governor is not None:
        yield "governor", found.governor
    loads = [("before", found.load_before), ("after", found.load_after)]
    told = [f"{load:.2f} {moment}" for moment, load in loads if load is not None]
    if told:
        yield "load", f"{', '.join(told)} (processes that want a core)"
    for state in found.accelerator_states:
        yield state.name, accelerator(state)


def ranges(cores: Sequence[int]) -> str:
    """
    >>> ranges((0, 1, 2, 3, 8, 10, 11))
    '0–3, 8, 10–11'
    """
    runs: list[list[int]] = []
    for core in sorted(cores):
        if runs and core == runs[-1][-1] + 1:
            runs[-1].append(core)
        else:
            runs.append([core])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def accelerator(state: AcceleratorState) -> str:
    """
    >>> accelerator(AcceleratorState(name="H100", clock_mhz=1755, clock_limit_mhz=1980, throttled=("power cap",)))
    '1,755 of 1,980 MHz, held back by power cap'
    """
    said = []
    if state.clock_mhz is not None:
        said.append(f"{_of(state.clock_mhz, state.clock_limit_mhz)} MHz")
    if state.memory_clock_mhz is not None:
        said.append(f"memory {state.memory_clock_mhz:,.0f} MHz")
    if state.temperature_c is not None:
        said.append(f"{state.temperature_c:.0f} °C")
    if state.power_w is not None:
        said.append(f"{_of(state.power_w, state.power_limit_w)} W")
    if state.throttled is not None:
        said.append(f"held back by {', '.join(state.throttled)}" if state.throttled else "clock not held back")
    if state.driver is not None:
        said.append(f"driver {state.driver}")
    return ", ".join(said) or "its driver tells nothing"


def _of(value: float, limit: float | None) -> str:
    return f"{value:,.0f}" if limit is None else f"{value:,.0f} of {limit:,.0f}"
