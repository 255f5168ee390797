"""Tolerated: hostile text in every string that the server controls."""

from typing import Any

from tests.servers import honest
from tests.servers.dialog import schema, tool
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer

# What each would do if it were printed raw, in this order: recolor and retitle a terminal,
# write a link, style through rich, reverse and hide text, command a CI runner (GitHub, Azure,
# TeamCity), break out of XML and JSON, forge a line of our own report.
TEXTS = (
    "\x1b[31mred\x1b[0m \x1b]0;owned\x07 \x1b]8;;http://evil.test\x1b\\link\x1b]8;;\x1b\\ "
    "\x9b31m \x1b[2J\x1b[H",
    "[bold red]markup[/bold red] [link=http://evil.test]x[/link] [/] [",
    "bidi \u202e reversed \u2066 isolate \u200b zero \u200d joiner \ufeff bom \u00ad soft "
    "\u2028 line \u2029",
    "first\n::error::owned\n::set-output name=x::y\r::warning::again\n##vso[task.complete]\n"
    "##teamcity[x]",
    "]]> <!-- --> & < > \" ' <script>alert(1)</script> \x01\x08\x0b\x0c\x1f\x7f\ufffe\uffff",
    "\r\x1b[2KPASS  everything is fine\n\nok 99\nVerdict: passed\x00\x08\x08\x08",
    # Wherever a line is broken to fit a terminal, the next one begins with a command.
    "::error::owned ::stop-commands::x ##[error]x ##vso[build]x ##teamcity[a] " * 4,
    "\U000e0041\U000e0042 tags, \u0301\u0301\u0301 marks, \t tab, emoji \U0001f600, \U0010ffff",
)
EVERYTHING = " | ".join(TEXTS)

# Header values end at CR and LF, and NUL and page feeds make them illegal: what is left.
HEADER = EVERYTHING.translate(dict.fromkeys(b"\r\n\x00\x0b\x0c", " "))
SESSION = "::error::owned]]>[bold]%1b[31m${HOME}`id`--"  # visible ASCII, as the rule has it


def hostile_tool(name: str, text: str) -> dict[str, Any]:
    return tool(
        name,
        title=text,
        description=text,
        inputSchema=schema(
            **{text: {"type": "string", "title": text, "description": text, "default": text}}
        )
        | {"title": text, "$comment": text, text: text},
        annotations={"title": text, "readOnlyHint": True, text: text},
        icons=[{"src": "data:," + text, "mimeType": text}],
        _meta={text: text},
    )


def serve(text: str = EVERYTHING, **options: Any) -> RawServer:
    """Everything a healthy server may word as it likes holds `text`. Names of tools do not."""
    tools = [hostile_tool(f"tool-{number}", text) for number in range(2)]
    prompts = [{"name": text, "title": text, "description": text, "arguments": [{"name": text}]}]
    contract = {
        "tools": tools,
        "prompts": prompts,
        "name": text,
        "version": text,
        "instructions": text,
    }
    return honest.serve({"*": _with_headers}, issue=lambda: SESSION, **contract | options)


def _with_headers(call: Call) -> bytes:
    status, end, rest = call.honest.partition(b"\r\n")
    named = (f"X-Request-Id: {HEADER}", f"Server: {HEADER}", f"Date: {HEADER}", f"Via: {HEADER}")
    extra = "\r\n".join(named).encode()
    return status + end + extra + b"\r\n" + rest


def serve_failing(text: str = EVERYTHING, status: int = 200) -> RawServer:
    """Not tolerated: the hostile text is in the error that explains the failure."""

    def fail(call: Call) -> bytes:
        return call.error(-32603, text, status)

    return honest.serve({"tools/list": fail})


def serve_misnamed(text: str = EVERYTHING) -> RawServer:
    """Not tolerated: the names of the tools hold the text, and they are equal."""
    return honest.serve(tools=[hostile_tool(text, text), hostile_tool(text, "other")])
