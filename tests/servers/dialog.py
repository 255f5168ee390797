"""What an honest MCP server answers, whatever carries the messages.

Both eras: the handshake one (`initialize`) and the stateless one (`server/discover`). The
transports in this folder call `Dialog.result`; a bad server is usually an honest one
whose answer is changed on its way out.
"""

from dataclasses import dataclass, field
from typing import Any

HANDSHAKE = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
STATELESS = "2026-07-28"
VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities"
SERVER_INFO_KEY = "io.modelcontextprotocol/serverInfo"


def tool(name: str = "add", **members: Any) -> dict[str, Any]:
    """A well-formed tool; `members` replace or add to what it has."""
    plain = {
        "name": name,
        "description": "Adds two numbers.",
        "inputSchema": {
            "type": "object",
            "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
            "required": ["a", "b"],
        },
    }
    return plain | members


def schema(**properties: Any) -> dict[str, Any]:
    """An inputSchema with these properties."""
    return {"type": "object", "properties": properties}


class JsonRpcError(Exception):
    """A JSON-RPC error to answer with."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.error: dict[str, Any] = {"code": code, "message": message}
        if data is not None:
            self.error["data"] = data


_LISTS = {
    "tools/list": "tools",
    "prompts/list": "prompts",
    "resources/list": "resources",
    "resources/templates/list": "resourceTemplates",
}


@dataclass
class Dialog:
    """An honest server's contract and identity. None among the lists: not advertised."""

    tools: list[Any] | None = field(default_factory=lambda: [tool("add"), tool("subtract")])
    prompts: list[Any] | None = None
    resources: list[Any] | None = None
    templates: list[Any] | None = None
    name: str = "honest"
    version: str = "1.0.0"
    instructions: str | None = None
    eras: tuple[str, ...] = ("handshake",)
    page_size: int | None = None
    first_cursor: str | None = None  # the cursor of the second page, where it matters

    @property
    def capabilities(self) -> dict[str, Any]:
        told: dict[str, Any] = {}
        if self.tools is not None:
            told["tools"] = {}
        if self.prompts is not None:
            told["prompts"] = {}
        if self.resources is not None or self.templates is not None:
            told["resources"] = {}
        return told

    @property
    def server_info(self) -> dict[str, Any]:
        return {"name": self.name, "version": self.version}

    def result(self, method: str, params: dict[str, Any], era: str) -> dict[str, Any]:
        """The result of a request: a new dict, but not new in depth. Raises JsonRpcError."""
        if method == "initialize" and era == "handshake":
            return self._initialized(params)
        if method == "ping" and era == "handshake":
            return {}
        if method == "server/discover" and era == "stateless":
            return self._marked(self._discovered(), cacheable=True)
        if method in _LISTS:
            page = self._page(method, params)
            return self._marked(page, cacheable=True) if era == "stateless" else page
        raise JsonRpcError(-32601, "Method not found", method)

    def _initialized(self, params: dict[str, Any]) -> dict[str, Any]:
        wanted = params.get("protocolVersion")
        result = {
            "protocolVersion": wanted if wanted in HANDSHAKE else HANDSHAKE[-1],
            "capabilities": self.capabilities,
            "serverInfo": self.server_info,
        }
        return result | ({"instructions": self.instructions} if self.instructions else {})

    def _discovered(self) -> dict[str, Any]:
        result = {"supportedVersions": [STATELESS], "capabilities": self.capabilities}
        return result | ({"instructions": self.instructions} if self.instructions else {})

    def _marked(self, result: dict[str, Any], cacheable: bool) -> dict[str, Any]:
        marks: dict[str, Any] = {"resultType": "complete"}
        if cacheable:
            marks |= {"ttlMs": 0, "cacheScope": "private"}
        return result | marks | {"_meta": {SERVER_INFO_KEY: self.server_info}}

    def _page(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        key = _LISTS[method]
        items = {
            "tools": self.tools,
            "prompts": self.prompts,
            "resources": self.resources,
            "resourceTemplates": self.templates,
        }[key]
        if items is None and not (key.startswith("resource") and "resources" in self.capabilities):
            raise JsonRpcError(-32601, "Method not found", method)
        items = items or []
        size = self.page_size or len(items) or 1
        start = self._start(params["cursor"], size) if "cursor" in params else 0
        page: dict[str, Any] = {key: items[start : start + size]}
        if start + size < len(items):
            page["nextCursor"] = self._cursor(start + size, size)
        return page

    def _cursor(self, start: int, size: int) -> Any:
        if start == size and self.first_cursor is not None:
            return self.first_cursor
        return f"from-{start}"

    def _start(self, cursor: Any, size: int) -> int:
        if self.first_cursor is not None and cursor == self.first_cursor:
            return size
        try:
            return int(str(cursor).removeprefix("from-"))
        except ValueError:
            raise JsonRpcError(-32602, "Invalid cursor") from None
