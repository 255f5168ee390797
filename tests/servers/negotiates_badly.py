"""Answers initialize or server/discover with something that cannot be agreed on."""

from typing import Any

from tests.servers import honest
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer

VERSIONS: dict[str, Any] = {
    "unknown": "1999-01-01",
    "future": "2999-12-31",
    "number": 20251125,
    "empty": "",
    "null": None,
    "list": ["2025-11-25"],
    "hostile": "2025-11-25\x1b[31m\n::error::owned",
}


def serve(version: str = "missing", **options: Any) -> RawServer:
    """`version` is a key of VERSIONS, or `missing`."""
    return honest.serve(
        {"initialize": lambda call: call.answer(_changed(call, version))}, **options
    )


def _changed(call: Call, version: str) -> dict[str, Any]:
    rest = {key: value for key, value in call.result.items() if key != "protocolVersion"}
    return rest if version == "missing" else rest | {"protocolVersion": VERSIONS[version]}


DISCOVERED: dict[str, Any] = {
    "no-versions": {"supportedVersions": []},
    "unknown-versions": {"supportedVersions": ["1999-01-01"]},
    "numeric-versions": {"supportedVersions": [20260728]},
    "versions-is-text": {"supportedVersions": "2026-07-28"},
    "capabilities-is-list": {"capabilities": []},
}


def serve_discover(kind: str = "no-versions", **options: Any) -> RawServer:
    """A server of the stateless era alone. `kind` is a key of DISCOVERED, or `without-...`."""

    def answer(call: Call) -> bytes:
        gone = kind.removeprefix("without-") if kind.startswith("without-") else None
        result = call.result | DISCOVERED.get(kind, {})
        return call.answer({key: value for key, value in result.items() if key != gone})

    return honest.serve({"server/discover": answer}, eras=("stateless",), **options)


def serve_initialize(kind: str = "capabilities-is-list", **options: Any) -> RawServer:
    """Members of the initialize result that are missing or of the wrong type."""
    changes: dict[str, Any] = {
        "capabilities-is-list": {"capabilities": ["tools"]},
        "server-info-is-text": {"serverInfo": "honest 1.0.0"},
    }

    def answer(call: Call) -> bytes:
        gone = kind.removeprefix("without-") if kind.startswith("without-") else None
        result = call.result | changes.get(kind, {})
        return call.answer({key: value for key, value in result.items() if key != gone})

    return honest.serve({"initialize": answer}, **options)
