"""One golden call judged: by the tools that were listed, and by the attempts that were made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from mcpverify.drift.budget import Budget
from mcpverify.drift.referee.oracle import Oracle
from mcpverify.drift.referee.silence import OracleSilent
from mcpverify.facts.evidence import says_nothing
from mcpverify.facts.golden_call import (
    GoldenCall,
    Permission,
    definitions,
    is_slow,
    permission,
)
from mcpverify.facts.json_text import Json
from mcpverify.facts.transcript import Exchange
from mcpverify.golden.conditions import Undecided, Unmet, text_of, unmet
from mcpverify.golden.excerpts import excerpt, shortened

_STEPS, _SECONDS = 1_000_000, 3.0  # for one value under its outputSchema
_INVALID_PARAMS = -32602
# Errors that speak of the message or of our headers, and never of the arguments of a tool.
_NOT_OF_THE_TOOL = {-32700, -32600, -32601, -32020, -32021, -32022}


class State(StrEnum):
    """How a call ended. UNSEEN is never green."""

    MET = "met"
    UNMET = "unmet"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class JudgedCall:
    """What became of one call: `reason` is a clause; `came` an excerpt where it was MET.

    `seconds` are those of the attempt that counts, None where nothing answered.
    """

    call: GoldenCall
    state: State
    reason: str = ""
    came: str = ""
    seconds: float | None = None
    attempts: int = 0
    hint: str = ""


def judged(call: GoldenCall, tools: Sequence[Json], attempts: Sequence[Exchange]) -> JudgedCall:
    """What became of `call`: `attempts` are its own, `tools` what was listed before them."""
    match permission(call, tools):
        case Permission.NOT_LISTED:
            return JudgedCall(call, State.UNMET, _not_listed(call, tools))
        case Permission.MAY_CHANGE_THINGS:
            return JudgedCall(
                call,
                State.UNMET,
                f"it was not made: {call.tool} is not annotated readOnlyHint",
                hint=f"Set mutates = true for {call.label} if calling it on every deploy is safe.",
            )
    if not attempts:
        return JudgedCall(call, State.UNSEEN, "it was not made")
    last = attempts[-1]
    schema = next(definitions(call.tool, tools)).get("outputSchema")
    state, reason, hint = _judged(call, schema, last)
    if state is State.MET and is_slow(call, last) and call.max_seconds is not None:
        took, allowed = last.timing.total, call.max_seconds
        state, reason = State.UNMET, f"it took {span(took)}, allowed are {span(allowed)}"
    return JudgedCall(
        call,
        state,
        reason,
        _excerpt(last) if state is State.MET else "",
        None if last.answer is None else last.timing.total,
        len(attempts),
        hint,
    )


def span(seconds: float) -> str:
    """A length of time for people."""
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def _not_listed(call: GoldenCall, tools: Sequence[Json]) -> str:
    names = [
        name
        for each in tools
        if isinstance(each, dict) and isinstance(name := each.get("name"), str)
    ]
    near = get_close_matches(call.tool, names[:1_000], n=1)
    nearest = f"; the nearest is {shortened(near[0])}" if near else ""
    return f"the server lists no tool {call.tool}{nearest}"


def _judged(call: GoldenCall, schema: Json, last: Exchange) -> tuple[State, str, str]:
    """The state, the reason and a hint, but for the time that it took."""
    if last.error is not None and _is_of_the_tool(last):
        return _error(call, last)
    if last.failure is not None or last.error is not None:
        told = " ".join(_failure(last))
        if says_nothing(last, opened=True):
            return State.UNSEEN, told, ""
        return State.UNMET, told, ""
    malformed, hint = _no_result(last.result)
    if malformed or not isinstance(last.result, dict):
        return State.UNMET, malformed, hint
    result = last.result
    if call.expects_error and not result.get("isError"):
        came = f"it succeeds with {_excerpt(last)}, and an error is expected"
        return State.UNMET, came, ""
    if result.get("isError") and not call.expects_error:
        return State.UNMET, f"it ends with isError: {_quoted(text_of(result))}", ""
    if not result.get("isError"):
        state, reason = _under_schema(schema, result)
        if state is not State.MET:
            return state, reason, ""
    return *_conditions(call, result), ""


def _failure(last: Exchange) -> Iterator[str]:
    """Why no result came: what we saw, and the server's own words if it had some."""
    if last.failure is not None:
        yield last.failure.detail
    if isinstance(last.error, dict):
        said = f"error {last.error.get('code')}: {_quoted(last.error.get('message'))}"
        yield f"with {said}" if last.failure is not None else f"JSON-RPC {said}"


def _is_of_the_tool(last: Exchange) -> bool:
    """Whether a JSON-RPC error may be the answer to the arguments, and not to how we asked."""
    if last.status is not None and not 200 <= last.status < 300 and last.status != 400:
        return False
    error = last.error
    return isinstance(error, dict) and error.get("code") not in _NOT_OF_THE_TOOL


def _error(call: GoldenCall, last: Exchange) -> tuple[State, str, str]:
    error = last.error if isinstance(last.error, dict) else {}
    code, message = error.get("code"), error.get("message")
    if call.expects_error:
        content: list[Json] = [{"type": "text", "text": message}]
        # Conditions may speak of its text, and of the error itself.
        return *_conditions(call, {"content": content, "isError": True, "error": error}), ""
    if code == _INVALID_PARAMS:
        reason = f"the server refuses the arguments, error {code}: {_quoted(message)}"
        return State.UNMET, reason, "Compare the arguments with the tool's inputSchema of now."
    return State.UNMET, f"it ends with error {code}: {_quoted(message)}", ""


def _no_result(result: Json) -> tuple[str, str]:
    """What makes `result` none of a tool, and a hint; "" where it is one."""
    if not isinstance(result, dict):
        return "the result is no object", ""
    kind = result.get("resultType")
    if kind == "input_required":
        reason = f"it asks for input first (input_required){_asked(result)}"
        return reason, "Give it arguments with which it needs no input: none is given here."
    if kind == "task" or ("task" in result and "content" not in result):
        return "it is answered with a task, and not with a result", ""
    if kind not in (None, "complete"):
        return f"its resultType is {excerpt(kind)}, and not complete", ""
    content = result.get("content")
    if not isinstance(content, list):
        what = "is no array" if "content" in result else "is missing"
        return f"the result is malformed: content {what}", ""
    for index, item in enumerate(content):
        if not isinstance(item, dict) or not isinstance(item.get("type"), str):
            return f"the result is malformed: content[{index}] has no type", ""
        if item["type"] == "text" and not isinstance(item.get("text"), str):
            return f"the result is malformed: content[{index}] has no text", ""
    if not isinstance(result.get("isError", False), bool):
        return "the result is malformed: isError is no boolean", ""
    return "", ""


def _asked(result: dict[str, Json]) -> str:
    requests = result.get("inputRequests")
    methods = [
        method
        for each in (requests.values() if isinstance(requests, dict) else ())
        if isinstance(each, dict) and isinstance(method := each.get("method"), str)
    ]
    return f": {shortened(', '.join(methods[:5]))}" if methods else ""


def _under_schema(schema: Json, result: dict[str, Json]) -> tuple[State, str]:
    if schema is None:
        return State.MET, ""
    if result.get("structuredContent") is None:
        return State.UNMET, "structuredContent is missing, and the tool has an outputSchema"
    oracle = Oracle(schema, Budget(_STEPS, _SECONDS))
    try:
        refusal = oracle.refusal(result["structuredContent"])
    except OracleSilent as silent:
        return State.UNSEEN, f"structuredContent was not judged: {silent.reason}"
    if refusal is None:
        return State.MET, ""
    return State.UNMET, f"structuredContent is not valid under the outputSchema: {refusal}"


def _conditions(call: GoldenCall, result: dict[str, Json]) -> tuple[State, str]:
    for condition in call.conditions:
        try:
            found = unmet(condition, result)
        except Undecided as error:
            return State.UNSEEN, f"a condition was not judged: {error}"
        if found is not None:
            return State.UNMET, _unmet(found)
    return State.MET, ""


def _unmet(found: Unmet) -> str:
    return f"expected {found.expected}; came {found.came}"


def _excerpt(last: Exchange) -> str:
    if last.error is not None and isinstance(last.error, dict):
        return f"error {last.error.get('code')}: {_quoted(last.error.get('message'))}"
    result = last.result if isinstance(last.result, dict) else {}
    structured = result.get("structuredContent")
    if structured is not None:
        return excerpt(structured)
    text = text_of(result)
    return _quoted(text) if text else excerpt(result.get("content"))


def _quoted(text: Json) -> str:
    return excerpt(text) if isinstance(text, str) else "no text"
