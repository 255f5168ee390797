"""Keys in one spelling: a file may write `_` for `-` in them."""

from collections.abc import Iterator
from typing import Any, Final

from mcpverify.settings.places import Key
from mcpverify.settings.problem import Problem

_TABLES: Final = ("oauth", "tls", "health", "liveness")


def hyphened(document: dict[str, Any], problems: list[Problem]) -> dict[str, Any]:
    """`document` with hyphens in all keys of ours; names that people give stay as they are.

    Whatever is no table, where one should be, stays for the schema to object to. A key that stands
    in both spellings becomes a problem.
    """
    found = dict(document)
    if isinstance(found.get("defaults"), dict):
        found["defaults"] = _target(found["defaults"], ("defaults",), problems)
    if isinstance(found.get("targets"), dict):
        found["targets"] = {
            name: _target(each, ("targets", name), problems) if isinstance(each, dict) else each
            for name, each in found["targets"].items()
        }
    return found


def _target(table: dict[str, Any], key: Key, problems: list[Problem]) -> dict[str, Any]:
    found = _table(table, key, problems)
    for name in _TABLES:
        if isinstance(found.get(name), dict):
            found[name] = _table(found[name], (*key, name), problems)
    if isinstance(found.get("calls"), list):
        found["calls"] = list(_tables(found["calls"], (*key, "calls"), problems))
        for index, call in enumerate(found["calls"]):
            if isinstance(call, dict) and isinstance(call.get("expect"), list):
                within = (*key, "calls", index, "expect")
                call["expect"] = list(_tables(call["expect"], within, problems))
    return found


def _tables(items: list[Any], key: Key, problems: list[Problem]) -> Iterator[Any]:
    for index, each in enumerate(items):
        yield _table(each, (*key, index), problems) if isinstance(each, dict) else each


def _table(table: dict[str, Any], key: Key, problems: list[Problem]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in table.items():
        spelled = name.replace("_", "-")
        if spelled in found:
            problems.append(Problem((*key, spelled), "it stands there twice, with - and with _"))
        found[spelled] = value
    return found
