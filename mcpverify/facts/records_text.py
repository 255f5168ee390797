"""Frozen dataclasses as plain JSON values, and back: what the files that are replayed are made of.

Field names are those of the dataclasses. Bytes are text where they are UTF-8, else
`{"base64": ...}`; fields that hold JSON are stored as they are. Who reads a file may have been
handed a foreign or a hostile one, so every value is held to the type that its field declares.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from mcpverify.facts.json_text import NotJson, parse

_Record = TypeVar("_Record")
_SHOWN = 40  # characters of a value that does not fit


class NotARecord(ValueError):
    """The text, or a value in it, is not what was written. The message says why, and where."""


def document_text(format_name: str, version: int, value: Mapping[str, Any]) -> str:
    """The JSON text of a file: ASCII, indented, with a final line end."""
    document = {format_name: version, **{name: plain(each) for name, each in value.items()}}
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def document_of(text: bytes, format_name: str, version: int) -> dict[str, Any]:
    """The object in a file that `document_text` wrote. Raises NotARecord."""
    try:
        document = parse(text, trusted=True)
    except NotJson as error:
        raise NotARecord(str(error)) from None
    if not isinstance(document, dict) or document.pop(format_name, None) != version:
        raise NotARecord(f'it lacks "{format_name}": {version}')
    return document


def plain(value: Any) -> Any:
    """`value` in terms that JSON has."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return value  # JSON values, the messages among them, are stored as they are


def made(kind: type[_Record], value: object, at: str = "") -> _Record:
    """The dataclass that `plain` took apart. `at` is where the value stands. Raises NotARecord."""
    return cast(_Record, _made(kind, value, at))


def _made(kind: Any, value: Any, at: str) -> Any:
    """`value` as the type that a field declares."""
    if is_dataclass(kind) and isinstance(kind, type):
        return _object(kind, value, at)
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(value)
        except ValueError:
            raise _misfit(value, f"none of {', '.join(str(each) for each in kind)}", at) from None
    if kind in (str, int, bool):
        if type(value) is not kind:
            raise _misfit(value, f"no {kind.__name__}", at)
        return value
    if kind is float:
        return _number(value, at)
    if kind is bytes:
        return _bytes(value, at)
    if get_origin(kind) is tuple:
        return _tuple(get_args(kind), value, at)
    if get_origin(kind) is dict:
        if not isinstance(value, dict):
            raise _misfit(value, "no object", at)
        return value
    choices = [each for each in get_args(kind) if each is not type(None)]
    if value is None and len(choices) < len(get_args(kind)):
        return None
    return _made(choices[0], value, at) if len(choices) == 1 else value  # else it is any JSON


def _object(kind: type, value: Any, at: str) -> Any:
    if not isinstance(value, dict):
        raise _misfit(value, "no object", at)
    hints = _hints(kind)
    given = {}
    for each in fields(kind):
        if each.name in value:
            place = f"{at}.{each.name}" if at else each.name
            given[each.name] = _made(hints[each.name], value[each.name], place)
        elif each.default is MISSING and each.default_factory is MISSING:
            raise NotARecord(f"{at or 'it'} lacks {each.name}")
    return kind(**given)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _tuple(kinds: tuple[Any, ...], value: Any, at: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _misfit(value, "no list", at)
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise _misfit(value, f"no list of {len(kinds)}", at)
    pairs = zip(kinds, value, strict=True)
    return tuple(_made(kind, each, f"{at}[{number}]") for number, (kind, each) in enumerate(pairs))


def _number(value: Any, at: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _misfit(value, "no number", at)
    try:
        return float(value)
    except OverflowError:
        raise _misfit(value, "no number that can be", at) from None


def _bytes(value: Any, at: str) -> bytes:
    try:
        if isinstance(value, dict):
            return base64.b64decode(value["base64"])
    except (KeyError, TypeError, ValueError):
        raise _misfit(value, "no base64", at) from None
    if not isinstance(value, str):
        raise _misfit(value, "no str", at)
    return value.encode("utf-8")


def _misfit(value: Any, what: str, at: str) -> NotARecord:
    shown = "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else ""
    return NotARecord(f"{at}: {shown or json.dumps(value)[:_SHOWN]} is {what}")
