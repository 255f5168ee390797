"""2026-07-28: no session; every request carries the revision and who is asking.

https://modelcontextprotocol.io/specification/2026-07-28/basic
"""

from mcpverify.facts.json_text import Json
from mcpverify.facts.revision import LATEST_STATELESS, Era, Revision
from mcpverify.facts.transcript import Step
from mcpverify.wire.revisions.envelope import CAPABILITIES, client_info

_PREFIX = "io.modelcontextprotocol/"


class Stateless:
    """The stateless era."""

    era = Era.STATELESS
    opening = Step.DISCOVER
    wanted = LATEST_STATELESS

    def opening_params(self) -> dict[str, Json]:
        return self.params(None)

    def params(self, params: dict[str, Json] | None) -> dict[str, Json]:
        metadata: dict[str, Json] = {
            f"{_PREFIX}protocolVersion": self.wanted.value,
            f"{_PREFIX}clientCapabilities": CAPABILITIES,
            f"{_PREFIX}clientInfo": client_info(),
        }
        return {**(params or {}), "_meta": metadata}

    def headers(self, method: str, negotiated: Revision | None) -> dict[str, str]:
        return {"MCP-Protocol-Version": self.wanted.value, "Mcp-Method": method}
