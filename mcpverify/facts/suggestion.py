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
class Home:
    """The configuration that calls are proposed for.

    `path` is the file as people may type it, `text` what is in it, and `table` the keys under which
    we are configured in it. `names` are those of its targets. `problem` says why no more than that
    is known of it, "" where all is.
    """

    path: str
    text: str = field(repr=False)
    table: tuple[str | int, ...] = ()
    names: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What is proposed for one target.

    `name` is the target's in the configuration, or one made of the server's name; `taken` is the
    one it would have been, where another target has that. `place` are the lines that say where it
    is, for a target that no configuration has yet: keys and values of its table, which may hold a
    mask. `others` are the tools that do not say that they only read, `called` those that
    the target has calls of already. `home` is the configuration in force, None where there is none.
    """

    name: str
    display: str
    calls: tuple[SuggestedCall, ...]
    others: tuple[str, ...] = ()
    place: dict[str, Json] = field(default_factory=dict)
    called: tuple[str, ...] = ()
    taken: str = ""
    home: Home | None = None
