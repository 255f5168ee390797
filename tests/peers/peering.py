"""A running peer under mcpverify: what the tests of one peer share, and how they run the gate."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tests import running
from tests.peers.roster import PEERS, Mode, Peer
from tests.peers.serving import Endpoint, serving
from tests.running import Run


@dataclass(frozen=True, slots=True)
class Case:
    """One peer, served in one way."""

    peer: Peer
    mode: Mode

    def __str__(self) -> str:
        return f"{self.peer.name}-{self.mode}"


CASES = tuple(Case(peer, mode) for peer in PEERS for mode in peer.modes)


@dataclass
class Peering:
    """One peer and its snapshot: `peering.run("check", "--format", "json")`."""

    case: Case
    endpoint: Endpoint
    cache: Path
    folder: Path
    stack: ExitStack
    _runs: int = field(default=0)

    def run(self, command: str, *options: str, at: Endpoint | None = None) -> Run:
        """One run of mcpverify in a home of its own."""
        return self.run_bare(*(at or self.endpoint).aimed(command, *options))

    def run_bare(self, *arguments: str) -> Run:
        """One run of mcpverify with nothing added."""
        self._runs += 1
        home = self.folder / f"run-{self._runs}"
        home.mkdir()
        return running.run(*arguments, cwd=self.folder, home=home, timeout=60)

    @cached_property
    def snapshot(self) -> Path:
        """The reviewed snapshot of this peer, recorded over this transport, once."""
        return self.recorded("reviewed.json")

    def recorded(self, name: str) -> Path:
        """A snapshot recorded now."""
        path = self.folder / name
        run = self.run("snapshot", "--snapshot", str(path), *self.sparing)
        assert run.code == 0, run.output
        return path

    @property
    def sparing(self) -> tuple[str, ...]:
        """What a user of this peer has to add so that the peer survives us."""
        return ("--keep-session",) if closing_kills(self.case) else ()

    def another(self, variant: str = "reviewed") -> Endpoint:
        """A second server of the same release, until the tests on this peer are done."""
        return self.stack.enter_context(
            serving(self.cache, self.case.peer, self.case.mode, self.folder, variant)
        )


def closing_kills(case: Case) -> bool:
    """Whether this server answers 500 for ever once a client has ended its session.

    Measured with the pinned anyio 4.16; with 4.12 the same release survives.
    """
    return case.peer.name == "mcp-1.9.4" and case.mode in (Mode.STATEFUL, Mode.JSON)


def outcomes(run: Run) -> dict[str, str]:
    """Each check's outcome, by id, of a run with `--format json`."""
    return {check["id"]: check["outcome"] for check in run.report["targets"][0]["checks"]}


def failed(run: Run) -> list[str]:
    """The ids of the checks that failed."""
    return [check for check, outcome in outcomes(run).items() if outcome == "failed"]
