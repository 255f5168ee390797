"""`${NAME}` in a configuration: read from the environment, for the targets that are checked."""

import re
from collections.abc import Mapping
from typing import Any, Final

from mcpverify.facts.variables import VARIABLE
from mcpverify.settings.places import Key
from mcpverify.settings.secrets import Piece, joined, pieces_of

_REFERENCE: Final = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LITERAL: Final = "$${"


def malformed(text: str) -> bool:
    """Whether a `${` in `text` begins no reference; `$${` stands for itself."""
    return "${" in VARIABLE.sub("", text.replace(_LITERAL, ""))


class Environment:
    """Reads the references of one target.

    `read` holds the names and values that were read, in their order. `unset` are references that
    could not be read, and `wrong` is what cannot be used as it was read, each with its key.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.unset: list[tuple[Key, str]] = []
        self.wrong: list[tuple[Key, str]] = []
        self.read: list[tuple[str, str]] = []

    def text(self, text: str, key: Key) -> str:
        """`text` with its references read. Those that are unset are noted, with their key."""
        return joined(self.pieces(text, key))

    def pieces(self, text: str, key: Key) -> tuple[Piece, ...]:
        """The same in parts, each with the name of the variable that it was read from."""
        return pieces_of(
            text, _REFERENCE, lambda found: (self._value(found[1], key), found[1] or "")
        )

    def value(self, value: Any, key: Key) -> Any:
        """JSON with the references in all of its texts read."""
        match value:
            case str():
                return self.text(value, key)
            case list():
                return [self.value(each, (*key, at)) for at, each in enumerate(value)]
            case dict():
                return {name: self.value(each, (*key, name)) for name, each in value.items()}
            case _:
                return value

    def note(self, text: str, key: Key) -> str:
        """`text` as it is, once its references are known to be set: another reads and masks it."""
        for name in VARIABLE.findall(text):
            self._value(name, key)
        return text

    def _value(self, name: str | None, key: Key) -> str:
        if name is None:
            return _LITERAL[1:]
        value = self._environ.get(name, "")
        if not value.strip():
            self.unset.append((key, name))
        self.read.append((name, value))
        return value

    def problem(self, name: str) -> str:
        state = "empty" if name in self._environ else "not set"
        return f"the environment variable {name} is {state}"


UNSET_HINT: Final = "In CI, check that the secret is defined for this job."
