"""JSONPath (RFC 9535), read by a library and followed by us.

What it leads to is taken from what a server sent. So every step of ours spends from a budget,
expressions are matched in linear time, and values are compared as JSON, where 1 is 1.0 and not
true, at any depth. https://www.rfc-editor.org/rfc/rfc9535
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final, TypeAlias

from jsonpath import JSONPathEnvironment, JSONPathError, filter, segments, selectors

from mcpverify.drift.budget import Budget
from mcpverify.drift.patterns.language import Unsupported, matches, pattern_language
from mcpverify.drift.referee.values import is_number, same
from mcpverify.facts.json_text import Json

_LONGEST: Final = 2_000  # characters
# I-Regexp's dot leaves out two characters, ECMA-262's four.
_DOT: Final = re.compile(r"(\\.|\[(?:\\.|[^\]\\])*\])|\.", re.DOTALL)


class NotAPath(ValueError):
    """The text is no JSONPath, or one that is not followed here. The message is a clause."""


class _Nothing:
    """What a query stands for that selects no value."""


_NOTHING: Final = _Nothing()
_Operand: TypeAlias = "Json | _Nothing"


class JsonPath:
    """A path that was read. Raises NotAPath."""

    __slots__ = ("_segments",)

    def __init__(self, text: str) -> None:
        if len(text) > _LONGEST:
            raise NotAPath(f"it is longer than {_LONGEST:,} characters")
        try:
            self._segments = tuple(_environment().compile(text).segments)  # type: ignore[union-attr]
            _Path(None, Budget()).read(self._segments)
        except JSONPathError as error:
            raise NotAPath(_first_line(error)) from None
        except ValueError:
            raise NotAPath("a number in it is none that an index could be") from None
        except RecursionError:
            raise NotAPath("it nests too deep") from None
        except Unsupported as error:
            raise NotAPath(f"a pattern in it is not understood: {error}") from None

    def values(self, value: Json, budget: Budget) -> list[Json]:
        """All that the path selects in `value`. Raises Exhausted, Unsupported, RecursionError."""
        return _Path(value, budget).selected(self._segments, value)


@cache
def _environment() -> JSONPathEnvironment:
    return JSONPathEnvironment(strict=True)


def _first_line(error: JSONPathError) -> str:
    # Its own text quotes the path, and fails where the path is empty.
    return str(error.args[0] if error.args else "").partition("\n")[0] or "it is no JSONPath"


class _Path:
    """One way through one document, whose root is `root`."""

    __slots__ = ("_budget", "_root")

    def __init__(self, root: Json, budget: Budget) -> None:
        self._root = root
        self._budget = budget

    def read(self, way: Sequence[Any]) -> None:
        """Sees that all that is written is known here, and every pattern in it."""
        for segment in way:
            for selector in segment.selectors:
                if isinstance(selector, selectors.Filter):
                    self._read_expression(selector.expression.expression)

    def _read_expression(self, expression: Any) -> None:
        match expression:
            case filter.FilterQuery(path=path):
                self.read(path.segments)
            case filter.FunctionExtension(name=name, args=args):
                if name in _WHOLE and isinstance(args[1], filter.StringLiteral):
                    pattern_language(_expression_of(args[1].value, whole=_WHOLE[name]))
                for each in args:
                    self._read_expression(each)
            case _:
                for each in expression.children():
                    self._read_expression(each)

    def selected(self, way: Sequence[Any], start: Json) -> list[Json]:
        nodes = [start]
        for segment in way:
            found: list[Json] = []
            deep = isinstance(segment, segments.JSONPathRecursiveDescentSegment)
            for node in nodes:
                for each in self._with_descendants(node) if deep else (node,):
                    for selector in segment.selectors:
                        found += self._selected_by(selector, each)
            nodes = found
        return nodes

    def _with_descendants(self, node: Json) -> Iterator[Json]:
        pending = [node]
        while pending:
            each = pending.pop()
            self._budget.spend()
            yield each
            pending += reversed(_children(each))

    def _selected_by(self, selector: Any, node: Json) -> Sequence[Json]:
        self._budget.spend()
        match selector:
            case selectors.NameSelector(name=name):
                return [node[name]] if isinstance(node, dict) and name in node else ()
            case selectors.IndexSelector(index=index):
                inside = isinstance(node, list) and -len(node) <= index < len(node)
                return [node[index]] if inside else ()  # type: ignore[index]
            case selectors.SliceSelector(slice=part):
                found = node[part] if isinstance(node, list) and part.step != 0 else ()
            case selectors.WildcardSelector():
                found = _children(node)
            case _:
                test = selector.expression.expression
                found = [each for each in _children(node) if self._holds(test, each)]
        self._budget.spend(len(found) // 8)
        return found

    def _holds(self, test: Any, current: Json) -> bool:
        self._budget.spend()
        match test:
            case filter.InfixExpression(left=left, operator="&&", right=right):
                return self._holds(left, current) and self._holds(right, current)
            case filter.InfixExpression(left=left, operator="||", right=right):
                return self._holds(left, current) or self._holds(right, current)
            case filter.InfixExpression(left=left, operator=operator, right=right):
                return self._compared(
                    self._operand(left, current), operator, self._operand(right, current)
                )
            case filter.PrefixExpression(right=right):
                return not self._holds(right, current)
            case filter.FilterQuery():
                return bool(self._nodes(test, current))
            case _:
                text, pattern = (self._operand(each, current) for each in test.args)
                return self._finds(pattern, text, whole=_WHOLE[test.name])

    def _nodes(self, query: Any, current: Json) -> list[Json]:
        start = current if isinstance(query, filter.RelativeFilterQuery) else self._root
        return self.selected(query.path.segments, start)

    def _operand(self, expression: Any, current: Json) -> _Operand:
        match expression:
            case filter.FilterQuery():
                nodes = self._nodes(expression, current)
                return nodes[0] if len(nodes) == 1 else _NOTHING
            case filter.FunctionExtension(name="count", args=[query]):
                return len(self._nodes(query, current))
            case filter.FunctionExtension(name="value", args=[query]):
                return self._operand(query, current)
            case filter.FunctionExtension(args=[measured]):
                value = self._operand(measured, current)
                return len(value) if isinstance(value, str | list | dict) else _NOTHING
            case filter.FilterExpressionLiteral(value=literal):
                known: Json = literal
                return known
            case _:
                return None  # the literal null

    def _compared(self, left: _Operand, operator: str, right: _Operand) -> bool:
        match operator:
            case "==":
                return self._equal(left, right)
            case "!=":
                return not self._equal(left, right)
            case "<":
                return _less(left, right)
            case ">":
                return _less(right, left)
            case "<=":
                return _less(left, right) or self._equal(left, right)
            case _:
                return _less(right, left) or self._equal(left, right)

    def _equal(self, left: _Operand, right: _Operand) -> bool:
        if isinstance(left, _Nothing) or isinstance(right, _Nothing):
            return left is right
        return same(left, right, self._budget)

    def _finds(self, pattern: _Operand, text: _Operand, *, whole: bool) -> bool:
        if not isinstance(pattern, str) or not isinstance(text, str):
            return False
        return matches(pattern_language(_expression_of(pattern, whole=whole)), text, self._budget)


# The functions that take a pattern, and whether it has to match the whole text.
_WHOLE: Final = {"match": True, "search": False}


def _expression_of(pattern: str, *, whole: bool) -> str:
    """An I-Regexp (RFC 9485) as an expression of ECMA-262."""
    pattern = _DOT.sub(lambda found: found[1] or r"[^\n\r]", pattern)
    return f"^(?:{pattern})$" if whole else pattern


def _children(node: Json) -> list[Json]:
    match node:
        case dict():
            return list(node.values())
        case list():
            return node
        case _:
            return []


def _less(left: _Operand, right: _Operand) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left < right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return is_number(left) and is_number(right) and left < right
    return False
