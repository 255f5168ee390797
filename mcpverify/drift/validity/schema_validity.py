"""Whether the schemas of a tool are valid JSON Schemas that refer to nothing outside.

One walk without recursion goes over every subschema and holds each keyword to the shape
that the dialect's metaschema gives it (`schema_shapes`); then each reference is resolved
in place (`facts.schema_references`). The result is exact and linear in the size of the
schema, whatever its depth. Nothing is fetched, and no pattern is run.
"""

from collections import deque
from typing import Final, Literal, NamedTuple

from mcpverify.drift.validity import parameter_headers
from mcpverify.drift.validity.parameter_headers import HeaderRules
from mcpverify.drift.validity.pattern_syntax import pattern_flaw
from mcpverify.drift.validity.schema_problem import (
    ProblemKind,
    Problems,
    SchemaProblem,
    instead,
    quoted,
)
from mcpverify.drift.validity.schema_shapes import REFERENCES, SHAPES, Shapes, is_names
from mcpverify.facts.dialect import Dialect, almost_known_dialect, known_dialect
from mcpverify.facts.json_text import Json
from mcpverify.facts.revision import Revision
from mcpverify.facts.schema import Holds, Place, dialect
from mcpverify.facts.schema_references import Miss, References

Which = Literal["inputSchema", "outputSchema"]

STEPS: Final = 4_000_000


def tool_problems(
    tool: dict[str, Json], *revisions: Revision
) -> tuple[tuple[Which, SchemaProblem], ...]:
    """The problems of a tool's schemas, as `schema_problems` has them for each."""
    found: list[tuple[Which, SchemaProblem]] = []
    schemas: tuple[Which, Which] = ("inputSchema", "outputSchema")
    for which in schemas:
        if which in tool:
            found += ((which, each) for each in schema_problems(tool[which], which, *revisions))
        elif which == "inputSchema":
            found.append((which, SchemaProblem("", "it is missing")))
    return tuple(found)


def is_valid_in_every_revision(tool: dict[str, Json]) -> bool:
    """Whether a tool has no problem, not even a doubt, whichever revision it is served in."""
    return not tool_problems(tool, *Revision)


def schema_problems(
    schema: Json, which: Which, *revisions: Revision, steps: int = STEPS
) -> tuple[SchemaProblem, ...]:
    """What is wrong with a tool's schema in the revisions that it is served in.

    Empty if and only if the schema is valid. The worst problems come first; of more than
    a few, the last one counts the rest. Total: `schema` may be anything. `steps` bounds
    the work; where they do not suffice, a problem says that the schema is undecided.
    """
    if not isinstance(schema, dict):
        return (SchemaProblem("", f"it must be an object{instead(schema)}"),)
    problems = Problems()
    _Judgement(schema, which, revisions, steps, problems).run()
    return tuple(problems.told())


class _Rules(NamedTuple):
    """What holds for a subschema: its dialect, as tables."""

    dialect: Dialect
    shapes: Shapes
    references: frozenset[str]
    booleans: bool


_RULES: Final = {
    each: _Rules(each, SHAPES[each], REFERENCES[each], each > Dialect.DRAFT_04) for each in Dialect
}


class _Node(NamedTuple):
    """A subschema that awaits its turn; `reachable`: only `properties` lead to it."""

    place: Place
    rules: _Rules
    reachable: bool


class _Reference(NamedTuple):
    node: _Node
    keyword: str
    value: str


class _Judgement:
    """One schema on its way to a verdict."""

    def __init__(
        self,
        schema: dict[str, Json],
        which: Which,
        revisions: tuple[Revision, ...],
        steps: int,
        problems: Problems,
    ) -> None:
        self._schema = schema
        self._handshake = any(each < Revision.R2026_07_28 for each in revisions)
        self._stateless = any(each >= Revision.R2026_07_28 for each in revisions)
        self._typed_root = self._handshake or which == "inputSchema"
        self._left = steps
        self._pending: deque[_Node] = deque()
        self._seen: set[int] = set()
        self._problems = problems
        self._references: deque[_Reference] = deque()
        self._headers = HeaderRules() if self._stateless and which == "inputSchema" else None

    def run(self) -> None:
        root = Place(self._schema, None, ())
        self._judge_root(root)
        rules = self._declared_rules(root)
        if rules is None:
            return
        self._pending.append(_Node(root, rules, True))
        self._walk()
        if self._references and self._left >= 0:
            self._resolve(References(self._schema, rules.dialect))
        if self._left < 0:
            text = "it is too large to be judged: what was seen of it is all that is told"
            self._problems.add(root, (), text, ProblemKind.UNDECIDED)

    def _judge_root(self, root: Place) -> None:
        """What the protocol asks of the root beyond JSON Schema."""
        if self._typed_root and self._schema.get("type") != "object":
            if "type" in self._schema:
                text = f'it must be "object" at the root{instead(self._schema["type"])}'
                self._problems.add(root, ("type",), text)
            else:
                self._problems.add(root, (), 'it must have "type": "object" at its root')
        properties = self._schema.get("properties")
        if self._handshake and isinstance(properties, dict):
            for name, value in properties.items():
                if isinstance(value, bool):
                    text = "true and false are no properties of a tool before 2026-07-28"
                    self._problems.add(root, ("properties", name), text, ProblemKind.DOUBTFUL)

    def _declared_rules(self, place: Place) -> _Rules | None:
        """The rules of the dialect that the schema at `place` declares, if we know them."""
        declared = dialect(place.schema)
        known = known_dialect(declared)
        if known is None:
            known = almost_known_dialect(declared)
            if known is None:
                text = f"the dialect {quoted(declared)} is not known here, so it was not judged"
                self._problems.add(place, ("$schema",), text, ProblemKind.UNDECIDED)
                return None
            text = f"validators know this dialect as {known.uri}"
            self._problems.add(place, ("$schema",), text, ProblemKind.DOUBTFUL)
        return _RULES[known]

    def _walk(self) -> None:
        """Holds every subschema to the rules, and collects the references."""
        while self._pending and self._left >= 0:
            node = self._pending.popleft()
            schema = node.place.schema
            if id(schema) in self._seen:
                continue
            self._seen.add(id(schema))
            self._left -= 1 + len(schema)
            if "$schema" in schema and node.place.parent is not None and _is_resource(schema):
                rules = self._declared_rules(node.place)
                if rules is None:
                    continue
                node = node._replace(rules=rules)
            self._judge(node)

    def _judge(self, node: _Node) -> None:
        place, rules, _ = node
        shapes = rules.shapes
        for keyword, value in place.schema.items():
            shape = shapes.get(keyword)
            if shape is None:
                if keyword == parameter_headers.KEYWORD:
                    self._judge_header(node)
                continue
            if type(value) is list:
                self._left -= len(value)
            if not shape.fits(value):
                self._refuse(place, keyword, shape.expected, value)
            elif shape.holds is not None:
                self._descend(node, keyword, value)
            elif keyword == "pattern":
                self._judge_pattern(place, (keyword,), value)
            elif isinstance(value, str) and keyword in rules.references:
                self._references.append(_Reference(node, keyword, value))
            if shape.beside and shape.beside not in place.schema:
                self._problems.add(place, (keyword,), f"it needs {shape.beside} beside it")

    def _refuse(self, place: Place, keyword: str, expected: str, value: Json) -> None:
        if keyword == "type" and place.parent is None and self._typed_root:
            return  # told already, as a matter of the protocol
        self._problems.add(place, (keyword,), f"it must be {expected}{instead(value)}")

    def _descend(self, node: _Node, keyword: str, value: Json) -> None:
        if isinstance(value, dict):
            holds = node.rules.shapes[keyword].holds
            if holds is Holds.SCHEMA:
                self._pending.append(_Node(Place(value, node.place, (keyword,)), node.rules, False))
                return
            reachable = node.reachable and keyword == "properties"
            self._left -= len(value)
            for name, inner in value.items():
                if keyword == "patternProperties":
                    self._judge_pattern(node.place, (keyword, name), name)
                if keyword == "dependencies" and isinstance(inner, list):
                    self._left -= len(inner)
                    if not is_names(inner) or not (inner or node.rules.booleans):
                        text = "it must be a schema or a list of distinct strings"
                        self._problems.add(node.place, (keyword, name), text)
                else:
                    self._hold(node, (keyword, name), inner, reachable)
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                self._hold(node, (keyword, index), inner, False)

    def _hold(
        self, node: _Node, steps: tuple[str | int, ...], value: Json, reachable: bool
    ) -> None:
        if isinstance(value, dict):
            self._pending.append(_Node(Place(value, node.place, steps), node.rules, reachable))
        elif not isinstance(value, bool) or not node.rules.booleans:
            self._problems.add(node.place, steps, f"it must be a schema{instead(value)}")

    def _judge_pattern(self, place: Place, steps: tuple[str | int, ...], value: Json) -> None:
        if not isinstance(value, str):
            return
        self._left -= len(value) // 16
        flaw = pattern_flaw(value)
        if flaw is not None:
            text = f"the pattern {quoted(value)} is no regular expression of ECMA-262: {flaw.text}"
            kind = ProblemKind.INVALID if flaw.everywhere else ProblemKind.DOUBTFUL
            self._problems.add(place, steps, text, kind)

    def _judge_header(self, node: _Node) -> None:
        if self._headers is None:
            return
        below = node.place.parent is not None
        schema = node.place.schema
        text, sure = self._headers.breach(schema, reachable=node.reachable and below)
        if text:
            kind = ProblemKind.INVALID if sure else ProblemKind.DOUBTFUL
            text += ": clients of 2026-07-28 leave the tool out"
            self._problems.add(node.place, (parameter_headers.KEYWORD,), text, kind)

    def _resolve(self, references: References) -> None:
        """Follows each reference; what one leads to is a schema, wherever it stands."""
        while self._references and self._left >= 0:
            node, keyword, value = self._references.popleft()
            self._left -= 1 + len(value) // 16
            target = references.target(references.resource_of(node.place), value)
            if isinstance(target, Miss):
                if target is not Miss.METASCHEMA:
                    text, kind = _MISSED[target]
                    self._problems.add(node.place, (keyword,), f"{quoted(value)} {text}", kind)
            elif target.place is not None:
                if id(target.place.schema) not in self._seen:
                    self._pending.append(_Node(target.place, node.rules, False))
                    self._walk()
            elif not isinstance(target.value, bool):
                text = f"{quoted(value)} leads to something that is no schema"
                self._problems.add(node.place, (keyword,), text)


_MISSED: Final = {
    Miss.NOWHERE: ("leads to nothing in this schema", ProblemKind.INVALID),
    Miss.ELSEWHERE: ("leads out of this schema, and is never fetched", ProblemKind.INVALID),
    Miss.TOO_LONG: ("was not followed: identifiers are too long", ProblemKind.UNDECIDED),
}


def _is_resource(schema: dict[str, Json]) -> bool:
    return isinstance(schema.get("$id"), str) or isinstance(schema.get("id"), str)
