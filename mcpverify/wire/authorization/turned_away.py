"""Why we are turned away, and whether strangers are: the metadata behind a 401 or 403."""

from collections.abc import Sequence

from mcpverify.facts.authorization import Authorization
from mcpverify.facts.target import HttpEndpoint
from mcpverify.facts.transcript import Transcript
from mcpverify.wire.conduct import Conduct
from mcpverify.wire.session import Session


def explained(
    endpoint: HttpEndpoint,
    url: str,
    sessions: Sequence[Session],
    known: Authorization | None,
    conduct: Conduct,
) -> tuple[Authorization | None, tuple[Transcript, ...]]:
    """What is known of a 401 or 403 among the sessions, and of our token; and what was asked."""
    return known, ()


def ask_as_stranger(endpoint: HttpEndpoint, url: str, like: Session, conduct: Conduct) -> Session:
    """A session as `like`, over the same transport, without any credential: closed, and whole."""
    raise NotImplementedError
