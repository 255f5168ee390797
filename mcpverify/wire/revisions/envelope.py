"""What every revision answers: how a session begins, and how a request is dressed."""

from typing import Protocol

from mcpverify.facts.json_text import Json
from mcpverify.facts.revision import Era, Revision
from mcpverify.facts.transcript import Step

# An agent's client without optional capabilities: it is asked for nothing it could not give.
CAPABILITIES: dict[str, Json] = {}


class Envelope(Protocol):
    """One era's rules. `opening` is the first request; the others follow it."""

    era: Era
    opening: Step
    wanted: Revision

    def opening_params(self) -> dict[str, Json]: ...

    def params(self, params: dict[str, Json] | None) -> dict[str, Json] | None:
        """The params of a later request, with the metadata that this era demands."""
        ...

    def headers(self, method: str, negotiated: Revision | None) -> dict[str, str]:
        """The HTTP headers that this era demands with a request of that method."""
        ...


def client_info() -> dict[str, Json]:
    from mcpverify import __version__

    return {"name": "mcpverify", "version": __version__}
