"""Which results are answers: what the schema asks for, and the tools that were there before."""

import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mcpverify.facts.revision import Era
from mcpverify.facts.target import HttpEndpoint, Limits
from mcpverify.facts.timeline import Connection, Purpose, Request, RequestOutcome
from mcpverify.facts.trial_plan import ToolCall
from mcpverify.wire.deadline import Deadline
from mcpverify.wire.revisions.handshake import Handshake
from mcpverify.wire.trial.clients.connection import Place
from mcpverify.wire.trial.clients.expectation import Listing, calling
from mcpverify.wire.trial.clients.pipe_client import PipeClient
from mcpverify.wire.trial.clients.sse_client import SseClient
from mcpverify.wire.trial.clients.streamable_client import Client, StreamableClient
from mcpverify.wire.trial.recorder import Recorder
from tests.servers import honest, honest_sse
from tests.servers.dialog import tool

TOOLS: list[Any] = [tool("add"), tool("brew")]
CONTENT: dict[str, Any] = {"content": [{"type": "text", "text": "done"}]}
BREW = ToolCall("brew", {})


# -- results of tools/list


@pytest.mark.parametrize(
    "result",
    [
        {"tools": TOOLS},
        {"tools": TOOLS[::-1], "nextCursor": "2", "_meta": {}, "ttlMs": 0},
        {"tools": [tool("add", description="other words"), tool("brew")]},
    ],
)
def test_a_list_of_the_same_tools_is_an_answer(result: Any) -> None:
    expects = Listing()
    assert expects({"tools": TOOLS}) == expects(result) == ""


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (None, "the result is no list of tools"),
        ([], "the result is no list of tools"),
        ({}, "the result is no list of tools"),
        (CONTENT, "the result is no list of tools"),
        ({"tools": {"add": {}}}, "the result is no list of tools"),
        ({"tools": [tool("add"), "brew"]}, "the list has a tool without a name"),
        ({"tools": [tool("add"), {"title": "brew"}]}, "the list has a tool without a name"),
        ({"tools": [tool("add"), {"name": 1}]}, "the list has a tool without a name"),
    ],
)
def test_what_is_no_list_of_tools_is_no_answer_and_nothing_is_learnt_from_it(
    result: Any, problem: str
) -> None:
    expects = Listing()
    assert expects(result) == problem
    assert not expects.known
    assert expects({"tools": TOOLS}) == ""
    assert expects(result) == problem


@pytest.mark.parametrize(
    ("tools", "problem"),
    [
        ([], "the list lacks tools that it had before: add, brew"),
        (TOOLS[:1], "the list lacks tools that it had before: brew"),
        ([*TOOLS, tool("mill")], "the list has tools that it did not have before: mill"),
    ],
)
def test_a_list_of_other_tools_than_before_is_no_answer(tools: Any, problem: str) -> None:
    expects = Listing()
    expects({"tools": TOOLS})
    assert expects({"tools": tools}) == problem


def test_a_server_without_tools_has_none_later() -> None:
    expects = Listing()
    assert expects({"tools": []}) == expects({"tools": []}) == ""


def test_only_a_few_names_are_told_and_no_long_one() -> None:
    expects = Listing()
    expects({"tools": [tool(f"{number}" * 99) for number in range(5)]})
    assert expects({"tools": []}).endswith(", ...")
    assert len(expects({"tools": []})) < 200


# -- results of tools/call


@pytest.mark.parametrize("era", Era)
@pytest.mark.parametrize(
    "result",
    [
        CONTENT,
        {"content": []},
        {"structuredContent": {"temperature": 20}},
        {"task": {"taskId": "1", "status": "working"}},
    ],
)
def test_content_or_a_task_is_an_answer_of_a_tool(era: Era, result: Any) -> None:
    assert calling(era)(result) == ""


@pytest.mark.parametrize("era", Era)
@pytest.mark.parametrize(
    "result",
    [
        None,
        "done",
        {},
        {"tools": TOOLS},
        {"content": "done"},
        {"content": ["done"]},
        {"task": "1"},
        {"resultType": "complete"},
        {"resultType": 1},
    ],
)
def test_a_result_without_content_is_no_answer_of_a_tool(era: Era, result: Any) -> None:
    assert calling(era)(result)


@pytest.mark.parametrize("kind", ["input_required", "task"])
def test_a_result_of_another_type_is_an_answer_in_the_stateless_era(kind: str) -> None:
    assert calling(Era.STATELESS)({"resultType": kind}) == ""
    assert calling(Era.HANDSHAKE)({"resultType": kind}) != ""


# -- what the clients make of them

Asked = Callable[[Any, ToolCall | None], list[Request]]


class Turning:
    """The hooks of a server that gives `result` to tools/* once it is told to."""

    def __init__(self, result: Any) -> None:
        self.result = result
        self.turned = False

    def __call__(self, call: Any) -> bytes | None:
        if call.step == "tools/call":
            call.result = CONTENT
        result = self.result if self.turned else call.result
        if isinstance(call, honest.Call):
            return call.answer(result)
        return honest.sse(call.message(result=result))

    @property
    def hooks(self) -> dict[str, Any]:
        return {"tools/list": self, "tools/call": self}


async def _asked(
    client: Client, recorder: Recorder, turning: Turning, call: ToolCall | None
) -> list[Request]:
    with closing(client):
        async with asyncio.timeout(10):
            assert await client.open() == ""
            await client.call(call, None)
            turning.turned = True
            await client.call(call, None)
            await client.loop_once()
    return [each for each in recorder.requests() if each.purpose is not Purpose.STREAM]


def over_http(era: Era, connection: Connection, streams: bool) -> Asked:
    def asked(result: Any, call: ToolCall | None) -> list[Request]:
        turning = Turning(result)
        with honest.serve(turning.hooks, eras=(str(era),), tools=TOOLS, streams=streams) as server:
            recorder, place = Recorder(None), Place.of(HttpEndpoint((server.url,)), server.url)
            client = StreamableClient("one", era, place, recorder, connection)
            return asyncio.run(_asked(client, recorder, turning, call))

    return asked


def over_sse(result: Any, call: ToolCall | None) -> list[Request]:
    turning = Turning(result)
    with honest_sse.serve(turning.hooks, tools=TOOLS) as server:
        recorder, place = Recorder(None), Place.of(HttpEndpoint((server.url,)), server.url)
        client = SseClient("one", place, recorder, Connection.KEPT)
        return asyncio.run(_asked(client, recorder, turning, call))


CLIENTS = {
    "json": over_http(Era.HANDSHAKE, Connection.KEPT, False),
    "fresh": over_http(Era.HANDSHAKE, Connection.FRESH, False),
    "events": over_http(Era.HANDSHAKE, Connection.KEPT, True),
    "stateless": over_http(Era.STATELESS, Connection.FRESH, False),
    "sse": over_sse,
}
WRONG = [{}, {"tools": []}, CONTENT]


@pytest.mark.parametrize("result", WRONG, ids=["empty", "without tools", "of another request"])
@pytest.mark.parametrize("client", CLIENTS)
def test_a_list_that_is_none_any_more_is_a_bad_answer(client: str, result: Any) -> None:
    first, *later = CLIENTS[client](result, None)
    assert (first.outcome, first.detail) == (RequestOutcome.OK, "")
    assert [each.outcome for each in later] == [RequestOutcome.BAD_ANSWER] * 2
    assert all(each.detail.startswith("the ") for each in later)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_list_that_stays_is_an_answer(client: str) -> None:
    found = CLIENTS[client]({"tools": TOOLS}, None)
    assert [each.outcome for each in found] == [RequestOutcome.OK] * 3


@pytest.mark.parametrize("client", CLIENTS)
def test_a_tool_that_gives_nothing_is_a_bad_answer(client: str) -> None:
    first, later, _ = CLIENTS[client]({}, BREW)
    assert first.outcome is RequestOutcome.OK
    assert (later.outcome, later.detail) == (
        RequestOutcome.BAD_ANSWER,
        "the result of the tool has no content",
    )


@pytest.mark.parametrize("client", CLIENTS)
def test_what_the_tool_itself_reports_is_told_apart(client: str) -> None:
    later = CLIENTS[client](CONTENT | {"isError": True}, BREW)[1]
    assert later.outcome is RequestOutcome.TOOL_ERROR


def test_the_tools_are_learnt_before_the_first_call_where_nothing_was_listed() -> None:
    async def asked(client: Client, turning: Turning) -> None:
        with closing(client):
            assert await client.open() == ""
            draft = await client.call(None, None)
            assert draft.outcome is RequestOutcome.OK

    turning = Turning({})
    with honest.serve(turning.hooks, tools=TOOLS) as server:
        place = Place.of(HttpEndpoint((server.url,)), server.url)
        fresh = StreamableClient("one", Era.HANDSHAKE, place, Recorder(None), Connection.FRESH)
        asyncio.run(asked(fresh, turning))
        assert server.steps.count("tools/list") == 2


# -- over standard streams

_SERVER = """
import json, sys
results = json.loads(sys.argv[1])
for line in sys.stdin:
    message = json.loads(line)
    if message["method"] == "initialize":
        told = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}}
        result = told | {"serverInfo": {"name": "turning", "version": "1"}}
    elif message["method"].startswith("tools/"):
        result = results.pop(0) if len(results) > 1 else results[0]
    else:
        continue
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
"""


def over_pipes(
    folder: Path, *results: Any, call: ToolCall | None = None
) -> list[tuple[RequestOutcome, str]]:
    """What a server that gives these results in turn, the last one again, is found to answer."""
    file = folder / "server.py"
    file.write_text(_SERVER)
    argv = (sys.executable, str(file), json.dumps(results))
    recorder = Recorder(None)
    with closing(PipeClient(argv, Handshake(), recorder, Limits())) as client:
        assert client.open(None, 20).outcome is RequestOutcome.OK
        deadline = Deadline.after(20, "it never ended")
        if call is not None:
            client.call(call.name, call.arguments, deadline)
        client.close_input(deadline, behind=0 if call is not None else 2)
        while client.exited is None:
            deadline.remaining()
            client.take_in()
        client.take_in_the_rest(2)
        return [(each.outcome, each.detail) for each in recorder.requests()]


def test_over_pipes_the_tools_are_those_from_before_the_end(tmp_path: Path) -> None:
    good: Any = {"tools": TOOLS}
    assert over_pipes(tmp_path, good) == [(RequestOutcome.OK, "")] * 2
    lacking = "the list lacks tools that it had before: add, brew"
    assert over_pipes(tmp_path, good, good, {"tools": []}) == [
        (RequestOutcome.OK, ""),
        (RequestOutcome.BAD_ANSWER, lacking),
    ]


def test_over_pipes_a_tool_that_gives_nothing_is_a_bad_answer(tmp_path: Path) -> None:
    assert over_pipes(tmp_path, CONTENT, call=BREW) == [(RequestOutcome.OK, "")]
    bad = (RequestOutcome.BAD_ANSWER, "the result of the tool has no content")
    assert over_pipes(tmp_path, {}, call=BREW) == [bad]
