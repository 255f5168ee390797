"""Gives back the Authorization header, everywhere that a server can put text."""

from typing import Any

from tests.servers import honest
from tests.servers.dialog import tool
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer, response


def serve(**options: Any) -> RawServer:
    """In headers, in the identity, in descriptions, and in the ids of sessions."""

    def echo(call: Call) -> bytes:
        if call.result is None:
            return call.honest
        secret = call.request.header("Authorization") or "none"
        call.headers = (*call.headers, ("X-Seen", secret), ("Set-Cookie", f"token={secret}"))
        if call.step == "initialize":
            call.result["serverInfo"]["version"] = secret
            call.result["instructions"] = f"You are {secret}"
        if call.step == "tools/list":
            token = secret.rpartition(" ")[2]
            call.result["tools"] = [
                tool("whoami", description=f"Called with {secret}", title=token)
            ]
        return call.answer(call.result)

    return honest.serve({"*": echo}, **options)


def serve_failing(status: int = 500) -> RawServer:
    """In the text of its failure."""

    def fail(call: Call) -> bytes:
        secret = call.request.header("Authorization") or "none"
        return response(
            status, f"cannot serve {secret}".encode(), "text/plain", (("X-Seen", secret),)
        )

    return honest.serve({"*": fail})


CUT_PLACES = (
    "html-title",
    "text-body",
    "json-key",
    "json-detail",
    "protocol-version",
    "duplicate-key",
    "schema-pointer",
    "schema-value",
    "tool-name",
    "error-message",
)


def serve_cut(where: str, padding: int) -> RawServer:
    """Over and over, in a text so long that it is cut: wherever, it is inside a credential."""

    def answer(call: Call) -> bytes:
        secret = (call.request.header("Authorization") or "none").rpartition(" ")[2]
        text = "p" * padding + (secret + "/") * 60
        opening = call.step in ("initialize", "server/discover")
        if opening and (page := _page(where, text)):
            return response(404, page[0].encode(), page[1])
        if where == "protocol-version" and call.step == "initialize":
            return call.answer(call.result | {"protocolVersion": text})
        if call.step != "tools/list":
            return call.honest
        if where == "duplicate-key":
            twice = b'{"jsonrpc":"2.0","id":%b,"result":{%b:1,%b:2}}'
            member = honest.dumps(text)
            return call.body(twice % (honest.dumps(call.id), member, member))
        if where == "error-message":
            return call.error(-32603, text)
        name = text if where == "tool-name" else "bad"
        key, kind = (text, "strin") if where == "schema-pointer" else ("a", text)
        properties = {key: {"type": kind}} if where.startswith("schema-") else {}
        bad = tool(name, inputSchema={"type": "object", "properties": properties})
        return call.answer({"tools": [bad, bad] if where == "tool-name" else [bad]})

    return honest.serve({"*": answer})


def _page(where: str, text: str) -> tuple[str, str] | None:
    return {
        "html-title": (f"<title>{text}</title>", "text/html"),
        "text-body": (text, "text/plain"),
        "json-key": (f'{{"{text}": 1}}', "application/json"),
        "json-detail": (f'{{"detail": "{text}"}}', "application/json"),
    }.get(where)
