"""What a server says, made harmless in XML: no character that XML 1.0 forbids, and no markup.

All of it is ASCII, so that it says the same in whatever encoding it is printed.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from mcpverify.reporters.inert import inert

MAX_ATTRIBUTE: Final = 600  # characters
_MARKUP: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
)


def text(lines: Iterable[str]) -> str:
    """Lines as the content of an element."""
    return "\n".join(_escaped(inert(line)) for line in lines)


def tag(name: str, attributes: Mapping[str, str | int], end: str = "") -> str:
    """An opening tag; with `end` "/" an empty element. Only values may be a server's words."""
    told = (
        f' {key}="{_escaped(inert(str(value), MAX_ATTRIBUTE))}"'
        for key, value in attributes.items()
    )
    return f"<{name}{''.join(told)}{end}>"


def _escaped(shown: str) -> str:
    return shown.translate(_MARKUP).encode("ascii", "xmlcharrefreplace").decode("ascii")
