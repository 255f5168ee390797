"""Changes that no value shows: what a model reads, and what a client is told about a tool.

Each is judged from the two definitions by a rule of its own. None needs the prover, so that
a run in which only texts differ stays as quick as one in which nothing does.
"""

from dataclasses import dataclass
from typing import Final

from mcpverify.facts.change import Aspect, Change, ChangeKind
from mcpverify.facts.compatibility import Compatibility, JudgedChange
from mcpverify.facts.json_text import Json, canonical_text

_BEHAVIORAL: Final = {
    Aspect.TEXT: "a model reads another text",
    Aspect.DEFAULT: "a call or result that leaves it out may now mean something else",
    Aspect.FORMAT: "JSON Schema asserts no format, but a server or a client may",
    Aspect.EXAMPLES: "a model sees other examples",
    Aspect.KEYWORD: "JSON Schema asserts nothing by it, but a client or a model may read it",
    Aspect.ICONS: "people see other icons",
    Aspect.FIELD: "no call depends on it, but a client may read it",
    Aspect.ANNOTATION: "no call depends on it, but a client may trust it",
    Aspect.EXECUTION: "no call depends on it, but a client may read it",
}


@dataclass(frozen=True, slots=True)
class _Hint:
    """What a client without the hint assumes, and does where it comes to be true, or false."""

    default: bool
    true: str
    false: str


_HINTS: Final = {
    "readOnlyHint": _Hint(
        False,
        "a client may now call the tool without asking: it is said to change nothing",
        "a client may now ask before each call: the tool is no longer said to change nothing",
    ),
    "destructiveHint": _Hint(
        True,
        "a client may now ask before each call: the tool is said to destroy",
        "a client may now call the tool without asking: it is no longer said to destroy",
    ),
    "idempotentHint": _Hint(
        False,
        "a client may now repeat a call without asking: a repetition is said to change nothing",
        "a client may no longer repeat a call: a repetition is not said to be harmless",
    ),
    "openWorldHint": _Hint(
        True,
        "a client may now trust results less: the tool is said to reach beyond its own system",
        "a client may now trust results without asking: the tool is said to reach nothing outside",
    ),
}


def judged_hint(change: Change, snapshot: dict[str, Json], live: dict[str, Json]) -> JudgedChange:
    """The verdict on a change of a tool that touches nothing which a schema asserts."""
    match change.aspect:
        case Aspect.OUTPUT_SCHEMA if change.kind is ChangeKind.ADDED:
            reason = "results now have a schema; no reader relied on one"
            return JudgedChange(change, Compatibility.COMPATIBLE, reason)
        case Aspect.OUTPUT_SCHEMA:
            reason = "results no longer promise what readers relied on"
            return JudgedChange(change, Compatibility.BREAKING, reason)
        case Aspect.HEADER if change.pointer.startswith("/inputSchema/"):
            return _header(change)
        case Aspect.EXECUTION if change.pointer == "/execution/taskSupport":
            return _task_support(change, _task(snapshot), _task(live))
        case Aspect.ANNOTATION:
            return behavioral(change, _annotation(change, snapshot, live))
        case _:
            return behavioral(change)


def behavioral(change: Change, reason: str = "") -> JudgedChange:
    """The verdict on a change that loses no call, with the sentence of its aspect."""
    told = reason or _BEHAVIORAL.get(change.aspect, _BEHAVIORAL[Aspect.KEYWORD])
    return JudgedChange(change, Compatibility.BEHAVIORAL, told)


def _annotation(change: Change, snapshot: dict[str, Json], live: dict[str, Json]) -> str:
    """What a client would now do; "" where the protocol does not say."""
    name = change.pointer.removeprefix("/annotations/")
    hint = _HINTS.get(name)
    if hint is None:
        return ""
    before, after = (_annotated(each, name, hint.default) for each in (snapshot, live))
    if not isinstance(before, bool) or not isinstance(after, bool):
        return ""
    if before is after:
        return f"it is what a client assumes without it ({canonical_text(hint.default)})"
    told = hint.true if after else hint.false
    if name == "destructiveHint" and _annotated(live, "readOnlyHint", False) is True:
        return f"{told}; it counts for nothing while readOnlyHint is true"
    return told


def _annotated(definition: dict[str, Json], name: str, default: bool) -> Json:
    annotations = definition.get("annotations")
    return annotations.get(name, default) if isinstance(annotations, dict) else default


def _header(change: Change) -> JudgedChange:
    match change.kind:
        case ChangeKind.REMOVED:
            reason = "a client has to send this argument as a header no more"
            return JudgedChange(change, Compatibility.COMPATIBLE, reason)
        case ChangeKind.CHANGED if _folded(change.snapshot) == _folded(change.live):
            reason = "it names the same header: case means nothing"
            return JudgedChange(change, Compatibility.COMPATIBLE, reason)
        case _:
            reason = (
                "over HTTP, a call that does not repeat this argument as this header is refused"
            )
            return JudgedChange(change, Compatibility.BREAKING, reason)


def _folded(value: Json) -> Json:
    return value.lower() if isinstance(value, str) else value


_TASKS: Final = ("forbidden", "optional", "required")


def _task(definition: dict[str, Json]) -> Json:
    execution = definition.get("execution")
    return execution.get("taskSupport", "forbidden") if isinstance(execution, dict) else "forbidden"


def _task_support(change: Change, before: Json, after: Json) -> JudgedChange:
    if before not in _TASKS or after not in _TASKS:
        reason = "the protocol knows no such value: forbidden, optional or required"
        return JudgedChange(change, Compatibility.UNDECIDED, reason)
    if before == after:
        return behavioral(change, "it is what a client assumes without it (forbidden)")
    if after == "required":
        reason = "a call that is not made as a task is refused"
        return JudgedChange(change, Compatibility.BREAKING, reason)
    if after == "forbidden":
        reason = "a call that is made as a task is refused"
        return JudgedChange(change, Compatibility.BREAKING, reason)
    reason = "a call may be made as a task or not"
    return JudgedChange(change, Compatibility.COMPATIBLE, reason)
