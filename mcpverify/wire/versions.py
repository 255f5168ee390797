"""Asking a session's server which release it is.

Where the address is the server's own it is asked over the session's connection, with its cookies,
so that the replica that answers is likely to be the one that the session is held with.
"""

from urllib.parse import urljoin, urlsplit

from mcpverify.facts.json_text import Json
from mcpverify.facts.observation import observe
from mcpverify.facts.target import HttpEndpoint, Transport
from mcpverify.facts.transcript import Exchange, Step
from mcpverify.facts.version_source import VersionKind, VersionSource
from mcpverify.wire.conduct import Conduct
from mcpverify.wire.http_client import HttpClient, origin_of, require_legal_host
from mcpverify.wire.session import Session

_SECONDS = 10.0


def ask_version(
    session: Session,
    source: VersionSource,
    place: HttpEndpoint | None,
    home: str,
    conduct: Conduct,
) -> None:
    """Ask for what the answers so far did not show, and write it down in the session.

    `place` is where the session connects, None for a child process; `home` is the address of the
    target: what is named there is asked of a replica at its own address. Raises TargetInvalid.
    """
    match source.kind:
        case VersionKind.HEADER:
            return
        case VersionKind.TOOL:
            _call(session, source.name)
        case VersionKind.HEALTH:
            found = _fetched(session, source.name, place, home, conduct)
            if found is not None:
                session.keep(found)


def _call(session: Session, name: str) -> None:
    """Call the tool without arguments if it is listed: who named it allowed that."""
    for tool in observe(session.transcript()).tools.items:
        if isinstance(tool, dict) and tool.get("name") == name:
            schema: Json = tool.get("inputSchema")
            session.call_tool(name, {}, schema, step=Step.VERSION)
            return


def _fetched(
    session: Session, url: str, place: HttpEndpoint | None, home: str, conduct: Conduct
) -> Exchange | None:
    from mcpverify.wire.fetching import fetched
    from mcpverify.wire.health import health_place
    from mcpverify.wire.transports.streamable_http import StreamableHttp

    words = f"{Step.VERSION} was not answered within {_SECONDS:g} s"
    deadline = conduct.deadline.within(min(conduct.limits.step_seconds, _SECONDS), words)
    own = None if place is None else _own_url(url, place.urls[0], home)
    if own is None:
        elsewhere = health_place(place, url)
        client = HttpClient(elsewhere, conduct.limits)
        try:
            return fetched(client, Step.VERSION, elsewhere.urls[0], conduct.clock, deadline)
        finally:
            client.close()
    channel = session.channel
    if isinstance(channel, StreamableHttp):
        return channel.fetch(Step.VERSION, own, deadline)
    if channel.transport is Transport.SSE:
        from mcpverify.wire.transports.legacy_sse import LegacySse

        assert isinstance(channel, LegacySse)
        return channel.fetch(Step.VERSION, own, deadline)
    return None


def _own_url(url: str, place: str, home: str) -> str | None:
    """`url` at the place of a session; None where it is no address of the target."""
    if url.startswith("/"):
        return urljoin(place, url)
    require_legal_host(url)
    if origin_of(url) != origin_of(home):
        return None
    if origin_of(place) == origin_of(home):
        return url
    parts = urlsplit(url)
    return urljoin(place, f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}")
