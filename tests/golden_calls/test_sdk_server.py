"""Servers of the `mcp` package take our calls, headers and all, and are answered during them."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from mcpverify.demo.options import DemoOptions
from mcpverify.demo.process import started
from mcpverify.facts.finding import Outcome
from mcpverify.facts.golden_call import Condition
from mcpverify.facts.revision import Era
from mcpverify.facts.target import HttpEndpoint, Target, Transport
from mcpverify.facts.trial_plan import ToolCall, TrialPlan
from mcpverify.verify.look import look
from mcpverify.wire.parameter_headers import call_headers
from mcpverify.wire.trial.clients.connection import Place
from mcpverify.wire.trial.recorder import Recorder
from mcpverify.wire.trial.traffic import Traffic
from tests.golden_calls.judging import attempts, finding, found_in, golden, report
from tests.golden_calls.sdk_server import MARKED, serving

ARGUMENTS: list[dict[str, Any]] = [
    {},
    {"region": "eu-west-1", "count": 3, "dry": False, "free": "x"},
    {"region": "Köln", "count": -7, "dry": True, "far": {"place": "日本"}},
    {"region": " spaced ", "count": 2**53 - 1, "far": {}},
    {"region": "line\nend", "far": {"place": ""}},
    {"region": "=?base64?YQ==?=", "count": 0},
    {"region": None, "dry": None},
    {"region": "tab\tinside", "count": 42.0},
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as found:
        yield found


@pytest.mark.parametrize("era", ["handshake", "stateless"])
def test_marked_arguments_of_any_kind_are_taken(url: str, era: str) -> None:
    calls = [
        golden(tool, label=f"{tool} {number}", arguments=arguments)
        for tool in ("echo", "échö")
        for number, arguments in enumerate(ARGUMENTS)
    ]
    told = report(url, *calls, era=era)
    found = found_in(told)
    assert (found.outcome, found.message[:8]) == (Outcome.PASSED, "16 of 16"), found.message


def test_a_call_without_its_headers_would_have_been_refused(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What the server says proves that it looks: else the test above shows nothing.
    monkeypatch.setattr("mcpverify.wire.session.call_headers", lambda tool, *_: {"Mcp-Name": tool})
    told = report(url, golden("echo", arguments=ARGUMENTS[1]), era="stateless")
    (made,) = attempts(told)
    assert (made.status, found_in(told).outcome) == (400, Outcome.FAILED)
    assert "-32020" in found_in(told).message


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)
def test_our_headers_are_those_of_the_reference_client(arguments: dict[str, Any]) -> None:
    from mcp.shared.inbound import encode_header_value, mcp_param_headers, x_mcp_header_map

    theirs = mcp_param_headers(x_mcp_header_map(MARKED), arguments)
    ours = call_headers("échö", MARKED, arguments)
    assert ours.pop("Mcp-Name") == encode_header_value("échö")
    if arguments.get("count") == 42.0:
        assert (ours.pop("Mcp-Param-Count"), theirs.pop("Mcp-Param-Count")) == ("42", "42.0")
    if arguments.get("region") == "tab\tinside":  # a header may hold it; theirs is careful
        ours.pop("Mcp-Param-Region"), theirs.pop("Mcp-Param-Region")
    assert ours == theirs


def test_requests_of_the_server_are_refused_during_a_call(url: str) -> None:
    refused = Condition(equals=("refused with -32601",))
    found = finding(url, golden("talk", refused))
    assert found.outcome is Outcome.PASSED, found.message


def test_input_that_it_asks_for_is_told(url: str) -> None:
    found = finding(url, golden("ask"), era="stateless")
    assert "it asks for input first (input_required): roots/list" in found.message


def test_a_drain_calls_with_the_same_headers(url: str) -> None:
    endpoint = HttpEndpoint((url,), proxies=False)
    seen = look(Target("it", endpoint))
    plan = TrialPlan(Target("it", endpoint), call=ToolCall("échö", ARGUMENTS[2]), sessions=2)

    async def called() -> str:
        traffic = Traffic(plan, seen, Place.of(endpoint, url), Recorder(None))
        problem = await traffic.open()
        await traffic.start_calls()
        await traffic.close()
        return problem or traffic.failed

    assert Era.STATELESS in seen.eras
    assert asyncio.run(called()) == ""
    seen = replace(seen, schemas={})
    assert "HTTP 400" in asyncio.run(called())


def test_the_demo_server_answers_golden_calls_over_http_sse() -> None:
    transport = Transport.SSE
    guide = golden(
        "brewing_guide",
        Condition(path="$.structuredContent.celsius", least=50, most=100),
        arguments={"tea": "assam"},
    )
    wrong = golden("brewing_guide", label="bad", arguments={"tea": "coffee"}, expects_error=True)
    with started(DemoOptions(transport=transport)) as address:
        found = finding(address, golden("list_teas"), guide, wrong, transport=transport)
    assert found.outcome is Outcome.PASSED, found.message
