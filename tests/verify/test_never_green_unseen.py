"""Whatever is selected: a server that was not met is not green."""

import socket

import pytest

from mcpverify.checks import check_ids
from tests.conftest import Mcpverify
from tests.servers import honest


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.mark.parametrize("check_id", check_ids())
def test_no_check_alone_is_green_where_nobody_listens(check_id: str, mcpverify: Mcpverify) -> None:
    url = f"http://127.0.0.1:{closed_port()}/mcp"
    run = mcpverify("check", url, "--no-snapshot", "--only", check_id)
    assert run.code == 3, run.output


def test_a_glob_without_a_tool_is_no_snapshot(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        run = mcpverify("snapshot", server.url, "--snapshot", "s.json", "--tool", "nobody-*")
    assert run.code == 2
    assert "nobody-*" in run.stderr
