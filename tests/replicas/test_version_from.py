"""The version that is compared is the one of --version-from, on every connection."""

from typing import Any

import pytest

from mcpverify.facts.revision import Revision
from mcpverify.facts.situation import Situation
from mcpverify.facts.target import Header, Transport
from mcpverify.facts.transcript import Role, Step
from tests.cli.reading import judged
from tests.conftest import Mcpverify
from tests.replicas import releases
from tests.replicas.asking import lines, looked_at, told
from tests.replicas.releases import Release
from tests.servers import honest, honest_sse, stdio
from tests.servers.dialog import tool
from tests.servers.honest import Call

ID = "server-identity"
TOOLS = [tool("add"), tool("build_info", inputSchema={"type": "object"})]
SOURCES = ["header:x-version", "health:/version#/build/version", "tool:build_info#/version"]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("era", ["handshake", "stateless"])
def test_the_release_is_told_and_compared(source: str, era: str) -> None:
    with releases.serve("2.4.1", tools=TOOLS, eras=(era,)) as server:
        report = looked_at(server.url, source, "2.4.1")
        wrong = looked_at(server.url, source, "2.4.2")

    assert told(report, ID) == ("passed", "honest 2.4.1 (serverInfo says 1.0.0)")
    assert report.server.version == "2.4.1 (serverInfo says 1.0.0)"
    outcome, message = told(wrong, ID)
    assert outcome == "failed"
    assert message.endswith("is '2.4.1', expected '2.4.2'")
    assert wrong.situation is Situation.WRONG_VERSION
    assert wrong.headline == f"NOT THE EXPECTED VERSION: {message}"


@pytest.mark.parametrize("source", SOURCES)
def test_samples_are_asked_too(source: str) -> None:
    with releases.serve("2.4.1", tools=TOOLS, eras=("stateless",)) as server:
        report = looked_at(server.url, source, "2.4.1", samples=3)

    assert report.recording is not None
    samples = report.recording.of(Role.SAMPLE)
    assert len(samples) == 2
    for sample in samples:
        steps = [each.step for each in sample.exchanges]
        assert steps == [Step.TOOLS] if "header" in source else [Step.TOOLS, Step.VERSION]


def test_the_expected_version_may_be_the_one_that_serverinfo_tells() -> None:
    with releases.serve("2.4.1", eras=("stateless",)) as server:
        report = looked_at(server.url, None, "1.0.0", samples=3)

    assert told(report, ID) == ("passed", "honest 1.0.0")


def test_a_wrong_name_is_another_situation_than_a_wrong_version() -> None:
    with releases.serve("2.4.1") as server:
        both = looked_at(server.url, "header:X-Version", "3", name="other")
        version = looked_at(server.url, "header:X-Version", "3", name="honest")

    assert both.situation is Situation.WRONG_SERVER
    assert "header X-Version is '2.4.1', expected '3'" in both.headline
    assert version.situation is Situation.WRONG_VERSION


def test_one_connection_of_several_that_says_otherwise_fails() -> None:
    release, opened = Release("2.4.1"), []

    def exchange(call: Call) -> bytes:
        opened.append(call.step)
        if len(opened) == 3:
            release.version = "2.3.9"
        return call.honest

    with releases.serve(release, hooks={"initialize": exchange}) as server:
        report = looked_at(server.url, "health:/version#/build/version", "2.4.1", samples=3)

    assert told(report, ID) == (
        "failed",
        "on 1 of 3 connections /version#/build/version is '2.3.9', expected '2.4.1'",
    )
    assert "expected '2.4.1', live '2.3.9', on 1 of 3 connections" in lines(report, ID)
    assert told(report, "replicas-agree")[0] == "failed"


def test_a_missing_header_fails_where_a_version_is_expected_and_else_warns() -> None:
    with releases.serve(header=None) as server:
        demanded = looked_at(server.url, "header:X-Version", "2.4.1")
        reported = looked_at(server.url, "header:X-Version")

    problem = "header X-Version is missing"
    assert told(demanded, ID) == ("failed", f"{problem}, expected '2.4.1'")
    assert told(reported, ID) == ("warned", problem)


@pytest.mark.parametrize(
    ("page", "pointer", "words"),
    [
        (b'{"version": 2.10}', "/version", "'2.10'"),
        (b'{"version": 7}', "/version", "'7'"),
        (b'{"version": 1e3}', "/version", "'1e3'"),
        (b'\xef\xbb\xbf{"version": " 2.4 "}', "/version", "'2.4'"),
        (b'["2.4"]', "/0", "'2.4'"),
        (b" 2.4.1\n", "", "'2.4.1'"),
        (b"", "", "is empty"),
        (b"", "/version", "the body is no JSON"),
        (b"<html>", "/version", "the body is no JSON"),
        (b"x" * 201, "", "is 201 characters long, which is no version"),
        (b"\xff\xfe", "", "the body is no UTF-8 text"),
        (b'{"version": null}', "/version", "/version of the body is null"),
        (b'{"version": {}}', "/version", "/version of the body is an object"),
        (b'{"version": "2"}', "/Version", "the body has no /Version"),
        (b'["2"]', "/-1", "the body has no /-1"),
        (b'{"v": 1, "v": 2}', "/v", "stands twice"),
        (b"[" * 5000, "/0", "nested deeper"),
    ],
)
def test_a_body_holds_a_version_or_a_reason(page: bytes, pointer: str, words: str) -> None:
    with releases.serve(health=page) as server:
        report = looked_at(server.url, f"health:/version#{pointer}", "no such", samples=1)

    outcome, message = told(report, ID)
    assert outcome == "failed"
    assert words in message


@pytest.mark.parametrize(("status", "outcome"), [(404, "failed"), (503, "not-observed")])
def test_a_status_of_the_address_is_told(status: int, outcome: str) -> None:
    with releases.serve(health_status=status) as server:
        report = looked_at(server.url, "health:/version", "2.4.1")

    assert told(report, ID) == (
        outcome,
        f"/version is unknown: HTTP {status}, expected '2.4.1'",
    )


def test_nobody_at_the_address_is_no_verdict() -> None:
    with releases.serve() as closed:
        gone = closed.origin
    with releases.serve() as server:
        report = looked_at(server.url, f"health:{gone}/version", "2.4.1")

    assert told(report, ID)[0] == "not-observed"
    assert "refused the connection" in told(report, ID)[1]


RESULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"structuredContent": {"version": 2.1}}, "/version", "'2.1'"),
    ({"content": [{"type": "text", "text": '{"version": 2.10}'}]}, "/version", "'2.10'"),
    ({"content": [{"type": "text", "text": "v2.4"}]}, "", "'v2.4'"),
    ({"content": [{"type": "text", "text": "no"}], "isError": True}, "", "the call failed: no"),
    ({"content": []}, "", "the result holds no text"),
    ({"content": "x"}, "/v", "the result holds no text"),
    ({"structuredContent": {"a": 1}}, "/version", "structuredContent has no /version"),
    ({"resultType": "input_required"}, "", "the tool asks for input"),
]


@pytest.mark.parametrize(("result", "pointer", "words"), RESULTS)
def test_a_result_holds_a_version_or_a_reason(
    result: dict[str, Any], pointer: str, words: str
) -> None:
    with releases.serve(tools=TOOLS, built=result) as server:
        report = looked_at(server.url, f"tool:build_info#{pointer}", "no such", samples=1)

    outcome, message = told(report, ID)
    assert outcome == "failed"
    assert words in message


def test_a_number_in_structured_content_is_told_as_it_was_written() -> None:
    def tell(call: Call) -> bytes:
        text = b'{"jsonrpc":"2.0","id":%d,"result":{"structuredContent":{"version":2.10}}}'
        return call.body(text % call.id)

    for streams in (False, True):
        with honest.serve({"tools/call": tell}, tools=TOOLS, streams=streams) as server:
            report = looked_at(server.url, "tool:build_info#/version", "2.10")

        assert told(report, ID)[0] == "passed"


def test_a_tool_that_is_not_listed_is_not_called() -> None:
    with releases.serve() as server:
        report = looked_at(server.url, "tool:build_info", "2.4.1")

        assert "tools/call" not in server.steps
    assert told(report, ID) == ("failed", "tool build_info is not listed, expected '2.4.1'")


def test_the_tool_is_called_without_arguments() -> None:
    with releases.serve(tools=TOOLS) as server:
        looked_at(server.url, "tool:build_info", "2.4.1", samples=1)

        (call,) = [each.message for each in server.requests if each.step == "tools/call"]
    assert call["params"]["name"] == "build_info"
    assert call["params"]["arguments"] == {}


def test_the_address_is_asked_over_the_connection_of_the_session() -> None:
    with releases.serve() as server:
        looked_at(server.url, "health:/version", samples=1, protocol=Revision.R2025_11_25)

        assert len({each.connection for each in server.requests if each.method != "DELETE"}) <= 2
        asked = next(each for each in server.requests if each.path == "/version")
        listed = next(each for each in server.requests if each.step == "tools/list")
    assert asked.connection == listed.connection


def test_credentials_go_to_no_other_origin() -> None:
    token = Header("Authorization", "Bearer f3a9c27e51d84b06")
    with releases.serve() as server, releases.serve("2.3.9") as other:
        there = looked_at(server.url, f"health:{other.origin}/version", headers=(token,))
        here = looked_at(server.url, f"health:{server.origin}/version", headers=(token,))

        assert {each.header("Authorization") for each in other.requests} == {None}
        assert {each.header("Authorization") for each in server.requests} == {token.value}
        assert {each.path for each in other.requests} == {"/version"}
    assert "2.3.9" in (there.server.version or "")
    assert "2.4.1" in (here.server.version or "")


def test_over_http_and_sse_the_address_is_asked_too() -> None:
    with honest_sse.serve() as server:
        report = looked_at(server.url, "health:/version", "2.4.1", transport=Transport.SSE)

    assert told(report, ID) == ("failed", "/version is unknown: HTTP 404, expected '2.4.1'")


def test_waiting_ends_when_the_version_is_there() -> None:
    release, asked = Release("2.3.9"), []

    def exchange(call: Call) -> bytes:
        asked.append(call.step)
        if len(asked) == 3:  # of the second attempt
            release.version = "2.4.1"
        return call.honest

    hooks = {"initialize": exchange}
    with releases.serve(release, hooks=hooks) as server:
        report = looked_at(server.url, "header:X-Version", "2.4.1", samples=1, wait=20)

    assert report.verdict.value == "passed"
    assert report.attempts > 1
    assert told(report, ID) == ("passed", "honest 2.4.1 (serverInfo says 1.0.0)")


def test_a_version_of_any_look_is_inert_and_short() -> None:
    with releases.serve("2.4.1 " + "x" * 300) as server:
        report = looked_at(server.url, "header:X-Version", "2.4.1")

    assert "306 characters long, which is no version" in told(report, ID)[1]
    assert "xxx" not in report.headline + lines(report, ID)


@pytest.mark.parametrize(
    ("source", "outcome", "words"),
    [
        ("tool:echo", "passed", "honest {} (serverInfo says 1.0.0)"),
        ("tool:crash", "failed", "tool crash is unknown: the process exited with code 1"),
        ("header:X-Version", "not-observed", "no answer had headers"),
    ],
)
def test_a_child_process_tells_its_version_by_a_tool(
    source: str, outcome: str, words: str, mcpverify: Mcpverify
) -> None:
    run = mcpverify(
        *("check", "--no-snapshot", "--format", "json", "--version-from", source),
        *("--expect-version", "{}", "--", *stdio.command("answers_calls")),
    )

    assert judged(run).outcome(ID) == outcome
    assert words in judged(run).message(ID)
