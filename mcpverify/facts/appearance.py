"""What an answer that is no MCP looks like: said in words, for whoever typed the address."""

import html
import json
import re

from mcpverify.facts.transcript import Exchange, FailureKind

_TITLE = re.compile(rb"<title[^>]{0,200}>([^<]{0,300})", re.IGNORECASE)
_HEALTH = {"status", "health", "healthy", "ok", "up", "uptime", "alive", "ready"}
_SHOWN = 120
_LOOKED_AT = 65_536


def appearance(exchange: Exchange) -> str:
    """One phrase on the body of an answer, such as `an HTML page titled 'Welcome'`.

    It quotes the server: print it inert.
    """
    body = exchange.body[:_LOOKED_AT]
    media_type = (exchange.header("content-type") or "").partition(";")[0].strip().lower()
    if exchange.failure is not None and exchange.failure.kind is FailureKind.BAD_HTTP:
        return "no HTTP at all"
    if not body.strip():
        return "an empty body"
    start = body.lstrip()[:15].lower()
    if "html" in media_type or start.startswith((b"<!doctype html", b"<html")):
        title = _TITLE.search(body)
        if title is None:
            return "an HTML page without a title"
        text = html.unescape(title.group(1).decode("utf-8", "replace")).strip()
        return f"an HTML page titled {text[:_SHOWN]!r}"
    if "json" in media_type or start[:1] in (b"{", b"["):
        described = _json_shape(exchange.body)
        if described:
            return described
    if media_type == "text/event-stream":
        return "an event stream"
    text = body[: 4 * _SHOWN].decode("utf-8", "replace").strip()
    return f"{media_type or 'an answer without Content-Type'}: {text[:_SHOWN]!r}"


def _json_shape(body: bytes) -> str:
    if len(body) > _LOOKED_AT:
        return "a large JSON text"
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if isinstance(value, list):
        return f"a JSON array of {len(value)}"
    if not isinstance(value, dict):
        return f"a JSON {'string' if isinstance(value, str) else 'value'}"
    keys = [str(key)[:30] for key in value]
    if "jsonrpc" in value:
        error = value.get("error")
        if isinstance(error, dict):
            return f"a JSON-RPC error: {str(error.get('message'))[:_SHOWN]!r}"
        return "a JSON-RPC message"
    kind = (
        "a health endpoint's JSON" if _HEALTH & {key.lower() for key in keys} else "a JSON object"
    )
    for key in ("detail", "message", "error", "error_description"):
        if isinstance(value.get(key), str):
            return f"{kind} that says {value[key][:_SHOWN]!r}"
    return f"{kind} with {', '.join(keys[:6]) or 'nothing in it'}"
