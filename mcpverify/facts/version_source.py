"""Where a server tells which release it is, if not in serverInfo."""

from dataclasses import dataclass
from enum import StrEnum


class VersionKind(StrEnum):
    HEADER = "header"  # of the answer that opens a session
    HEALTH = "health"  # the body of a GET
    TOOL = "tool"  # the result of a call


@dataclass(frozen=True, slots=True)
class VersionSource:
    """`--version-from`: `name` is the header, the URL or the tool.

    `pointer` is a JSON pointer into the body of a GET, or into the structuredContent of a tool,
    or the JSON text of its content where it has none; "" is the whole.
    """

    kind: VersionKind
    name: str
    pointer: str = ""

    @property
    def told(self) -> str:
        """As it is written: `header:X-Version`, `health:/healthz#/version`."""
        return f"{self.kind}:{self.name}" + (f"#{self.pointer}" if self.pointer else "")
