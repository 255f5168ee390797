"""What a server's own health addresses have to answer."""

from dataclasses import dataclass, field

from mcpverify.facts.json_text import Json


@dataclass(frozen=True, slots=True)
class HealthProbe:
    """One GET. `url` may be a path of the target's origin; it may hold credentials.

    `status` None takes any of 200 to 299. `members` are JSON pointers into the body and the value
    that each has to have. `max_seconds` is a budget for the whole answer.
    """

    url: str = field(repr=False)
    status: int | None = None
    members: tuple[tuple[str, Json], ...] = ()
    max_seconds: float | None = None
