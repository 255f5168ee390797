"""Why we are turned away: the metadata behind a 401 or 403."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from mcpverify.facts.authorization import Authorization, Scheme
from mcpverify.facts.bearer_token import claims_of
from mcpverify.facts.challenge import bearer_challenge
from mcpverify.facts.refusal import REFUSALS
from mcpverify.facts.target import HttpEndpoint
from mcpverify.facts.transcript import Exchange, Role, Transcript
from mcpverify.wire.authorization.asking import Asker
from mcpverify.wire.authorization.discovery import Discovery
from mcpverify.wire.authorization.strangers import as_stranger
from mcpverify.wire.conduct import Conduct
from mcpverify.wire.session import Session

_SECONDS = 6.0  # for all that an explanation asks: it must not double the length of a run


def explained(
    endpoint: HttpEndpoint,
    url: str,
    sessions: Sequence[Session],
    known: Authorization | None,
    conduct: Conduct,
) -> tuple[Authorization | None, tuple[Transcript, ...]]:
    """What is known of a 401 or 403 among the sessions, and of our token; and what was asked."""
    known = _given(endpoint, url) if known is None else known
    ours = _refusals(each for each in sessions if each.role is not Role.STRANGER)
    strangers = _refusals(each for each in sessions if each.role is Role.STRANGER)
    refused = [*ours, *strangers]
    if not refused:
        return known, ()
    discovery = Discovery(url, known)
    discovery.challenged(bearer_challenge(refused[0].headers))
    # What a stranger is told is what a client starts from.
    first = bearer_challenge((strangers or ours)[0].headers)
    patience = conduct.deadline.within(_SECONDS, f"the metadata took more than {_SECONDS:g} s")
    asker = Asker(as_stranger(endpoint, url), url, conduct, patience)
    try:
        discovery.search(asker, first)
    finally:
        asker.close()
    return discovery.known, (asker.transcript(),) if asker.exchanges else ()


def _refusals(sessions: Iterable[Session]) -> list[Exchange]:
    return [e for session in sessions for e in session.exchanges if e.status in REFUSALS]


def _given(endpoint: HttpEndpoint, url: str) -> Authorization:
    """What the headers and the URL show of our own credential."""
    for header in endpoint.headers:
        if header.name.lower() != "authorization":
            continue
        known = Authorization(scheme=Scheme.HEADER)
        scheme, _, token = header.value.partition(" ")
        claims = claims_of(token.strip()) if scheme.lower() == "bearer" else None
        if claims is None:
            return known
        return replace(
            known,
            scopes_held=claims.scopes,
            audience=claims.audience,
            expires=claims.expires,
        )
    has_userinfo = "@" in urlsplit(url).netloc
    return Authorization(scheme=Scheme.USERINFO if has_userinfo else Scheme.NONE)
