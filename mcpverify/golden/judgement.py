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
    is_cut_off,
    is_slow,
    permission,
)
from mcpverify.facts.json_text import Json
from mcpverify.facts.transcript import Exchange
from mcpverify.golden.conditions import Undecided, text_of, unmet
from mcpverify.golden.excerpts import Excerpts, excerpts_for

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


def judged(
    call: GoldenCall,
    tools: Sequence[Json],
    attempts: Sequence[Exchange],
    excerpts: Excerpts | None = None,
) -> JudgedCall:
    """What became of `call`: `attempts` are its own, `tools` what was listed before them.

    `excerpts` hide what may not be shown, None for the secrets of this call alone.
    """
    return _Judge(call, excerpts or excerpts_for([call])).judged(tools, attempts)


def span(seconds: float) -> str:
    """A length of time for people."""
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges one call. What is judged is as it came; what is told of it has nothing to hide."""

    call: GoldenCall
    excerpts: Excerpts

    def judged(self, tools: Sequence[Json], attempts: Sequence[Exchange]) -> JudgedCall:
        call = self.call
        match permission(call, tools):
            case Permission.NOT_LISTED:
                return JudgedCall(call, State.UNMET, self._not_listed(tools))
            case Permission.MAY_CHANGE_THINGS:
                return JudgedCall(
                    call,
                    State.UNMET,
                    f"it was not made: {call.tool} is not annotated readOnlyHint",
                    hint=f"Set mutates = true for {call.label} if calling it on every deploy "
                    "is safe.",
                )
        if not attempts:
            return JudgedCall(call, State.UNSEEN, "it was not made")
        last = attempts[-1]
        schema = next(definitions(call.tool, tools)).get("outputSchema")
        state, reason, hint = self._state(schema, last)
        took, allowed = last.timing.total, call.max_seconds
        if state is State.MET and is_slow(call, last) and allowed is not None:
            state, reason = State.UNMET, f"it took {span(took)}, allowed are {span(allowed)}"
        return JudgedCall(
            call,
            state,
            reason,
            self._came(last) if state is State.MET else "",
            None if last.answer is None else took,
            len(attempts),
            hint,
        )

    def _not_listed(self, tools: Sequence[Json]) -> str:
        names = [
            name
            for each in tools
            if isinstance(each, dict) and isinstance(name := each.get("name"), str)
        ]
        near = get_close_matches(self.call.tool, names[:1_000], n=1)
        nearest = f"; the nearest is {self.excerpts.text(near[0])}" if near else ""
        return f"the server lists no tool {self.call.tool}{nearest}"

    def _state(self, schema: Json, last: Exchange) -> tuple[State, str, str]:
        """The state, the reason and a hint, but for the time that it took."""
        call = self.call
        if is_cut_off(last):
            return *self._cut_off(last), ""
        if last.error is not None and _is_of_the_tool(last):
            return self._error(last)
        if last.failure is not None or last.error is not None:
            told = " ".join(self._failure(last))
            if says_nothing(last, opened=True):
                return State.UNSEEN, told, ""
            return State.UNMET, told, ""
        malformed, hint = self._no_result(last.result)
        if malformed or not isinstance(last.result, dict):
            return State.UNMET, malformed, hint
        result = last.result
        if call.expects_error and not result.get("isError"):
            came = f"it succeeds with {self._came(last)}, and an error is expected"
            return State.UNMET, came, ""
        if result.get("isError") and not call.expects_error:
            return State.UNMET, f"it ends with isError: {self._quoted(text_of(result))}", ""
        if not result.get("isError"):
            state, reason = self._under_schema(schema, result)
            if state is not State.MET:
                return state, reason, ""
        return *self._conditions(result), ""

    def _cut_off(self, last: Exchange) -> tuple[State, str]:
        """The run's time was up: that tells of the tool only where its own budget was up, too."""
        took, allowed = last.timing.total, self.call.max_seconds
        if allowed is not None and took > allowed:
            return State.UNMET, f"no answer came in {span(took)}, allowed are {span(allowed)}"
        told = "" if last.failure is None else last.failure.detail
        return State.UNSEEN, told

    def _failure(self, last: Exchange) -> Iterator[str]:
        """Why no result came: what we saw, and the server's own words if it had some."""
        if last.failure is not None:
            yield last.failure.detail
        if isinstance(last.error, dict):
            said = f"error {last.error.get('code')}: {self._quoted(last.error.get('message'))}"
            yield f"with {said}" if last.failure is not None else f"JSON-RPC {said}"

    def _error(self, last: Exchange) -> tuple[State, str, str]:
        error = last.error if isinstance(last.error, dict) else {}
        code, message = error.get("code"), error.get("message")
        if self.call.expects_error:
            content: list[Json] = [{"type": "text", "text": message}]
            # Conditions may speak of its text, and of the error itself.
            found = self._conditions({"content": content, "isError": True, "error": error})
            return *found, ""
        if code == _INVALID_PARAMS:
            reason = f"the server refuses the arguments, error {code}: {self._quoted(message)}"
            hint = "Compare the arguments with the tool's inputSchema of now."
            return State.UNMET, reason, hint
        return State.UNMET, f"it ends with error {code}: {self._quoted(message)}", ""

    def _no_result(self, result: Json) -> tuple[str, str]:
        """What makes `result` none of a tool, and a hint; "" where it is one."""
        if not isinstance(result, dict):
            return "the result is no object", ""
        kind = result.get("resultType")
        if kind == "input_required":
            reason = f"it asks for input first (input_required){self._asked(result)}"
            return reason, "Give it arguments with which it needs no input: none is given here."
        if kind == "task" or ("task" in result and "content" not in result):
            return "it is answered with a task, and not with a result", ""
        if kind not in (None, "complete"):
            return f"its resultType is {self.excerpts.value(kind)}, and not complete", ""
        return _malformed(result), ""

    def _asked(self, result: dict[str, Json]) -> str:
        requests = result.get("inputRequests")
        methods = [
            method
            for each in (requests.values() if isinstance(requests, dict) else ())
            if isinstance(each, dict) and isinstance(method := each.get("method"), str)
        ]
        return f": {self.excerpts.text(', '.join(methods[:5]))}" if methods else ""

    def _under_schema(self, schema: Json, result: dict[str, Json]) -> tuple[State, str]:
        if schema is None:
            return State.MET, ""
        if "structuredContent" not in result:
            return State.UNMET, "structuredContent is missing, and the tool has an outputSchema"
        content = result["structuredContent"]
        if content is None and "resultType" not in result:
            # Any JSON may stand there since 2026-07-28, which is where resultType came; before it,
            # an object alone.
            return State.UNMET, "structuredContent is null, and the tool has an outputSchema"
        oracle = Oracle(schema, Budget(_STEPS, _SECONDS))
        try:
            refusal = oracle.refusal(content)
        except OracleSilent as silent:
            return State.UNSEEN, f"structuredContent was not judged: {silent.reason}"
        if refusal is None:
            return State.MET, ""
        told = self._refusal(oracle, content, refusal)
        return State.UNMET, f"structuredContent is not valid under the outputSchema: {told}"

    def _refusal(self, oracle: Oracle, content: Json, refusal: str) -> str:
        """The reason of a refusal, which is cut where it is long: so it is asked for anew."""
        shown = self.excerpts.redactor.value(content)
        if shown is content or shown == content:
            return refusal
        try:
            told = oracle.refusal(shown)
        except OracleSilent:
            told = None
        return told or "because of a value that is a secret of ours, or holds one"

    def _conditions(self, result: dict[str, Json]) -> tuple[State, str]:
        for condition in self.call.conditions:
            try:
                found = unmet(condition, result, self.excerpts)
            except Undecided as error:
                return State.UNSEEN, f"a condition was not judged: {error}"
            if found is not None:
                return State.UNMET, f"expected {found.expected}; came {found.came}"
        return State.MET, ""

    def _came(self, last: Exchange) -> str:
        if last.error is not None and isinstance(last.error, dict):
            return f"error {last.error.get('code')}: {self._quoted(last.error.get('message'))}"
        result = last.result if isinstance(last.result, dict) else {}
        structured = result.get("structuredContent")
        if structured is not None:
            return self.excerpts.value(structured)
        text = text_of(result)
        return self._quoted(text) if text else self.excerpts.value(result.get("content"))

    def _quoted(self, text: Json) -> str:
        return self.excerpts.value(text) if isinstance(text, str) else "no text"


def _is_of_the_tool(last: Exchange) -> bool:
    """Whether a JSON-RPC error may be the answer to the arguments, and not to how we asked."""
    if last.status is not None and not 200 <= last.status < 300 and last.status != 400:
        return False
    error = last.error
    return isinstance(error, dict) and error.get("code") not in _NOT_OF_THE_TOOL


def _malformed(result: dict[str, Json]) -> str:
    """What is wrong with the result of a tool before anything is expected of it, or ""."""
    content = result.get("content")
    if not isinstance(content, list):
        what = "is no array" if "content" in result else "is missing"
        return f"the result is malformed: content {what}"
    for index, item in enumerate(content):
        if not isinstance(item, dict) or not isinstance(item.get("type"), str):
            return f"the result is malformed: content[{index}] has no type"
        if item["type"] == "text" and not isinstance(item.get("text"), str):
            return f"the result is malformed: content[{index}] has no text"
    if not isinstance(result.get("isError", False), bool):
        return "the result is malformed: isError is no boolean"
    return ""
