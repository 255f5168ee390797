"""What a server's own health addresses have to answer."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mcpverify.facts.json_text import Json


@dataclass(frozen=True, slots=True)
class HealthProbe:
    """One GET. `url` may be a path of the target's origin; it may hold credentials.

    `status` None takes any of 200 to 299. `members` are JSON pointers into the body and the value
    that each has to have. `max_seconds` is a budget for the whole answer.
    """

    url: str = field(repr=False)
    status: int | None = None
    members: tuple[tuple[str, Json], ...] = ()
    max_seconds: float | None = None

    @property
    def is_path(self) -> bool:
        """Whether it can only be asked of a target that has an origin."""
        return self.url.startswith("/")

    def takes(self, status: int) -> bool:
        return 200 <= status < 300 if self.status is None else status == self.status


def is_health_address(text: str) -> bool:
    """Whether `text` is an http or https URL, or a path of an origin."""
    if any(each.isspace() or not each.isprintable() for each in text):
        return False
    if text.startswith("/"):
        return not text.startswith("//")
    try:
        parts = urlsplit(text)
        known = parts.scheme.lower() in ("http", "https")
        return known and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
