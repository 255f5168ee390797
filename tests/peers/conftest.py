"""One peer at a time, started once for all tests on it, and one way to run mcpverify on it.

Without an installed peer its tests are skipped, and the summary says so in capitals; with
MCPVERIFY_PEERS=required (as `make peers` sets it) they fail instead.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.peers.install import HERE, default_cache, is_installed, python_of
from tests.peers.peering import CASES, Case, Peering
from tests.peers.roster import EVERYTHING, PEERS, Mode, Peer
from tests.peers.serving import Endpoint, serving

# Read here, because every test scrubs its environment.
CACHE = default_cache()
REQUIRED = os.environ.get("MCPVERIFY_PEERS") == "required"

_REFERENCE = next(peer for peer in PEERS if peer.name == "mcp-2.3.0")
_REFERENCE_SECONDS = 60


def absent(peer: Peer) -> str:
    """Why this peer cannot be used, or "" where it can."""
    if peer is EVERYTHING and shutil.which("node") is None:
        return f"{peer.name} needs node on the PATH"
    if not is_installed(CACHE, peer):
        return f"{peer.name} is not installed in {CACHE}: run python tests/peers/install.py"
    return ""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a case's tests together, and a peer's on one worker (pytest -n 2 --dist loadgroup).

    They share a process, and pytest's own grouping goes by the place in a list of parameters.
    """
    place: dict[Case | None, int] = {case: index for index, case in enumerate(CASES)}
    for item in items:
        if case := _case_of(item):
            item.add_marker(pytest.mark.xdist_group(case.peer.name))
    items.sort(key=lambda item: place.get(_case_of(item), -1))


def _case_of(item: pytest.Item) -> Case | None:
    callspec = getattr(item, "callspec", None)
    case = callspec.params.get("case") if callspec else None
    return case if isinstance(case, Case) else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud which peers nobody tested."""
    for reason in filter(None, map(absent, PEERS)):
        terminalreporter.write_line(f"PEER NOT TESTED: {reason}", red=True, bold=True)


@pytest.fixture(scope="session", params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    """Each peer in each of its modes. The session scope keeps the tests of one together."""
    wanted: Case = request.param
    if reason := absent(wanted.peer):
        (pytest.fail if REQUIRED else pytest.skip)(reason)
    return wanted


@pytest.fixture(scope="session")
def peering(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peering]:
    """The peer of this case, serving, with a folder for its snapshots."""
    folder = tmp_path_factory.mktemp(str(case))
    with ExitStack() as stack:
        endpoint = stack.enter_context(serving(CACHE, case.peer, case.mode, folder))
        yield Peering(case, endpoint, CACHE, folder, stack)


@pytest.fixture(scope="session")
def stdio_snapshot(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Peer], Path]:
    """The snapshot of a release recorded over stdio, once for all its transports."""
    taken: dict[str, Path] = {}

    def snapshot(peer: Peer) -> Path:
        if peer.name not in taken:
            folder = tmp_path_factory.mktemp(f"{peer.name}-over-stdio")
            with ExitStack() as stack:
                endpoint = stack.enter_context(serving(CACHE, peer, Mode.STDIO, folder))
                over_stdio = Peering(Case(peer, Mode.STDIO), endpoint, CACHE, folder, stack)
                taken[peer.name] = over_stdio.snapshot
        return taken[peer.name]

    return snapshot


@pytest.fixture
def reference(case: Case) -> Callable[[Endpoint], Any]:
    """What the client of mcp 2.3 makes of an endpoint: `{"tools": [...] | None, "problem"}`."""
    if reason := absent(_REFERENCE):
        (pytest.fail if REQUIRED else pytest.skip)(reason)

    def listing(endpoint: Endpoint) -> Any:
        aim = [endpoint.url] if endpoint.url else ["--", *endpoint.command]
        if case.mode is Mode.SSE:
            aim.append("--sse")
        done = subprocess.run(
            [str(python_of(CACHE, _REFERENCE)), str(HERE / "reference_listing.py"), *aim],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_REFERENCE_SECONDS,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return listing
