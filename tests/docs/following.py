"""Following a page to the letter: each of its steps in order, in one terminal."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.docs.page import Commands, Edit, SavedFile, Step
from tests.docs.terminal import Terminal, steadied


@dataclass(frozen=True, slots=True)
class Followed:
    """Commands of the page as they went: the codes of those that failed, and what was printed."""

    commands: Commands
    failures: tuple[int, ...]
    printed: str

    @property
    def wanted(self) -> tuple[int, ...]:
        return (self.commands.code,) if self.commands.code else ()


def followed(steps: tuple[Step, ...], terminal: Terminal) -> Iterator[Followed]:
    """Does what each step says; yields the commands among them as they end."""
    for step in steps:
        match step:
            case SavedFile(name, text):
                terminal.save(name, text)
            case Edit(name, old, new):
                terminal.edit(name, old, new)
            case Commands(text):
                failures, printed = terminal.type(text)
                yield Followed(step, tuple(failures), steadied(printed))
