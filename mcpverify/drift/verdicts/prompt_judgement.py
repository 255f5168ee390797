"""The verdicts on the arguments of a prompt: they are strings by name, some of them required."""

from typing import Final

from mcpverify.drift.budget import Budget, Exhausted
from mcpverify.drift.referee.oracle import Oracle
from mcpverify.drift.referee.silence import OracleSilent
from mcpverify.drift.verdicts.hints import behavioral
from mcpverify.facts.change import Aspect, Change, ChangeKind
from mcpverify.facts.compatibility import Compatibility, JudgedChange, Side, Witness
from mcpverify.facts.json_text import Json

_VALUE: Final = "text"


def judged_argument(
    change: Change, snapshot: dict[str, Json], live: dict[str, Json]
) -> JudgedChange:
    """The verdict on one change of a prompt's arguments."""
    before, after = _required(snapshot), _required(live)
    if before is None or after is None:
        reason = "names do not tell the arguments apart"
        return JudgedChange(change, Compatibility.UNDECIDED, reason)
    if change.aspect is not Aspect.ARGUMENT:
        return behavioral(change)
    name, member = _name(change, snapshot if change.kind is not ChangeKind.ADDED else live)
    if member not in ("", "required"):
        # A change inside an argument has its index in the snapshot, whatever came or went.
        return behavioral(change, "no call depends on it, but a client may read it")
    if member == "required":
        name, _ = _name(change, snapshot)
    if name is None:
        return behavioral(change, "people are asked for the arguments in another order")
    wanted = change.renamed_to or name
    if after.get(wanted, False) and not before.get(wanted, False):
        return _broken(change, wanted, before, after)
    if member == "required":
        told = (
            "a call may leave it out now" if before.get(name) else "it is not required, as before"
        )
        return JudgedChange(change, Compatibility.COMPATIBLE, told)
    if change.kind is ChangeKind.ADDED:
        reason = "it is optional: no old call has to send it"
        return JudgedChange(change, Compatibility.COMPATIBLE, reason)
    renamed = f"renamed to {change.renamed_to}: " if change.renamed_to else ""
    return behavioral(change, f"{renamed}a declared argument is silently ignored from now on")


def _broken(
    change: Change, wanted: str, before: dict[str, bool], after: dict[str, bool]
) -> JudgedChange:
    value: Json = {name: _VALUE for name, required in before.items() if required}
    refusal = _refusal(before, after, value)
    if refusal is None:
        reason = f"{wanted} is required, but no call was found that shows it"
        return JudgedChange(change, Compatibility.UNDECIDED, reason)
    renamed = f"renamed to {change.renamed_to}: " if change.renamed_to else ""
    reason = f"{renamed}a call without {wanted} is refused"
    witness = Witness(Side.INPUT, value, refusal)
    return JudgedChange(change, Compatibility.BREAKING, reason, witness)


def _refusal(before: dict[str, bool], after: dict[str, bool], value: Json) -> str | None:
    """Why the live prompt refuses arguments that the one in the snapshot takes."""
    budget = Budget()
    try:
        if Oracle(_schema(before), budget).refusal(value) is not None:
            return None
        return Oracle(_schema(after), budget).refusal(value)
    except (OracleSilent, Exhausted):
        return None


def _schema(arguments: dict[str, bool]) -> Json:
    return {
        "type": "object",
        "properties": {name: {"type": "string"} for name in arguments},
        "required": [name for name, required in arguments.items() if required],
    }


def _required(definition: dict[str, Json]) -> dict[str, bool] | None:
    """Whether each argument is required, None where the list is not one of named arguments."""
    found: dict[str, bool] = {}
    arguments = definition.get("arguments", [])
    if not isinstance(arguments, list):
        return None
    for argument in arguments:
        name = argument.get("name") if isinstance(argument, dict) else None
        if not isinstance(argument, dict) or not isinstance(name, str) or name in found:
            return None
        found[name] = argument.get("required") is True
    return found


def _name(change: Change, definition: dict[str, Json]) -> tuple[str | None, str]:
    """The argument that a change is about, None for all of them, and the member of it."""
    steps = change.pointer.split("/")[2:]
    arguments = definition.get("arguments")
    if not steps or not isinstance(arguments, list):
        return None, ""
    argument = arguments[int(steps[0])]
    name = argument.get("name") if isinstance(argument, dict) else None
    return (name if isinstance(name, str) else None), "/".join(steps[1:])
