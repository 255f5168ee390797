"""From what a file says of a target to options of `check`, and to what has no option."""

import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, TypeAlias

from mcpverify.facts.credentials import Credential
from mcpverify.facts.evidence import FailOn
from mcpverify.facts.finding import Severity
from mcpverify.facts.health import HealthProbe, is_health_address
from mcpverify.facts.severity_override import SeverityOverride
from mcpverify.facts.slug import slug
from mcpverify.facts.target import Transport
from mcpverify.facts.transcript import Step
from mcpverify.settings.calls import calls_of, seconds_in
from mcpverify.settings.merging import MergedTarget
from mcpverify.settings.places import Key
from mcpverify.settings.secrets import Piece, in_address, in_text, in_word, joined
from mcpverify.settings.target_settings import TargetSettings
from mcpverify.settings.variables import Environment

# What git calls a file at a commit: a colon in braces, as in `@{12:00}`, belongs to the commit.
_VERSION: Final = re.compile(r"(git:(?:\{[^}]*\}|[^:{])*:)(.+)", re.DOTALL)

_PLAIN: Final = {
    "protocol": "protocol", "bearer-env": "bearer_env", "no-proxy": "no_proxy",
    "consecutive": "consecutive", "no-snapshot": "no_snapshot", "open-world": "open_world",
    "expect-auth": "expect_auth", "min-tools": "min_tools", "require-tool": "require_tool",
    "only": "only", "skip": "skip", "strict": "strict", "samples": "samples",
    "resolve-all": "resolve_all", "keep-session": "keep_session",
    "reference-client": "reference_client",
}  # fmt: skip
"""Keys whose value is that of an option as it stands."""

_DURATIONS: Final = ("timeout", "deadline", "wait")
_TEXTS: Final = ("resolve", "connect-to", "expect-digest", "expect-name", "expect-version")
_Finder: TypeAlias = Callable[[Iterable[Piece]], Iterator[Credential]]
_TOKEN: Final = {"client-id": "oauth_client_id", "issuer": "oauth_issuer"}


def settings_of(
    target: MergedTarget, where: str, directory: str, environment: Environment
) -> TargetSettings:
    """The target, with paths as seen from here. `environment` notes what is not set."""
    reader = _Reader(target, directory, environment)
    table = target.table
    command = table.get("command")
    if isinstance(command, str):
        command = shlex.split(command)
    latency = table.get("max-latency")
    found = TargetSettings(
        name=target.name,
        where=where,
        url=None if "url" not in table else reader.address(table["url"], target.key("url")),
        command=None if command is None else reader.words(command),
        environment=reader.environment(),
        directory=reader.folder() if command is not None else None,
        default_snapshot=default_snapshot(target.name, directory),
        options=reader.options(),
        calls=calls_of(target, environment),
        severities=tuple(
            SeverityOverride(check, Severity(each["level"]), each["reason"].strip())
            for check, each in table.get("severity", {}).items()
        ),
        required=tuple(table.get("require", ())),
        ignored=tuple(table.get("ignore", ())),
        step_latency=tuple((Step(step), seconds_in(budget)) for step, budget in latency.items())
        if isinstance(latency, Mapping)
        else (),
        readiness=reader.probe("health"),
        liveness=reader.probe("liveness"),
    )
    return replace(found, secrets=tuple(dict.fromkeys(reader.secrets)))


def default_snapshot(name: str, directory: str) -> str | None:
    """Where the snapshot of a target of that name lies, None where no file can be named so."""
    file = slug(name)
    return os.path.join(directory, "snapshots", f"{file}.json") if file else None


class _Reader:
    """Reads the values of one target."""

    def __init__(self, target: MergedTarget, directory: str, environment: Environment) -> None:
        self._target = target
        self._table = target.table
        self._directory = directory
        self._environment = environment
        self.secrets: list[Credential] = []

    def address(self, text: str, key: Key) -> str:
        pieces = self._environment.pieces(text, key)
        self.secrets += in_address(pieces)
        return joined(pieces)

    def _secret(self, text: str, key: Key, found: _Finder = in_text) -> str:
        """A text whose references are secrets."""
        pieces = self._environment.pieces(text, key)
        self.secrets += found(pieces)
        return joined(pieces)

    def words(self, words: list[str]) -> tuple[str, ...]:
        """A command. Its first word is the program, and where that lies is no secret."""
        key = self._target.key("command")
        program = (self._environment.text(word, key) for word in words[:1])
        return (*program, *(self._secret(word, key, in_word) for word in words[1:]))

    def environment(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (name, self._secret(value, self._target.key("environment", name), in_word))
            for name, value in self._table.get("environment", {}).items()
        )

    def folder(self) -> str | None:
        """Where a command starts: beside the configuration, unless it says otherwise."""
        return self._path(self._table.get("directory", ""), self._target.key("directory")) or None

    def _path(self, text: str, key: Key) -> str:
        """A path as seen from here, though it stands there as seen from the configuration."""
        expanded = self._environment.text(text, key)
        version = _VERSION.match(expanded)
        if version is not None:
            return version[1] + os.path.join(self._directory, version[2])
        return os.path.join(self._directory, expanded) if expanded else self._directory

    def options(self) -> dict[str, object]:
        table = self._table
        found: dict[str, object] = {
            option: table[key] for key, option in _PLAIN.items() if key in table
        }
        for key in _DURATIONS:
            if key in table:
                found[key] = seconds_in(table[key])
        for key in _TEXTS:
            if key in table:
                found[key.replace("-", "_")] = self._environment.value(
                    table[key], self._target.key(key)
                )
        readers: dict[str, Callable[[Any], Mapping[str, object]]] = {
            "transport": lambda text: {"transport": Transport(text)},
            "fail-on": lambda text: {"fail_on": FailOn(text)},
            "headers": self._headers,
            "bearer-file": lambda text: self._file("bearer_file", text, "bearer-file"),
            "snapshot": lambda text: self._file("snapshot", text, "snapshot"),
            "oauth": self._oauth,
            "tls": self._tls,
            "version-from": self._version_from,
            "max-latency": lambda value: (
                {} if isinstance(value, Mapping) else {"max_latency": seconds_in(value)}
            ),
            "replicas": self._replicas,
            "health": lambda value: self._address("health", value),
            "liveness": lambda value: self._address("liveness", value),
        }
        for key, reader in readers.items():
            if key in table:
                found.update(reader(table[key]))
        return found

    def _headers(self, headers: Mapping[str, str]) -> Mapping[str, object]:
        # Their references stay: who makes headers of the lines reads them, and masks the values.
        key = self._target.key
        lines = [
            f"{name}: {self._environment.note(value, key('headers', name))}"
            for name, value in headers.items()
        ]
        return {"header": lines}

    def _file(self, option: str, text: str, *steps: str) -> Mapping[str, object]:
        return {option: self._path(text, self._target.key(*steps))}

    def _oauth(self, oauth: Mapping[str, Any]) -> Mapping[str, object]:
        key = self._target.key
        found: dict[str, object] = {
            option: self._environment.text(oauth[name], key("oauth", name))
            for name, option in _TOKEN.items()
        }
        if "secret-env" in oauth:
            found["oauth_secret_env"] = oauth["secret-env"]
        if "key" in oauth:
            found |= self._file("oauth_key", oauth["key"], "oauth", "key")
        if "scopes" in oauth:
            scopes = self._environment.value(oauth["scopes"], key("oauth", "scopes"))
            found["oauth_scope"] = scopes
        return found

    def _tls(self, tls: Mapping[str, Any]) -> Mapping[str, object]:
        found: dict[str, object] = {}
        for name in ("cacert", "cert", "key"):
            if name in tls:
                found |= self._file(name, tls[name], "tls", name)
        if "insecure" in tls:
            found["insecure"] = tls["insecure"]
        return found

    def _version_from(self, text: str) -> Mapping[str, object]:
        # A kind, and an address or a name: what is read of the latter alone is no secret.
        kind, colon, rest = text.partition(":")
        address = self.address(rest, self._target.key("version-from"))
        return {"version_from": f"{kind}{colon}{address}"}

    def _replicas(self, value: int | list[str]) -> Mapping[str, object]:
        if isinstance(value, int):
            return {"replicas": value}
        key = self._target.key("replicas")
        return {"replica": [self.address(each, (*key, at)) for at, each in enumerate(value)]}

    def _address(self, key: str, value: Any) -> Mapping[str, object]:
        """What a health address alone asks for is an option; a table has none."""
        if isinstance(value, Mapping):
            return {}
        return {key: self._health_url(value, self._target.key(key))}

    def _health_url(self, text: str, key: Key) -> str:
        url = self.address(text, key)
        if not is_health_address(url) or (self._target.is_command and url.startswith("/")):
            self._environment.wrong.append((key, "what it refers to makes no http URL of it"))
        return url

    def probe(self, key: str) -> HealthProbe | None:
        table = self._table.get(key)
        if not isinstance(table, Mapping):
            return None
        at = self._target.key(key)
        budget = table.get("max-latency")
        members = self._environment.value(table.get("json", {}), (*at, "json"))
        return HealthProbe(
            url=self._health_url(table["url"], (*at, "url")),
            status=table.get("status"),
            members=tuple(members.items()),
            max_seconds=None if budget is None else seconds_in(budget),
        )
