"""The token of a run: read from its file, or asked of the authorization server."""

from dataclasses import dataclass, field, replace
from typing import assert_never

from mcpverify.facts.authorization import (
    Authorization,
    BearerFile,
    ClientCredentials,
    Scheme,
)
from mcpverify.facts.bearer_token import MOST_BYTES, claims_of, token_in
from mcpverify.facts.credentials import Credential, masked_url
from mcpverify.facts.json_text import Json
from mcpverify.facts.target import Header, HttpEndpoint, Target, Transport
from mcpverify.facts.transcript import Exchange, Step, Transcript
from mcpverify.files import read_small
from mcpverify.wire.authorization.asking import Asker
from mcpverify.wire.conduct import Conduct
from mcpverify.wire.fall_back import may_fall_back
from mcpverify.wire.jsonrpc import request
from mcpverify.wire.revisions.stateless import Stateless
from mcpverify.wire.transports.channel import encode
from mcpverify.wire.transports.streamable_http import ACCEPT

_REFUSALS = (401, 403)


@dataclass(frozen=True, slots=True)
class LetIn:
    """The endpoint with its token among the headers, and how it came by it.

    `endpoint` is as it was where there is no token; `authorization` says why. `secrets` are what
    was learned on the way and must not be shown; `transcript` is what was asked on the way.
    """

    endpoint: HttpEndpoint
    authorization: Authorization | None = None
    transcript: Transcript | None = None
    secrets: tuple[Credential, ...] = field(default=(), repr=False)


def let_in(endpoint: HttpEndpoint, conduct: Conduct) -> LetIn:
    """Get the token that `endpoint.token` asks for."""
    match endpoint.token:
        case None:
            return LetIn(endpoint)
        case BearerFile(path=path):
            return _by_file(endpoint, path)
        case ClientCredentials() as credentials:
            return _by_credentials(endpoint, credentials, conduct)
        case _:
            assert_never(endpoint.token)


def let_in_once(target: Target) -> tuple[Target, tuple[Credential, ...], str]:
    """The target with its token, for who opens sessions of their own; and why there is none.

    What must not be shown of it comes along.
    """
    if not isinstance(target.endpoint, HttpEndpoint) or target.endpoint.token is None:
        return target, (), ""
    entry = let_in(target.endpoint, Conduct(target, None))
    problem = "" if entry.authorization is None else entry.authorization.problem
    return replace(target, endpoint=replace(entry.endpoint, token=None)), entry.secrets, problem


def _by_file(endpoint: HttpEndpoint, path: str) -> LetIn:
    try:
        token = token_in(read_small(path, MOST_BYTES))
    except OSError as error:
        return _without(endpoint, f"--bearer-file {path}: {error.strerror or error}")
    except ValueError as error:
        return _without(endpoint, f"--bearer-file {path}: {error}")
    claims = claims_of(token)
    known = Authorization(scheme=Scheme.FILE)
    if claims is not None:
        known = replace(
            known,
            scopes_held=claims.scopes,
            audience=claims.audience,
            expires=claims.expires,
        )
    secrets = (Credential("the token in the file", token),)
    return LetIn(_carrying(endpoint, token), known, None, secrets)


def _without(endpoint: HttpEndpoint, problem: str) -> LetIn:
    return LetIn(endpoint, Authorization(scheme=Scheme.FILE, problem=problem))


def _by_credentials(
    endpoint: HttpEndpoint, credentials: ClientCredentials, conduct: Conduct
) -> LetIn:
    if not endpoint.urls:
        problem = "where the server is was not known yet"
        return LetIn(endpoint, Authorization(scheme=Scheme.CLIENT_CREDENTIALS, problem=problem))
    url, asker, refusal = _refused(endpoint, conduct)
    try:
        refusal = _later_refusal(refusal, url, asker, conduct)
        if refusal.status not in _REFUSALS and not _has_metadata(refusal, url, asker):
            known = Authorization(
                scheme=Scheme.CLIENT_CREDENTIALS, problem=_not_asked(refusal, url)
            )
            return LetIn(endpoint, known, asker.transcript())
        # Late: only here the mcp package is needed.
        from mcpverify.wire.authorization.client_credentials import granted

        grant = granted(credentials, url, refusal, Stateless.wanted.value, asker)
    finally:
        asker.close()
    admitted = endpoint if grant.token is None else _carrying(endpoint, grant.token)
    return LetIn(admitted, grant.authorization, asker.transcript(), grant.secrets)


def _refused(endpoint: HttpEndpoint, conduct: Conduct) -> tuple[str, Asker, Exchange]:
    """The first address that answers as if a server were there, asked without a token.

    A discovery is asked for, which opens no session; of the older transport its stream.
    """
    only_sse = conduct.target.transport is Transport.SSE
    # The other half is for the server, whose answer tells more than that we came too late.
    words = "asking for a token took half of the run's deadline"
    patience = conduct.deadline.within(conduct.limits.run_seconds / 2, words)
    chosen: tuple[str, Asker, Exchange] | None = None
    for index, url in enumerate(endpoint.urls):
        asker = Asker(endpoint, url, conduct, patience)
        ways = [_stream] if only_sse or index > 0 else [_discovery, _stream]
        if conduct.target.transport is Transport.STREAMABLE_HTTP:
            ways = [_discovery]
        for way in ways:
            exchange = asker.keep(way(asker, url))
            if chosen is None or exchange.status == 401:
                chosen = (url, asker, exchange)
            if exchange.status == 401 or not may_fall_back(exchange):
                return url, asker, exchange
        asker.close()
    assert chosen is not None
    return chosen


def _later_refusal(refusal: Exchange, url: str, asker: Asker, conduct: Conduct) -> Exchange:
    """A 401 to what lists tools, where the opening is let pass: many guard no more than that."""
    if not _answers_strangers(refusal) or conduct.target.transport is Transport.SSE:
        return refusal
    listing = asker.keep(_post(asker, url, Step.TOOLS, Stateless().params(None)))
    return listing if listing.status in _REFUSALS else refusal


def _has_metadata(refusal: Exchange, url: str, asker: Asker) -> bool:
    """Whether a server that refused nothing says all the same where its tokens come from.

    It may guard what is asked for later, and the address of that document is prescribed.
    """
    if not _answers_strangers(refusal):
        return False
    # Late: who reads a token from a file, as a probe may, needs nothing of it.
    from mcpverify.wire.authorization.discovery import Discovery

    return Discovery(url, Authorization()).search_resource(asker, None)


def _answers_strangers(exchange: Exchange) -> bool:
    """Whether there is a server that answered without a token, and not by chance of the moment."""
    status = exchange.status
    return status is not None and status not in (*_REFUSALS, 429) and status < 500


def _discovery(asker: Asker, url: str) -> Exchange:
    envelope = Stateless()
    return _post(asker, url, envelope.opening, envelope.opening_params())


def _post(asker: Asker, url: str, step: Step, params: dict[str, Json]) -> Exchange:
    message = request(1, step.value, params)
    headers = {
        "Content-Type": "application/json",
        "Accept": ACCEPT,
        **Stateless().headers(step.value, None),
    }
    return asker.ask(step, "POST", url, headers, encode(message), message=message)


def _stream(asker: Asker, url: str) -> Exchange:
    headers = {"Accept": "text/event-stream"}
    return asker.ask(Step.OPEN_STREAM, "GET", url, headers, head_only=True)


def _not_asked(exchange: Exchange, url: str) -> str:
    """Why no token was asked for, where nothing asked for one."""
    if exchange.status is None:
        detail = "" if exchange.failure is None else exchange.failure.detail
        return f"{masked_url(url)} did not answer: {detail}"
    if exchange.status >= 500 or exchange.status == 429:
        return f"{masked_url(url)} answered HTTP {exchange.status}, not 401"
    return f"the server asks for none: without one it answered HTTP {exchange.status}, not 401"


def _carrying(endpoint: HttpEndpoint, token: str) -> HttpEndpoint:
    header = Header("Authorization", f"Bearer {token}")
    return replace(endpoint, headers=(*endpoint.headers, header))
