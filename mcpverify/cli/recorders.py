"""From flags, and what a file says of a target, to the recorder of its snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from mcpverify.cli.configured import over
from mcpverify.cli.gates import connection_of, hiding_environment, placed
from mcpverify.cli.invocation import Invocation, target_of
from mcpverify.cli.options import ReachOptions
from mcpverify.errors import McpverifyError
from mcpverify.facts.contract import Scope
from mcpverify.facts.evidence import Expectations
from mcpverify.settings.target_settings import TargetSettings
from mcpverify.verify.gate import Gate
from mcpverify.verify.snapshot import Recorder


@dataclass(frozen=True, slots=True)
class SnapshotOptions:
    """What `snapshot` was told. Two of them a file may say, too."""

    reach: ReachOptions
    scope: Scope
    snapshot: str | None
    check: bool
    resources: bool
    open_world: bool
    keep_session: bool

    def over(self, options: Mapping[str, object], given: frozenset[str]) -> "SnapshotOptions":
        """These, over what a file says."""
        own = {
            name: value
            for name, value in options.items()
            if name in ("snapshot", "open_world", "keep_session")
        }
        return replace(over(self, own, given), reach=over(self.reach, options, given))


def recorder_of(options: SnapshotOptions, target: str | None, invocation: Invocation) -> Recorder:
    """The recorder for an address or a command. Raises UsageError."""
    aim, redactor = target_of(connection_of(options.reach, target), invocation)
    gate = Gate(
        target=aim,
        expected=Expectations(open_world=options.open_world),
        snapshot_path=options.snapshot,
        scope=options.scope,
        keep_session=options.keep_session,
        redactor=redactor,
        again=invocation.again(),
    )
    return Recorder(gate, options.check, options.resources, invocation.checking)


def configured_recorder(
    options: SnapshotOptions,
    settings: TargetSettings,
    given: frozenset[str],
    invocation: Invocation,
) -> Recorder:
    """The recorder for a target of a file. Raises UsageError, which names the place in the file."""
    own = replace(invocation, command=settings.command).naming(settings.name)
    try:
        recorder = recorder_of(options.over(settings.options, given), settings.url, own)
    except McpverifyError as error:
        raise settings.blamed(error) from None
    repeated = replace(own, command=None)
    gate = replace(
        recorder.gate,
        target=placed(recorder.gate.target, settings),
        redactor=hiding_environment(recorder.gate.redactor, settings),
        ignored=settings.ignored,
        snapshot_path=recorder.gate.snapshot_path or settings.default_snapshot,
        again=repeated.again(),
    )
    return replace(recorder, gate=gate, checking=partial(_checking, repeated, options.snapshot))


def _checking(invocation: Invocation, typed: str | None, path: str) -> str:
    """The `check` of a target: with the snapshot that was typed, or else the one of the file."""
    return invocation.checking(typed or "")
