"""Whether the session that a server issued is still known to whoever answers the next request."""

from collections.abc import Sequence
from enum import Enum, auto
from typing import Final

from mcpverify.facts.observation import CAPABILITY_OF, Observation
from mcpverify.facts.revision import Era
from mcpverify.facts.transcript import Exchange, Role, Step

# 404 is what the specification has for an unknown session; many servers answer 400, some 410.
UNKNOWN_SESSION: Final = frozenset({400, 404, 410})
_UNDER_THE_SESSION: Final = {Step.INITIALIZED, *CAPABILITY_OF}
# These speak of the way here, or of the moment.
_MOMENTARY: Final = {407, 408, 421, 425, 429}
_NO_SESSION: Final = -32001  # what the SDK of TypeScript has for an unknown session
_NO_METHOD: Final = -32601
_INTERNAL: Final = -32603


class Standing(Enum):
    """How a session stands with whoever answered a ping under its id."""

    KNOWN = auto()
    LOST = auto()
    REFUSED = auto()  # and nothing tells whether that is about the session
    UNSEEN = auto()  # there was no answer that says anything


def lost_session(
    era: Era, session_id: str | None, exchanges: Sequence[Exchange]
) -> Exchange | None:
    """The first request under an issued session id that was answered as if nobody knew it."""
    if era is Era.STATELESS or session_id is None:
        return None
    under = (each for each in exchanges if each.step in _UNDER_THE_SESSION)
    return next((each for each in under if _denies_session(each)), None)


def lost_in(session: Observation) -> Exchange | None:
    """The same, of what a session showed."""
    return lost_session(session.era, session.session_id, session.exchanges)


def lost_samples(samples: Sequence[Observation]) -> list[Observation]:
    """Those on fresh connections whose own session was lost right after it was issued.

    A replica that is asked at an address of its own has nobody to lose it to.
    """
    return [each for each in samples if each.role is Role.SAMPLE and lost_in(each) is not None]


def standing(ping: Exchange, own: Exchange | None) -> Standing:
    """How the session stands elsewhere; `own` is the same ping on its own connection, if known.

    What is refused here and served there is refused for the connection's sake, however it is
    said; what is refused in both places alike says nothing of the session.
    """
    if _says_nothing(ping):
        return Standing.UNSEEN
    if is_served(ping):
        return Standing.KNOWN
    if own is not None and is_served(own):
        return Standing.LOST
    if own is not None and _refusal(own) == _refusal(ping):
        return Standing.KNOWN if _is_other_error(ping) else Standing.REFUSED
    if _code(ping) == _NO_METHOD:
        return Standing.KNOWN if _is_other_error(ping) else Standing.REFUSED
    if ping.status in (404, 410) or _names_session(ping):
        return Standing.LOST
    return Standing.KNOWN if _is_other_error(ping) else Standing.REFUSED


def is_served(ping: Exchange) -> bool:
    return ping.failure is None and ping.result is not None


def _says_nothing(ping: Exchange) -> bool:
    status = ping.status
    if status is None or status >= 500 or status in _MOMENTARY:
        return True
    if not 200 <= status < 300:
        return False
    return ping.failure is not None or ping.answer is None or _code(ping) == _INTERNAL


def _is_other_error(ping: Exchange) -> bool:
    """An error from inside of a session, about anything but the session."""
    return ping.failure is None and not _names_session(ping)


def _denies_session(exchange: Exchange) -> bool:
    if _code(exchange) == _NO_METHOD or (exchange.status or 0) >= 500:
        return False
    return exchange.status in UNKNOWN_SESSION or _names_session(exchange)


def _names_session(exchange: Exchange) -> bool:
    error = exchange.error
    if not isinstance(error, dict):
        return False
    message = error.get("message")
    return _code(exchange) == _NO_SESSION or (
        isinstance(message, str) and "session" in message.lower()
    )


def _refusal(exchange: Exchange) -> tuple[int | None, object]:
    return exchange.status, _code(exchange)


def _code(exchange: Exchange) -> object:
    error = exchange.error
    return error.get("code") if isinstance(error, dict) else None
