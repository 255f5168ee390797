"""The list of everything that can be explained, a line each."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from mcpverify.cli.explanations import all_topics, listed_names
from mcpverify.cli.explanations.topic import WIDTH
from mcpverify.reporters.layout import hung, wrapped

_GAP: Final = "  "


def listing() -> str:
    """All names with their titles, by kind."""
    return "".join(f"{line}\n" for line in _lines())


def _lines() -> Iterator[str]:
    names = listed_names()
    indent = len(_GAP) + max(map(len, names.values())) + len(_GAP)
    for section, topics in groupby(all_topics(), key=lambda topic: topic.section):
        yield section
        for topic in topics:
            titles = wrapped(topic.title, WIDTH - indent)
            yield from hung(f"{_GAP}{names[topic]}", titles, indent)
        yield ""
    yield "One of them in full: mcpverify explain old-release"
