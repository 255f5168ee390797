"""Replicas of a server with prompts alone: judged by their versions, and by answering."""

from typing import Any

from mcpverify.facts.situation import Situation
from tests.replicas import releases
from tests.replicas.asking import looked_at, told
from tests.servers import honest
from tests.servers.dialog import tool
from tests.servers.raw_http import RawServer

ID = "replicas-agree"
PROMPTS = [{"name": "greet"}]


def serve(version: str = "2.4.1", **options: Any) -> RawServer:
    return releases.serve(version, tools=None, prompts=PROMPTS, **options)


def test_a_replica_that_is_gone_is_no_green() -> None:
    with serve() as closed:
        gone = closed.url
    with serve() as one:
        report = looked_at(one.url, urls=(one.url, gone))

    outcome, message = told(report, ID)
    assert outcome == "not-observed"
    assert message.startswith(f"1 of 2 known addresses got no list: {gone}: ")
    assert report.verdict.value == "inconclusive"


def test_another_version_fails() -> None:
    with serve() as one, serve("2.3.9") as old:
        report = looked_at(one.url, "header:X-Version", "2.4.1", urls=(one.url, old.url))

    assert told(report, ID)[0] == told(report, "server-identity")[0] == "failed"
    assert report.situation is Situation.REPLICAS_DIFFER


def test_as_many_connections_are_made_as_with_tools() -> None:
    with serve() as server:
        report = looked_at(server.url, replicas=3)

        assert server.steps.count("initialize") == 15
        assert "tools/list" not in server.steps
    outcome, message = told(report, ID)
    assert outcome == "passed"
    assert message.startswith("15 connections met 1 distinct answer; of 3 replicas")
    assert message.endswith("; there are no tools to compare")


def test_in_the_stateless_era_they_are_asked_too() -> None:
    with serve(eras=("stateless",)) as one, serve("2.3.9", eras=("stateless",)) as old:
        report = looked_at(one.url, "header:X-Version", urls=(old.url,))

    assert told(report, ID)[0] == "failed"


def test_one_replica_that_has_tools_differs() -> None:
    with serve() as one, releases.serve(tools=[tool("sum")], prompts=PROMPTS) as other:
        report = looked_at(one.url, urls=(other.url,))

    assert told(report, ID)[0] == "failed"


def test_a_connection_that_opens_nothing_leaves_the_version_open() -> None:
    refused = {"initialize": lambda call: call.error(-32603, "no database")}
    with releases.serve() as one, releases.serve(hooks=refused, eras=("handshake",)) as other:
        report = looked_at(one.url, "header:X-Version", "2.4.1", urls=(one.url, other.url))

    outcome, message = told(report, "server-identity")
    assert outcome == "not-observed"
    assert message.startswith("1 of 3 connections opened no session: error -32603")


def test_versions_that_are_unknown_are_one_whatever_the_words() -> None:
    numbers = iter(range(1000))

    def fail(call: honest.Call) -> bytes:
        text = [{"type": "text", "text": f"failure {next(numbers)}"}]
        return call.answer({"content": text, "isError": True, "resultType": "complete"})

    with releases.serve(tools=[tool("build_info")], hooks={"tools/call": fail}) as server:
        report = looked_at(server.url, "tool:build_info#/version")

    assert told(report, ID)[0] == "passed"
