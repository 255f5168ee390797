"""What docs/why-not-curl.md claims about the sixty-line script, each claim with its server.

A claim is a function that brings a server up and lets both gates judge it. Its title is that of
its section, or of its row where both gates are right.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from mcpverify.demo.faults.fault import Fault
from mcpverify.demo.options import DemoOptions
from tests.docs.stage import SNAPSHOT, TOOLS, Stage
from tests.running import demo
from tests.servers import (
    cuts_answers,
    drips_body,
    fails_listing,
    frames_events,
    hangs,
    honest,
    honest_sse,
    lists_invalid_schemas,
    sends_bad_json,
    talks_inside_streams,
)
from tests.servers.dialog import schema, tool


class Kind(StrEnum):
    WRONGLY_GREEN = "wrongly-green"  # of the script, here and below
    WRONGLY_RED = "wrongly-red"
    MUTE = "mute"  # red as it should be, but it does not say what that means
    RIGHT = "right"


Play = Callable[[Stage], None]
"""Brings servers up and lets both gates judge them."""


@dataclass(frozen=True, slots=True)
class Claim:
    """`script` is how the script ends, run after run, and `ours` how mcpverify does."""

    title: str
    kind: Kind
    script: tuple[int, ...]
    ours: int
    play: Play


CLAIMS: list[Claim] = []


def _claim(title: str, kind: Kind, script: tuple[int, ...], ours: int) -> Callable[[Play], Play]:
    def register(play: Play) -> Play:
        CLAIMS.append(Claim(title, kind, script, ours, play))
        return play

    return register


@cache
def _of_demo() -> tuple[bytes, bytes]:
    """What both record of the demo server: once for all that begin with it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as home,
        demo(DemoOptions()) as url,
    ):
        stage = Stage(Path(folder), Path(home))
        stage.record(url)
        return Path(folder, TOOLS).read_bytes(), Path(folder, SNAPSHOT).read_bytes()


def _recorded(stage: Stage) -> None:
    for name, text in zip((TOOLS, SNAPSHOT), _of_demo(), strict=True):
        path = stage.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text)


@_claim("Replicas that differ", Kind.WRONGLY_GREEN, (0, 1), 1)
def replicas_that_differ(stage: Stage) -> None:
    _recorded(stage)
    with demo(DemoOptions(fault=Fault.FLAPPING_REPLICAS)) as url:
        stage.judge_by_script(url)
        stage.judge_by_script(url)
    with demo(DemoOptions(fault=Fault.FLAPPING_REPLICAS)) as url:
        stage.judge_by_us(url)


@_claim("A server that dies of the end of a session", Kind.WRONGLY_GREEN, (0, 3), 1)
def dies_of_delete(stage: Stage) -> None:
    _recorded(stage)
    with demo(DemoOptions(fault=Fault.DELETE_KILLS)) as url:
        stage.judge_by_script(url)
        stage.judge_by_script(url)
    with demo(DemoOptions(fault=Fault.DELETE_KILLS)) as url:
        stage.judge_by_us(url)


@_claim("A list that is promised and fails", Kind.WRONGLY_GREEN, (0,), 1)
def promised_list_fails(stage: Stage) -> None:
    with honest.serve(prompts=[], resources=[], templates=[]) as server:
        stage.record(server.url)
    with fails_listing.serve("prompts/list") as server:
        stage.judge(server.url)


@_claim("A prompt that changed", Kind.WRONGLY_GREEN, (0,), 1)
def changed_prompt(stage: Stage) -> None:
    prompt = {"name": "note", "arguments": [{"name": "city", "required": True}]}
    more = {**prompt, "arguments": [*prompt["arguments"], {"name": "day", "required": True}]}
    with honest.serve(prompts=[prompt]) as server:
        stage.record(server.url)
    with honest.serve(prompts=[more]) as server:
        stage.judge(server.url)


@_claim("A schema that was never valid", Kind.WRONGLY_GREEN, (0,), 1)
def never_valid(stage: Stage) -> None:
    with lists_invalid_schemas.serve("dangling-ref") as server:
        stage.record(server.url)
        stage.judge(server.url)


@_claim("JSON that is none", Kind.WRONGLY_GREEN, (0,), 1)
def no_json(stage: Stage) -> None:
    with sends_bad_json.serve("nan") as server:
        stage.record_by_script(server.url)
        stage.judge(server.url, "--no-snapshot")


@_claim("An answer that is cut off", Kind.WRONGLY_GREEN, (0,), 1)
def cut_answer(stage: Stage) -> None:
    with honest.serve() as server:
        stage.record(server.url)
    with cuts_answers.serve("stream-before-blank-line") as server:
        stage.judge(server.url)


@_claim("A token that comes back", Kind.WRONGLY_GREEN, (0,), 1)
def token_comes_back(stage: Stage) -> None:
    with demo(DemoOptions(fault=Fault.ECHOES_TOKEN)) as url:
        stage.record_with_token(url)


@_claim("A server of the revision 2026-07-28 alone", Kind.WRONGLY_RED, (1,), 0)
def stateless_alone(stage: Stage) -> None:
    with honest.serve(eras=("stateless",)) as server:
        stage.judge(server.url, "--no-snapshot")


@_claim("A server over HTTP+SSE", Kind.WRONGLY_RED, (1,), 0)
def over_sse(stage: Stage) -> None:
    with honest_sse.serve() as server:
        stage.judge(server.url, "--no-snapshot")


@_claim("A stream that stays open", Kind.WRONGLY_RED, (3,), 0)
def stays_open(stage: Stage) -> None:
    with honest.serve() as server:
        stage.record(server.url)
    with frames_events.serve("stays-open") as server:
        stage.judge_by_script(server.url, seconds=2)
        stage.judge_by_us(server.url)


@_claim("A server that asks back", Kind.WRONGLY_RED, (3,), 0)
def asks_back(stage: Stage) -> None:
    with honest.serve() as server:
        stage.record(server.url)
    with talks_inside_streams.serve(waits=True) as server:
        stage.judge_by_script(server.url, seconds=2)
        stage.judge_by_us(server.url)


@_claim("Another order that means nothing", Kind.WRONGLY_RED, (1,), 0)
def other_order(stage: Stage) -> None:
    with honest.serve(tools=[_add(["a", "b"])]) as server:
        stage.record(server.url)
    with honest.serve(tools=[_add(["b", "a"])]) as server:
        stage.judge(server.url)


def _add(required: list[str], **properties: object) -> dict[str, object]:
    number = {"type": "number"}
    return tool(inputSchema=schema(a=number, b=number, **properties) | {"required": required})


@_claim("A change that breaks nobody", Kind.WRONGLY_RED, (1,), 0)
def breaks_nobody(stage: Stage, options: tuple[str, ...] = ("--fail-on", "breaking")) -> None:
    with honest.serve(tools=[_add(["a", "b"])]) as server:
        stage.record(server.url)
    with honest.serve(tools=[_add(["a", "b"], digits={"type": "integer"})]) as server:
        stage.judge(server.url, *options)


@_claim("A change that breaks callers", Kind.MUTE, (1,), 1)
def breaks_callers(stage: Stage) -> None:
    _recorded(stage)
    with demo(DemoOptions(fault=Fault.CHANGED_SCHEMA)) as url:
        stage.judge(url)


@_claim("An old release", Kind.MUTE, (1,), 1)
def old_release(stage: Stage) -> None:
    stage.git("init", "-q")
    with honest.serve(tools=[_add(["a"])]) as old:
        for tools in ([_add(["a"])], [_add(["a", "b"])]):
            with honest.serve(tools=tools) as server:
                stage.record(server.url)
            stage.git("add", "-A")
            stage.git("commit", "-q", "-m", "a release")
        stage.judge(old.url)


@_claim("The server is the recorded one", Kind.RIGHT, (0,), 0)
def the_same(stage: Stage) -> None:
    _recorded(stage)
    with demo(DemoOptions()) as url:
        stage.judge(url)


@_claim("The same tools, in another order and in two pages", Kind.RIGHT, (0,), 0)
def the_same_in_pages(stage: Stage) -> None:
    with honest.serve(tools=[tool("add"), tool("subtract")]) as server:
        stage.record(server.url)
    turned = [dict(reversed(each.items())) for each in (tool("subtract"), tool("add"))]
    with honest.serve(tools=turned, page_size=1) as server:
        stage.judge(server.url)


@_claim("A server that hangs", Kind.RIGHT, (3,), 1)
def hanging(stage: Stage) -> None:
    with honest.serve() as server:
        stage.record(server.url)
    with hangs.serve("tools/list") as server:
        stage.judge(server.url, seconds=1)


@_claim("A body that comes byte by byte", Kind.RIGHT, (3,), 1)
def drips(stage: Stage) -> None:
    with honest.serve() as server:
        stage.record(server.url)
    with drips_body.serve("tools/list") as server:
        stage.judge(server.url, seconds=1)


# What the script sees of the faults of the demo server.
_SEEN = {
    Fault.RENAMED_TOOL: ("A tool that was renamed", 1, 1),
    Fault.NO_TOOLS: ("An empty list", 1, 1),
    Fault.TOOLS_LIST_ERROR: ("HTTP 200 with a JSON-RPC error", 1, 1),
    Fault.HTML_PAGE: ("HTTP 200 with a page of HTML", 1, 1),
    Fault.WRONG_ID: ("An answer to another question", 1, 1),
    Fault.WRONG_PROTOCOL_VERSION: ("A protocol version that does not exist", 1, 1),
    Fault.SESSION_FORGOTTEN: ("Sessions that do not stick", 1, 1),
    Fault.CURSOR_LOOPS: ("A list that never ends", 1, 1),
    Fault.UNAVAILABLE: ("HTTP 503", 3, 3),
    Fault.UNAUTHORIZED: ("HTTP 401", 3, 3),
}


def _seen(fault: Fault) -> Play:
    def play(stage: Stage) -> None:
        _recorded(stage)
        with demo(DemoOptions(fault=fault)) as url:
            stage.judge(url)

    return play


CLAIMS.extend(
    Claim(title, Kind.RIGHT, (script,), ours, _seen(fault))
    for fault, (title, script, ours) in _SEEN.items()
)
