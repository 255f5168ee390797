"""Many targets of a configuration, checked in one run: told of while it goes on, and stopped."""

import os
import traceback
from collections.abc import Sequence

from mcpverify.cli.debugging import redactor_for
from mcpverify.cli.gate_options import FleetOptions
from mcpverify.cli.interruption import hurrying
from mcpverify.cli.invocation import Invocation
from mcpverify.cli.options import ShowOptions
from mcpverify.cli.output import Output, fleet_told
from mcpverify.cli.writing import complain, grumble
from mcpverify.facts.report import Report
from mcpverify.facts.shard import Shard
from mcpverify.verify.fleet import DEFAULT_JOBS, Blame, Member, Stop, check_fleet
from mcpverify.verify.gate import Gate


def checked(
    members: Sequence[Member],
    shard: Shard | None,
    fleet: FleetOptions,
    show: ShowOptions,
    shown: Output,
    invocation: Invocation,
) -> Report:
    """The report on all of them, which are `shard` where they are not the whole fleet."""
    stop = Stop()
    with (
        shown.following_all(members) as followed,
        fleet_told(show.quiet, len(members), shown.stream) as progress,
        hurrying(stop.hurry),
    ):
        report = check_fleet(
            followed,
            fleet.jobs or DEFAULT_JOBS,
            progress,
            keep_recordings=show.verbose > 0,
            blame=_blame(invocation),
            stop=stop,
        )
    return Report(report.targets, shard)


def _blame(invocation: Invocation) -> Blame:
    ours = redactor_for(invocation, os.environ)

    def tell(gate: Gate, error: Exception) -> None:
        def redacted(text: str) -> str:
            return gate.redactor.text(ours.text(text))

        if invocation.debug:
            grumble(redacted("".join(traceback.format_exception(error))))
        complain(redacted(f"{gate.target.display}: a bug of mcpverify: {type(error).__name__}"))

    return tell
