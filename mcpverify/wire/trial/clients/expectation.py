"""What a result has to be to answer a request: what the schema of the specification requires.

An expectation says in a few words what is wrong with a result, "" where nothing is.

https://modelcontextprotocol.io/specification/2025-11-25/schema
https://modelcontextprotocol.io/specification/2026-07-28/schema
"""

from collections.abc import Callable

from mcpverify.facts.json_text import Json
from mcpverify.facts.revision import Era

Expectation = Callable[[Json], str]

_SHOWN = 3
_LONGEST_NAME = 40


def anything(result: Json) -> str:
    return ""


class Listing:
    """Of a tools/list without a cursor: each result has the tools of the first good one."""

    def __init__(self) -> None:
        self._names: frozenset[str] | None = None

    @property
    def known(self) -> bool:
        """Whether there was a good one."""
        return self._names is not None

    def __call__(self, result: Json) -> str:
        tools = result.get("tools") if isinstance(result, dict) else None
        if not isinstance(tools, list):
            return "the result is no list of tools"
        names = [tool.get("name") if isinstance(tool, dict) else None for tool in tools]
        found = frozenset(name for name in names if isinstance(name, str))
        if not all(isinstance(name, str) for name in names):
            return "the list has a tool without a name"
        if self._names is None:
            self._names = found
        if missing := self._names - found:
            return f"the list lacks tools that it had before: {_shown(missing)}"
        if added := found - self._names:
            return f"the list has tools that it did not have before: {_shown(added)}"
        return ""


def calling(era: Era) -> Expectation:
    """Of a tools/call: its content, or a task or a request for input in place of that."""

    def expectation(result: Json) -> str:
        if not isinstance(result, dict):
            return "the result is no object"
        content = result.get("content")
        if isinstance(content, list) and all(isinstance(each, dict) for each in content):
            return ""
        if "content" not in result:
            if "structuredContent" in result or isinstance(result.get("task"), dict):
                return ""
            other = result.get("resultType", "complete")
            if era is Era.STATELESS and isinstance(other, str) and other != "complete":
                return ""
            return "the result of the tool has no content"
        return "the content of the result is no array of objects"

    return expectation


def _shown(names: frozenset[str]) -> str:
    words = [name[:_LONGEST_NAME] for name in sorted(names)[:_SHOWN]]
    return ", ".join(words) + (", ..." if len(names) > _SHOWN else "")
