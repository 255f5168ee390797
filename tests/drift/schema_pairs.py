"""Made-up schemas, pairs of them a few edits apart, and values that they are likely to accept.

All of it is drawn from a `Random`, so that a seed says everything. Few names, texts and
numbers are used, so that schemas meet values and each other often. What is drawn of the
values is only likely: the oracle says which are valid.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

DRAFT_07 = "http://json-schema.org/draft-07/schema#"

# Names that are keywords too: as the name of a property they must mean nothing.
NAMES = ["a", "b", "c", "kind", "title", "type", "format", "default", "required", "$ref"]
UNKNOWN = ["zz", "x-1", "A"]
WORDS = ["", "a", "b", "ab", "aa", "abc", "A1", "12", "7", "x-1", "zz", "fast", "full", "äß", "a b"]
INTEGERS = [-3, -1, 0, 1, 2, 3, 4, 5, 6, 7, 10, 12, 100]
NUMBERS = [*INTEGERS, 0.5, 1.5, 2.5, -0.5, 0.1, 0.3, 1e-7, 9.99]
LARGE = [2**53 - 1, 2**53, 2**53 + 1, -(2**53), 10**20]
PATTERNS = {
    "^[a-z]+$": ["a", "ab", "zz", "fast"],
    "^[a-z]*$": ["", "a", "full"],
    "^[a-c]{1,2}$": ["a", "ab", "cc"],
    "[0-9]": ["7", "A1", "x-1"],
    "^[0-9]+$": ["12", "7", "0"],
    "^x-": ["x-1", "x-"],
    "^[A-Z][0-9]$": ["A1", "Z9"],
    "^(fast|full)$": ["fast", "full"],
    "^(fast|full|fuzzy)$": ["fast", "full", "fuzzy"],
    "a": ["a", "ab", "ba"],
    "^a": ["a", "ab", "abc"],
    "b$": ["b", "ab"],
    "^.{2,3}$": ["ab", "abc", "12"],
    "^$": [""],
    "^(?!a)": ["b", "", "zz"],
    "^[^a]*$": ["", "b", "12"],
}
TYPES = ["string", "integer", "number", "boolean", "null", "array", "object"]

Schema = Any


class _Maker:
    """Draws one schema. `legacy`: in draft 7, which writes arrays and definitions otherwise."""

    def __init__(self, random: Random, legacy: bool) -> None:
        self.random = random
        self.legacy = legacy
        self.dense = random.random() < 0.3
        self.definitions: dict[str, Schema] = {}
        self.under = "definitions" if legacy else "$defs"
        if random.random() < 0.4:
            self.definitions = dict.fromkeys(
                random.sample(["P", "Q", "a/b~"], random.randint(1, 2))
            )

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def seldom(self, share: float) -> bool:
        """Of what is rare in real schemas; a dense schema has it often."""
        return self.random.random() < (min(0.5, 4 * share) if self.dense else share)

    def document(self) -> Schema:
        depth = self.random.choice([1, 1, 2, 2, 3])
        choice = self.random.random()
        if choice < 0.65:
            root = self.objects(depth)
        elif choice < 0.8:
            root = self.combined(depth)
        else:
            root = self.schema(depth)
        if not isinstance(root, dict):
            return root
        if self.definitions:
            made = {name: self.schema(2) for name in self.definitions}
            root = {**root, self.under: made}
        if self.legacy:
            root = {"$schema": DRAFT_07, **root}
        return root

    def schema(self, depth: int) -> Schema:
        if self.chance(0.05):
            return self.random.choice([True, False, {}, {}, {}, {"not": {}}])
        if self.definitions and self.chance(0.12):
            return self.reference(depth)
        if depth <= 0:
            makers: list[Callable[[int], Schema]] = [self.scalar]
        else:
            makers = (
                [self.scalar] * 8 + [self.objects] * 5 + [self.arrays] * 3 + [self.combined] * 5
            )
        made = self.random.choice(makers)(depth)
        if isinstance(made, dict) and self.chance(0.15):
            made = {**made, **self.annotation()}
        return made

    def reference(self, depth: int) -> Schema:
        name = self.random.choice([*self.definitions])
        target = name.replace("~", "~0").replace("/", "~1")
        made: Schema = {"$ref": f"#/{self.under}/{target}"}
        if self.chance(0.05):
            made = {"$ref": "#"}
        if self.chance(0.15):
            beside = self.scalar(depth)
            made = {**(beside if isinstance(beside, dict) else {}), **made}
        return made

    def annotation(self) -> dict[str, Any]:
        return self.random.choice(
            [
                {"title": "Title"},
                {"description": "text"},
                {"default": self.random.choice([None, 1, "a"])},
                {"examples": ["a"]},
                {"format": self.random.choice(["date", "uri", "mine"])},
                {"x-mine": {"type": "string"}},
                {"$comment": "text", "deprecated": True},
            ]
        )

    # Scalars

    def scalar(self, depth: int) -> Schema:
        makers = (
            [self.string] * 4 + [self.number] * 4 + [self.listed] * 3 + [self.types, self.plain]
        )
        return self.random.choice(makers)()

    def plain(self) -> Schema:
        return {"type": self.random.choice(TYPES)}

    def types(self) -> Schema:
        chosen = self.random.sample(TYPES, self.random.randint(1, 3))
        made: dict[str, Any] = {"type": chosen}
        for part in (self.string, self.number):
            if self.chance(0.3):
                made = {**part(), **made}
        return made

    def string(self) -> dict[str, Any]:
        made: dict[str, Any] = {"type": "string"} if self.chance(0.9) else {}
        if self.chance(0.25):
            made["minLength"] = self.random.randint(0, 3)
        if self.chance(0.25):
            made["maxLength"] = self.random.randint(0, 4)
        if self.chance(0.3):
            made["pattern"] = self.random.choice([*PATTERNS])
        return made

    def number(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if self.chance(0.9):
            made["type"] = self.random.choice(["integer", "integer", "number"])
        for keyword, share in (
            ("minimum", 0.35),
            ("maximum", 0.35),
            ("exclusiveMinimum", 0.1),
            ("exclusiveMaximum", 0.1),
        ):
            if self.chance(share):
                made[keyword] = self.random.choice(LARGE if self.chance(0.05) else NUMBERS)
        if self.seldom(0.15):
            made["multipleOf"] = self.random.choice([1, 2, 3, 4, 6, 0.5, 0.1, 0.25, 1.5])
        return made

    def value(self, depth: int = 1) -> Any:
        kind = self.random.random()
        if depth and kind < 0.08:
            return [self.value(0) for _ in range(self.random.randint(0, 2))]
        if depth and kind < 0.16:
            return {self.random.choice(NAMES): self.value(0)}
        if kind < 0.3:
            return self.random.choice([None, True, False])
        if kind < 0.55:
            return self.random.choice(NUMBERS)
        if kind < 0.56:
            return self.random.choice(LARGE)
        return self.random.choice(WORDS)

    def listed(self) -> dict[str, Any]:
        if self.chance(0.25):
            return {"const": self.value()}
        few = self.random.randint(1, 4)
        values = self.random.sample(WORDS, few) if self.chance(0.6) else []
        values = values or [self.value() for _ in range(few)]
        made = {"enum": values}
        if self.chance(0.3):
            made = {"type": "string", **made}
        return made

    # Arrays

    def arrays(self, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {"type": "array"} if self.chance(0.9) else {}
        if self.chance(0.7):
            made["items"] = self.schema(depth - 1)
        if self.chance(0.2):
            prefix = [self.schema(depth - 1) for _ in range(self.random.randint(1, 2))]
            if self.legacy:
                if "items" in made:
                    made["additionalItems"] = made["items"]
                made["items"] = prefix
            else:
                made["prefixItems"] = prefix
        if self.chance(0.2):
            made["minItems"] = self.random.randint(0, 3)
        if self.chance(0.2):
            made["maxItems"] = self.random.randint(0, 3)
        if self.seldom(0.12):
            made["uniqueItems"] = True
        if self.seldom(0.15):
            made["contains"] = self.schema(depth - 1)
            if not self.legacy:
                if self.chance(0.3):
                    made["minContains"] = self.random.randint(0, 2)
                if self.chance(0.3):
                    made["maxContains"] = self.random.randint(0, 2)
        if self.seldom(0.03) and not self.legacy:
            made["unevaluatedItems"] = self.random.choice([False, {"type": "string"}])
        return made

    # Objects

    def objects(self, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {"type": "object"} if self.chance(0.93) else {}
        names = self.random.sample(NAMES, self.random.randint(0, 4))
        if names or self.chance(0.1):
            made["properties"] = {name: self.schema(depth - 1) for name in names}
        if names and self.chance(0.6):
            made["required"] = self.random.sample(names, self.random.randint(0, len(names)))
            if self.chance(0.05):
                made["required"].append(self.random.choice(UNKNOWN))
        if self.chance(0.35):
            made["additionalProperties"] = self.random.choice(
                [False, False, True, {}, self.schema(depth - 1)]
            )
        if self.seldom(0.08):
            made["patternProperties"] = {
                self.random.choice([*PATTERNS]): self.schema(depth - 1)
                for _ in range(self.random.randint(1, 2))
            }
        if self.seldom(0.06):
            made["propertyNames"] = self.random.choice(
                [
                    {"pattern": self.random.choice([*PATTERNS])},
                    {"maxLength": self.random.randint(1, 4)},
                    {"enum": self.random.sample(NAMES, 4)},
                    self.string(),
                ]
            )
        if self.seldom(0.06):
            made["minProperties"] = self.random.randint(0, 3)
        if self.seldom(0.06):
            made["maxProperties"] = self.random.randint(0, 3)
        if self.seldom(0.06):
            made |= self.dependent(depth)
        if self.seldom(0.03) and not self.legacy:
            made["unevaluatedProperties"] = self.random.choice([False, False, True, self.plain()])
        return made

    def dependent(self, depth: int) -> dict[str, Any]:
        name, other = self.random.sample(NAMES[:5], 2)
        if self.chance(0.5):
            return {"dependencies" if self.legacy else "dependentRequired": {name: [other]}}
        inner = self.objects(depth - 1)
        return {"dependencies" if self.legacy else "dependentSchemas": {name: inner}}

    # Combinators

    def combined(self, depth: int) -> Schema:
        makers = [
            self.pydantic_nullable,
            self.pydantic_nullable,
            self.zod_nullable,
            self.discriminated,
            self.discriminated,
            self.union,
            self.union,
            self.overlapping,
            self.all_of,
            self.negated,
            self.conditional,
        ]
        return self.random.choice(makers)(depth)

    def pydantic_nullable(self, depth: int) -> Schema:
        return {"anyOf": [self.schema(depth - 1), {"type": "null"}], "default": None}

    def zod_nullable(self, depth: int) -> Schema:
        inner = self.scalar(depth)
        kind = inner.get("type") if isinstance(inner, dict) else None
        if isinstance(kind, str) and kind != "null":
            return {**inner, "type": [kind, "null"]}
        return {"anyOf": [inner, {"type": "null"}]}

    def discriminated(self, depth: int) -> Schema:
        branches = []
        for value in self.random.sample(WORDS, self.random.randint(2, 3)):
            branch = self.objects(depth - 1)
            constant = {"const": value} if self.chance(0.8) else {"enum": [value]}
            branch["properties"] = {**branch.get("properties", {}), "kind": constant}
            if self.chance(0.9):
                branch["required"] = sorted({*branch.get("required", []), "kind"})
            branches.append(branch)
        return {self.random.choice(["oneOf", "anyOf"]): branches}

    def union(self, depth: int) -> Schema:
        branches = [self.schema(depth - 1) for _ in range(self.random.randint(2, 3))]
        made: dict[str, Any] = {self.random.choice(["anyOf", "anyOf", "oneOf"]): branches}
        if self.chance(0.15):
            made = {**self.scalar(depth), **made}
        return made

    def overlapping(self, depth: int) -> Schema:
        one = self.schema(depth - 1)
        return {"oneOf": [one, edited(one, self.random, 1)]}

    def all_of(self, depth: int) -> Schema:
        made: dict[str, Any] = {"allOf": [self.objects(depth - 1) for _ in range(2)]}
        if self.chance(0.3):
            made["allOf"].append(self.schema(depth - 1))
        if self.chance(0.4):
            made = {**self.objects(depth - 1), **made}
        return made

    def negated(self, depth: int) -> Schema:
        base = self.scalar(depth) if self.chance(0.8) else self.objects(depth - 1)
        inner = self.random.choice([self.listed, self.plain, lambda: self.schema(depth - 1)])()
        return {**(base if isinstance(base, dict) else {}), "not": inner}

    def conditional(self, depth: int) -> Schema:
        base = self.objects(depth - 1)
        name = self.random.choice([*base.get("properties", {}), "kind"])
        made = {**base, "if": {"properties": {name: self.listed()}}}
        if self.chance(0.6):
            made["if"]["required"] = [name]
        if self.chance(0.8):
            made["then"] = self.objects(depth - 1) if self.chance(0.5) else {"required": ["a"]}
        if self.chance(0.5):
            made["else"] = self.objects(depth - 1)
        return made


def schema_of(random: Random) -> Schema:
    """A whole schema, most often one that a tool could have."""
    return _Maker(random, legacy=random.random() < 0.1).document()


def pair_of(random: Random) -> tuple[Schema, Schema]:
    """Two schemas, most often one to three edits apart, in either order."""
    one = schema_of(random)
    if random.random() < 0.08:
        return one, schema_of(random)
    other = edited(one, random, random.choice([1, 1, 1, 2, 2, 3]))
    return (one, other) if random.random() < 0.5 else (other, one)


def is_circular(schema: Schema) -> bool:
    """Whether a schema in it leads to itself in place, so that no value decides it."""
    root = [schema]
    return any(
        _returns(schema, container[key], set()) for container, key in [(root, 0), *places(schema)]
    )


def _returns(root: Schema, schema: Schema, above: set[int]) -> bool:
    if not isinstance(schema, dict):
        return False
    if id(schema) in above:
        return True
    inner = [each for keyword in ("allOf", "anyOf", "oneOf") for each in schema.get(keyword, ())]
    inner += [schema[keyword] for keyword in ("not", "if", "then", "else") if keyword in schema]
    for keyword in ("dependentSchemas", "dependencies"):
        inner += schema.get(keyword, {}).values()
    if isinstance(schema.get("$ref"), str):
        inner.append(_Sampler(root, Random(0)).target(schema["$ref"]))
    return any(_returns(root, each, {*above, id(schema)}) for each in inner)


# Tight schemas: about few values, so that nearly all of them can be tried

TIGHT_VALUES: dict[str, list[Any]] = {
    "number": [
        *(-6, -4, -3, -2, -1.5, -1, -0.5, 0, 0.1, 0.2, 0.25, 0.3, 0.5, 0.6, 0.75, 1, 1.2, 1.5, 2),
        *(2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.1, 7, 8, 9, 9.9, 10, 11, 12, 13, 15, 18, 24, 30, 36),
    ],
    "string": [
        *("", "a", "b", "c", "d", "z", "A", "1", "7", "-", "é", "aa", "ab", "ba", "bb", "cc"),
        *("a1", "1a", "12", "A1", "Z9", "x-", "x-1", "abc", "aab", "zzz", "123", "fast", "full"),
        *("fuzzy", "aaaa", "abab", "12345", "a b", "\n", "a\n", "😀", "a😀"),
    ],
    "array": [
        *([], [0], [1], ["a"], [None], [0, 0], [0, 1], [1, 0], [1, 2], ["a", 0], [0, "a"]),
        *(["a", "a"], ["a", "b"], [0, 0, 0], [0, 1, 2], [2, 2, 1], ["a", "b", "a"], [1, "a", 1]),
        *([[]], [{}], [True], [True, 1], [1, 2, 3, 4], [0, 0, 1, 1], ["a", "b", "c", 0], [5, 6]),
    ],
    "object": [
        *({}, {"a": 0}, {"a": 1}, {"a": "a"}, {"a": None}, {"b": 0}, {"b": "a"}, {"c": 1}),
        *({"a": 0, "b": 0}, {"a": 1, "b": "a"}, {"a": "a", "b": 1}, {"a": 0, "c": 0}),
        *({"b": 0, "c": 1}, {"a": 0, "b": 0, "c": 0}, {"a": 1, "b": 2, "c": "a"}, {"zz": 0}),
        *({"ab": 1}, {"ab": "a", "a": 0}, {"x-1": 0}, {"a": 5}, {"a": 5, "b": 5}, {"b": None}),
    ],
}
TIGHT_OTHERS: list[Any] = [None, True, False]


class _Tight:
    """Draws schemas about one type, of constraints that meet: intersections, choices, negations."""

    def __init__(self, random: Random, kind: str) -> None:
        self.random = random
        self.kind = kind

    def schema(self, depth: int) -> Schema:
        random = self.random
        if depth <= 0 or random.random() < 0.4:
            return self.facts()
        inner = [self.schema(depth - 1) for _ in range(random.randint(1, 3))]
        made: dict[str, Any] = random.choice(
            [
                {"anyOf": inner},
                {"oneOf": inner},
                {"allOf": inner},
                {"not": inner[0]},
                dict(zip(("if", "then", "else"), inner, strict=False)),
            ]
        )
        facts = self.facts()
        if random.random() < 0.4 and isinstance(facts, dict):
            made = {**facts, **made}
        return made

    def scalar(self) -> Schema:
        return _Tight(self.random, self.random.choice(["number", "string"])).facts()

    def facts(self) -> Schema:
        random = self.random
        if random.random() < 0.06:
            return random.choice([True, False, {}, {"type": "null"}, {"type": ["boolean", "null"]}])
        if random.random() < 0.15:
            pool = [*TIGHT_VALUES[self.kind], *TIGHT_OTHERS]
            values = random.sample(pool, random.randint(1, 6))
            return {"enum": values} if random.random() < 0.8 else {"const": values[0]}
        made = {"type": self.kind} if random.random() < 0.75 else {}
        if self.kind == "number" and random.random() < 0.5:
            made = {"type": "integer"}
        facts = getattr(self, f"about_{self.kind}")()
        return {
            **made,
            **dict(random.sample([*facts.items()], random.randint(0, min(3, len(facts))))),
        }

    def about_number(self) -> dict[str, Any]:
        pick = self.random.choice
        marks = [-4, -1, 0, 0.5, 1, 2, 2.5, 3, 5, 6, 7.5, 10, 12]
        return {
            "minimum": pick(marks),
            "maximum": pick(marks),
            "exclusiveMinimum": pick(marks),
            "exclusiveMaximum": pick(marks),
            "multipleOf": pick([1, 2, 3, 4, 5, 6, 0.5, 0.1, 0.3, 0.25, 1.5]),
        }

    def about_string(self) -> dict[str, Any]:
        pick = self.random.choice
        return {
            "minLength": pick([0, 1, 2, 3, 5]),
            "maxLength": pick([0, 1, 2, 3, 5]),
            "pattern": pick([*PATTERNS]),
        }

    def about_array(self) -> dict[str, Any]:
        random = self.random
        return {
            "items": self.scalar(),
            "prefixItems": [self.scalar() for _ in range(random.randint(1, 2))],
            "contains": self.scalar(),
            "minContains": random.randint(0, 2),
            "maxContains": random.randint(0, 2),
            "minItems": random.randint(0, 3),
            "maxItems": random.randint(0, 3),
            "uniqueItems": random.random() < 0.8,
        }

    def about_object(self) -> dict[str, Any]:
        random = self.random
        one, other = random.sample(["a", "b", "c"], 2)
        return {
            "properties": {one: self.scalar(), other: self.scalar()},
            "required": random.sample(["a", "b", "c"], random.randint(1, 2)),
            "additionalProperties": random.choice([False, True, self.scalar()]),
            "patternProperties": {random.choice([*PATTERNS]): self.scalar()},
            "propertyNames": _Tight(random, "string").facts(),
            "minProperties": random.randint(0, 3),
            "maxProperties": random.randint(0, 3),
            "dependentRequired": {one: [other]},
            "dependentSchemas": {other: {"properties": {one: self.scalar()}}},
        }


def tight_pair_of(random: Random) -> tuple[Schema, Schema, list[Any]]:
    """Two schemas about one type of values, and most values that tell them apart."""
    kind = random.choice([*TIGHT_VALUES])
    tight = _Tight(random, kind)
    one = tight.schema(2)
    other = tight.schema(2) if random.random() < 0.6 else edited(one, random, 1)
    if random.random() < 0.3:
        other = {"anyOf": [other, tight.schema(1)]}
    pool = [*TIGHT_VALUES[kind], *TIGHT_OTHERS]
    for name, values in TIGHT_VALUES.items():
        pool += random.sample(values, 2) if name != kind else []
    return one, other, pool


# Edits

_INNER = ("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")


def places(schema: Schema) -> Iterator[tuple[Any, Any]]:
    """Each schema inside `schema`, as the container that holds it and its key there."""
    if not isinstance(schema, dict):
        return
    for keyword in _INNER:
        if isinstance(schema.get(keyword), dict | bool):
            yield schema, keyword
            yield from places(schema[keyword])
    for keyword in (*_LISTS, "items"):
        if isinstance(schema.get(keyword), list):
            for index, inner in enumerate(schema[keyword]):
                yield schema[keyword], index
                yield from places(inner)
    for keyword in (*_NAMED, "dependencies"):
        if isinstance(schema.get(keyword), dict):
            for name, inner in schema[keyword].items():
                if not isinstance(inner, list):
                    yield schema[keyword], name
                    yield from places(inner)


def edited(schema: Schema, random: Random, edits: int) -> Schema:
    """`schema` after some edits such as an author makes, or a careless one."""
    root = [copy.deepcopy(schema)]
    legacy = isinstance(schema, dict) and "$schema" in schema
    maker = _Maker(random, legacy)
    maker.definitions = {}
    if isinstance(schema, dict):
        maker.definitions = dict.fromkeys(schema.get(maker.under, {}))
    for _ in range(edits):
        for _ in range(10):
            container, key = random.choice([(root, 0), *places(root[0])])
            if _edit(container, key, maker):
                break
    return root[0]


def _edit(container: Any, key: Any, maker: _Maker) -> bool:
    random, schema = maker.random, container[key]
    if not isinstance(schema, dict) or random.random() < 0.08:
        if isinstance(schema, dict) and ("$schema" in schema or maker.under in schema):
            return False
        container[key] = maker.schema(1)
        return True
    edit = random.choice(_EDITS)
    return edit(schema, container, key, maker)


def _change_number(schema: Any, container: Any, key: Any, maker: _Maker) -> bool:
    keywords = [k for k, v in schema.items() if type(v) in (int, float) and k in _NUMERIC]
    if not keywords:
        return False
    keyword = maker.random.choice(keywords)
    if keyword == "multipleOf":
        schema[keyword] = schema[keyword] * maker.random.choice([2, 3, 0.5])
        return True
    step = maker.random.choice([-2, -1, 1, 2])
    if keyword.startswith(("minL", "maxL", "minI", "maxI", "minP", "maxP", "minC", "maxC")):
        schema[keyword] = max(0, schema[keyword] + step)
    else:
        schema[keyword] += maker.random.choice([step, 0.5])
    return True


_NUMERIC = {
    "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "multipleOf", "minItems", "maxItems", "minProperties", "maxProperties", "minContains",
    "maxContains",
}  # fmt: skip


def _drop(schema: Any, container: Any, key: Any, maker: _Maker) -> bool:
    keywords = [each for each in schema if each not in ("$schema", maker.under)]
    if not keywords:
        return False
    del schema[maker.random.choice(keywords)]
    return True


def _add(schema: Any, container: Any, key: Any, maker: _Maker) -> bool:
    declared = schema.get("type")
    if declared == "object" or "properties" in schema:
        fresh: Any = maker.objects(1)
    elif declared == "array":
        fresh = maker.arrays(1)
    elif declared == "string":
        fresh = maker.string()
    elif declared in ("integer", "number"):
        fresh = maker.number()
    else:
        fresh = maker.schema(1)
    if not isinstance(fresh, dict):
        return False
    keywords = [each for each in fresh if each not in schema and each != "properties"]
    if not keywords:
        return False
    keyword = maker.random.choice(keywords)
    schema[keyword] = fresh[keyword]
    return True


def _edit_values(schema: Any, container: Any, key: Any, maker: _Maker) -> bool:
    values = schema.get("enum")
    if values is None:
        if "const" not in schema:
            return False
        schema["enum"] = [schema.pop("const"), maker.value()]
    elif maker.chance(0.5) and len(values) > 1:
        values.pop(maker.random.randrange(len(values)))
    else:
        values.append(maker.value())
    return True


def _edit_required(schema: Any, container: Any, key: Any, maker: _Maker) -> bool:
    names = schema.get("properties")
    if not isinstance(names, dict) or not names:
        return False
    required = schema.setdefault("required", [])
    name = maker.random.choice([*names])
    if name in required:
        required.remove(name)
    else:
        required.append(name)
    return True


def _edit_properties(schema: Any, container: Any, key: Any, maker: _Maker) -> bool:
    names = schema.get("properties")
    if not isinstance(names, dict):
        return False
    fresh = maker.random.choice(NAMES)
    if not names or maker.chance(0.4):
        names[fresh] = maker.schema(1)
    elif maker.chance(0.5):
        del names[maker.random.choice([*names])]
    else:
        name = maker.random.choice([*names])
        names[fresh] = names.pop(name)
        if name in schema.get("required", ()):
            schema["required"] = [fresh if each == name else each for each in schema["required"]]
    return True


def _edit_type(schema: Any, container: Any, key: Any, maker: _Maker) -> bool:
    declared = schema.get("type")
    if declared is None:
        return False
    types = [declared] if isinstance(declared, str) else declared
    schema["type"] = maker.random.choice(
        [
            "number" if declared == "integer" else "integer",
            [*types, "null"]
            if "null" not in types
            else [t for t in types if t != "null"] or "null",
            sorted({*types, maker.random.choice(TYPES)}),
            types[0],
        ]
    )
    return True


def _wrap(schema: Any, container: Any, key: Any, maker: _Maker) -> bool:
    if "$schema" in schema or maker.under in schema:
        return False
    container[key] = maker.random.choice(
        [
            {"anyOf": [schema, {"type": "null"}]},
            {"anyOf": [schema, maker.schema(1)]},
            {"oneOf": [schema, maker.schema(1)]},
            {"allOf": [schema]},
            {"allOf": [schema, maker.schema(1)]},
            {"type": "array", "items": schema},
            {"not": {"not": schema}},
            {"enum": maker.listed().get("enum", ["a"])},
        ]
    )
    return True


def _edit_branches(schema: Any, container: Any, key: Any, maker: _Maker) -> bool:
    found = [each for each in _LISTS if isinstance(schema.get(each), list)]
    if not found:
        return False
    keyword = maker.random.choice(found)
    branches = schema[keyword]
    choice = maker.random.random()
    if choice < 0.35:
        branches.append(maker.schema(1))
    elif choice < 0.6 and len(branches) > 1:
        branches.pop(maker.random.randrange(len(branches)))
    elif choice < 0.75:
        maker.random.shuffle(branches)
    elif choice < 0.9 and keyword in ("anyOf", "oneOf"):
        schema[{"anyOf": "oneOf", "oneOf": "anyOf"}[keyword]] = schema.pop(keyword)
    elif "$schema" not in schema and maker.under not in schema:
        container[key] = branches[0]
    else:
        return False
    return True


def _close(schema: Any, container: Any, key: Any, maker: _Maker) -> bool:
    if schema.get("type") != "object":
        return False
    schema["additionalProperties"] = maker.random.choice([False, False, True, maker.schema(1)])
    return True


def _edit_pattern(schema: Any, container: Any, key: Any, maker: _Maker) -> bool:
    if "pattern" in schema:
        schema["pattern"] = maker.random.choice([*PATTERNS])
    elif schema.get("patternProperties"):
        patterns = schema["patternProperties"]
        patterns[maker.random.choice([*PATTERNS])] = patterns.pop(maker.random.choice([*patterns]))
    else:
        return False
    return True


def _annotate(schema: Any, container: Any, key: Any, maker: _Maker) -> bool:
    schema.update(maker.annotation())
    return True


_EDITS = [
    *[_change_number] * 3,
    *[_drop] * 3,
    *[_add] * 4,
    *[_edit_values] * 3,
    *[_edit_required] * 2,
    *[_edit_properties] * 3,
    *[_edit_type] * 2,
    *[_wrap] * 2,
    *[_edit_branches] * 3,
    _close,
    *[_edit_pattern] * 2,
    _annotate,
]  # fmt: skip


# The same schema, spelled otherwise

ANNOTATIONS = {
    "title",
    "description",
    "default",
    "examples",
    "format",
    "$comment",
    "deprecated",
    "x-mine",
}


def respellings(schema: Schema, random: Random) -> Iterator[tuple[str, Schema]]:
    """Schemas that mean the same as `schema`, and what was done to it."""
    yield "itself", copy.deepcopy(schema)
    yield "keys shuffled", _shuffled(schema, random)
    yield "annotations stripped", _mapped(copy.deepcopy(schema), _stripped)
    if isinstance(schema, dict):
        under = "definitions" if "$schema" in schema else "$defs"
        if under in schema:
            yield "definitions renamed", _renamed(schema, under)
            yield "references inlined", _inlined(schema, under)


def _shuffled(value: Any, random: Random) -> Any:
    if isinstance(value, list):
        return [_shuffled(item, random) for item in value]
    if not isinstance(value, dict):
        return value
    keys = [*value]
    random.shuffle(keys)
    return {key: _shuffled(value[key], random) for key in keys}


def _mapped(schema: Schema, change: Callable[[dict[str, Any]], Schema]) -> Schema:
    """`schema`, which is changed in place, with `change` done to every schema inside it."""
    root = [schema]
    for container, key in [(root, 0), *places(schema)][::-1]:
        if isinstance(container[key], dict):
            container[key] = change(container[key])
    return root[0]


def _stripped(schema: dict[str, Any]) -> Schema:
    return {keyword: value for keyword, value in schema.items() if keyword not in ANNOTATIONS}


def _renamed(schema: dict[str, Any], under: str) -> Schema:
    def rename(inner: dict[str, Any]) -> Schema:
        if isinstance(inner.get("$ref"), str) and inner["$ref"].startswith(f"#/{under}/"):
            return {**inner, "$ref": inner["$ref"].replace(f"#/{under}/", f"#/{under}/new-")}
        return inner

    made = _mapped(copy.deepcopy(schema), rename)
    made[under] = {f"new-{name}": inner for name, inner in made[under].items()}
    return made


def _inlined(schema: dict[str, Any], under: str) -> Schema:
    """`schema` with each reference replaced once by what it leads to."""

    def inline(inner: dict[str, Any]) -> Schema:
        reference = inner.get("$ref")
        if not isinstance(reference, str) or reference == "#" or under in inner:
            return inner  # the root holds the dialect and the definitions
        name = reference.removeprefix(f"#/{under}/").replace("~1", "/").replace("~0", "~")
        target = copy.deepcopy(schema[under][name])
        beside = {keyword: value for keyword, value in inner.items() if keyword != "$ref"}
        if not beside or "$schema" in schema:
            return target
        return {**beside, "allOf": [*beside.get("allOf", []), target]}

    return _mapped(copy.deepcopy(schema), inline)


# Values


def values_for(schema: Schema, random: Random, count: int) -> list[Any]:
    """Values that `schema` is likely to accept, and near misses of some of them."""
    found: list[Any] = []
    for index in range(count):
        value = _Sampler(schema, random).value([schema], 4)
        if index % 3 == 2:
            value = _near(value, random)
        found.append(value)
    return found


class _Sampler:
    def __init__(self, root: Schema, random: Random) -> None:
        self.root = root
        self.random = random

    def flat(self, schemas: list[Schema], budget: int = 12) -> list[dict[str, Any]]:
        """The schemas that a value is to satisfy at once, with one branch of each choice."""
        found: list[dict[str, Any]] = []
        pending = [each for each in schemas if isinstance(each, dict)]
        while pending and budget:
            budget -= 1
            schema = pending.pop()
            found.append(schema)
            inner = [*schema.get("allOf", [])]
            if isinstance(schema.get("$ref"), str):
                inner.append(self.target(schema["$ref"]))
            for keyword in ("anyOf", "oneOf"):
                if isinstance(schema.get(keyword), list) and schema[keyword]:
                    inner.append(self.random.choice(schema[keyword]))
            if "if" in schema:
                if self.random.random() < 0.5:
                    inner += [schema["if"], schema.get("then")]
                else:
                    inner.append(schema.get("else"))
            for keyword in ("dependentSchemas", "dependencies"):
                if self.random.random() < 0.5:
                    inner += [
                        each for each in schema.get(keyword, {}).values() if isinstance(each, dict)
                    ]
            pending += [each for each in inner if isinstance(each, dict)]
        return found

    def target(self, reference: str) -> Schema:
        value = self.root
        for token in reference.removeprefix("#").split("/")[1:]:
            try:
                value = value[token.replace("~1", "/").replace("~0", "~")]
            except (KeyError, TypeError):
                return True
        return value

    def value(self, schemas: list[Schema], depth: int) -> Any:
        random = self.random
        flat = self.flat(schemas)
        for schema in flat:
            if "const" in schema:
                return copy.deepcopy(schema["const"])
        listed = [schema["enum"] for schema in flat if schema.get("enum")]
        if listed:
            common = [v for v in listed[0] if all(v in other for other in listed[1:])]
            return copy.deepcopy(random.choice(common or listed[0]))
        kind = self.kind(flat)
        match kind:
            case "null":
                return None
            case "boolean":
                return random.random() < 0.5
            case "string":
                return self.text(flat)
            case "integer" | "number":
                return self.number(flat, kind)
            case "array":
                return self.items(flat, depth)
            case _:
                return self.members(flat, depth)

    def kind(self, flat: list[dict[str, Any]]) -> str:
        allowed = set(TYPES)
        for schema in flat:
            if "type" in schema:
                types = schema["type"]
                types = {types} if isinstance(types, str) else set(types)
                if "number" in types:
                    types.add("integer")
                allowed &= types
        if allowed and any("type" in schema for schema in flat):
            return self.random.choice(sorted(allowed))
        hints = {keyword for schema in flat for keyword in schema}
        likely = [
            kind
            for kind, keywords in (
                ("object", {"properties", "required", "additionalProperties", "minProperties"}),
                ("array", {"items", "prefixItems", "contains", "minItems", "maxItems"}),
                ("string", {"pattern", "minLength", "maxLength"}),
                ("number", {"minimum", "maximum", "multipleOf", "exclusiveMinimum"}),
            )
            if keywords & hints
        ]
        return self.random.choice(likely if likely and self.random.random() < 0.7 else TYPES)

    def text(self, flat: list[dict[str, Any]]) -> str:
        options = [*WORDS]
        for schema in flat:
            if "pattern" in schema:
                options = [*PATTERNS.get(schema["pattern"], ()), *options[:3]]
        least = max((schema.get("minLength", 0) for schema in flat), default=0)
        most = min((schema.get("maxLength", 99) for schema in flat), default=99)
        options += ["a" * least, "1" * least, "ab" * 2, "b" * min(most, 6)]
        fitting = [each for each in options if least <= len(each) <= most]
        return self.random.choice(fitting or options)

    def number(self, flat: list[dict[str, Any]], kind: str) -> Any:
        marks: list[Any] = [0, 1]
        step = 1
        for schema in flat:
            for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
                if keyword in schema:
                    marks += [schema[keyword]] * 3
            step = schema.get("multipleOf", step)
        mark = self.random.choice([*marks, self.random.choice(NUMBERS)])
        if self.random.random() < 0.02:
            mark = self.random.choice(LARGE)
        options = [mark, mark + 1, mark - 1, mark + 0.5, mark - 0.5, mark // step * step]
        options += [mark // step * step + step, step, 2 * step, -step]
        found = self.random.choice(options)
        if kind == "integer":
            found = int(found)
        if isinstance(found, float):
            found = round(found, 7)
            return int(found) if found.is_integer() else found
        return found

    def items(self, flat: list[dict[str, Any]], depth: int) -> list[Any]:
        least = max((schema.get("minItems", 0) for schema in flat), default=0)
        most = min((schema.get("maxItems", 4) for schema in flat), default=4)
        count = self.random.randint(int(least), max(int(least), int(most)))
        if depth <= 0:
            count = min(count, 1 if depth > -3 else 0)
        found = []
        for index in range(count):
            inner: list[Schema] = []
            for schema in flat:
                prefix, rest = schema.get("prefixItems", []), schema.get("items", True)
                if isinstance(rest, list):
                    prefix, rest = rest, schema.get("additionalItems", True)
                inner.append(prefix[index] if index < len(prefix) else rest)
                if "contains" in schema and self.random.random() < 0.4:
                    inner.append(schema["contains"])
            found.append(self.value(inner, depth - 1))
        return found

    def members(self, flat: list[dict[str, Any]], depth: int) -> dict[str, Any]:
        random = self.random
        required = {name for schema in flat for name in schema.get("required", ())}
        names = {name for schema in flat for name in schema.get("properties", {})}
        for schema in flat:
            for pattern in schema.get("patternProperties", {}):
                names |= set(random.sample(PATTERNS.get(pattern, ["a"]), 1))
        opened = any(schema.get("additionalProperties", False) is not False for schema in flat)
        if opened or not names or random.random() < 0.1:
            extra = [*UNKNOWN, *NAMES]
            names |= set(random.sample(extra, random.randint(0, 2)))
        share = random.choice([0.0, 0.5, 0.9, 1.0])
        if depth <= 0:
            share = 0.0
        found: dict[str, Any] = {}
        for name in sorted(names | required):
            if name not in required and random.random() >= share:
                continue
            inner: list[Schema] = []
            for schema in flat:
                if name in schema.get("properties", {}):
                    inner.append(schema["properties"][name])
                elif isinstance(schema.get("additionalProperties"), dict):
                    inner.append(schema["additionalProperties"])
            if depth > -3:
                found[name] = self.value(inner, depth - 1)
        return found


def _near(value: Any, random: Random) -> Any:
    """`value` with one thing changed somewhere."""
    if isinstance(value, dict) and value and random.random() < 0.85:
        name = random.choice(sorted(value))
        choice = random.random()
        if choice < 0.2:
            return {key: each for key, each in value.items() if key != name}
        return {**value, name: _near(value[name], random)}
    if isinstance(value, list) and value and random.random() < 0.7:
        index = random.randrange(len(value))
        choice = random.random()
        if choice < 0.2:
            return value[:index] + value[index + 1 :]
        if choice < 0.4:
            return [*value, value[index]]
        return [*value[:index], _near(value[index], random), *value[index + 1 :]]
    options: list[Any] = [None, True, 0, "", [], {}, "zz", 1.5]
    if isinstance(value, str):
        options += [value + "a", value[:-1], value.upper(), value + "1"] * 2
    elif isinstance(value, int | float) and not isinstance(value, bool):
        options += [value + 1, value - 1, value * 2, -value] * 2
    elif isinstance(value, dict):
        options += [{**value, random.choice([*NAMES, *UNKNOWN]): 1}] * 8
    return random.choice(options)
