"""Lists its tools in pages that never end."""

import itertools
from typing import Any

from tests.servers import honest
from tests.servers.dialog import tool
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer


def serve(kind: str = "loop", **options: Any) -> RawServer:
    """`kind`: loop (two cursors in turns), same (one), endless, empty-pages, number, object."""
    count = itertools.count(1)

    def answer(call: Call) -> bytes:
        number = next(count)
        cursor = {
            "loop": f"page-{number % 2}",
            "same": "page",
            "number": number,
            "object": {"page": number},
        }.get(kind, f"page-{number}")
        tools = [] if kind == "empty-pages" else [tool(f"tool-{number}")]
        # The honest result is None here: to an honest server these cursors mean nothing.
        return call.answer({"tools": tools, "nextCursor": cursor})

    return honest.serve({"tools/list": answer}, **options)
