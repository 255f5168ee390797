"""Lists tools that are no tools."""

from typing import Any

from tests.servers import honest
from tests.servers.dialog import tool
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer

NAMELESS = {key: value for key, value in tool().items() if key != "name"}

LISTS: dict[str, Any] = {
    "not-objects": [tool(), "subtract"],
    "null-tool": [tool(), None],
    "nested-list": [[tool()]],
    "without-name": [tool(), NAMELESS],
    "empty-name": [tool("")],
    "number-name": [tool(), tool() | {"name": 7}],
    "null-name": [tool(), tool() | {"name": None}],
    "equal-names": [tool("add"), tool("add", description="Another one.")],
    "null": None,
    "object": {"add": tool()},
    "text": "add, subtract",
    "empty": [],
}


def serve(kind: str = "not-objects", **options: Any) -> RawServer:
    """`kind` is a key of LISTS, or `no-key` for a result without `tools`."""

    def answer(call: Call) -> bytes:
        rest = {key: value for key, value in call.result.items() if key != "tools"}
        return call.answer(rest if kind == "no-key" else rest | {"tools": LISTS[kind]})

    return honest.serve({"tools/list": answer}, **options)
