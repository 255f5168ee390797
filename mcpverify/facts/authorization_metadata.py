"""The two documents that lead to a token: where they lie, and whether they can be used.

The resource's own (RFC 9728) names its authorization servers; theirs (RFC 8414, or OpenID Connect
Discovery) names the token endpoint.
https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/authorization-server-discovery
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final
from urllib.parse import urlsplit

from mcpverify.facts.credentials import masked_url
from mcpverify.facts.json_text import Json, NotJson, parse
from mcpverify.facts.origin import origin_of

_PROTECTED: Final = "/.well-known/oauth-protected-resource"
_SERVER: Final = "/.well-known/oauth-authorization-server"
_OPENID: Final = "/.well-known/openid-configuration"
_SHOWN: Final = 80


class MetadataUnusable(ValueError):
    """Why a document cannot be used, to follow its name in a sentence: "has no resource"."""


class Fit(Enum):
    """How the resource of a document fits the address that was asked."""

    SAME = auto()
    PARENT = auto()  # it covers the address, which RFC 9728 does not provide for and clients do
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class ResourceMetadata:
    """A protected resource's document, as far as it matters here."""

    resource: str
    authorization_servers: tuple[str, ...]
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerMetadata:
    """An authorization server's document, as far as it matters here."""

    issuer: str
    token_endpoint: str
    token_methods: tuple[str, ...] | None = None  # None: client_secret_basic, by RFC 8414


def bare_url(url: str) -> str:
    """A URL without user information, query and fragment: what others may be told of it."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme.lower()}://{place}{parts.path}"


def resource_metadata_urls(url: str) -> tuple[str, ...]:
    """The well-known places of a server's document: for its path, then for the whole host."""
    parts = urlsplit(bare_url(url))
    base = f"{parts.scheme}://{parts.netloc}{_PROTECTED}"
    return (base,) if parts.path in ("", "/") else (f"{base}{parts.path}", base)


def server_metadata_urls(issuer: str) -> tuple[str, ...]:
    """The places to look for the document of an authorization server, in the order prescribed."""
    parts = urlsplit(bare_url(issuer))
    base, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    if not path:
        return (f"{base}{_SERVER}", f"{base}{_OPENID}")
    return (f"{base}{_SERVER}{path}", f"{base}{_OPENID}{path}", f"{base}{path}{_OPENID}")


def fit_of(resource: str, url: str) -> Fit:
    """Whether a document about `resource` may be used for the server at `url`."""
    if origin_of(resource) is None or origin_of(resource) != origin_of(url):
        return Fit.OTHER
    named, asked = (urlsplit(each).path.rstrip("/") for each in (resource, url))
    if named == asked:
        return Fit.SAME
    return Fit.PARENT if asked.startswith(f"{named}/") else Fit.OTHER


def resource_metadata_in(body: bytes, url: str) -> ResourceMetadata:
    """The document of the server at `url`. Raises MetadataUnusable."""
    document = _object_in(body)
    resource = document.get("resource")
    if not isinstance(resource, str) or not resource:
        raise MetadataUnusable("has no resource")
    if fit_of(resource, url) is Fit.OTHER:
        raise MetadataUnusable(f"is of {masked_url(resource)}, not of {bare_url(url)}")
    servers = _texts(document.get("authorization_servers"))
    if not servers:
        raise MetadataUnusable("names no authorization_servers")
    for server in servers:
        if origin_of(server) is None:
            raise MetadataUnusable("names an authorization server that is no URL")
    return ResourceMetadata(resource, servers, _texts(document.get("scopes_supported")))


def server_metadata_in(body: bytes, issuer: str) -> ServerMetadata:
    """The document of the authorization server `issuer`. Raises MetadataUnusable."""
    document = _object_in(body)
    named = document.get("issuer")
    if named != issuer:
        told = masked_url(named) if isinstance(named, str) else "nobody"
        raise MetadataUnusable(f"names {told} as its issuer, not {issuer}")
    endpoint = document.get("token_endpoint")
    if not isinstance(endpoint, str) or origin_of(endpoint) is None:
        raise MetadataUnusable("has no token_endpoint that is a URL")
    methods = document.get("token_endpoint_auth_methods_supported")
    return ServerMetadata(issuer, endpoint, _texts(methods) if methods is not None else None)


def shown(url: str) -> str:
    """A URL that a server named, short and without what may be secret in it."""
    return short(masked_url(url))


def short(text: str, longest: int = _SHOWN) -> str:
    """As much of a text as a sentence holds: of one without credentials, or half of one is left."""
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def _object_in(body: bytes) -> dict[str, Json]:
    try:
        document = parse(body)
    except NotJson:
        raise MetadataUnusable("is no JSON") from None
    if not isinstance(document, dict):
        raise MetadataUnusable("is no JSON object")
    return document


def _texts(value: Json) -> tuple[str, ...]:
    values = value if isinstance(value, list) else ()
    return tuple(each for each in values if isinstance(each, str) and each)
