"""The expressions of GitHub workflows, `${{ ... }}`, as far as our recipes use them.

What is not known raises, where GitHub would go on with an empty value: a context, a function, an
operator, a step that does not exist. So a misspelled name is a red test and not a step that never
runs. Comparisons are as loose as GitHub's: strings without regard to case, everything else as
numbers, and null equals both false and the empty string.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Value = Any  # None, bool, float, str, or a mapping
Functions = Mapping[str, Callable[..., Value]]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)|(?P<string>'(?:[^']|'')*')"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|(?P<sign>&&|\|\||==|!=|!|\(|\)|\.|,))"
)
_INSIDE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_STATUS = re.compile(r"\b(success|failure|always|cancelled)\s*\(")


class Unknown(Exception):
    """An expression that this reader does not know, or that names something that is not there."""


class Open(dict[str, Value]):
    """A context in which GitHub takes any name: outputs that nobody wrote, secrets not set."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What expressions can name."""

    contexts: Mapping[str, Value]
    functions: Functions

    def value(self, expression: str) -> Value:
        """The value of what stands between `${{` and `}}`."""
        reader = _Reader(list(_tokens(expression)), self)
        found = reader.alternatives()
        if reader.tokens:
            raise Unknown(f"{reader.tokens[0][1]!r} in {expression!r}")
        return found

    def text(self, template: Value) -> str:
        """A value of YAML with its expressions replaced, as GitHub hands it to a step."""
        if not isinstance(template, str):
            return text_of(template)
        return _INSIDE.sub(lambda match: text_of(self.value(match[1])), template)

    def holds(self, condition: Value) -> bool:
        """Whether a step with this `if:` runs. Without a status function it wants success()."""
        if condition is None:
            condition = "success()"
        source = text_of(condition).strip()
        whole = re.fullmatch(r"\$\{\{(.*)\}\}", source, re.DOTALL)
        if whole is not None and "${{" not in whole[1]:
            source = whole[1].strip()
        if "${{" in source:
            raise Unknown(f"text around an expression is always true: {condition!r}")
        if not _STATUS.search(source):
            source = f"success() && ({source})"
        return truth(self.value(source))


def text_of(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    if isinstance(value, Mapping | list):
        raise Unknown(f"an object where a text is wanted: {value!r}")
    return str(value)


def truth(value: Value) -> bool:
    return value not in (None, False, 0, "")


def _number(value: Value) -> float:
    if value is None or value == "":
        return 0.0
    if isinstance(value, bool):
        return float(value)
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def equal(left: Value, right: Value) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    return _number(left) == _number(right)


def _tokens(expression: str) -> Iterator[tuple[str, str]]:
    at = 0
    expression = expression.rstrip()
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if match is None:
            raise Unknown(f"{expression[at:]!r} in {expression!r}")
        assert match.lastgroup is not None
        yield match.lastgroup, match[match.lastgroup]
        at = match.end()


@dataclass(slots=True)
class _Reader:
    """Reads by descent, both sides of && and ||, so that nothing unknown is passed over."""

    tokens: list[tuple[str, str]]
    scope: Scope

    def alternatives(self) -> Value:
        value = self.conjunction()
        while self._took("||"):
            other = self.conjunction()
            value = value if truth(value) else other
        return value

    def conjunction(self) -> Value:
        value = self.comparison()
        while self._took("&&"):
            other = self.comparison()
            value = other if truth(value) else value
        return value

    def comparison(self) -> Value:
        value = self.negation()
        while self.tokens and self.tokens[0][1] in ("==", "!="):
            wanted = self.tokens.pop(0)[1] == "=="
            value = equal(value, self.negation()) is wanted
        return value

    def negation(self) -> Value:
        if self._took("!"):
            return not truth(self.negation())
        return self.operand()

    def operand(self) -> Value:
        if self._took("("):
            value = self.alternatives()
            self._expect(")")
            return value
        kind, text = self.tokens.pop(0) if self.tokens else ("end", "")
        match kind:
            case "number":
                return float(text)
            case "string":
                return text[1:-1].replace("''", "'")
            case "name" if text in ("true", "false", "null"):
                return {"true": True, "false": False, "null": None}[text]
            case "name" if self._took("("):
                return self._called(text)
            case "name":
                return self._named(text)
        raise Unknown(f"{text!r} where a value is wanted")

    def _called(self, name: str) -> Value:
        if name not in self.scope.functions:
            raise Unknown(f"the function {name}")
        arguments = []
        while not self._took(")"):
            arguments.append(self.alternatives())
            if not self._took(","):
                self._expect(")")
                break
        return self.scope.functions[name](*arguments)

    def _named(self, name: str) -> Value:
        value = _member(self.scope.contexts, name)
        path = name
        while self._took("."):
            kind, text = self.tokens.pop(0) if self.tokens else ("end", "")
            if kind != "name":
                raise Unknown(f"{text!r} after {path}.")
            path = f"{path}.{text}"
            value = _member(value, text, path)
        return value

    def _took(self, sign: str) -> bool:
        if self.tokens and self.tokens[0] == ("sign", sign):
            self.tokens.pop(0)
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._took(sign):
            raise Unknown(f"{sign} is missing")


def _member(value: Value, name: str, path: str = "") -> Value:
    if isinstance(value, Mapping) and name in value:
        return value[name]
    if isinstance(value, Open):
        return None
    raise Unknown(f"there is no {path or name}")
