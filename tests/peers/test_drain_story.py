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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server is, with its own Python first on the PATH."""
    if os.name != "posix":
        pytest.skip("there are no signals here")
    if not is_installed(CACHE, MCP_2):
        (pytest.fail if REQUIRED else pytest.skip)(f"{MCP_2.name} is not installed")
    return tmp_path_factory.mktemp("story")


@pytest.fixture(scope="module")
def stock(folder: Path) -> Run:
    """The server as it is, tried once."""
    return drained(folder, STOCK)


def drained(folder: Path, server: str) -> Run:
    # No two runs of these tests may meet on one port: the only word that a user would not change.
    (folder / "server.py").write_text(server.replace("port=8000", "port=0"))
    home = folder / f"home-{len(list(folder.iterdir()))}"
    home.mkdir()
    path = os.pathsep.join([str(python_of(CACHE, MCP_2).parent), os.environ["PATH"]])
    try:
        return run(
            *("drain", "--", "python", "server.py"),
            cwd=folder,
            home=home,
            env={"PATH": path},
            timeout=90,
        )
    finally:
        assert ended(home) == ()


def mended(report: str) -> str:
    """The server with what the remedy for mcp 2 prints in place of its last line."""
    remedy = report.partition("mcp 2.x (from")[2].partition("fastmcp (from")[0]
    remedy = remedy.replace("YOUR_SERVER", "server").replace("YOUR_PORT", "8000")
    printed = re.findall(r"^ +((?:app = |uvicorn\.run).+)$", remedy, re.MULTILINE)
    assert len(printed) == 2, report
    starting = "".join(f"    {line}\n" for line in ("import uvicorn", *printed))
    return STOCK.replace(STARTING, starting)


def test_a_stock_server_is_seen_to_lose_a_call_within_half_a_minute(stock: Run) -> None:
    assert stock.code == 1, stock.output
    assert stock.seconds < HALF_A_MINUTE
    assert re.search(r"\d+ of \d+ calls in flight were lost", stock.words), stock.output
    assert re.search(r"lost [\d.]+( to [\d.]+)? s after SIGTERM", stock.words), stock.output


def test_the_two_settings_of_the_remedy_make_it_green(stock: Run, folder: Path) -> None:
    server = mended(stock.stdout)
    assert "json_response=True" in server
    assert "timeout_graceful_shutdown=" in server
    again = drained(folder, server)
    assert again.code == 0, server + again.output
    assert not re.search(r"calls in flight were lost", again.words), again.output
