"""A token for client credentials: the `mcp` package's own flow, over our own HTTP client.

That package is the reference for how a client comes by a token. It is driven by hand, so that
deadlines, TLS settings and caps are ours, and each of its requests is written down. Who imports
this module imports that package, which takes a second: only where a token is asked for.
https://modelcontextprotocol.io/extensions/auth/oauth-client-credentials
"""

import asyncio
import json
import logging
import time
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from mcp.client.auth import OAuthClientProvider, OAuthFlowError, OAuthTokenError

from mcpverify.facts.authorization import Authorization, ClientCredentials, Scheme
from mcpverify.facts.authorization_metadata import bare_url
from mcpverify.facts.bearer_token import claims_of, lifetime_of, scopes_of
from mcpverify.facts.challenge import bearer_challenge
from mcpverify.facts.credentials import Credential, masked_url
from mcpverify.facts.json_text import Json, NotJson, parse
from mcpverify.facts.origin import origin_of
from mcpverify.facts.refusal import REFUSALS
from mcpverify.facts.transcript import Exchange, FailureKind, Step
from mcpverify.wire.authorization.asking import Asker
from mcpverify.wire.authorization.discovery import Discovery
from mcpverify.wire.authorization.reference_flow import (
    provider_for,
    response_of,
    with_authorization_endpoint,
)

_WHAT = {
    Step.RESOURCE_METADATA: "the resource metadata at",
    Step.SERVER_METADATA: "the authorization server's metadata at",
    Step.TOKEN: "the token endpoint",
}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Grant:
    """A token, if one was got; what was learned of it; and what must not be shown."""

    authorization: Authorization
    token: str | None = field(default=None, repr=False)
    secrets: tuple[Credential, ...] = field(default=(), repr=False)


class _NoTokenError(Exception):
    """Why there is no token, in one sentence."""


def granted(
    credentials: ClientCredentials, url: str, refusal: Exchange, revision: str, asker: Asker
) -> Grant:
    """The token that the server at `url` wants, which answered `refusal` without one.

    An answer that is no refusal leads to the metadata all the same, by its well-known address: a
    server may guard less than it was asked, and who names credentials wants a token.
    """
    flow = _Flow(credentials, url, asker)
    if refusal.status not in REFUSALS:
        refusal = replace(refusal, status=401, headers=(), body=b"", failure=None)
    flow.discovery.challenged(bearer_challenge(refusal.headers))
    try:
        asyncio.run(flow.run(refusal, revision))
    except _NoTokenError as error:
        return Grant(replace(flow.discovery.known, problem=str(error)), None, tuple(flow.secrets))
    return Grant(flow.told(), flow.token, tuple(flow.secrets))


class _Flow:
    """One run of the package's flow."""

    def __init__(self, credentials: ClientCredentials, url: str, asker: Asker) -> None:
        known = Authorization(scheme=Scheme.CLIENT_CREDENTIALS)
        self.discovery = Discovery(url, known)
        self.token: str | None = None
        self.secrets: list[Credential] = []
        self._credentials = credentials
        self._url = bare_url(url)
        self._asker = asker
        self._answer: dict[str, Json] = {}
        self._asked_scopes: tuple[str, ...] = ()
        self._answered = 0.0

    async def run(self, refusal: Exchange, revision: str) -> None:
        """Drive the flow to its end. Raises _NoTokenError."""
        # It logs each failure with its traceback, which may hold what the other side sent.
        logging.getLogger("mcp.client.auth").setLevel(logging.CRITICAL + 1)
        provider = provider_for(self._credentials, self._url)
        request = httpx2.Request("POST", self._url, headers={"MCP-Protocol-Version": revision})
        try:
            async with aclosing(provider.async_auth_flow(request)) as flow:
                outgoing = await anext(flow)
                response = response_of(outgoing, refusal)
                while (outgoing := await flow.asend(response)) is not request:
                    response = response_of(outgoing, self._sent(provider, outgoing))
        except StopAsyncIteration:
            raise _NoTokenError(f"{_status(refusal)} to a request without one names none") from None
        except (OAuthFlowError, OAuthTokenError, ValueError):
            raise _NoTokenError(self._why()) from None
        if self.token is None:
            raise _NoTokenError(f"{self._authority} was not asked for one")

    def told(self) -> Authorization:
        """What is known of the token that was got. Not who sent it: the token."""
        claims = claims_of(self.token or "")
        expires = None if claims is None else claims.expires
        seconds = lifetime_of(self._answer.get("expires_in"))
        if seconds is not None:
            expires = self._answered + seconds
        held = self._asked_scopes or None
        if claims is not None and claims.scopes is not None:
            held = claims.scopes
        told = scopes_of(self._answer.get("scope"))
        held = held if told is None else told
        audience = () if claims is None else claims.audience
        return replace(
            self.discovery.known, scopes_held=held, audience=audience, expires=expires, error=""
        )

    def _sent(self, provider: OAuthClientProvider, request: httpx2.Request) -> Exchange | None:
        """What came back to one request of the flow, None where it is not made.

        Raises _NoTokenError.
        """
        url = str(request.url)
        if request.method == "POST":
            return self._token(url, request)
        path = urlsplit(url).path
        of_server = "/oauth-authorization-server" in path or "/openid-configuration" in path
        if of_server and self.discovery.known.resource_metadata != url:
            return self._server_metadata(provider, url)
        if not self._asker.is_own(url):
            self.discovery.named_elsewhere(url)
            return None
        exchange = self._asker.keep(self._asker.get(Step.RESOURCE_METADATA, url))
        self._require_answer(exchange, url)
        self.discovery.take_resource(url, exchange)
        if self.discovery.known.resource_metadata is not None:
            self._require_issuer()
        return exchange

    def _server_metadata(self, provider: OAuthClientProvider, url: str) -> Exchange:
        exchange = self._asker.keep(self._asker.get(Step.SERVER_METADATA, url))
        self._require_answer(exchange, url)
        issuer = self._credentials.issuer
        if self.discovery.take_server(url, exchange, _as_listed(issuer, self.discovery.known)):
            assert self.discovery.server is not None
            self._choose_method(provider, self.discovery.server.token_methods)
        return with_authorization_endpoint(exchange)

    def _choose_method(
        self, provider: OAuthClientProvider, methods: tuple[str, ...] | None
    ) -> None:
        """Send a secret in the body where the server takes it in no header."""
        client = provider.context.client_info
        if client is None or self._credentials.secret is None or methods is None:
            return
        if "client_secret_basic" not in methods and "client_secret_post" in methods:
            client.token_endpoint_auth_method = "client_secret_post"

    def _token(self, url: str, request: httpx2.Request) -> Exchange:
        self._require_privacy(url)
        form = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        if self._credentials.scopes:
            # The flow asks for what the server names; what the user names goes before.
            form["scope"] = " ".join(self._credentials.scopes)
        self._asked_scopes = tuple(form.get("scope", "").split())
        headers = {
            name: request.headers[name]
            for name in ("authorization", "content-type")
            if name in request.headers
        }
        headers["Accept"] = "application/json"
        self._learn("the client's credentials", headers.get("authorization", "").partition(" ")[2])
        self._learn("the client's assertion", form.get("client_assertion"))
        content = urlencode(form).encode()
        exchange = self._asker.ask(Step.TOKEN, "POST", url, headers, content)
        self._answered = time.time()
        body = exchange.body
        self._asker.keep(replace(exchange, body=b""))
        self._require_token(exchange, body, url)
        # The package is fed what it needs and no more: of all else it is stricter than clients are.
        plain = {"access_token": self.token, "token_type": "Bearer"}
        return replace(exchange, body=json.dumps(plain).encode())

    def _require_token(self, exchange: Exchange, body: bytes, url: str) -> None:
        try:
            document = parse(body)
        except NotJson:
            document = None
        answer = document if isinstance(document, dict) else {}
        for name in ("access_token", "refresh_token", "id_token"):
            self._learn(f"the {name.replace('_', ' ')}", answer.get(name))
        self._require_answer(exchange, url)
        if exchange.failure is not None or exchange.status not in (200, 201):
            raise _NoTokenError(f"{self._authority} {_error_in(answer, exchange)}")
        token, kind = answer.get("access_token"), answer.get("token_type") or "Bearer"
        endpoint = f"the token endpoint {masked_url(url)}"
        if not isinstance(document, dict):
            raise _NoTokenError(f"{endpoint} answered what is no JSON object")
        if token is None or token == "":
            raise _NoTokenError(
                f"{self._authority} answered HTTP {exchange.status} without a token"
            )
        if not isinstance(token, str) or not token.strip():
            raise _NoTokenError(f"{endpoint} gave an access_token that is no text")
        if not isinstance(kind, str) or kind.lower() != "bearer":
            raise _NoTokenError(f"{endpoint} gave a token_type that is not Bearer")
        if not token.isascii() or not token.isprintable() or " " in token:
            raise _NoTokenError(f"{endpoint} gave an access_token that no header can carry")
        self._answer, self.token = answer, token

    def _learn(self, name: str, value: Json) -> None:
        if isinstance(value, str) and value:
            self.secrets.append(Credential(name, value))

    def _require_answer(self, exchange: Exchange, url: str) -> None:
        """A status is for the flow to judge. Without one it would look elsewhere, in vain."""
        failure = exchange.failure
        gone_elsewhere = failure is not None and failure.kind is FailureKind.REDIRECT
        if failure is None or (exchange.status is not None and not gone_elsewhere):
            return
        if gone_elsewhere and exchange.step is not Step.TOKEN:
            return  # as if nothing were there
        raise _NoTokenError(f"{_WHAT[exchange.step]} {masked_url(url)}: {failure.detail}")

    def _require_issuer(self) -> None:
        """What was given for one authorization server is for no other."""
        listed = self.discovery.known.authorization_servers
        issuer = self._credentials.issuer
        if _as_listed(issuer, self.discovery.known) not in listed:
            named = masked_url(listed[0])
            raise _NoTokenError(
                f"the server's authorization server is {named}, not --oauth-issuer {issuer}"
            )

    def _require_privacy(self, url: str) -> None:
        parts = urlsplit(url)
        trusted = origin_of(url) == origin_of(self._credentials.issuer)
        if parts.scheme != "https" and not trusted and parts.hostname not in _LOOPBACK:
            raise _NoTokenError(
                f"the token endpoint {masked_url(url)} is not https: nothing was sent"
            )

    def _why(self) -> str:
        """Why the flow gave up before it asked for a token."""
        problem = self.discovery.known.metadata_problem
        return problem or f"{self._authority} has no metadata that could be used"

    @property
    def _authority(self) -> str:
        issuer = origin_of(self._credentials.issuer) or ""
        host = urlsplit(self._credentials.issuer)
        return f"the authorization server {host.scheme}://{host.netloc}" if issuer else "it"


def _as_listed(issuer: str, known: Authorization) -> str:
    """The issuer as the server's metadata spells it: with or without a slash at the very end."""
    for listed in known.authorization_servers:
        if listed.rstrip("/") == issuer.rstrip("/") and urlsplit(issuer).path in ("", "/"):
            return listed
    return issuer


def _error_in(answer: dict[str, Json], exchange: Exchange) -> str:
    """What the token endpoint answered in place of a token, as in `says invalid_client`."""
    error, description = answer.get("error"), answer.get("error_description")
    if not isinstance(error, str) or not error:
        return f"answered {_status(exchange)} without a token"
    told = f"{error}: {description}" if isinstance(description, str) and description else error
    return f"says {told}"


def _status(exchange: Exchange) -> str:
    return "no status" if exchange.status is None else f"HTTP {exchange.status}"
