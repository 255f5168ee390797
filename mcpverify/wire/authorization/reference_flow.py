"""The flow of the `mcp` package for client credentials: how it is made, and what it is fed.

Whatever that package wants of httpx2 and of its own types is here; who drives the flow is not.
"""

import json
from dataclasses import replace
from typing import Any

import httpx2
from mcp.client.auth import OAuthClientProvider
from mcp.client.auth.extensions.client_credentials import (
    ClientCredentialsOAuthProvider,
    PrivateKeyJWTOAuthProvider,
    SignedJWTParameters,
)
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

from mcpverify.facts.authorization import ClientCredentials
from mcpverify.facts.json_text import NotJson, parse
from mcpverify.facts.signing_key import signing_algorithm
from mcpverify.facts.transcript import Exchange

# Of a response that was read: what described its bytes on the way, and where it pointed to.
_DROPPED = {"content-encoding", "content-length", "transfer-encoding", "location"}


def provider_for(credentials: ClientCredentials, url: str) -> OAuthClientProvider:
    """The flow for these credentials, and the server at `url`."""
    scope = " ".join(credentials.scopes) or None
    if credentials.key is None:
        return ClientCredentialsOAuthProvider(
            url,
            _Memory(),
            credentials.client_id,
            credentials.secret or "",
            scope=scope,
            issuer=credentials.issuer,
        )
    signed = SignedJWTParameters(
        issuer=credentials.client_id,
        subject=credentials.client_id,
        signing_key=credentials.key,
        signing_algorithm=signing_algorithm(credentials.key),
    )
    return PrivateKeyJWTOAuthProvider(
        url,
        _Memory(),
        credentials.client_id,
        signed.create_assertion_provider(),
        scope=scope,
        issuer=credentials.issuer,
    )


class _Memory:
    """The storage that the flow wants: nothing outlives a run."""

    async def get_tokens(self) -> OAuthToken | None:
        return None

    async def set_tokens(self, tokens: OAuthToken) -> None: ...

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return None

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None: ...


def response_of(request: httpx2.Request, exchange: Exchange | None) -> httpx2.Response:
    """An exchange, as the flow wants to read it; without a status nothing is there."""
    if exchange is None or exchange.status is None:
        return httpx2.Response(404, request=request)
    headers = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in exchange.headers
        if name.lower() not in _DROPPED
    ]
    return httpx2.Response(exchange.status, headers=headers, content=exchange.body, request=request)


def with_authorization_endpoint(exchange: Exchange) -> Exchange:
    """The package wants the endpoint for browsers, which a server for machines need not have."""
    try:
        document: Any = parse(exchange.body)
    except NotJson:
        return exchange
    if not isinstance(document, dict) or "token_endpoint" not in document:
        return exchange
    document.setdefault("authorization_endpoint", document["token_endpoint"])
    return replace(exchange, body=json.dumps(document).encode())
