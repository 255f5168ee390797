"""What the protocol allows, and what is only ugly, does not turn the gate red."""

import json
from pathlib import Path

import pytest

from tests.conftest import Mcpverify
from tests.gate.judging import assert_inert, checked
from tests.servers import (
    echoes_credentials,
    honest,
    lists_a_lot,
    puts_on_a_show,
    redirects,
    stdio,
    talks_inside_streams,
)
from tests.servers.registry import TOLERATED, Case

ALLOWED_SECONDS = 20
MEBIBYTES = 300
TOKEN = "sk-live-9f8e7d6c5b4a39281706f5e4"


@pytest.mark.parametrize("case", TOLERATED, ids=lambda case: case.name)
def test_a_tolerable_server_is_green(case: Case, mcpverify: Mcpverify) -> None:
    with case.serve() as server:
        run, report = checked(mcpverify, "--timeout", case.timeout, *case.target(server))
    assert run.code == 0, run.output
    assert report.failed == []
    assert run.seconds < ALLOWED_SECONDS
    assert run.mebibytes < MEBIBYTES
    assert_inert(run.output)


@pytest.mark.parametrize("text", puts_on_a_show.TEXTS, ids=range(len(puts_on_a_show.TEXTS)))
def test_hostile_text_stays_inert_when_everything_is_shown(text: str, mcpverify: Mcpverify) -> None:
    with puts_on_a_show.serve(text) as server:
        run, _ = checked(mcpverify, "-vv", "--transcript", "transcript.json", server.url)
    assert run.code == 0
    assert_inert(run.output)
    assert run.stdout.startswith("PASS")


def test_pings_inside_a_stream_are_answered_and_other_requests_refused(
    mcpverify: Mcpverify,
) -> None:
    replies = talks_inside_streams.Replies()
    with talks_inside_streams.serve(replies=replies) as server:
        run, _ = checked(mcpverify, "--samples", "1", server.url)
    assert run.code == 0
    received = {
        name: reply.get("error", {}).get("code") for name, reply in replies.received.items()
    }
    assert received == {
        "s-ping": None,
        "s-roots/list": -32601,
        "s-sampling/createMessage": -32601,
        "s-elicitation/create": -32601,
        "s-no/such/method": -32601,
    }
    assert replies.received["s-ping"]["result"] == {}


def test_requests_of_a_child_are_answered_likewise(mcpverify: Mcpverify) -> None:
    run = mcpverify("check", "--no-snapshot", "-vv", "--", *stdio.command("honest", "requests"))
    assert run.code == 0, run.output


def test_a_redirect_keeps_method_body_and_credentials_on_its_origin(mcpverify: Mcpverify) -> None:
    with redirects.serve_in_place() as server:
        run, _ = checked(mcpverify, "-H", f"Authorization: Bearer {TOKEN}", server.url)
    assert run.code == 0
    arrived = [request for request in server.requests if request.path == "/mcp/"]
    assert {request.method for request in arrived} == {"POST", "DELETE"}
    assert {request.header("Authorization") for request in arrived} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize("page_size", [None, 100])
def test_five_thousand_tools_are_all_seen(page_size: int | None, mcpverify: Mcpverify) -> None:
    with lists_a_lot.serve("tools", page_size=page_size) as server:
        run, report = checked(mcpverify, "--min-tools", "5000", "--samples", "1", server.url)
    assert run.code == 0, run.output
    assert len(report.target["tools"]) == 5_000


def test_a_step_past_the_empty_cursor_sees_the_second_page(mcpverify: Mcpverify) -> None:
    with honest.serve(page_size=1, first_cursor="") as server:
        run, _ = checked(mcpverify, "--min-tools", "2", server.url)
    assert run.code == 0, run.output
    cursors = [
        request.message["params"].get("cursor")
        for request in server.requests
        if request.step == "tools/list" and "params" in request.message
    ]
    assert "" in cursors


@pytest.mark.parametrize("verbosity", [(), ("-vv",)], ids=str)
@pytest.mark.parametrize("given", ["bearer", "header", "variable"])
def test_an_echoed_token_is_a_warning_and_appears_nowhere(
    given: str, verbosity: tuple[str, ...], mcpverify: Mcpverify
) -> None:
    arguments = {
        "bearer": ("--bearer-env", "SERVICE_TOKEN"),
        "header": ("-H", f"Authorization: Bearer {TOKEN}"),
        "variable": ("-H", "Authorization: Bearer ${SERVICE_TOKEN}"),
    }[given]
    with echoes_credentials.serve() as server:
        run, report = checked(
            mcpverify,
            *verbosity,
            *arguments,
            "--transcript",
            "transcript.json",
            server.url,
            env={"SERVICE_TOKEN": TOKEN},
        )
    assert run.code == 0, run.output
    assert report.warned == ["credentials-echoed"]
    transcript = Path("transcript.json").read_text(encoding="utf-8")
    assert json.loads(transcript)
    for text in (run.output, report.text, transcript):
        assert TOKEN not in text
        assert TOKEN[3:] not in text


@pytest.mark.parametrize("status", [400, 401, 500])
def test_a_token_in_the_text_of_a_failure_appears_nowhere(
    status: int, mcpverify: Mcpverify
) -> None:
    with echoes_credentials.serve_failing(status) as server:
        run, report = checked(mcpverify, "-vv", "-H", f"Authorization: Bearer {TOKEN}", server.url)
    assert run.code != 0
    assert TOKEN not in run.output + report.text


def test_a_snapshot_is_refused_where_a_token_is_echoed(mcpverify: Mcpverify) -> None:
    with echoes_credentials.serve() as server:
        run = mcpverify(
            "snapshot", "--snapshot", "s.json", "-H", f"Authorization: Bearer {TOKEN}", server.url
        )
    assert run.code != 0
    assert not Path("s.json").exists()
    assert TOKEN not in run.output
