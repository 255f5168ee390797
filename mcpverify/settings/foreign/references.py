"""What clients read from the environment, and from their user, in their own configurations.

Claude Code, `${NAME}` and `${NAME:-default}`: https://code.claude.com/docs/en/mcp
VS Code and Cursor, `${env:NAME}`, `${input:ID}` and `${workspaceFolder}`:
https://code.visualstudio.com/docs/copilot/reference/mcp-configuration
"""

import os
import re
from collections.abc import Mapping
from typing import Final

from mcpverify.errors import ConfigurationInvalid, VariableUnset
from mcpverify.facts.credentials import Credential
from mcpverify.settings.secrets import Piece, in_address, in_word, joined, pieces_of
from mcpverify.settings.variables import UNSET_HINT

_REFERENCE: Final = re.compile(r"\$\{([^{}]*)\}")
_NAMED: Final = re.compile(r"(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?\Z", re.DOTALL)
_FOLDERS: Final = ("workspaceFolder", "CLAUDE_PROJECT_DIR")
_UNREADABLE: Final = ("config:", "command:")  # only an editor knows


def shouted(name: str) -> str:
    """The environment variable that stands for what a client would ask its user: api-key, API_KEY.

    Nobody can be asked in a job.
    """
    plain = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").upper()
    return f"_{plain}" if plain[:1].isdigit() else plain


class References:
    """Reads the references of one server. `place` names it in its file, for messages."""

    def __init__(self, place: str, base: str, environ: Mapping[str, str]) -> None:
        self._place = place
        self._base = base
        self._environ = environ
        self._read = ""  # the variable that was read last
        self.secrets: list[Credential] = []

    def text(self, text: str, key: str) -> str:
        """`text` with its references read. Raises VariableUnset and ConfigurationInvalid."""
        return joined(self._pieces(text, key))

    def secret(self, text: str, key: str) -> str:
        """The same of a text whose references are secrets, which are noted."""
        pieces = self._pieces(text, key)
        self.secrets += in_word(pieces)
        return joined(pieces)

    def address(self, text: str, key: str) -> str:
        """The same of an address."""
        pieces = self._pieces(text, key)
        self.secrets += in_address(pieces)
        return joined(pieces)

    def _pieces(self, text: str, key: str) -> tuple[Piece, ...]:
        def read(found: re.Match[str]) -> Piece:
            self._read = ""
            return self._value(found[0], found[1], key, False), self._read

        return pieces_of(text, _REFERENCE, read)

    def line(self, text: str, key: str) -> str:
        """`text` with references to our environment alone, in our spelling, which are set.

        Who makes a header of it reads them, and masks the values.
        """
        return _REFERENCE.sub(lambda found: self._value(found[0], found[1], key, True), text)

    def required(self, variable: str, key: str) -> str:
        """The value of a variable, which must be set."""
        value = self._environ.get(variable, "")
        if not value.strip():
            state = "empty" if variable in self._environ else "not set"
            raise VariableUnset(
                f"{self._place}.{key}: the environment variable {variable} is {state}", UNSET_HINT
            )
        self._read = variable
        return value

    def is_set(self, variable: str) -> bool:
        return bool(self._environ.get(variable, "").strip())

    def _value(self, whole: str, inner: str, key: str, kept: bool) -> str:
        if inner.startswith(_UNREADABLE):
            raise ConfigurationInvalid(
                f"{self._place}.{key}: only an editor can read {whole}",
                "Write the target into an mcpverify.toml.",
            )
        if inner in _FOLDERS and inner not in self._environ:
            return os.path.abspath(self._base)
        if inner == "userHome":
            return os.path.expanduser("~")
        if inner in ("pathSeparator", "/"):
            return os.sep
        if inner.startswith("input:"):
            variable, default = shouted(inner.removeprefix("input:")), None
        elif named := _NAMED.match(inner):
            variable, default = named[1], named[2]
        else:
            return whole  # of a shell, say
        if default is not None and not self.is_set(variable):
            return default
        value = self.required(variable, key)
        return f"${{{variable}}}" if kept else value
