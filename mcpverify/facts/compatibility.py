"""What a change means to those who call: the verdicts of drift, and the proof they carry."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from mcpverify.facts.change import Change, Subject
from mcpverify.facts.json_text import Json


class Compatibility(StrEnum):
    """Listed from best to worst; `rank` orders them."""

    IDENTICAL = "identical"
    COMPATIBLE = "compatible"
    BEHAVIORAL = "behavioral"
    UNDECIDED = "undecided"
    BREAKING = "breaking"

    @property
    def rank(self) -> int:
        """0 for identical to 4 for breaking."""
        return _RANKS[self]


_RANKS = {each: rank for rank, each in enumerate(Compatibility)}


class Side(StrEnum):
    """Which way values flow: from callers into a tool, or out of it to those who read."""

    INPUT = "input"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Witness:
    """A value that one side takes and the other refuses, checked under both schemas.

    INPUT: the snapshot takes these arguments, and the live server refuses them. OUTPUT:
    the live server may return this structuredContent, and the snapshot rules it out.
    `refusal` says why, in the words of the schema that refuses: `at /mode: 'fuzzy' is not one of
    ['fast', 'full']`.
    """

    side: Side
    value: Json
    refusal: str


@dataclass(frozen=True, slots=True)
class JudgedChange:
    """One change and what it means.

    `reason` is one sentence: the rule that proves it compatible, what a model or a client
    would now do otherwise, why it breaks, or why it could not be decided. Breaking ones
    carry a witness wherever a value can show it.
    """

    change: Change
    compatibility: Compatibility
    reason: str
    witness: Witness | None = None


@dataclass(frozen=True, slots=True)
class EntryDrift:
    """All that differs in one tool, prompt, resource template or resource, worst first.

    `renamed_to` names the live entry that took its place, "" where none did. `cut` says
    what stopped the judgement early, "" where nothing did.
    """

    subject: Subject
    name: str
    changes: tuple[JudgedChange, ...]
    renamed_to: str = ""
    cut: str = ""

    @property
    def compatibility(self) -> Compatibility:
        """The worst of its changes."""
        return worst(each.compatibility for each in self.changes)


def worst(verdicts: Iterable[Compatibility]) -> Compatibility:
    """The worst of `verdicts`; identical where there are none."""
    return max(verdicts, key=lambda each: each.rank, default=Compatibility.IDENTICAL)
