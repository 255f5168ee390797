"""Arguments for a call that is to be proposed: few, valid, and likely to mean something.

What the schema names itself goes before what would merely be valid: constants, examples, defaults,
listed values, and for formats, which a referee does not assert, a value that has the format. The
search of drift finds the rest, and the referee has the last word.
"""

from collections.abc import Iterator
from typing import Final

from mcpverify.drift.budget import Budget
from mcpverify.drift.containment.prover import Refuted, Undecided, contained
from mcpverify.drift.referee.oracle import Oracle
from mcpverify.drift.referee.silence import OracleSilent
from mcpverify.facts.json_text import Json, pointer_steps

_DEEPEST: Final = 8
_MOST: Final = 200  # properties that are looked at
_TRIED: Final = 4  # values of one property
_STEPS, _SECONDS = 40_000, 0.5
_FORMATS: Final[dict[str, str]] = {
    "date": "2026-01-15",
    "date-time": "2026-01-15T12:00:00Z",
    "duration": "P1D",
    "email": "someone@example.com",
    "hostname": "example.com",
    "idn-email": "someone@example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "iri": "https://example.com/",
    "time": "12:00:00Z",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def arguments_for(schema: Json) -> tuple[dict[str, Json] | None, str]:
    """Arguments that `schema`, an inputSchema, accepts; or None, and why there are none."""
    if not isinstance(schema, dict):
        return None, "its inputSchema is no object"
    problem = "its inputSchema takes no arguments that were found"
    for candidate in _candidates(schema):
        if isinstance(candidate, Undecided):
            problem = f"no arguments were found: {candidate.reason}"
            continue
        try:
            refusal = Oracle(schema, Budget(_STEPS, _SECONDS)).refusal(candidate)
        except OracleSilent as silent:
            problem = f"no arguments could be tried: {silent.reason}"
            continue
        if refusal is None and isinstance(candidate, dict):
            return _in_order(candidate, schema), ""
    return None, problem


def _candidates(schema: dict[str, Json]) -> "Iterator[Json | Undecided]":
    examples = schema.get("examples")
    yield from examples[:_TRIED] if isinstance(examples, list) else ()
    yield {}  # what can be called with nothing is called with nothing
    wishes = _Wishes(schema).of(schema)
    for wish in ({"allOf": [wishes]}, {}) if wishes else ({},):
        already = schema.get("allOf")
        together = [*(already if isinstance(already, list) else []), *wish.get("allOf", [])]
        wanted: dict[str, Json] = {**schema, "allOf": together} if together else schema
        # Whatever can be called at all is refused by a schema that takes nothing.
        found = contained(wanted, {"not": {}}, Budget(_STEPS, _SECONDS), arguments=True)
        if isinstance(found, Refuted):
            yield found.value
        elif isinstance(found, Undecided):
            yield found


class _Wishes:
    """What values should be beyond what a schema asks for: a schema to be put beside it."""

    def __init__(self, root: dict[str, Json]) -> None:
        self._root = root
        self._left = _MOST

    def of(self, schema: Json, depth: int = 0) -> dict[str, Json]:
        """A schema of the wished values, {} where there is no wish."""
        schema = self._followed(schema)
        if not isinstance(schema, dict) or depth > _DEEPEST or self._left <= 0:
            return {}
        self._left -= 1
        for value in _named(schema):
            if self._accepts(schema, value):
                return {"enum": [value]}
        wishes: dict[str, Json] = {}
        properties = schema.get("properties")
        if isinstance(properties, dict):
            inner = {name: self.of(each, depth + 1) for name, each in properties.items()}
            kept: dict[str, Json] = {name: each for name, each in inner.items() if each}
            wishes |= {"properties": kept} if kept else {}
        items = self.of(schema.get("items"), depth + 1)
        return wishes | ({"items": items} if items else {})

    def _followed(self, schema: Json) -> Json:
        """The schema behind a reference to a place in the document."""
        for _ in range(_DEEPEST):
            reference = schema.get("$ref") if isinstance(schema, dict) else None
            if not isinstance(reference, str) or not reference.startswith("#/"):
                break
            schema = self._root
            for step in pointer_steps(reference[1:]):
                schema = schema.get(step) if isinstance(schema, dict) else None
        return schema

    def _accepts(self, schema: dict[str, Json], value: Json) -> bool:
        """Whether a named value is itself valid: examples are often none."""
        definitions: dict[str, Json] = {k: self._root[k] for k in _SHARED if k in self._root}
        try:
            return Oracle(definitions | schema, Budget()).refusal(value) is None
        except OracleSilent:
            return False


_SHARED: Final = ("$schema", "$defs", "definitions")


def _named(schema: dict[str, Json]) -> Iterator[Json]:
    """Values that the schema names, the likeliest first; null is none that a file can hold."""
    if "const" in schema:
        yield schema["const"]
    examples = schema.get("examples")
    named: list[Json] = [*(examples if isinstance(examples, list) else [])[:_TRIED]]
    named += [schema[key] for key in ("example", "default") if key in schema]
    yield from (each for each in named if each is not None and each != "")
    listed = schema.get("enum")
    values = listed[:_TRIED] if isinstance(listed, list) else []
    yield from (each for each in values if each is not None)
    name = schema.get("format")
    if isinstance(name, str) and name in _FORMATS:
        yield _FORMATS[name]


def _in_order(arguments: dict[str, Json], schema: dict[str, Json]) -> dict[str, Json]:
    """The arguments in the order in which the schema declares them."""
    properties = schema.get("properties")
    declared = list(properties) if isinstance(properties, dict) else []
    names = [name for name in declared if name in arguments]
    return {name: arguments[name] for name in dict.fromkeys((*names, *arguments))}
