"""Many snapshots, one after the other: each file is written once, and the rest are held to it."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mcpverify.errors import UsageError
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.situation import Situation
from mcpverify.verify.snapshot import Recorder, snapshot
from mcpverify.verify.unasked import called_wrongly


def snapshot_all(recorders: Sequence[Recorder]) -> Report:
    """Record every server. What is wrong with one is told of that one and stops no other.

    Servers that share a file have to offer the same: the first is recorded in it, and another
    is only compared, or the last one would win.
    """
    return Report(tuple(_recorded(recorders)))


def _recorded(recorders: Sequence[Recorder]) -> Iterator[TargetReport]:
    written: dict[str, str] = {}  # by the file, the target that was recorded in it
    for recorder in recorders:
        began = time.time()
        path = recorder.gate.snapshot_path
        place = "" if path is None else os.path.realpath(path)
        owner = written.get(place)
        try:
            if owner is None:
                report = snapshot(recorder).targets[0]
            else:
                report = _held_to(owner, replace(recorder, check_only=True))
        except UsageError as error:
            report = called_wrongly(recorder.gate, error, began)
        if place:
            written.setdefault(place, recorder.gate.target.display)
        yield report


def _held_to(owner: str, recorder: Recorder) -> TargetReport:
    """Compared with the file that another target was recorded in."""
    report = snapshot(recorder).targets[0]
    if report.situation is not Situation.CONTRACT_DIFFERS:
        return report
    return replace(
        report,
        headline=f"{recorder.gate.snapshot_path} holds {owner}, which offers something else",
        next_steps=("Give each of them a snapshot of its own, or the same release.",),
    )
