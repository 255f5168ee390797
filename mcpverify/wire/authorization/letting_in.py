"""The token of a run: read from its file, or asked of the authorization server."""

from dataclasses import dataclass, field

from mcpverify.facts.authorization import Authorization
from mcpverify.facts.target import HttpEndpoint
from mcpverify.facts.transcript import Transcript
from mcpverify.wire.conduct import Conduct


@dataclass(frozen=True, slots=True)
class LetIn:
    """The endpoint with its token among the headers, and how it came by it.

    `endpoint` is as it was where there is no token; `authorization` says why. `secrets` are what
    was learned on the way and must not be shown; `transcript` is what was asked on the way.
    """

    endpoint: HttpEndpoint
    authorization: Authorization | None = None
    transcript: Transcript | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)


def let_in(endpoint: HttpEndpoint, conduct: Conduct) -> LetIn:
    """Get the token that `endpoint.token` asks for."""
    return LetIn(endpoint)
