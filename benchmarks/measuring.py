"""Processes, started cold and measured: wall time, processor time and peak memory.

A round runs every contender once, each round beginning with another one, so that a machine
that grows slower or hotter meanwhile is slow for all of them alike.
"""

import os
import resource
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_BYTES = 1 if sys.platform == "darwin" else 1024


class BenchmarkError(Exception):
    """A contender did not do its work: there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A command and what its output must hold; without that it has not listed the tools."""

    name: str
    does: str
    argv: tuple[str, ...]
    says: str
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sample:
    """One process. Seconds and bytes; `processor` is user and system time."""

    wall: float
    processor: float
    memory: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Medians over the samples of one contender, and the fastest and slowest of them."""

    contender: Contender
    samples: tuple[Sample, ...]

    @property
    def wall(self) -> float:
        return statistics.median(each.wall for each in self.samples)

    @property
    def processor(self) -> float:
        return statistics.median(each.processor for each in self.samples)

    @property
    def mebibytes(self) -> float:
        return statistics.median(each.memory for each in self.samples) / 2**20

    @property
    def fastest(self) -> float:
        return min(each.wall for each in self.samples)

    @property
    def slowest(self) -> float:
        return max(each.wall for each in self.samples)


def measured(contenders: Sequence[Contender], processes: int, scratch: Path) -> list[Summary]:
    """Each contender in `processes` cold processes, interleaved, after one that is not counted.

    Raises BenchmarkError.
    """
    for contender in contenders:
        sample(contender, scratch)
    samples: dict[str, list[Sample]] = {contender.name: [] for contender in contenders}
    for number in range(processes):
        first = number % len(contenders)
        for contender in (*contenders[first:], *contenders[:first]):
            samples[contender.name].append(sample(contender, scratch))
    _refuse_if_ours_was_larger(samples)
    return [Summary(each, tuple(samples[each.name])) for each in contenders]


def sample(contender: Contender, scratch: Path) -> Sample:
    """One process from its start to its end. Raises BenchmarkError."""
    said = scratch / "said"
    opened = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    began = time.perf_counter()
    process = os.posix_spawn(
        contender.argv[0],
        contender.argv,
        dict(contender.environment),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(said), opened, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - began
    text = said.read_text(encoding="utf-8", errors="replace")
    code = os.waitstatus_to_exitcode(status)
    if code or contender.says not in text:
        raise BenchmarkError(f"{contender.name} ended with {code}:\n{text}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _BYTES)


def _refuse_if_ours_was_larger(samples: Mapping[str, Sequence[Sample]]) -> None:
    """Linux counts the peak of the process that forks into that of the one it starts."""
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _BYTES
    smallest = min(each.memory for several in samples.values() for each in several)
    if ours >= smallest:
        raise BenchmarkError("this process is larger than one of those that it measures")
