"""Takes credentials out of what a trial of a shutdown recorded, before it is judged or shown.

A server may repeat what it was sent, and a command may print what it was started with. Every text
of a timeline is looked through, but for those that are ours or the user's own words: a field that
is added is looked through, too.
"""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, Final, TypeVar, cast

from mcpverify.facts.contract import Digests
from mcpverify.facts.credentials import MASK
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.spellings import ANYWHERE, WHOLE_WORD, WORDS_OF_THE_PROTOCOL, spellings
from mcpverify.facts.timeline import (
    Aftermath,
    Leftover,
    Request,
    ServerKind,
    Setting,
    Signal,
)

_Value = TypeVar("_Value")

# What the judgement goes by, in words that no server chose.
_OURS: Final[dict[type, frozenset[str]]] = {
    Setting: frozenset({"target", "signal", "call"}),
    ServerKind: frozenset({"program"}),
    Request: frozenset({"client", "method"}),
    Signal: frozenset({"name", "to"}),
    Leftover: frozenset({"kind"}),
    Aftermath: frozenset({"restart"}),
}
# Of these the recorder keeps a part, which may end in the middle of a secret.
_CUT: Final = frozenset({"excerpt", "stderr", "what", "detail"})
_MEDIA_TYPES: Final = frozenset({"application/json", "text/event-stream"})


class Hiding:
    """Hides the secrets of a redactor in parts of a timeline, each text looked through once."""

    def __init__(self, redactor: Redactor) -> None:
        self._know(redactor)

    def learn(self, secrets: Iterable[str]) -> None:
        """Hide these, too, from now on."""
        more = tuple(each for each in secrets if each not in self._redactor.secrets)
        if more:
            self._know(Redactor((*self._redactor.secrets, *more)))

    def _know(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._known: dict[tuple[str, bool], str] = {}
        self._beginnings = frozenset(
            spelled[:length]
            for secret in redactor.secrets
            if len(secret) >= ANYWHERE and secret not in WORDS_OF_THE_PROTOCOL
            for spelled in spellings(secret)
            for length in range(WHOLE_WORD, len(spelled))
        )
        self._longest = max(map(len, self._beginnings), default=0)

    def of(self, value: _Value) -> _Value:
        """`value`, a timeline or a part of one, without secrets."""
        if not self._redactor.secrets:
            return value
        return cast(_Value, self._hidden(value, cut=False))

    def _hidden(self, value: Any, *, cut: bool) -> Any:
        if isinstance(value, Enum | Digests):
            return value
        if isinstance(value, str):
            return value if value in _MEDIA_TYPES else self._text(value, cut)
        if isinstance(value, tuple):
            return tuple(self._hidden(each, cut=cut) for each in value)
        if not is_dataclass(value) or isinstance(value, type):
            return value
        kept = _OURS.get(type(value), frozenset())
        return replace(
            value,
            **{
                each.name: self._hidden(getattr(value, each.name), cut=each.name in _CUT)
                for each in fields(value)
                if each.name not in kept
            },
        )

    def _text(self, text: str, cut: bool) -> str:
        found = self._known.get((text, cut))
        if found is None:
            found = self._redactor.text(text)
            found = self._known[text, cut] = self._without_beginning(found) if cut else found
        return found

    def _without_beginning(self, text: str) -> str:
        """`text` without the first half of a secret at its end."""
        for length in range(min(self._longest, len(text)), WHOLE_WORD - 1, -1):
            if text[-length:] in self._beginnings:
                return text[:-length] + MASK
        return text
