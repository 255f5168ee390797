"""Why we are turned away, and whether strangers are: the metadata behind a 401 or 403."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from mcpverify.facts.authorization import Authorization, Scheme
from mcpverify.facts.bearer_token import claims_of
from mcpverify.facts.challenge import bearer_challenge
from mcpverify.facts.credentials import is_secret_header, without_credentials
from mcpverify.facts.refusal import REFUSALS
from mcpverify.facts.target import HttpEndpoint, Transport
from mcpverify.facts.transcript import Exchange, Role, Step, Transcript
from mcpverify.wire.authorization.asking import Asker
from mcpverify.wire.authorization.discovery import Discovery
from mcpverify.wire.conduct import Conduct
from mcpverify.wire.deadline import Deadline
from mcpverify.wire.session import Session
from mcpverify.wire.transports.channel import Channel
from mcpverify.wire.transports.legacy_sse import LegacySse
from mcpverify.wire.transports.streamable_http import StreamableHttp

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


def ask_as_stranger(endpoint: HttpEndpoint, url: str, like: Session, conduct: Conduct) -> Session:
    """A session as `like`, over the same transport, without any credential: closed, and whole."""
    place = as_stranger(endpoint, url)
    limits, run = conduct.limits, conduct.deadline
    channel: Channel
    if like.channel.transport is Transport.SSE:
        channel = stream = LegacySse(place, place.urls[0], limits, conduct.clock, run)
        session = conduct.session(channel, like.envelope, Role.STRANGER)
        words = f"the event stream named no endpoint within {limits.step_seconds:g} s"
        session.keep(stream.open(run.within(limits.step_seconds, words)))
        if session.last.failure is None and session.open():
            session.list_all(Step.TOOLS)
    else:
        channel = StreamableHttp(place, place.urls[0], limits, conduct.clock)
        session = conduct.session(channel, like.envelope, Role.STRANGER)
        session.open()
        if session.last.status is not None:
            # Also where no session was opened: it may be that nothing else is guarded.
            session.list_all(Step.TOOLS)
        session.end()
    session.close(Deadline.after(limits.closing_seconds, "closing took too long"))
    return session


def as_stranger(endpoint: HttpEndpoint, url: str) -> HttpEndpoint:
    """The endpoint at `url` for somebody who was given nothing."""
    headers = tuple(h for h in endpoint.headers if not is_secret_header(h.name, h.value))
    return replace(endpoint, urls=(without_credentials(url),), headers=headers, token=None)


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
