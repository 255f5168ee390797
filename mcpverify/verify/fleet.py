"""Many targets: each checked by its own gate, so many at a time, into one report in order."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from mcpverify.facts.report import Report, TargetReport
from mcpverify.verify.check import check
from mcpverify.verify.gate import Gate
from mcpverify.verify.waiting import Waiting

DEFAULT_JOBS = 16


@dataclass(frozen=True, slots=True)
class Member:
    """One target of a fleet, and how long it is waited for."""

    gate: Gate
    waiting: Waiting = Waiting()


class FleetProgress(Protocol):
    """Told of each target as it ends, from any thread, one at a time."""

    def ended(self, report: TargetReport) -> None: ...


def check_fleet(
    members: Sequence[Member], jobs: int = DEFAULT_JOBS, progress: FleetProgress | None = None
) -> Report:
    """Check every member, at most `jobs` at a time; the report keeps their order."""

    def one(member: Member) -> TargetReport:
        report = check(member.gate, member.waiting).targets[0]
        if progress is not None:
            progress.ended(report)
        return report

    with ThreadPoolExecutor(jobs) as pool:
        return Report(tuple(pool.map(one, members)))
