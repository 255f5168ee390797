"""One fact about two contracts, before anyone judges it."""

from dataclasses import dataclass
from enum import StrEnum

from mcpverify.facts.json_text import Json


class Subject(StrEnum):
    TOOL = "tool"
    PROMPT = "prompt"
    TEMPLATE = "resource template"
    RESOURCE = "resource"


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Part(StrEnum):
    """Which digest a change moves: names, schemas and flags, or the text a model reads."""

    CONTRACT = "contract"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class Change:
    """What differs at one place, the snapshot against the live server.

    `pointer` is a JSON pointer into the canonical definition, "" for the whole of
    it. The value of the side that has nothing there is None: `kind` tells a missing
    value from a null.
    """

    subject: Subject
    name: str
    kind: ChangeKind
    part: Part
    pointer: str
    snapshot: Json
    live: Json
