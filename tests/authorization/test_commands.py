"""The commands with a token: what they do with it, and that it appears nowhere."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.authorization.judging import Site, served
from tests.cli.reading import Judged
from tests.cli.test_credentials import everything
from tests.conftest import Mcpverify
from tests.servers.authorization import CLIENT, SECRET
from tests.servers.dialog import tool
from tests.servers.honest import Call
from tests.servers.raw_http import response

ENVIRONMENT = {"SECRET": SECRET}


def _flags(site: Site) -> tuple[str, ...]:
    issuer = ("--oauth-issuer", site.issuer.issuer)
    return ("--oauth-client-id", CLIENT, *issuer, "--oauth-secret-env", "SECRET")


def _echo(call: Call) -> bytes:
    """Gives the token back, in a header, in a description and in an error."""
    seen = (call.request.header("Authorization") or "none").removeprefix("Bearer ")
    call.headers = (*call.headers, ("X-Seen", seen))
    if call.request.method != "POST":
        return response(405, seen.encode(), "text/plain")
    if call.step == "tools/list":
        return call.answer({"tools": [tool(description=f"You are {seen}.")]})
    return call.honest if call.result is None else call.answer(call.result)


@pytest.fixture
def echoing() -> Iterator[Site]:
    with served(hooks={"*": _echo}) as site:
        yield site


def test_a_token_that_was_got_appears_in_no_output(
    mcpverify: Mcpverify, tmp_path: Path, echoing: Site
) -> None:
    run = mcpverify(
        *("check", echoing.mcp.url, *_flags(echoing), "--expect-auth", "--no-snapshot", "-vv"),
        *("--debug", "--report", "json=report.json", "--report", "ndjson=events.ndjson"),
        *("--report", "junit=report.xml", "--report", "markdown=report.md"),
        *("--transcript", "transcript.json"),
        env=ENVIRONMENT,
    )
    text = everything(run, tmp_path)
    (token,) = echoing.issuer.issued
    unbroken = "".join(text.split())
    assert token not in unbroken
    assert token.rpartition(".")[2] not in unbroken
    assert SECRET not in unbroken
    assert run.code == 0, run.output
    assert Judged((tmp_path / "report.json").read_text()).outcome("credentials-echoed") == "warned"


def test_a_token_of_a_file_appears_in_no_output(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with served({"opaque": True}, hooks={"*": _echo}) as site:
        token = "opaque-t0ken-of-a-file"
        site.issuer.issued.append(token)
        outside = tmp_path.parent / f"{tmp_path.name}-token"
        outside.write_text(f"{token}\n")
        run = mcpverify(
            *("check", site.mcp.url, "--bearer-file", str(outside), "--no-snapshot", "-vv"),
            *("--report", "json=report.json", "--transcript", "transcript.json"),
        )
    assert run.code == 0, run.output
    assert token not in everything(run, tmp_path)
    assert Judged((tmp_path / "report.json").read_text()).outcome("credentials-echoed") == "warned"


def test_events_tell_of_the_way_to_the_token_and_nothing_of_it(mcpverify: Mcpverify) -> None:
    with served() as site:
        run = mcpverify(
            *("check", site.mcp.url, *_flags(site), "--expect-auth", "--no-snapshot"),
            *("--format", "ndjson"),
            env=ENVIRONMENT,
        )
        (token,) = site.issuer.issued
    events = [json.loads(line) for line in run.stdout.splitlines()]
    steps = [(e["role"], e["step"]) for e in events if e["event"] == "exchange"]
    assert steps[:4] == [
        ("authorization", "server/discover"),
        ("authorization", "resource-metadata"),
        ("authorization", "server-metadata"),
        ("authorization", "token"),
    ]
    assert ("stranger", "initialize") in steps
    assert token not in run.stdout


def test_a_replay_judges_as_the_run_did(mcpverify: Mcpverify) -> None:
    with served(wanted=("weather:read",)) as site:
        first = mcpverify(
            *("check", site.mcp.url, "--bearer-env", "TOKEN", "--expect-auth", "--no-snapshot"),
            *("--transcript", "transcript.json", "--format", "json"),
            env={"TOKEN": site.token("weather:list")},
        )
    again = mcpverify(
        *("check", "--replay", "transcript.json", "--expect-auth", "--no-snapshot"),
        *("--format", "json"),
    )
    then, now = Judged(first.stdout), Judged(again.stdout)
    assert "scope weather:read is missing" in now.target["headline"]
    assert (again.code, now.target["checks"]) == (first.code, then.target["checks"])


def test_the_reference_client_is_let_in_likewise(mcpverify: Mcpverify) -> None:
    with served() as site:
        run = mcpverify(
            *("check", site.mcp.url, *_flags(site), "--no-snapshot", "--reference-client"),
            *("--only", "reference-client-agrees"),
            env=ENVIRONMENT,
        )
    assert run.code == 0, run.output


def test_a_snapshot_is_taken_with_a_token_and_compared_with_one(mcpverify: Mcpverify) -> None:
    with served() as site:
        flags = (site.mcp.url, *_flags(site))
        taken = mcpverify("snapshot", *flags, "--snapshot", "new.json", env=ENVIRONMENT)
        compared = mcpverify("diff", "new.json", *flags, env=ENVIRONMENT)
    assert taken.code == 0, taken.output
    assert f"--oauth-client-id {CLIENT}" in taken.words  # of the check that it proposes
    assert compared.code == 0, compared.output


def test_a_snapshot_refuses_a_token_that_comes_back(mcpverify: Mcpverify, echoing: Site) -> None:
    run = mcpverify(
        *("snapshot", echoing.mcp.url, *_flags(echoing), "--snapshot", "new.json"),
        env=ENVIRONMENT,
    )
    assert run.code == 1, run.output
    assert not Path("new.json").exists()


def test_a_difference_says_why_a_side_did_not_let_us_in(mcpverify: Mcpverify) -> None:
    with served() as site:
        old = mcpverify(
            "snapshot", site.mcp.url, *_flags(site), "--snapshot", "s.json", env=ENVIRONMENT
        )
        assert old.code == 0
        run = mcpverify("diff", "s.json", site.mcp.url)
    assert run.code == 3
    assert "HTTP 401: no token was sent" in run.words


def test_a_token_is_for_one_origin_of_two(mcpverify: Mcpverify) -> None:
    urls = ("http://127.0.0.1:9/mcp", "http://127.0.0.1:10/mcp")
    issuer = ("--oauth-issuer", "http://127.0.0.1:11", "--oauth-secret-env", "SECRET")
    flags = ("--oauth-client-id", CLIENT, *issuer)
    for command in ("diff", "init"):
        run = mcpverify(command, *urls, *flags, env=ENVIRONMENT)
        assert run.code == 2, run.output
        assert "and the token " in run.words
        assert "would go to " in run.words


def test_init_writes_names_only(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with served() as site:
        run = mcpverify(
            *("init", site.mcp.url, *_flags(site), "--forge", "github"), env=ENVIRONMENT
        )
    assert run.code == 0, run.output
    (job,) = (tmp_path / ".github" / "workflows").glob("*.yml")
    text = job.read_text()
    assert "--oauth-secret-env SECRET" in text
    assert "secrets.SECRET" in text
    assert SECRET not in everything(run, tmp_path)


def test_drain_calls_with_the_token(mcpverify: Mcpverify, tmp_path: Path) -> None:
    """A server that we start: its token is got once it is up."""
    program = tmp_path / "guarded.py"
    program.write_text(_PROGRAM)
    root = str(Path(__file__).parents[2])
    with served() as site:
        run = mcpverify(
            *("drain", *_flags(site), "--grace", "2s", "--format", "json", "--rate", "20"),
            *("--", sys.executable, str(program), root, site.issuer.issuer),
            env=ENVIRONMENT,
        )
        tokens = site.issuer.issued
    assert tokens, run.output
    statuses = [each["status"] for each in _members(run.report["trials"]) if "status" in each]
    assert 200 in statuses
    assert 401 not in statuses
    assert not [token for token in tokens if token in run.output]


def _members(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, dict | list):
            yield from _members(each)


_PROGRAM = """
import signal, sys, threading
sys.path[:0] = [sys.argv[1]]
from tests.servers.authorization import AuthorizationServer, Guard
from tests.servers.dialog import Dialog
from tests.servers.honest import Honest
from tests.servers.raw_http import RawServer

issuer = AuthorizationServer(lambda: sys.argv[2], opaque=True)
guard = Guard(Honest(Dialog()), issuer, lambda: server.url)
guard._held = lambda header: ["weather:list"] if header.startswith("Bearer ") else None
over = threading.Event()
signal.signal(signal.SIGTERM, lambda number, frame: over.set())
with RawServer(guard) as server:
    over.wait()
"""
