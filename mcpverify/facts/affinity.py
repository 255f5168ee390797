"""Whether the session that a server issued is still known to whoever answers the next request."""

from collections.abc import Sequence
from typing import Final

from mcpverify.facts.observation import CAPABILITY_OF
from mcpverify.facts.revision import Era
from mcpverify.facts.transcript import Exchange, Step

# 404 is what the specification has for an unknown session; many servers answer 400.
UNKNOWN_SESSION: Final = frozenset({400, 404})
_UNDER_THE_SESSION: Final = {Step.INITIALIZED, *CAPABILITY_OF}


def lost_session(
    era: Era, session_id: str | None, exchanges: Sequence[Exchange]
) -> Exchange | None:
    """The first request under an issued session id that was answered as if nobody knew it."""
    if era is Era.STATELESS or session_id is None:
        return None
    return next(
        (
            each
            for each in exchanges
            if each.step in _UNDER_THE_SESSION and each.status in UNKNOWN_SESSION
        ),
        None,
    )
