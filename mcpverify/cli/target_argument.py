"""TARGET, or the COMMAND after `--`, and what decorates them, made into a Target."""

import ipaddress
import os
import re
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import urlsplit

from mcpverify.errors import FileUnusable, TargetInvalid, UsageError, VariableUnset
from mcpverify.facts.authorization import TokenSource
from mcpverify.facts.credentials import masked_url
from mcpverify.facts.revision import Revision
from mcpverify.facts.target import Header, HttpEndpoint, Route, Tls, Transport
from mcpverify.facts.variables import VARIABLE

_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_FRAMING = {"content-length", "transfer-encoding", "te", "trailer", "upgrade", "expect"}
_FIRST_GUESS = {Transport.SSE: ("/sse",), Transport.STREAMABLE_HTTP: ("/mcp",)}
_GUESSES = ("/mcp", "/sse")
_PORTS = {"http": 80, "https": 443}
_LONGEST = 8192


class Way(Protocol):
    """The options that say by which way a server behind a URL is reached."""

    @property
    def transport(self) -> Transport: ...
    @property
    def header(self) -> Sequence[str]: ...
    @property
    def bearer_env(self) -> str | None: ...
    @property
    def cacert(self) -> str | None: ...
    @property
    def cert(self) -> str | None: ...
    @property
    def key(self) -> str | None: ...
    @property
    def insecure(self) -> bool: ...
    @property
    def no_proxy(self) -> bool: ...
    @property
    def resolve(self) -> Sequence[str]: ...
    @property
    def connect_to(self) -> Sequence[str]: ...


def endpoint_by(
    way: Way, url: str | None, token: TokenSource | None, *, takes_command: bool = True
) -> HttpEndpoint:
    """The endpoint at `url`, or one whose address is yet to be found. Raises UsageError.

    `takes_command` is whether a command might have been given in its place.
    """
    if way.key is not None and way.cert is None:
        raise UsageError("--key needs --cert", "Name the client certificate too.")
    endpoint = HttpEndpoint(
        urls=() if url is None else urls_of(url, way.transport, takes_command=takes_command),
        headers=headers_of(way.header, way.bearer_env),
        tls=Tls(
            readable(way.cacert, "--cacert"),
            readable(way.cert, "--cert"),
            readable(way.key, "--key"),
            way.insecure,
        ),
        proxies=not way.no_proxy,
        routes=tuple(
            [resolve_route(text) for text in way.resolve]
            + [connect_route(text) for text in way.connect_to]
        ),
        token=token,
    )
    if endpoint.urls:
        refuse_unused(endpoint.routes, endpoint.urls)
    return endpoint


def urls_of(
    text: str, transport: Transport, *, named: str = "TARGET", takes_command: bool = True
) -> tuple[str, ...]:
    """The URLs to try for TARGET: one, or for a bare origin the usual paths.

    `named` is what people call the address. Raises TargetInvalid, which repeats nothing of it that
    may be a credential.
    """
    if not text.strip():
        raise TargetInvalid(f"the {named} is empty", "Give a URL such as https://host/mcp.")
    if any(character.isspace() or not character.isprintable() for character in text):
        raise TargetInvalid(f"the {named} holds blanks or control characters", "Check the quoting.")
    if len(text) > _LONGEST:
        raise TargetInvalid(f"the {named} is longer than {_LONGEST:,} characters", "Check it.")
    url = text if "://" in text else _with_scheme(text, named, takes_command)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise TargetInvalid(
            f"the {named} is no URL",
            "Check host and port; a password with /, ? or # must have them percent-encoded.",
        ) from None
    shown = masked_url(url)
    if parts.scheme.lower() not in ("http", "https"):
        raise TargetInvalid(
            f"unknown scheme {parts.scheme}:// in the {named}",
            f"Give an http or https URL{'; for stdio, the command after --' * takes_command}.",
        )
    if not host:
        raise TargetInvalid(f"{shown} names no host", "Give a URL such as https://host/mcp.")
    if port == 0:
        raise TargetInvalid(f"{shown} names port 0", "Ports are 1 to 65535.")
    url = url.partition("#")[0]
    if parts.path:
        return (url,)
    base, question, query = url.partition("?")
    guesses = _FIRST_GUESS.get(transport, _GUESSES)
    return tuple(f"{base}{path}{question}{query}" for path in guesses)


def _with_scheme(text: str, named: str = "TARGET", takes_command: bool = True) -> str:
    """`host:port` in full: https, or http on loopback."""
    host_port = text.partition("/")[0].rpartition("@")[2]
    host, colon, port = host_port.rpartition(":")
    if not colon or not host or not port.isdigit() or (":" in host and not host.startswith("[")):
        other = ", host:port, or a command after --" if takes_command else ", or host:port"
        raise TargetInvalid(
            f"the {named} is neither a URL nor host:port",
            f"Give a URL such as https://host/mcp{other}.",
        )
    return f"{'http' if is_loopback(host.strip('[]')) else 'https'}://{text}"


def is_loopback(host: str) -> bool:
    """Whether a host, without brackets, is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# Of a credential that was to follow, and did not.
_SCHEMES = {"bearer", "basic", "token"}


def headers_of(lines: Sequence[str], bearer_env: str | None) -> tuple[Header, ...]:
    """The headers that -H and --bearer-env ask for. Raises UsageError, VariableUnset."""
    headers = [_header(line) for line in lines]
    if bearer_env is not None:
        token = variable_named(bearer_env, "--bearer-env")
        headers.append(Header("Authorization", _legal_value("--bearer-env", f"Bearer {token}")))
    return tuple(headers)


def _header(line: str) -> Header:
    name, colon, value = line.partition(":")
    if not colon or not _HEADER_NAME.match(name.strip()):
        # The line may be a credential in itself: it is not repeated.
        raise UsageError("-H takes 'Name: value'", "Quote the whole header.")
    name = name.strip()
    if name.lower() in _FRAMING:
        raise UsageError(f"-H {name}: this header frames the message", "Leave it out.")
    value = VARIABLE.sub(lambda found: _variable(found.group(1), f"-H {name}"), value.strip())
    if "${" in VARIABLE.sub("", line):
        raise UsageError(f"-H {name}: only ${{NAME}} is read from the environment", "Spell it so.")
    value = value.strip()
    if not value or (name.lower() == "authorization" and value.lower() in _SCHEMES):
        what = "nothing follows the scheme" if value else "the value is empty"
        raise UsageError(
            f"-H {name}: {what}",
            "Is the variable behind it set? --bearer-env NAME reads a token for you.",
        )
    return Header(name, _legal_value(f"-H {name}", value))


def _legal_value(flag: str, value: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise UsageError(
            f"{flag}: the value holds control characters", "Look for a line end in it."
        )
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise UsageError(f"{flag}: the value is no UTF-8 text", "Look for odd bytes in it.")
    return value


def variable_named(name: str, flag: str) -> str:
    """The value of the variable that a flag names. Raises UsageError, VariableUnset."""
    if not _VARIABLE_NAME.match(name):
        raise UsageError(f"{flag} takes the NAME of a variable", "Write no $ before it.")
    return _variable(name, flag).strip()


def _variable(name: str, flag: str) -> str:
    value = os.environ.get(name, "")
    if not value.strip():
        state = "empty" if name in os.environ else "not set"
        # Who forgets that a NAME is wanted gives the token itself: only a likely name is shown.
        shown = f" {name}" if name in os.environ or name.isupper() else " of that name"
        raise VariableUnset(
            f"{flag}: the environment variable{shown} is {state}",
            "In CI, check that the secret is defined for this job.",
        )
    return value


def resolve_route(text: str) -> Route:
    """`HOST:PORT:ADDRESS`, as curl's --resolve. Raises UsageError."""
    host, port, address = _split(text, 3, "--resolve HOST:PORT:ADDRESS")
    try:
        ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        raise UsageError(f"--resolve: {address} is no IP address", "Use --connect-to.") from None
    if not host or not port:
        raise UsageError("--resolve takes HOST:PORT:ADDRESS", "All three are needed.")
    return Route(host.strip("[]"), _port(port, "--resolve"), address.strip("[]"), None)


def connect_route(text: str) -> Route:
    """`HOST1:PORT1:HOST2:PORT2`, as curl's --connect-to; any may be empty. Raises UsageError."""
    host, port, to_host, to_port = _split(text, 4, "--connect-to HOST1:PORT1:HOST2:PORT2")
    return Route(
        host.strip("[]"),
        _port(port, "--connect-to") if port else None,
        to_host.strip("[]"),
        _port(to_port, "--connect-to") if to_port else None,
    )


def refuse_unused(routes: Sequence[Route], urls: Sequence[str]) -> None:
    """A route that no URL of the target takes is a slip of the pen. Raises UsageError.

    Unnoticed it would have the old release checked in place of the new one.
    """
    asked = [
        (parts.hostname or "", parts.port or _PORTS[parts.scheme.lower()])
        for parts in map(urlsplit, urls)
    ]
    for route in routes:
        if not any(
            route.host.lower() in ("", host.lower()) and route.port in (None, port)
            for host, port in asked
        ):
            host, port = asked[0]
            raise UsageError(
                f"--resolve or --connect-to names {route.host or '*'}:{route.port or '*'}, "
                f"but the target is {host}:{port}",
                "Name the host and port of the target: the route would not be used.",
            )


def _split(text: str, count: int, usage: str) -> list[str]:
    parts = re.findall(r"(?:^|:)(\[[^\]]*\]|[^:\[\]]*)", text)
    if usage.startswith("--resolve") and len(parts) > 3:
        parts = [*parts[:2], text.split(":", 2)[2]]  # a bare IPv6 address
    if len(parts) != count or ":".join(parts) != text:
        raise UsageError(f"{text} does not fit {usage}", "IPv6 addresses go in brackets.")
    return parts


def _port(text: str, flag: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise UsageError(f"{flag}: {text} is no port", "Ports are 1 to 65535.")
    return int(text)


def shown_url(endpoint: HttpEndpoint, text: str) -> str:
    """TARGET as people may see it."""
    return masked_url(endpoint.urls[0] if len(endpoint.urls) == 1 else _origin(text))


def _origin(text: str) -> str:
    return text if "://" in text else _with_scheme(text)


def revision_of(text: str | None) -> Revision | None:
    """The revision that --protocol names. Raises UsageError."""
    if text is None:
        return None
    for revision in Revision:
        if revision.value == text:
            return revision
    known = ", ".join(revision.value for revision in Revision)
    raise UsageError(f"--protocol {text}: no such revision", f"Known are {known}.")


def readable(path: str | None, flag: str) -> str | None:
    """`path`, once it is known to be a file that can be read. Raises FileUnusable."""
    if path is None:
        return None
    try:
        if not os.path.isfile(path):
            reason = "it is no file" if os.path.exists(path) else "no such file"
            raise FileUnusable(f"{flag} {path}: {reason}", "Name a file that exists.")
        with open(path, "rb"):
            return path
    except OSError as error:
        raise FileUnusable(f"{flag} {path}: {error.strerror}", "Check its permissions.") from None
