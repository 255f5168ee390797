"""Golden calls that are proposed for a server, from the tools that it lists."""

from dataclasses import dataclass, field

from mcpverify.facts.json_text import Json


@dataclass(frozen=True, slots=True)
class SuggestedCall:
    """A call of a tool that only reads; `arguments` None where none were found, `problem` why."""

    tool: str
    arguments: dict[str, Json] | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What is proposed for one target.

    `name` is the target's in the configuration, or one made of the server's name. `place` are the
    lines that say where it is, for a target that no configuration has yet: keys and values of its
    table, which may hold a mask. `others` are the tools that do not say that they only read.
    """

    name: str
    display: str
    calls: tuple[SuggestedCall, ...]
    others: tuple[str, ...] = ()
    place: dict[str, Json] = field(default_factory=dict)
