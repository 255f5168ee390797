"""The registry's server.json: the addresses at which a server is offered, and what they want.

https://github.com/modelcontextprotocol/registry/blob/main/docs/reference/server-json

What a client would ask its user for, a header or a variable that the file gives no value, is read
from the environment variable of that name: `X-API-Key` from X_API_KEY.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mcpverify.errors import ConfigurationInvalid
from mcpverify.facts.target import Transport
from mcpverify.settings.foreign.references import References, shouted
from mcpverify.settings.problem import nearest
from mcpverify.settings.secrets import Piece, in_address, joined, pieces_of
from mcpverify.settings.target_settings import TargetSettings
from mcpverify.settings.targets import default_snapshot

_TRANSPORTS: Final = {"streamable-http": Transport.STREAMABLE_HTTP, "sse": Transport.SSE}
_VARIABLE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.-]*)\}")


@dataclass(frozen=True, slots=True)
class ServerJson:
    """`document` is the file. A remote has the name of the server, and if there are several, its
    type as well.
    """

    path: str
    document: Mapping[str, Any] = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """One for each remote, in the order of the file. Raises ConfigurationInvalid for none."""
        return tuple(self._remotes())

    def target(self, name: str, environ: Mapping[str, str]) -> TargetSettings:
        """The remote of that name. Raises UsageError."""
        at, remote = self._remotes()[name]
        place = f"{self.path}: remotes[{at}]"
        kind, url = remote.get("type"), remote.get("url")
        if kind not in _TRANSPORTS:
            near = nearest(str(kind), _TRANSPORTS)
            known = " and ".join(_TRANSPORTS)
            raise _error(f"{place}.type", f"remotes are {known}{near}")
        if not isinstance(url, str):
            raise _error(f"{place}.url", "must be a text, the address")
        references = References(place, os.path.dirname(self.path), environ)
        lines = list(_headers(place, remote.get("headers") or [], references))
        options: dict[str, object] = {"transport": _TRANSPORTS[kind]}
        pieces = _url(place, url, remote.get("variables") or {}, references)
        return TargetSettings(
            name=name,
            where=self.path,
            url=joined(pieces),
            default_snapshot=default_snapshot(name, os.path.dirname(self.path)),
            options={**options, "header": lines} if lines else options,
            secrets=tuple(in_address(pieces)),
        )

    def _remotes(self) -> dict[str, tuple[int, Mapping[str, Any]]]:
        remotes = self.document.get("remotes") or []
        if not remotes:
            raise ConfigurationInvalid(
                f"{self.path}: it has packages only, and no remotes",
                "Name the command that starts the server: mcpverify check -- COMMAND ARGS...",
            )
        own = self.document.get("name")
        short = own.rpartition("/")[2] if isinstance(own, str) and own else "server"
        found: dict[str, tuple[int, Mapping[str, Any]]] = {}
        times: Counter[str] = Counter()
        for at, remote in enumerate(remotes):
            if not isinstance(remote, dict):
                raise _error(f"{self.path}: remotes[{at}]", "must be an object")
            name = short if len(remotes) == 1 else f"{short}-{remote.get('type')}"
            times[name] += 1
            found[name if times[name] == 1 else f"{name}-{times[name]}"] = (at, remote)
        return found


def _url(place: str, url: str, variables: Any, references: References) -> tuple[Piece, ...]:
    def value(found: re.Match[str]) -> Piece:
        name = found[1]
        given = variables.get(name) if isinstance(variables, dict) else None
        if not isinstance(given, dict):
            raise _error(f"{place}.url", f"{{{name}}} is none of its variables")
        text = _given(place, f"variables.{name}", name, given, references, kept=False)
        in_file = (given.get("value"), given.get("default"), *(given.get("choices") or ()))
        return text, "" if text in in_file else shouted(name)

    return pieces_of(url, _VARIABLE, value)


def _headers(place: str, headers: Any, references: References) -> Iterator[str]:
    if not isinstance(headers, list):
        raise _error(f"{place}.headers", "must be a list")
    for at, header in enumerate(headers):
        key = f"headers[{at}]"
        if not isinstance(header, dict) or not isinstance(header.get("name"), str):
            raise _error(f"{place}.{key}", "must be an object with a name")
        value = _header(place, key, header, references)
        if value is not None:
            yield f"{header['name']}: {value}"


def _header(place: str, key: str, header: Mapping[str, Any], references: References) -> str | None:
    """The value, None for a header that nobody wants and nobody gave."""
    name = str(header["name"])
    template = header.get("value")
    if not isinstance(template, str):
        wanted = header.get("isRequired") is True or isinstance(header.get("default"), str)
        if not wanted and not references.is_set(shouted(name)):
            return None
        return _given(place, key, name, header, references, kept=True)
    variables = header.get("variables")

    def value(found: re.Match[str]) -> str:
        given = variables.get(found[1]) if isinstance(variables, dict) else None
        if not isinstance(given, dict):
            return found[0]  # as the format has it
        within = f"{key}.variables.{found[1]}"
        return _given(place, within, found[1], given, references, kept=True)

    return _VARIABLE.sub(value, template)


def _given(
    place: str,
    key: str,
    name: str,
    given: Mapping[str, Any],
    references: References,
    *,
    kept: bool,
) -> str:
    """The value of an input: of the file, of the environment, or by default, in that order.

    One of the environment is `kept` as a reference where a header is made of it.
    """
    if isinstance(given.get("value"), str):
        return str(given["value"])
    variable = shouted(name)
    if not references.is_set(variable) and isinstance(given.get("default"), str):
        return str(given["default"])
    value = references.required(variable, key)
    choices = given.get("choices")
    if isinstance(choices, list) and choices and value not in choices:
        known = ", ".join(map(str, choices))
        raise _error(f"{place}.{key}", f"the environment variable {variable} is none of {known}")
    return f"${{{variable}}}" if kept else value


def _error(place: str, problem: str) -> ConfigurationInvalid:
    return ConfigurationInvalid(
        f"{place}: {problem}", "Mend it, or name the servers that you mean with --server NAME."
    )
