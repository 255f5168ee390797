"""How we are let in, and what the server's metadata says about who is.

https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class BearerFile:
    """A token in a file that something else keeps fresh: it is read anew for each attempt."""

    path: str


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """OAuth 2.1 client credentials: a secret, or the private key that signs a JWT.

    `key` is the text of a PEM file. `issuer` names the one authorization server that may be
    handed either of them. `scopes` are asked for; none leaves the choice to the server's metadata.
    """

    client_id: str
    issuer: str
    secret: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = ()


TokenSource: TypeAlias = BearerFile | ClientCredentials


class Scheme(StrEnum):
    """Whose token was sent, or was to be."""

    NONE = ""
    HEADER = "header"  # an Authorization header of the user's own, or --bearer-env
    USERINFO = "userinfo"  # of the URL
    FILE = "file"
    CLIENT_CREDENTIALS = "client-credentials"


@dataclass(frozen=True, slots=True)
class Authorization:
    """What is known of how we were let in, or why we were not. It holds no token.

    `resource_metadata` and `server_metadata` are the addresses where each was found, None where
    none was. `scopes_offered` are those that the resource's metadata lists, `scopes_wanted` those
    that a 401 or 403 named, `scopes_held` those of our token, None where it does not say; nor need
    it have an `audience`. `expires` is when the token does, in seconds since the epoch. `problem`
    says why there is no token, "" where nothing went wrong; `metadata_problem` why the metadata
    cannot be used. `withheld` names what strangers did not send, and `certificate` says whether
    they showed the client certificate all the same.
    """

    scheme: Scheme = Scheme.NONE
    resource_metadata: str | None = None
    resource: str | None = None
    authorization_servers: tuple[str, ...] = ()
    server_metadata: str | None = None
    token_endpoint: str | None = None
    scopes_offered: tuple[str, ...] = ()
    scopes_wanted: tuple[str, ...] = ()
    scopes_held: tuple[str, ...] | None = None
    audience: tuple[str, ...] = ()
    expires: float | None = None
    error: str = ""  # of WWW-Authenticate, as in invalid_token, with its description
    problem: str = ""
    metadata_problem: str = ""
    withheld: tuple[str, ...] = ()
    certificate: bool = False
