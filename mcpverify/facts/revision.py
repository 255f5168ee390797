"""Protocol revisions and the two eras they belong to."""

from enum import StrEnum


class Era(StrEnum):
    """How a client and a server get to know each other.

    `handshake`: `initialize` opens a session (2024-11-05 to 2025-11-25).
    `stateless`: every request carries its own metadata (2026-07-28).
    """

    HANDSHAKE = "handshake"
    STATELESS = "stateless"

    @property
    def other(self) -> "Era":
        return Era.STATELESS if self is Era.HANDSHAKE else Era.HANDSHAKE


class Revision(StrEnum):
    """A published revision of the Model Context Protocol. Ordered: later is greater."""

    R2024_11_05 = "2024-11-05"
    R2025_03_26 = "2025-03-26"
    R2025_06_18 = "2025-06-18"
    R2025_11_25 = "2025-11-25"
    R2026_07_28 = "2026-07-28"

    @property
    def era(self) -> Era:
        return Era.STATELESS if self >= Revision.R2026_07_28 else Era.HANDSHAKE


LATEST_HANDSHAKE = Revision.R2025_11_25
LATEST_STATELESS = Revision.R2026_07_28


def known_revision(text: object) -> Revision | None:
    """The revision that `text` names, or None where it names none we know."""
    return next((revision for revision in Revision if revision.value == text), None)
