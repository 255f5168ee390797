"""What clients are configured with: mcpServers of .mcp.json and its like, servers of VS Code."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mcpverify.errors import ConfigurationInvalid
from mcpverify.facts.target import Transport
from mcpverify.settings.foreign.references import References
from mcpverify.settings.problem import dotted, nearest
from mcpverify.settings.target_settings import TargetSettings
from mcpverify.settings.targets import default_snapshot

# How each client spells it; Cline and Roo write streamableHttp, Claude Code and Cursor http.
_TRANSPORTS: Final = {
    "stdio": Transport.STDIO,
    "local": Transport.STDIO,
    "http": Transport.STREAMABLE_HTTP,
    "streamablehttp": Transport.STREAMABLE_HTTP,
    "sse": Transport.SSE,
}
_KINDS: Final = ("stdio", "http", "streamable-http", "sse")
_URLS: Final = ("url", "serverUrl", "httpUrl")  # of Windsurf, of Gemini
_TOLD: Final = {
    "envFile": "a file of variables is not read: export them, and refer to them in env",
    "headersHelper": "a command that makes headers is not run: export them, and refer to them",
}


@dataclass(frozen=True, slots=True)
class ClientFile:
    """`servers` stand under `key` of the file. `base` is where commands start, "" for here."""

    path: str
    text: str = field(repr=False)
    key: str
    servers: Mapping[str, Any] = field(repr=False)
    base: str

    @property
    def names(self) -> tuple[str, ...]:
        """Those that are not switched off."""
        return tuple(name for name, server in self.servers.items() if not _is_off(server))

    def target(self, name: str, environ: Mapping[str, str]) -> TargetSettings:
        """The server of that name. Raises UsageError for what cannot be checked, and says why."""
        server = self.servers[name]
        if not isinstance(server, dict):
            raise self._error(name, "must be an object")
        for key, problem in _TOLD.items():
            if key in server:
                raise self._error(name, problem, key)
        references = References(
            f"{self._where(name)}: {dotted((self.key, name))}", self.base, environ
        )
        transport = self._transport(name, server)
        if transport is Transport.STDIO:
            return self._command(name, server, references)
        return self._remote(name, server, transport, references)

    def _transport(self, name: str, server: Mapping[str, Any]) -> Transport:
        kind = server.get("type", server.get("transport"))
        if kind is None:
            if "command" in server:
                return Transport.STDIO
            return Transport.STREAMABLE_HTTP if "httpUrl" in server else Transport.AUTO
        spelled = re.sub(r"[-_ ]", "", kind).lower() if isinstance(kind, str) else ""
        if spelled not in _TRANSPORTS:
            near = nearest(str(kind), _KINDS)
            known = ", ".join(_KINDS)
            raise self._error(name, f"no kind that can be checked; known are {known}{near}", "type")
        if spelled == "http" and self.key == "servers":
            return Transport.AUTO  # VS Code tries HTTP+SSE after Streamable HTTP
        return _TRANSPORTS[spelled]

    def _command(
        self, name: str, server: Mapping[str, Any], references: References
    ) -> TargetSettings:
        command, arguments = server.get("command"), server.get("args", [])
        if not isinstance(command, str) or not command.strip():
            raise self._error(name, "must be a text, the program", "command")
        if not isinstance(arguments, list) or not all(isinstance(each, str) for each in arguments):
            raise self._error(name, "must be a list of texts", "args")
        folder = server.get("cwd")
        if folder is not None and not isinstance(folder, str):
            raise self._error(name, "must be a text, a folder", "cwd")
        directory = self.base
        if folder:
            directory = os.path.join(self.base, references.text(folder, "cwd"))
        return TargetSettings(
            name=name,
            where=self._where(name),
            command=(
                references.text(command, "command"),
                *(references.secret(each, f"args[{at}]") for at, each in enumerate(arguments)),
            ),
            environment=tuple(
                (variable, references.secret(value, f"env.{variable}"))
                for variable, value in self._texts(name, server, "env").items()
            ),
            directory=directory or None,
            default_snapshot=default_snapshot(name, self.base),
            secrets=tuple(references.secrets),
        )

    def _remote(
        self,
        name: str,
        server: Mapping[str, Any],
        transport: Transport,
        references: References,
    ) -> TargetSettings:
        key = next((each for each in _URLS if each in server), None)
        if key is None:
            raise self._error(name, "it has neither command nor url")
        if not isinstance(server[key], str) or not server[key].strip():
            raise self._error(name, "must be a text, the address", key)
        lines = [
            f"{header}: {references.line(value, f'headers.{header}')}"
            for header, value in self._texts(name, server, "headers").items()
        ]
        options: dict[str, object] = {"transport": transport}
        return TargetSettings(
            name=name,
            where=self._where(name),
            url=references.address(server[key], key),
            default_snapshot=default_snapshot(name, self.base),
            options={**options, "header": lines} if lines else options,
            secrets=tuple(references.secrets),
        )

    def _texts(self, name: str, server: Mapping[str, Any], key: str) -> dict[str, str]:
        values = server.get(key) or {}
        if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
            raise self._error(name, "must be an object of texts", key)
        return values

    def _error(self, name: str, problem: str, *key: str) -> ConfigurationInvalid:
        return ConfigurationInvalid(
            f"{self._where(name)}: {dotted((self.key, name, *key))}: {problem}",
            "Mend it, or name the servers that you mean with --server NAME.",
        )

    def _where(self, name: str) -> str:
        """The line of a server, if there is but one that could be it."""
        pattern = re.escape(json.dumps(name, ensure_ascii=False)) + r"\s*:\s*\{"
        found = [
            self.text.count("\n", 0, each.start()) + 1 for each in re.finditer(pattern, self.text)
        ]
        return f"{self.path}:{found[0]}" if len(found) == 1 else self.path


def _is_off(server: Any) -> bool:
    return isinstance(server, dict) and (
        server.get("disabled") is True or server.get("enabled") is False
    )
