"""A demo server in a process of its own, and raw requests to it."""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from mcpverify.demo.faults.fault import Fault
from mcpverify.demo.options import DemoOptions
from tests.running import demo

ACCEPT = {"accept": "application/json, text/event-stream"}
CLIENT = {"name": "raw", "version": "1"}
ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": CLIENT,
}


@dataclass(frozen=True)
class Answer:
    """An HTTP response, and the JSON-RPC message in it, if any."""

    status: int
    headers: httpx.Headers
    text: str

    @property
    def message(self) -> dict[str, Any]:
        text = self.text
        if self.headers["content-type"].startswith("text/event-stream"):
            # Not str.splitlines: it also ends a line at U+2028, which JSON text may hold.
            lines = text.replace("\r\n", "\n").split("\n")
            text = next(line[5:] for line in lines if line[:5] == "data:" and "{" in line)
        parsed: dict[str, Any] = json.loads(text)
        return parsed

    @property
    def result(self) -> dict[str, Any]:
        result: dict[str, Any] = self.message["result"]
        return result


class RawClient:
    """Streamable HTTP by hand, over one kept-alive connection."""

    def __init__(self, url: str, http: httpx.Client) -> None:
        self.url = url
        self.http = http
        self.session: dict[str, str] = {}

    def post(self, message: dict[str, Any], headers: dict[str, str]) -> Answer:
        response = self.http.post(self.url, json={"jsonrpc": "2.0", **message}, headers=headers)
        return Answer(response.status_code, response.headers, response.text)

    def initialize(self) -> Answer:
        params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": CLIENT}
        answer = self.post({"id": 1, "method": "initialize", "params": params}, {})
        self.session = {"mcp-protocol-version": "2025-11-25"}
        if "mcp-session-id" in answer.headers:
            self.session["mcp-session-id"] = answer.headers["mcp-session-id"]
        return answer

    def initialized(self) -> Answer:
        return self.post({"method": "notifications/initialized"}, self.session)

    def open_session(self) -> None:
        assert self.initialize().status == 200
        assert self.initialized().status == 202

    def request(self, method: str, **params: Any) -> Answer:
        """In the session that `initialize` opened."""
        return self.post({"id": 2, "method": method, "params": params}, self.session)

    def stateless(self, method: str, **params: Any) -> Answer:
        """In the era of 2026-07-28."""
        headers = {"mcp-protocol-version": "2026-07-28", "mcp-method": method}
        message = {"id": 3, "method": method, "params": {**params, "_meta": ENVELOPE}}
        return self.post(message, headers)

    def delete(self) -> Answer:
        response = self.http.delete(self.url, headers=self.session)
        return Answer(response.status_code, response.headers, response.text)

    def tools_in_both_eras(self) -> list[dict[str, Any]]:
        """The tools, which are the same in both eras."""
        self.open_session()
        handshake: list[dict[str, Any]] = self.request("tools/list").result["tools"]
        assert self.stateless("tools/list").result["tools"] == handshake
        return handshake


CHANGES_OF_THE_LISTING = (
    Fault.RENAMED_TOOL,
    Fault.CHANGED_SCHEMA,
    Fault.CHANGED_TEXT,
    Fault.MISSING_OUTPUTSCHEMA,
    Fault.INVALID_SCHEMA,
    Fault.DANGLING_REF,
    Fault.DUPLICATE_NAMES,
    Fault.NO_TOOLS,
)

Connect = Callable[..., RawClient]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """A raw client on a fresh connection; all are closed at the end."""
    with ExitStack() as stack:

        def open_client(url: str, **headers: str) -> RawClient:
            http = httpx.Client(headers={**ACCEPT, **headers}, timeout=10, trust_env=False)
            return RawClient(url, stack.enter_context(http))

        yield open_client


@pytest.fixture
def misbehaving(connect: Connect) -> Iterator[Connect]:
    """A raw client of a fresh server with that fault."""
    with ExitStack() as stack:

        def start(fault: Fault, **headers: str) -> RawClient:
            return connect(stack.enter_context(demo(DemoOptions(fault=fault))), **headers)

        yield start


@pytest.fixture(scope="module")
def listed() -> Mapping[Fault, list[dict[str, Any]]]:
    """What each server lists whose only fault is its list; two at a time, to save seconds."""

    def listing(fault: Fault) -> list[dict[str, Any]]:
        with (
            demo(DemoOptions(fault=fault)) as url,
            httpx.Client(headers=ACCEPT, timeout=10, trust_env=False) as http,
        ):
            return RawClient(url, http).tools_in_both_eras()

    with ThreadPoolExecutor(2) as pool:
        return dict(
            zip(CHANGES_OF_THE_LISTING, pool.map(listing, CHANGES_OF_THE_LISTING), strict=True)
        )
