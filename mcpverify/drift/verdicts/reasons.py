"""The sentences of a verdict, by what changed and which way values flow.

Those of compatible changes claim no more than the proof: that everything which could be
said before is still understood.
"""

from typing import Final

from mcpverify.facts.change import Aspect, Change, ChangeKind
from mcpverify.facts.compatibility import Side

_ADDED, _REMOVED = ChangeKind.ADDED, ChangeKind.REMOVED
_INPUT, _OUTPUT = Side.INPUT, Side.OUTPUT

_PROOF: Final = {
    _INPUT: "proven to refuse no call that was valid",
    _OUTPUT: "proven to let out no result that was ruled out",
}
_PROVEN: Final = {
    (Aspect.PROPERTY, _ADDED, _INPUT): "no old call has to send it",
    (Aspect.PROPERTY, _ADDED, _OUTPUT): "no reader is kept from a result that has it",
    (Aspect.REQUIREMENT, _ADDED, _INPUT): "no old call goes without it",
    (Aspect.REQUIREMENT, _REMOVED, _INPUT): "a call may leave it out now",
    (Aspect.REQUIREMENT, _ADDED, _OUTPUT): "more is promised to readers",
    (Aspect.REQUIREMENT, _REMOVED, _OUTPUT): "no result goes without it",
    (Aspect.ENUM, _ADDED, _INPUT): "one value more is taken",
    (Aspect.ENUM, _REMOVED, _OUTPUT): "one value less is returned",
    (Aspect.BOUND, _REMOVED, _INPUT): "a bound is gone",
    (Aspect.PATTERN, _REMOVED, _INPUT): "any text is taken now",
}

_LOSS: Final = {
    _INPUT: "a call that was valid is refused",
    _OUTPUT: "a result may come that was ruled out",
}
_LOST: Final = {
    (
        Aspect.PROPERTY,
        _ADDED,
        _INPUT,
    ): "a call with another value of this name is refused",
    (Aspect.PROPERTY, _REMOVED, _INPUT): "a call that sends it is refused",
    (Aspect.PROPERTY, _ADDED, _OUTPUT): "a result may hold it, which was ruled out",
    (Aspect.REQUIREMENT, _ADDED, _INPUT): "a call without it is refused",
    (Aspect.REQUIREMENT, _REMOVED, _OUTPUT): "a result may come without it",
    (Aspect.ENUM, _ADDED, _OUTPUT): "a result may hold a value that was ruled out",
    (Aspect.ENUM, _REMOVED, _INPUT): "a call that sends this value is refused",
}

_VANISHED: Final = {
    _INPUT: "a declared argument is silently ignored from now on",
    _OUTPUT: "a declared field, which readers may have used, is gone",
}
_MAP_VANISHED: Final = {
    _INPUT: "arguments of names that it allowed are silently ignored from now on",
    _OUTPUT: "fields of names that it allowed, which readers may have used, are declared no more",
}


def proven(change: Change, side: Side, *, alone: bool = False) -> str:
    """Why a change that was proven compatible is; `alone` where the others are not."""
    told = _PROVEN.get((change.aspect, change.kind, side)) if _is_of_one(change) else None
    proof = f"{_PROOF[side]}, but for the other changes" if alone else _PROOF[side]
    return f"{told}; {proof}" if told else proof


def _is_of_one(change: Change) -> bool:
    """Whether a change that is about a list is about one member of it."""
    value = change.snapshot if change.kind is ChangeKind.REMOVED else change.live
    match change.aspect:
        case Aspect.ENUM:
            return change.pointer.endswith("/enum") and not isinstance(value, list)
        case Aspect.REQUIREMENT:
            return change.pointer.endswith("/required") and isinstance(value, str)
        case _:
            return True


def lost(change: Change, side: Side, *, alone: bool, has_default: bool = False) -> str:
    """What breaks by a change that a witness breaks on; `alone` where no other change shares it."""
    if change.kind is ChangeKind.RENAMED:
        return f"renamed to {change.renamed_to}: {_LOSS[side]}"
    told = _LOST.get((change.aspect, change.kind, side), _LOSS[side]) if alone else _LOSS[side]
    if has_default:
        return f"{told}; it has a default, which no validator fills in"
    return told


def vanished(change: Change, side: Side) -> str:
    """What it means that a property is gone of which no value is refused."""
    if change.kind is ChangeKind.RENAMED:
        return f"renamed to {change.renamed_to}: {_VANISHED[side]} under its old name"
    return (_MAP_VANISHED if change.aspect is Aspect.ADDITIONAL else _VANISHED)[side]
