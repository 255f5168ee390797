"""The bad servers are bad in the way their names say, and the honest ones are honest."""

import gzip
import json
import socket
import ssl
import subprocess
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.servers import (
    beats_for_ever,
    certificates,
    cuts_answers,
    drips_body,
    drips_headers,
    frames_events,
    hangs,
    honest,
    honest_sse,
    lists_a_lot,
    lists_invalid_schemas,
    proxy,
    redirects,
    registry,
    sends_bad_json,
    sends_compression_bomb,
    sends_endlessly,
    speaks_no_http,
    stdio,
    talks_inside_streams,
)
from tests.servers.raw_client import ask, ask_stateless, open_session, send
from tests.servers.raw_http import RawServer

GROUND = {
    "__init__", "authorization", "balancer", "breaks_at_close", "certificates", "dialog",
    "drained", "drains", "echoes_credentials", "proxy", "raw_client", "raw_http", "registry",
    "test_servers",
}  # fmt: skip


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def tools_of(server: RawServer) -> bytes:
    return body_of(ask(server, "tools/list", None, open_session(server), seconds=1))


def test_every_server_file_is_in_the_registry() -> None:
    files = {path.stem for path in Path(registry.__file__).parent.glob("*.py")}
    assert files - GROUND <= set(vars(registry))


def test_names_in_the_registry_are_unique() -> None:
    names = Counter(case.name for case in registry.NEVER_GREEN + registry.TOLERATED)
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("case", registry.NEVER_GREEN + registry.TOLERATED, ids=lambda c: c.name)
def test_every_server_starts_and_stops(case: registry.Case) -> None:
    with case.serve() as server:
        assert server is None or server.url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    "server",
    [
        pytest.param(lambda: honest.serve(), id="json"),
        pytest.param(lambda: honest.serve(streams=True), id="streams"),
        pytest.param(lambda: honest.serve(eras=("stateless",)), id="stateless"),
        pytest.param(lambda: honest.serve(eras=("handshake", "stateless")), id="both"),
    ],
)
def test_the_reference_client_lists_the_tools_of_an_honest_server(server: Any) -> None:
    import anyio
    from mcp import Client

    async def names(url: str) -> list[str]:
        async with Client(url, cache=None) as client:
            return [each.name for each in (await client.list_tools()).tools]

    with server() as running:
        assert anyio.run(names, running.url) == ["add", "subtract"]


def test_an_honest_server_keeps_to_the_session_rules() -> None:
    with honest.serve() as server:
        session = open_session(server)
        assert ask(server, "tools/list").startswith(b"HTTP/1.1 400")
        assert ask(server, "tools/list", None, "made-up").startswith(b"HTTP/1.1 404")
        assert ask(server, "tools/list", None, session).startswith(b"HTTP/1.1 200")
        delete = f"DELETE /mcp HTTP/1.1\r\nMcp-Session-Id: {session}\r\n\r\n".encode()
        assert send(server, delete).startswith(b"HTTP/1.1 200")
        assert ask(server, "tools/list", None, session).startswith(b"HTTP/1.1 404")


def test_an_honest_stateless_server_keeps_to_the_header_rules() -> None:
    with honest.serve(eras=("stateless",)) as server:
        assert ask_stateless(server, "tools/list").startswith(b"HTTP/1.1 200")
        assert ask_stateless(server, "no/such").startswith(b"HTTP/1.1 404")
        without_headers = ask(server, "tools/list")
        assert without_headers.startswith(b"HTTP/1.1 400")
        assert json.loads(body_of(without_headers))["error"]["code"] == -32020


def test_an_honest_sse_server_answers_on_the_stream() -> None:
    with honest_sse.serve() as server, socket.create_connection(("127.0.0.1", server.port)) as get:
        stream = get.makefile("rb")
        get.sendall(b"GET /sse HTTP/1.1\r\nHost: here\r\n\r\n")
        line = next(line for line in stream if line.startswith(b"data: "))
        path = line.removeprefix(b"data: ").strip()
        message = b'{"jsonrpc":"2.0","id":9,"method":"tools/list"}'
        post = b"POST %b HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (path, len(message), message)
        assert send(server, post).startswith(b"HTTP/1.1 202")
        line = next(line for line in stream if line.startswith(b"data: "))
        assert json.loads(line.removeprefix(b"data: "))["id"] == 9
        stream.close()


@pytest.mark.parametrize("step", ["tools/list", *registry.LATER_LISTS])
def test_a_hanging_server_answers_all_but_its_step(step: str) -> None:
    with hangs.serve(step) as server:
        session = open_session(server)
        assert ask(server, step, None, session, seconds=0.2) == b""
        assert ask(server, "ping", None, session).startswith(b"HTTP/1.1 200")


def test_a_server_that_hangs_at_accept_reads_nothing() -> None:
    with hangs.serve("accept") as server:
        assert ask(server, "initialize", seconds=0.2) == b""
        assert server.requests == []


def test_dripping_servers_keep_sending_and_never_end() -> None:
    with drips_headers.serve() as headers, drips_body.serve("initialize") as body:
        received = ask(headers, "initialize", seconds=0.5)
        assert b"Content-Type" in received
        assert b"\r\n\r\n" not in received
        received = ask(body, "initialize", seconds=1)
        assert 0 < len(body_of(received)) < 10


@pytest.mark.parametrize("kind", beats_for_ever.BEATS)
def test_a_beating_server_sends_no_answer(kind: str) -> None:
    with beats_for_ever.serve(kind) as server:
        received = tools_of(server)
        assert received.count(b"\n\n") > 3
        assert b'"tools"' not in received


@pytest.mark.parametrize("what", ["body", "stream-line", "events", "headers", "header"])
def test_an_endless_server_sends_more_than_anyone_should_take(what: str) -> None:
    with sends_endlessly.serve(what) as server:
        session = open_session(server)
        assert len(ask(server, "tools/list", None, session, most=2**23)) >= 2**23


def test_a_compression_bomb_is_small_on_the_wire_and_large_when_unpacked() -> None:
    with sends_compression_bomb.serve("gzip") as server:
        answer = ask(server, "tools/list", None, open_session(server), most=2**24)
    packed = body_of(answer)
    assert len(packed) < 2**22
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    size, rest = 0, packed
    while rest and size < 2**28:
        size += len(unpacker.decompress(rest, 2**24))
        rest = unpacker.unconsumed_tail
    assert size >= 2**28


def test_a_nested_bomb_unpacks_into_a_bomb() -> None:
    with sends_compression_bomb.serve("gzip, gzip") as server:
        packed = body_of(ask(server, "tools/list", None, open_session(server), most=2**24))
    assert len(packed) < 2**16
    assert gzip.decompress(packed).startswith(b"\x1f\x8b")


@pytest.mark.parametrize("flaw", sends_bad_json.FLAWS)
def test_a_server_of_bad_json_is_right_in_all_but_the_flaw(flaw: str) -> None:
    with sends_bad_json.serve(flaw) as server:
        received = tools_of(server)
    assert sends_bad_json.FLAWS[flaw] in received
    healed = received.replace(sends_bad_json.FLAWS[flaw], b"{}")
    assert json.loads(healed)["result"]["tools"] == [{"name": "add", "inputSchema": {}}]


@pytest.mark.parametrize("how", ["body", "reset-in-body", "chunked-body", "stream-inside-answer"])
def test_a_cut_answer_ends_before_it_is_whole(how: str) -> None:
    with cuts_answers.serve(how) as server:
        received = ask(server, "tools/list", None, open_session(server))
    assert received.startswith(b"HTTP/1.1 200")
    assert not received.endswith(b"0\r\n\r\n")


def test_redirects_lead_to_a_canary_that_records_who_came() -> None:
    with redirects.serve("other-origin") as server:
        assert server.canary is not None
        assert server.canary.url.encode() in ask(server, "initialize")
        ask(server.canary, "initialize")
        assert server.canary.steps == ["initialize"]


def test_a_remote_reference_leads_to_a_canary() -> None:
    with lists_invalid_schemas.serve_remote_ref() as server:
        assert server.canary is not None
        assert server.canary.url.encode() in tools_of(server)
        assert b'"string"' in send(server.canary, b"GET /schema.json HTTP/1.1\r\n\r\n")


@pytest.mark.parametrize("framing", frames_events.FRAMINGS)
def test_framed_events_hold_the_answer_once_their_lines_are_joined(framing: str) -> None:
    with frames_events.serve(framing) as server:
        received = ask(server, "tools/list", None, open_session(server, seconds=1), seconds=1)
    text = body_of(received)
    if framing in ("byte-by-byte", "stays-open"):
        text = _without_chunks(text)
    lines = text.removeprefix(b"\xef\xbb\xbf").decode().splitlines()
    data = "\n".join(line[5:] for line in lines if line.startswith("data:"))
    assert [each["name"] for each in json.loads(data)["result"]["tools"]] == ["add", "subtract"]


def _without_chunks(body: bytes) -> bytes:
    joined = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        joined += rest[: int(size, 16)]
        body = rest[int(size, 16) + 2 :]
    return joined


def test_a_talking_server_takes_replies_and_tells_them_apart() -> None:
    replies = talks_inside_streams.Replies()
    with talks_inside_streams.serve(replies=replies) as server:
        session = open_session(server)
        received = ask(server, "tools/list", None, session)
        assert b'"sampling/createMessage"' in received
        assert b'"tools"' in received
        reply = b'{"jsonrpc":"2.0","id":"s-ping","result":{}}'
        head = f"POST /mcp HTTP/1.1\r\nMcp-Session-Id: {session}\r\nContent-Length: {len(reply)}"
        accept = "Accept: application/json, text/event-stream"
        answer = send(server, f"{head}\r\n{accept}\r\n\r\n".encode() + reply)
    assert answer.startswith(b"HTTP/1.1 202")
    assert replies.received["s-ping"]["result"] == {}


def test_the_large_contracts_are_as_large_as_they_say() -> None:
    sizes = {what: len(honest.dumps(make())) for what, make in lists_a_lot.TOOLS.items()}
    assert len(lists_a_lot.TOOLS["tools"]()) == 5_000
    assert sizes["description"] > 5_000_000
    assert sizes["enum"] > 50_000 * 10


def test_servers_that_close_say_nothing() -> None:
    with speaks_no_http.serve_closing() as closing, speaks_no_http.serve("ssh", True) as greeting:
        assert ask(closing, "initialize") == b""
        assert send(greeting, b"").startswith(b"SSH-2.0")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, None),
        ({"days": -1}, "certificate has expired"),
        ({"self_signed": True}, "self-signed certificate"),
    ],
)
def test_certificates_are_valid_or_flawed_as_asked(
    authority: certificates.Authority, options: Any, problem: str | None
) -> None:
    client = ssl.create_default_context(cafile=str(authority.bundle))
    with honest.serve(tls=authority.server(**options)) as server:
        assert server.url.startswith("https://")
        with socket.create_connection(("127.0.0.1", server.port)) as plain:
            if problem is None:
                with client.wrap_socket(plain, server_hostname="127.0.0.1") as wrapped:
                    assert wrapped.getpeercert()
                return
            with pytest.raises(ssl.SSLCertVerificationError, match=problem):
                client.wrap_socket(plain, server_hostname="127.0.0.1")


def test_a_certificate_for_another_host_does_not_fit(authority: certificates.Authority) -> None:
    client = ssl.create_default_context(cafile=str(authority.bundle))
    with (
        honest.serve(tls=authority.server("elsewhere.test")) as server,
        socket.create_connection(("127.0.0.1", server.port)) as plain,
        pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"),
    ):
        client.wrap_socket(plain, server_hostname="127.0.0.1")


def test_the_proxy_relays_and_tunnels_and_records() -> None:
    with honest.serve() as server, proxy.serve({"made.up:80": server.url[7:-4]}) as between:
        answer = send(between, b"GET http://made.up/mcp HTTP/1.1\r\nHost: made.up\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 405")
        answer = send(between, b"CONNECT made.up:80 HTTP/1.1\r\n\r\n", seconds=0.5)
        assert answer.startswith(b"HTTP/1.1 200")
        assert between.tunnels == ["made.up:80"]


def exchanged(*command: str, lines: int = 2) -> subprocess.CompletedProcess[bytes]:
    messages = [{"jsonrpc": "2.0", "id": i, "method": "tools/list"} for i in range(lines)]
    text = b"".join(json.dumps(each).encode() + b"\n" for each in messages)
    return subprocess.run(stdio.command(*command), input=text, capture_output=True, timeout=20)


def test_an_honest_child_answers_line_by_line() -> None:
    answers = [json.loads(line) for line in exchanged("honest").stdout.splitlines()]
    assert [each["id"] for each in answers] == [0, 1]


def test_an_exiting_child_leaves_its_last_words() -> None:
    ended = exchanged("exits")
    assert ended.returncode == 3
    assert b"line 14 of the last words" in ended.stderr
    assert b"\x1b[31mFATAL" in ended.stderr


def test_a_child_that_prints_first_still_answers() -> None:
    lines = exchanged("prints_first").stdout.splitlines()
    assert lines[0] == b"Starting server..."
    assert json.loads(lines[-1])["id"] == 1


def test_a_child_with_crlf_ends_every_line_so() -> None:
    assert exchanged("ends_lines_with_crlf").stdout.count(b"}\r\n\r\n") == 2


def test_a_flooding_child_writes_megabytes_to_stderr() -> None:
    assert len(exchanged("floods_stderr").stderr) > 2**23
