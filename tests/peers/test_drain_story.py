"""What a person with a stock mcp 2 server learns from `drain`, and what its two settings change."""

import os
import re
from pathlib import Path

import pytest

from tests.peers.conftest import CACHE, REQUIRED
from tests.peers.draining import ended
from tests.peers.install import is_installed, python_of
from tests.peers.roster import PEERS
from tests.running import Run, run

pytestmark = [pytest.mark.peers, pytest.mark.timeout(120), pytest.mark.xdist_group("drain-story")]

MCP_2 = next(peer for peer in PEERS if peer.name.startswith("mcp-2."))
HALF_A_MINUTE = 30.0

STOCK = '''\
from mcp.server.mcpserver import MCPServer

server = MCPServer("weather")


@server.tool()
def forecast(city: str) -> str:
    """Tell tomorrow's weather."""
    return f"{city}: sunny"


if __name__ == "__main__":
    server.run("streamable-http", port=8000)
'''
STARTING = '    server.run("streamable-http", port=8000)\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the server is, with its own Python first on the PATH."""
    if os.name != "posix":
        pytest.skip("there are no signals here")
    if not is_installed(CACHE, MCP_2):
        (pytest.fail if REQUIRED else pytest.skip)(f"{MCP_2.name} is not installed")
    return tmp_path


def drained(folder: Path, server: str, *options: str) -> Run:
    # No two runs of these tests may meet on one port: the only word that a user would not change.
    (folder / "server.py").write_text(server.replace("port=8000", "port=0"))
    home = folder / f"home-{len(list(folder.iterdir()))}"
    home.mkdir()
    path = os.pathsep.join([str(python_of(CACHE, MCP_2).parent), os.environ["PATH"]])
    try:
        return run(
            *("drain", *options, "--", "python", "server.py"),
            cwd=folder,
            home=home,
            env={"PATH": path},
            timeout=90,
        )
    finally:
        assert ended(home) == ()


def mended(report: str) -> str:
    """The server with what the remedy for mcp 2 prints in place of its last line."""
    remedy = report.partition("With mcp 2.x")[2].partition("With fastmcp")[0]
    printed = re.findall(r"^ +((?:app = |uvicorn\.run).+)$", remedy, re.MULTILINE)
    assert len(printed) == 2, report
    starting = "".join(f"    {line}\n" for line in ("import uvicorn", *printed))
    return STOCK.replace(STARTING, starting)


def test_a_stock_server_is_seen_to_lose_a_call_within_half_a_minute(folder: Path) -> None:
    done = drained(folder, STOCK)
    assert done.code == 1, done.output
    assert done.seconds < HALF_A_MINUTE
    assert re.search(r"\d+ of \d+ calls in flight were lost", done.words), done.output
    assert re.search(r"lost [\d.]+( to [\d.]+)? s after SIGTERM", done.words), done.output


def test_the_two_settings_of_the_remedy_make_it_green(folder: Path) -> None:
    stock = drained(folder, STOCK)
    server = mended(stock.stdout)
    assert "json_response=True" in server
    assert "timeout_graceful_shutdown=" in server
    again = drained(folder, server)
    assert again.code == 0, server + again.output
    assert not re.search(r"calls in flight were lost", again.words), again.output
