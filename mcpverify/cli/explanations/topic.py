"""One thing that can be explained, and how it reads in a terminal of 80 columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from mcpverify.reporters.layout import hung, wrapped

WIDTH = 80
_LABELS = 10


class Kind(StrEnum):
    """What a topic is about; goes before its id where the id alone is not clear."""

    CHECK = "check"
    OUTCOME = "outcome"
    DRIFT = "drift"
    VERDICT = "verdict"
    SITUATION = "situation"
    POINT = "point"
    SHUTDOWN = "shutdown"
    EXIT = "exit"


@dataclass(frozen=True, slots=True)
class Topic:
    """What there is to say of one check, verdict, situation or exit code.

    `sort` says what it is (a check), `section` under what heading it is listed. `text` has
    paragraphs with an empty line between them. `notes` are labels and one line each.
    `headline` is how the second line of a report begins in this situation, "" for others.
    """

    kind: Kind
    id: str
    sort: str
    section: str
    title: str
    text: str
    notes: tuple[tuple[str, str], ...] = ()
    headline: str = ""

    @property
    def full_name(self) -> str:
        """A name that no other topic has: exit-3, drift-breaking."""
        return f"{self.kind}-{self.id}"

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text, a line each."""
        return tuple(" ".join(each.split()) for each in self.text.split("\n\n") if each.strip())


def explained(topic: Topic) -> str:
    """The whole explanation."""
    return "".join(f"{line}\n" for line in _lines(topic))


def _lines(topic: Topic) -> Iterator[str]:
    shown = topic.full_name if topic.kind is Kind.EXIT else topic.id
    yield f"{shown}  ({topic.sort})"
    yield from wrapped(topic.title, WIDTH)
    for paragraph in topic.paragraphs:
        yield ""
        yield from wrapped(paragraph, WIDTH)
    if topic.notes:
        yield ""
    for label, note in topic.notes:
        # An address that is broken cannot be followed.
        lines = [note] if note.startswith("https://") else wrapped(note, WIDTH - _LABELS)
        yield from hung(label, lines, _LABELS)
