"""Many snapshots, one after the other: each file is written once, and the rest are held to it."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mcpverify.errors import UsageError
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.situation import Situation
from mcpverify.verify.snapshot import Recorder, settle, take
from mcpverify.verify.unasked import called_wrongly


def snapshot_all(recorders: Sequence[Recorder]) -> Report:
    """Record every server. What is wrong with one is told of that one and stops no other.

    Servers that share a file have to offer the same: the first that is recorded in it has it, and
    another is only compared, or the last one would win.
    """
    return Report(tuple(_recorded(recorders)))


def _recorded(recorders: Sequence[Recorder]) -> Iterator[TargetReport]:
    written: dict[str, str] = {}  # by the file, the target that is recorded in it
    for recorder in recorders:
        began = time.time()
        try:
            # Where a server is recorded is known for sure once it has told its name.
            taken = take(recorder)
            place = _place(taken.path) if taken.snapshot is not None else ""
            owner = written.get(place)
            if owner is None:
                report = settle(recorder, taken)
            else:
                report = _held_to(owner, settle(replace(recorder, check_only=True), taken))
        except UsageError as error:
            report = called_wrongly(recorder.gate, error, began)
        else:
            if report.situation is Situation.RECORDED:
                written.setdefault(place, recorder.gate.target.display)
        yield report


def _place(path: str) -> str:
    """One text for a file, however its path is written, links included."""
    return os.path.normcase(os.path.realpath(path))


def _held_to(owner: str, report: TargetReport) -> TargetReport:
    """The report on a target that was compared with the file of another."""
    if report.situation is not Situation.CONTRACT_DIFFERS:
        return report
    return replace(
        report,
        headline=f"{report.snapshot} holds {owner}, which offers something else",
        next_steps=("Give each of them a snapshot of its own, or the same release.",),
    )
