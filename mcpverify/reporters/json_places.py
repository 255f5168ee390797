"""Values of a report that is read back, each with its place in it: what is wrong is told with that.

Nothing is taken that `report.schema.json` would refuse.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeVar

from mcpverify.facts.json_text import Json

Word = TypeVar("Word", bound=StrEnum)

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class NotAReport(ValueError):
    """The text is no report that can be read back. The message says where, and what is wrong."""


@dataclass(frozen=True, slots=True)
class Place:
    """A value, and the way to it: `targets[3].checks[0].outcome`."""

    value: Json
    path: str = "it"

    def wrong(self, wanted: str) -> NotAReport:
        return NotAReport(f"{self.path} is not {wanted}")

    def members(self, names: str, *, optional: str = "") -> dict[str, "Place"]:
        """The members of an object that has these names, in words, and no others."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        wanted, held = set(names.split()), set(self.value)
        for name in sorted(wanted - held):
            raise NotAReport(f"{self.path} has no {name}")
        if unknown := held - wanted - set(optional.split()):
            raise NotAReport(f"{self.path} has {len(unknown)} members that reports do not have")
        before = "" if self.path == "it" else f"{self.path}."
        return {name: Place(value, before + name) for name, value in self.value.items()}

    def items(self) -> Iterator["Place"]:
        if not isinstance(self.value, list):
            raise self.wrong("an array")
        for number, value in enumerate(self.value):
            yield Place(value, f"{self.path}[{number}]")

    @property
    def is_null(self) -> bool:
        return self.value is None

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.wrong("a text")
        return self.value

    def text_or_none(self) -> str | None:
        return None if self.is_null else self.text()

    def texts(self) -> tuple[str, ...]:
        return tuple(each.text() for each in self.items())

    def integer(self, least: int | None = None) -> int:
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong("a whole number")
        if least is not None and value < least:
            raise self.wrong(f"{least} or more")
        return value

    def seconds(self) -> float:
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise self.wrong("a number of seconds")
        try:
            return float(value)
        except OverflowError:
            raise self.wrong("a number of seconds") from None

    def word(self, words: type[Word]) -> Word:
        value = self.text()
        try:
            return words(value)
        except ValueError:
            raise self.wrong(f"one of {', '.join(words)}") from None

    def digest(self) -> str:
        return self._matching(_DIGEST, "a digest")

    def check_id(self) -> str:
        return self._matching(_ID, "the id of a check")

    def time(self) -> float:
        """Seconds since the epoch."""
        text = self._matching(_TIME, "a time as in 2026-11-21T03:12:44.250Z")
        try:
            # As Unix time is counted: %z would not take every spelling of UTC.
            moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        except ValueError:
            raise self.wrong("a time") from None
        return moment.timestamp()

    def _matching(self, pattern: re.Pattern[str], wanted: str) -> str:
        text = self.text()
        if not pattern.fullmatch(text):
            raise self.wrong(wanted)
        return text
