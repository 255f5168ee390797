"""How steps talk to GitHub's runner: the files that they append to, and the lines that it reads."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
SUMMARY_LIMIT = 2**20  # bytes; GitHub drops a summary that is larger
_COMMAND = re.compile(r"\s*::(?P<name>[a-z-]+)(?: (?P<properties>.*?))?::(?P<message>.*)")
_LEVELS = ("error", "warning", "notice")


@dataclass(frozen=True, slots=True)
class Annotation:
    level: str
    title: str
    message: str


def pairs(file: Path) -> dict[str, str]:
    """What was appended as `name=value`, or as `name<<MARK`, lines and MARK."""
    found = {}
    lines = iter(file.read_text(encoding="utf-8").splitlines())
    for line in lines:
        name, equals, value = line.partition("=")
        many, heredoc, mark = line.partition("<<")
        if heredoc and len(many) < len(name):
            taken = []
            while (each := next(lines, None)) != mark:
                if each is None:
                    raise ValueError(f"{mark!r} never came in {file}")
                taken.append(each)
            name, value = many, "\n".join(taken)
        elif not equals:
            raise ValueError(f"{line!r} is neither name=value nor name<<MARK")
        found[name] = value
    return found


def annotations(log: str) -> Iterator[Annotation]:
    """What the lines of a step tell GitHub to show. An unknown command raises."""
    stopped = None
    for line in log.splitlines():
        match = _COMMAND.match(line)
        if match is None or (stopped is not None and match["name"] != stopped):
            continue
        if match["name"] == stopped:
            stopped = None
        elif match["name"] == "stop-commands":
            stopped = match["message"]
        elif match["name"] in _LEVELS:
            yield Annotation(match["name"], _title(match["properties"]), _plain(match["message"]))
        elif match["name"] not in ("add-mask", "group", "endgroup", "debug"):
            raise ValueError(f"GitHub knows no command {line!r}")


def summary(file: Path) -> str:
    octets = file.read_bytes()
    if len(octets) > SUMMARY_LIMIT:
        raise ValueError(f"GitHub drops a summary of {len(octets)} bytes")
    return octets.decode("utf-8")


def _title(properties: str | None) -> str:
    for each in (properties or "").split(","):
        name, _, value = each.partition("=")
        if name == "title":
            return _plain(value.replace("%3A", ":").replace("%2C", ","))
    return ""


def _plain(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
