"""Where a server tells which release it is, if not in serverInfo."""

from dataclasses import dataclass, field
from enum import StrEnum

from mcpverify.facts.credentials import masked_url


class VersionKind(StrEnum):
    HEADER = "header"  # of the answers of a session
    HEALTH = "health"  # the body of a GET
    TOOL = "tool"  # the result of a call


@dataclass(frozen=True, slots=True)
class VersionSource:
    """`--version-from`: `name` is the header, the URL or the tool; a URL may hold credentials.

    `pointer` is a JSON pointer into the body of a GET, or into the structuredContent of a tool,
    or the JSON text of its content where it has none; "" is the whole text.
    """

    kind: VersionKind
    name: str = field(repr=False)
    pointer: str = ""

    @property
    def subject(self) -> str:
        """What a sentence on the version begins with: `header X-Version`, `/healthz#/version`.

        It holds no credential.
        """
        is_url = self.kind is VersionKind.HEALTH
        name = masked_url(self.name) if is_url else f"{self.kind} {self.name}"
        return name + (f"#{self.pointer}" if self.pointer else "")
