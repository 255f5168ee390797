"""An authorization server of ours on loopback, and what an MCP server needs to demand its tokens.

OAuth 2.1 client credentials: a secret by Basic or in the body, or a JWT that the client signed.
Tokens are JWTs, signed by the server's own key. `broken` names what one of them does wrong.
"""

import base64
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, unquote

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.servers.dialog import Dialog
from tests.servers.honest import Honest, Hook, dumps
from tests.servers.raw_http import Behavior, RawServer, Request, Wire, response

CLIENT = "gate"
SECRET = "s3cret/with+odd=letters"
SCOPES = ("weather:list", "weather:read")
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Broken(StrEnum):
    """What an authorization server may do wrong."""

    HANGS_AT_TOKEN = "hangs-at-token"
    HANGS_AT_METADATA = "hangs-at-metadata"
    WRONG_ISSUER = "wrong-issuer"
    HTML = "html"
    NO_TOKEN_ENDPOINT = "no-token-endpoint"
    FAILS = "fails"
    NO_TOKEN = "no-token"
    CLOSES = "closes"
    REDIRECTS_AWAY = "redirects-away"
    ECHOES = "echoes"  # what the client said of itself, in its error


@dataclass(frozen=True)
class Key:
    """A key pair in PEM."""

    private: str
    public: str

    @classmethod
    def new(cls) -> "Key":
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return cls(private.decode(), public.decode())


@dataclass
class AuthorizationServer:
    """The behavior. What it issued lies in `issued`; `asked` are the forms of token requests.

    `grants` are the scopes it gives at most. `methods` are how clients may say who they are, None
    for what a server leaves unsaid. `openid` serves the metadata as OpenID Connect does alone.
    """

    origin: Callable[[], str]
    key: Key = field(default_factory=Key.new)
    client_key: Key = field(default_factory=Key.new)
    broken: Broken | None = None
    grants: tuple[str, ...] = SCOPES
    methods: tuple[str, ...] | None = ("client_secret_basic", "client_secret_post")
    lifetime: int = 3600
    tenant: str = ""
    openid: bool = False
    opaque: bool = False
    told: dict[str, Any] = field(default_factory=dict)  # over the members of a token's answer
    issued: list[str] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return self.origin() + self.tenant

    def token(self, audience: str, scopes: str = "weather:list", seconds: int = 3600) -> str:
        """A token that was got in some other way."""
        claims = {"iss": self.issuer, "aud": audience, "scope": scopes, "sub": CLIENT}
        moment = int(time.time()) + seconds
        return jwt.encode(claims | {"exp": moment}, self.key.private, algorithm="ES256")

    def __call__(self, request: Request, wire: Wire) -> bool:
        path = request.path.partition("?")[0]
        if path in self._metadata_paths():
            self._tell(wire)
        elif path == "/token" and self.broken is Broken.CLOSES:
            return False
        elif path == "/token" and request.method == "POST":
            self._issue(request, wire)
        else:
            wire.send(response(404, b"Not Found", "text/plain"))
        return True

    def _metadata_paths(self) -> tuple[str, ...]:
        if self.openid:
            return (f"{self.tenant}/.well-known/openid-configuration",)
        return (f"/.well-known/oauth-authorization-server{self.tenant}",)

    def _tell(self, wire: Wire) -> None:
        told: dict[str, Any] = {
            "issuer": self.issuer,
            "token_endpoint": f"{self.origin()}/token",
            "scopes_supported": list(SCOPES),
        }
        if self.methods is not None:
            told["token_endpoint_auth_methods_supported"] = list(self.methods)
        match self.broken:
            case Broken.HANGS_AT_METADATA:
                wire.hold()
                return
            case Broken.HTML:
                wire.send(response(200, b"<html>sign in</html>", "text/html"))
                return
            case Broken.WRONG_ISSUER:
                told["issuer"] = "https://elsewhere.example"
            case Broken.NO_TOKEN_ENDPOINT:
                del told["token_endpoint"]
        wire.send(response(200, dumps(told), "application/json"))

    def _issue(self, request: Request, wire: Wire) -> None:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        self.asked.append(form)
        match self.broken:
            case Broken.HANGS_AT_TOKEN:
                wire.hold()
                return
            case Broken.FAILS:
                wire.send(response(503, b"<html>down</html>", "text/html"))
                return
            case Broken.REDIRECTS_AWAY:
                away = (("Location", "http://127.0.0.1:9/token"),)
                wire.send(response(307, headers=away))
                return
        answer = self._answer(request, form)
        wire.send(response(400 if "error" in answer else 200, dumps(answer), "application/json"))

    def _answer(self, request: Request, form: dict[str, str]) -> dict[str, Any]:
        if self.broken is Broken.ECHOES:
            said = form.get("client_assertion") or request.header("Authorization") or ""
            return {"error": "invalid_client", "error_description": said.removeprefix("Basic ")}
        if not self._knows(request, form):
            return {"error": "invalid_client", "error_description": "Unknown client"}
        wanted = form.get("scope", "").split() or list(self.grants)
        if unknown := [scope for scope in wanted if scope not in SCOPES]:
            return {"error": "invalid_scope", "error_description": f"No scope {unknown[0]}"}
        granted = " ".join(scope for scope in wanted if scope in self.grants)
        token = uuid.uuid4().hex
        if not self.opaque:
            token = self.token(form.get("resource", ""), granted, self.lifetime)
        self.issued.append(token)
        if self.broken is Broken.NO_TOKEN:
            return {"token_type": "Bearer"}
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "scope": granted,
            **self.told,
        }

    def _knows(self, request: Request, form: dict[str, str]) -> bool:
        if form.get("grant_type") != "client_credentials":
            return False
        if form.get("client_assertion_type") == _ASSERTION:
            return self._has_signed(form.get("client_assertion", ""))
        header = request.header("Authorization") or ""
        if header.startswith("Basic ") and "client_secret_basic" in (self.methods or ()):
            pair = base64.b64decode(header.removeprefix("Basic ")).decode()
            client, _, secret = pair.partition(":")
            return (unquote(client), unquote(secret)) == (CLIENT, SECRET)
        if "client_secret_post" in (self.methods or ()):
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        return False

    def _has_signed(self, assertion: str) -> bool:
        try:
            claims = jwt.decode(
                assertion,
                self.client_key.public,
                algorithms=["ES256"],
                audience=self.issuer,
                issuer=CLIENT,
            )
        except jwt.PyJWTError:
            return False
        return bool(claims["sub"] == CLIENT)


def serve_authorization(**options: Any) -> tuple[RawServer, AuthorizationServer]:
    """The server, to be entered, and its behavior."""
    behavior = AuthorizationServer(lambda: server.origin, **options)
    server = RawServer(behavior, path="")
    return server, behavior


@dataclass
class Guard:
    """What stands before an MCP server: it wants tokens of `issuer`, and has its metadata.

    `metadata` overrides members of the resource's document, and leaves out those that are None;
    None altogether is no document. `names` says whether WWW-Authenticate names the document, and
    `named` where else than it lies; `challenges` whether there is such a header at all. `wanted`
    are the scopes for everything, `wanted_for` those of one step beside them. `open_steps` want
    no token, and neither does a request that is `let_pass`.
    """

    behavior: Behavior
    issuer: AuthorizationServer
    url: Callable[[], str]
    wanted: tuple[str, ...] = ("weather:list",)
    wanted_for: dict[str, tuple[str, ...]] = field(default_factory=dict)
    metadata: dict[str, Any] | None = field(default_factory=dict)
    metadata_path: str = "/.well-known/oauth-protected-resource/mcp"
    challenges: bool = True
    names: bool = True
    names_scope: bool = True
    named: str | None = None
    open_steps: tuple[str, ...] = ()
    let_pass: Callable[[Request], bool] = lambda request: False
    status: int = 401

    def __call__(self, request: Request, wire: Wire) -> bool:
        if request.path == self.metadata_path and self.metadata is not None:
            wire.send(response(200, self._document(self.metadata), "application/json"))
            return True
        if request.path.startswith("/.well-known/"):
            wire.send(response(404))
            return True
        is_open = request.step in self.open_steps or self.let_pass(request)
        if not is_open and (refused := self._refused(request)):
            wire.send(refused)
            return True
        return self.behavior(request, wire)

    def _document(self, overridden: dict[str, Any]) -> bytes:
        plain: dict[str, Any] = {
            "resource": self.url(),
            "authorization_servers": [self.issuer.issuer],
            "scopes_supported": list(SCOPES),
        }
        told = plain | overridden
        return dumps({name: value for name, value in told.items() if value is not None})

    def _refused(self, request: Request) -> bytes | None:
        header = request.header("Authorization") or ""
        held = self._held(header)
        wanted = (*self.wanted, *self.wanted_for.get(request.step, ()))
        if held is None:
            return self._challenge(self.status, "invalid_token" if header else "", wanted)
        if any(scope not in held for scope in wanted):
            return self._challenge(403, "insufficient_scope", wanted)
        return None

    def _held(self, header: str) -> list[str] | None:
        """The scopes of a token that is good here."""
        scheme, _, token = header.partition(" ")
        if scheme != "Bearer":
            return None
        if self.issuer.opaque:
            return list(self.issuer.grants) if token in self.issuer.issued else None
        key = self.issuer.key.public
        try:
            claims = jwt.decode(token, key, algorithms=["ES256"], audience=self.url())
        except jwt.PyJWTError:
            return None
        return str(claims["scope"]).split()

    def _challenge(self, status: int, error: str, wanted: tuple[str, ...]) -> bytes:
        parts = [f'error="{error}"'] if error else []
        if self.names_scope and wanted:
            parts.append(f'scope="{" ".join(wanted)}"')
        if self.names:
            origin = "/".join(self.url().split("/")[:3])
            parts.append(f'resource_metadata="{self.named or origin + self.metadata_path}"')
        told = f"Bearer {', '.join(parts)}".strip()
        headers = (("WWW-Authenticate", told),) if self.challenges else ()
        return response(status, dumps({"error": error or "no token"}), "application/json", headers)


def serve_guarded(
    issuer: AuthorizationServer,
    hooks: Mapping[str, Hook] | None = None,
    *,
    eras: tuple[str, ...] = ("handshake",),
    behavior: Behavior | None = None,
    path: str = "/mcp",
    **options: Any,
) -> tuple[RawServer, Guard]:
    """An honest MCP server that demands tokens of `issuer`, to be entered, and its guard."""
    honest = behavior or Honest(Dialog(eras=eras), hooks or {}, path=path)
    guard = Guard(honest, issuer, lambda: server.url, **options)
    server = RawServer(guard, path=path)
    return server, guard
