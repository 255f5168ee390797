"""Defaults under a target: what holds for it, and from where each key of it comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mcpverify.settings.places import Key

URL_ONLY: Final = (
    "headers", "bearer-env", "bearer-file", "oauth", "no-token", "tls", "no-proxy", "resolve",
    "connect-to", "replicas", "resolve-all", "expect-auth",
)  # fmt: skip
"""Keys that mean nothing to a command."""

COMMAND_ONLY: Final = ("environment", "directory")

# Keys that answer one question: a target that has one takes no other from the defaults.
_ALTERNATIVES: Final = (
    {"bearer-env", "bearer-file", "oauth", "no-token"},
    {"snapshot", "no-snapshot", "expect-digest"},
    {"samples", "replicas", "resolve-all"},
    {"only", "skip"},
)
_TOKENS: Final = _ALTERNATIVES[0]
_AUTHORIZATION: Final = "authorization"


@dataclass(frozen=True, slots=True)
class MergedTarget:
    """`table` is what holds for the target, `own` what stands in its own table.

    Keys are spelled with hyphens, and the values are what the schema lets through.
    """

    name: str
    table: Mapping[str, Any]
    own: Mapping[str, Any]

    @property
    def is_command(self) -> bool:
        return "command" in self.table

    def key(self, *steps: str | int) -> Key:
        """Where the value at the end of these steps stands: with the target, or in the defaults."""
        node: Any = self.own
        for step in steps[:2]:
            if isinstance(node, Mapping):
                if step not in node:
                    return ("defaults", *steps)
                node = node[str(step)]
        return ("targets", self.name, *steps)


def merged(name: str, own: Mapping[str, Any], defaults: Mapping[str, Any]) -> MergedTarget:
    """The target of that name over the defaults.

    Tables are joined by their keys, all else is replaced. A default that makes no sense for the
    target is left out: headers for a command, say.
    """
    table = {
        key: value
        for key, value in defaults.items()
        if not _is_set_aside(key, value, own) and _makes_sense(key, value, "command" in own)
    }
    for key, value in own.items():
        before = table.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            value = _joined(before, value, any_case=key == "headers")
        table[key] = value
    if "headers" in table and "headers" in defaults and _TOKENS & _said(own):
        # The token of the target takes the place of the one in the defaults.
        headers = own.get("headers", {})
        table["headers"] = {
            header: value
            for header, value in table["headers"].items()
            if header.lower() != _AUTHORIZATION or header in headers
        }
    return MergedTarget(name, _with_own_choice(table, own), own)


def _with_own_choice(table: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """`table` where the target's word on a check goes before the one of the defaults."""
    found = dict(table)
    required, only, skipped = (own.get(key, ()) for key in ("require", "only", "skip"))
    if "require" in table and "require" not in own:
        wanted = [each for each in table["require"] if each not in skipped]
        found["require"] = [each for each in wanted if not only or each in only]
    if "skip" in table and "skip" not in own:
        found["skip"] = [each for each in table["skip"] if each not in required]
    if table.get("only") and "only" not in own:
        found["only"] = list(dict.fromkeys((*table["only"], *required)))
    return found


def _is_set_aside(key: str, value: Any, own: Mapping[str, Any]) -> bool:
    if key in own:
        return False
    if key == "oauth" and "client-id" not in value:
        return True  # it is for those that say who they are
    if key in _TOKENS and any(each.lower() == _AUTHORIZATION for each in own.get("headers", ())):
        return True
    return any(key in each and each & _said(own) for each in _ALTERNATIVES)


def _said(own: Mapping[str, Any]) -> set[str]:
    """The keys that say something: a switch that is off and an empty list set nothing aside."""
    return {key for key, value in own.items() if value}


def _makes_sense(key: str, value: Any, is_command: bool) -> bool:
    if not is_command:
        return key not in COMMAND_ONLY and (key != "transport" or value != "stdio")
    if key in URL_ONLY:
        return False
    if key == "transport":
        return bool(value in ("auto", "stdio"))
    if key == "version-from":
        return not needs_origin(value)
    return key not in ("health", "liveness") or not is_path(value)


def needs_origin(version_from: str) -> bool:
    """Whether a version is read where only a server behind a URL has something."""
    kind, _, name = version_from.partition(":")
    return kind == "header" or (kind == "health" and name.startswith("/"))


def is_path(probe: Any) -> bool:
    """Whether a health address is a path of the target's origin."""
    url = probe.get("url", "") if isinstance(probe, Mapping) else probe
    return bool(url.startswith("/"))


def _joined(
    below: Mapping[str, Any], above: Mapping[str, Any], *, any_case: bool
) -> dict[str, Any]:
    names = {name.lower() if any_case else name for name in above}
    kept = {
        name: value
        for name, value in below.items()
        if (name.lower() if any_case else name) not in names
    }
    return {**kept, **above}
