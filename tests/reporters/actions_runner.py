"""A runner of GitHub Actions, as far as it reads what a step prints and writes.

Written from what the runner does with a line of output (`ActionCommand.cs`) and with its files
(`FileCommandManager.cs`, https://github.com/actions/runner/tree/main/src).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

KNOWN = {
    *("add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group"),
    *("notice", "remove-matcher", "save-state", "set-env", "set-output", "stop-commands"),
    "warning",
}
_LEGACY = re.compile(r"##\[([^\] ]+)[^\]]*\]")
_SHOWN = 10  # annotations of one level in a step
_LONGEST = 4096  # characters of a message


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    properties: dict[str, str]
    data: str

    @property
    def title(self) -> str:
        return self.properties["title"]

    @property
    def lines(self) -> list[str]:
        return self.data.split("\n")


def commands(log: str) -> list[Command]:
    """All that the runner obeys in `log`, what it reads for the sake of old actions included."""
    return [command for line in log.split("\n") if (command := command_of(line)) is not None]


def annotations(log: str) -> list[Command]:
    """The commands of `log`, where they are annotations that are shown in full and no more."""
    found = commands(log)
    levels = [each.name for each in found]
    assert set(levels) <= {"error", "warning", "notice"}
    assert all(levels.count(level) <= _SHOWN for level in levels)
    assert all(len(each.data) <= _LONGEST for each in found)
    return found


def command_of(line: str) -> Command | None:
    start = line.lstrip()
    head, separator, data = start.removeprefix("::").partition("::")
    name, _, listed = head.partition(" ")
    if start.startswith("::") and separator and name in KNOWN:
        pairs = (pair.split("=", 1) for pair in listed.strip().split(",") if pair)
        properties = {pair[0]: _unescaped(pair[1], ":,") for pair in pairs if len(pair) == 2}
        return Command(name, properties, _unescaped(data))
    legacy = _LEGACY.search(line)
    return Command(legacy[1], {}, "") if legacy and legacy[1] in KNOWN else None


def _unescaped(text: str, beside: str = "") -> str:
    for character in f"\r\n{beside}%":
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def outputs(text: str) -> dict[str, str]:
    """What a later step reads of a file for outputs."""
    return dict(_pairs(text))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, equals, value = line.partition("=")
        if "<<" in name:
            name, _, delimiter = line.partition("<<")
            held = []
            for inner in lines:
                if inner == delimiter:
                    break
                held.append(inner)
            else:
                raise ValueError(f"{delimiter} does not end {name}")
            value = "\n".join(held)
        elif not equals:
            raise ValueError(f"no output: {line!r}")
        yield name, value
