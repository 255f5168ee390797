"""--health, --health-json and --liveness, as the probes that they ask for."""

import re
from dataclasses import replace

from mcpverify.cli.gate_options import HealthOptions
from mcpverify.errors import TargetInvalid, UsageError
from mcpverify.facts.credentials import of_url
from mcpverify.facts.health import HealthProbe, is_health_address
from mcpverify.facts.json_text import Json, NotJson, parse
from mcpverify.facts.target import StdioCommand
from mcpverify.verify.gate import Gate

_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)+\Z", re.DOTALL)
_LIKE = "As in /healthz or http://host/healthz."


def readiness_of(options: HealthOptions) -> HealthProbe | None:
    """What --health asks for. Raises UsageError."""
    if options.health is None:
        if options.health_json:
            raise UsageError("--health-json needs --health", "Say which address is to hold it.")
        return None
    members = tuple(map(_member, options.health_json))
    return HealthProbe(_address("--health", options.health), members=members)


def liveness_of(options: HealthOptions) -> HealthProbe | None:
    """What --liveness asks for. Raises UsageError."""
    if options.liveness is None:
        return None
    return HealthProbe(_address("--liveness", options.liveness))


def with_health_addresses(gate: Gate) -> Gate:
    """The gate, with the secrets in its health addresses hidden. Raises TargetInvalid."""
    expected = gate.expected
    named = {"readiness": expected.readiness, "liveness": expected.liveness}
    probes = {what: probe for what, probe in named.items() if probe is not None}
    for what, probe in probes.items():
        if not is_health_address(probe.url):  # of a file, whose variables are filled in by now
            raise TargetInvalid(f"the {what} address is neither an http URL nor a path", _LIKE)
        if probe.is_path and isinstance(gate.target.endpoint, StdioCommand):
            raise TargetInvalid(
                f"the {what} address is a path, and a COMMAND has no origin", "Give a whole URL."
            )
    found = (each for probe in probes.values() for each in of_url(probe.url))
    return replace(gate, redactor=gate.redactor.hiding(found))


def _address(flag: str, text: str) -> str:
    if not is_health_address(text):
        # Not repeated: it may hold a credential.
        raise UsageError(f"{flag} is neither an http URL nor a path", _LIKE)
    return text


def _member(text: str) -> tuple[str, Json]:
    pointer, equals, value = text.partition("=")
    if not equals or not _POINTER.match(pointer):
        raise UsageError("--health-json takes /POINTER=VALUE", "As in --health-json /status=ok.")
    if not value.strip():
        raise UsageError(
            f"--health-json {pointer}: nothing follows the =",
            "Is the variable behind it set? The empty string is written '\"\"'.",
        )
    try:
        return pointer, parse(value)
    except NotJson:
        return pointer, value
