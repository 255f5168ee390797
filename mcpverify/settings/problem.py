"""One thing that is wrong with a configuration, and how it is told: file, line, key, what."""

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from mcpverify.errors import ConfigurationInvalid
from mcpverify.settings.places import Key, in_order, lines_of

Table: TypeAlias = "Mapping[str, Any]"
"""A table as a file has it: checked by the schema before anything is read from it."""

MOST: Final = 10
"""So many are told at once."""

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+\Z")


@dataclass(frozen=True, slots=True)
class Problem:
    """`what` is wrong at `key`, in words that hold no credential.

    `within` are further steps to the line that is to blame, where telling them says too much.
    """

    key: Key
    what: str
    within: Key = ()


def dotted(key: Key) -> str:
    """The key as a file would spell it: `targets.weather.calls[0].tool`."""
    text = ""
    for step in key:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            spelled = step if _BARE.match(step) else json.dumps(step, ensure_ascii=False)
            text += f".{spelled}" if text else spelled
    return text


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean NAME?`, or "" where nothing known is near."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def refusal(path: str, text: str, prefix: Key, problems: Iterable[Problem]) -> ConfigurationInvalid:
    """The error that tells of the first few problems, a line each, in the order of the file."""
    found = in_order(text, dict.fromkeys(problems), lambda each: (*prefix, *each.key))
    told = found[:MOST]
    lines = lines_of(text, [(*prefix, *each.key, *each.within) for each in told])
    ordered = sorted(zip(lines, told, strict=True), key=lambda pair: pair[0])
    messages = [
        f"{path}:{line}: {dotted((*prefix, *each.key)) or 'the file'}: {each.what}"
        for line, each in ordered
    ]
    more = len(found) - len(told)
    hint = f"There are {more:,} more." if more else ""
    return ConfigurationInvalid("\n".join(messages), hint)
