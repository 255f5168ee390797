"""2024-11-05 to 2025-11-25: `initialize` opens a session.

https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle
"""

from mcpverify.facts.json_text import Json
from mcpverify.facts.revision import LATEST_HANDSHAKE, Era, Revision
from mcpverify.facts.transcript import Step
from mcpverify.wire.revisions.envelope import CAPABILITIES, client_info


class Handshake:
    """The handshake era, asking for `wanted`."""

    era = Era.HANDSHAKE
    opening = Step.INITIALIZE

    def __init__(self, wanted: Revision | None = None) -> None:
        self.wanted = wanted or LATEST_HANDSHAKE

    def opening_params(self) -> dict[str, Json]:
        return {
            "protocolVersion": self.wanted.value,
            "capabilities": CAPABILITIES,
            "clientInfo": client_info(),
        }

    def params(self, params: dict[str, Json] | None) -> dict[str, Json] | None:
        return params

    def headers(self, method: str, negotiated: Revision | None) -> dict[str, str]:
        # The header came with 2025-06-18, and only after the revision was agreed on.
        if negotiated is None or negotiated < Revision.R2025_06_18:
            return {}
        return {"MCP-Protocol-Version": negotiated.value}
