"""The results as Markdown: what was measured, on what, and whether the targets were met."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from installation import Installation
from measuring import Summary

if TYPE_CHECKING:
    from drift.comparing import Drift

HALF = 0.5
THREE_QUARTERS = 0.75


@dataclass(frozen=True, slots=True)
class Machine:
    """What the numbers depend on, beside the code. `load` is the load average at the start."""

    date: str
    system: str
    cores: int
    load: float
    versions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Target:
    """One promise as a number: met where `ratio` is at most `limit`."""

    promise: str
    ratio: float
    limit: float

    @property
    def met(self) -> bool:
        return self.ratio <= self.limit

    def told(self) -> str:
        return f"{'PASS' if self.met else 'FAIL'}  {self.ratio:.2f} (at most {self.limit:g})"


@dataclass(frozen=True, slots=True)
class Scale:
    """The runs on one number of tools: the gate with a snapshot, and without one."""

    tools: int
    compared: Summary
    alone: Summary


def targets(
    gate: Summary, reference: Summary, node: Summary, scales: Sequence[Scale]
) -> tuple[Target, ...]:
    """The promises, as measured."""
    return (
        Target(
            "wall time, of the mcp client's",
            gate.wall / reference.wall,
            HALF,
        ),
        Target(
            "peak memory, of the mcp client's",
            gate.mebibytes / reference.mebibytes,
            THREE_QUARTERS,
        ),
        Target("wall time, of the Node client's", gate.wall / node.wall, 1.0),
        Target(
            "cost of one more tool, of 5,000 against of 500",
            _slope(scales[1], scales[2]) / _slope(scales[0], scales[1]),
            1.5,
        ),
    )


def targets_of_probe(probe: Summary, bare: Summary) -> tuple[Target, ...]:
    """The promise on `ready`, which is started every few seconds."""
    return (
        Target(
            "processor time of ready, of a bare httpx script's",
            probe.processor / bare.processor,
            1.5,
        ),
    )


def targets_of_drift(drift: "Drift") -> tuple[Target, ...]:
    """The promises on single edits, of which the last two are milliseconds of this machine."""
    every = drift.every
    return (
        Target("single edits judged wrongly", every.wrong + drift.misnamed, 0),
        Target("single edits left undecided, in percent", 100 * every.undecided, 0.5),
        Target("milliseconds for a single edit, median", 1000 * every.median, 1),
        Target("milliseconds for a single edit, 99th percentile", 1000 * every.slow, 20),
    )


def _slope(small: Scale, large: Scale) -> float:
    """Seconds of processor time for one more tool. Wall time would hold the server's, too."""
    more = large.compared.processor - small.compared.processor
    return more / (large.tools - small.tools)


def markdown(
    machine: Machine,
    summaries: Sequence[Summary],
    probes: Sequence[Summary],
    scales: Sequence[Scale],
    installation: Installation,
    drift: "Drift",
    promised: Sequence[Target],
) -> str:
    """The whole of RESULTS.md."""
    from drift.section import section

    reference = next(each for each in summaries if each.contender.name == "mcp client")
    count = len(summaries[0].samples)
    return "\n".join(
        (
            "# Results",
            "",
            "Written by `make bench`: do not edit. Absolute times are those of one machine, "
            "which may have had other work; ratios carry over.",
            "",
            f"{machine.date}, {machine.system}, {machine.cores} cores, "
            f"load average {machine.load:.1f} at the start.",
            ", ".join(f"{name} {version}" for name, version in machine.versions) + ".",
            "",
            "## A cold process against server-everything on loopback",
            "",
            f"{count} processes each, interleaved, each round beginning with another one; medians. "
            "Cold means a new process; files were in the page cache. "
            "Processor time is user and system time.",
            "",
            "| process | wall (fastest to slowest) | processor | peak memory "
            "| wall ratio | memory ratio |",
            "|---|---:|---:|---:|---:|---:|",
            *(_row(each, reference) for each in summaries),
            "",
            "Ratios are to the mcp client. What each of them does:",
            "",
            *(f"- {each.contender.name}: {each.contender.does}." for each in summaries),
            "",
            "## Targets",
            "",
            "| ratio, or as named | measured | at most | |",
            "|---|---:|---:|---|",
            *(
                f"| {each.promise} | {each.ratio:.2f} | {each.limit:g} "
                f"| {'PASS' if each.met else 'FAIL'} |"
                for each in promised
            ),
            "",
            "## The probe",
            "",
            f"{len(probes[0].samples)} processes each against the same server, likewise.",
            "",
            "| process | wall (fastest to slowest) | processor | peak memory "
            "| wall ratio | memory ratio |",
            "|---|---:|---:|---:|---:|---:|",
            *(_row(each, probes[1]) for each in probes),
            "",
            "Ratios are to the bare script. What each of them does:",
            "",
            *(f"- {each.contender.name}: {each.contender.does}." for each in probes),
            "",
            "## Many tools in one listing",
            "",
            f"`check`, {len(scales[0].compared.samples)} cold processes each; medians. It lists "
            "the tools twice, on two connections. The slope that is held to its target is that "
            "of processor time with a snapshot.",
            "",
            "| tools | with a snapshot: wall | processor | peak memory "
            "| without: wall | processor | peak memory |",
            "|---:|---:|---:|---:|---:|---:|---:|",
            *(_scale_row(each) for each in scales),
            "",
            *section(drift, dict(machine.versions)),
            "## Installation",
            "",
            f"`pip install .` in a new virtual environment, nothing cached: "
            f"{installation.seconds:.0f} s, {installation.mebibytes:.0f} MiB with compiled "
            f"modules, {len(installation.packages)} packages. The largest:",
            "",
            "| package | version | MiB |",
            "|---|---|---:|",
            *(_package_rows(installation)),
            "",
        )
    )


def _row(each: Summary, reference: Summary) -> str:
    return (
        f"| {each.contender.name} "
        f"| {_ms(each.wall)} ({_ms(each.fastest)} to {_ms(each.slowest)}) "
        f"| {_ms(each.processor)} | {each.mebibytes:.0f} MiB "
        f"| {each.wall / reference.wall:.2f} | {each.mebibytes / reference.mebibytes:.2f} |"
    )


def _scale_row(scale: Scale) -> str:
    columns = (
        f"{_ms(each.wall)} | {_ms(each.processor)} | {each.mebibytes:.0f} MiB"
        for each in (scale.compared, scale.alone)
    )
    return f"| {scale.tools:,} | {' | '.join(columns)} |"


def _package_rows(installation: Installation) -> list[str]:
    shown = [
        each for each in installation.packages if each.mebibytes >= 1 or each.name == "mcpverify"
    ]
    rest = installation.mebibytes - sum(each.mebibytes for each in shown)
    others = len(installation.packages) - len(shown)
    rows = [f"| {each.name} | {each.version} | {each.mebibytes:.1f} |" for each in shown]
    return [*rows, f"| {others} others | | {rest:.1f} |"]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"
