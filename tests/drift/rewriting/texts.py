"""Steps on texts: enums, lengths, and patterns that were put in order by hand."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from tests.drift.rewriting.bounds import lengths
from tests.drift.rewriting.rewrite import (
    APART,
    NARROWED,
    SAME,
    WIDENED,
    Relation,
    Rewrite,
    Schema,
    extended,
    split,
    step,
    without,
)

_WORDS: Final = ["fast", "full", "draft"]

# Patterns from the widest to the narrowest: each accepts all that the next one does.
_CHAINS: Final = (
    (
        "^[a-z0-9_-]+$",
        "^[a-z0-9-]+$",
        "^[a-z0-9]+$",
        "^[a-z]{2,8}$",
        "^(fast|full)$",
        "^fast$",
    ),
    (
        r"^\w+-\d+$",
        r"^[A-Z][A-Z0-9_]*-\d+$",
        r"^[A-Z][A-Z0-9]+-\d+$",
        r"^[A-Z]{2,10}-[1-9]\d{0,5}$",
    ),
    (r"\d", r"^\d+", r"^\d+$", r"^\d{4}$", "^20[0-9]{2}$"),
    (r"^\d{4}-\d{2}-\d{2}", r"^\d{4}-\d{2}-\d{2}$", r"^\d{4}-(0[1-9]|1[0-2])-\d{2}$"),
    (
        r"^[\w.+-]+@",
        r"^[\w.+-]+@[\w-]+\.[\w.-]+$",
        r"^[\w.+-]+@[\w-]+\.(com|org)$",
    ),
    (
        "^[0-9a-fA-F-]{36}$",
        "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
        "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
    ),
    (
        "^[a-z0-9./-]{1,253}$",
        "^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$",
        "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
        "^[a-z]([-a-z0-9]{0,30}[a-z0-9])?$",
    ),
    ("^https?://", "^https://", r"^https://[^\s/]+/", r"^https://github\.com/[\w-]+/[\w.-]+/?$"),
    ("^[a-z-]+$", "^(?!-)[a-z-]+$", "^(?!-)(?!x-)[a-z-]+$"),
    (r"\S", r"^\S", r"^\S+$", r"^\S{1,64}$"),
    ("^(#|@)?[a-z]+$", "^#?[a-z]+$", "^#[a-z]+$"),
    ("^[0-9a-f]+$", "^[0-9a-f]{7,40}$", "^[0-9a-f]{40}$"),
    ("^/", r"^/(?!\.\.)", "^/[a-z]"),
)
_EQUAL: Final = (
    ("^[a-z0-9]+$", "^(?:[a-z]|[0-9])+$"),
    ("^[a-z0-9]+$", r"^[\da-z]{1,}$"),
    ("^(fast|full)$", "^fast$|^full$"),
    (r"^\w+$", "^[A-Za-z0-9_]+$"),
    ("^a", "^a.*"),
    ("[0-9]", r"^[\s\S]*\d"),
    (r"^(\d\d){2}$", r"^\d{4}$"),
)
_APART: Final = (
    ("^[a-z]+$", "^[0-9]+$"),
    ("^[a-z]+$", "^[A-Z]+$"),
    (r"^\d{3}$", r"^\d{4}$"),
    ("^user_", "^usr_"),
    ("^[a-z]+$", "^[b-z0-9]+$"),
)

# The patterns of the corpus: what is wider, what is narrower, what says the same.
_NEIGHBORS: Final[dict[str, tuple[tuple[str, Relation], ...]]] = {
    "^[a-zA-Z0-9]+$": (
        ("^[a-zA-Z0-9_-]+$", WIDENED),
        (r"^\w+$", WIDENED),
        ("^[a-zA-Z0-9]*$", WIDENED),
        ("[a-zA-Z0-9]+", WIDENED),
        ("^[a-zA-Z0-9]{22}$", NARROWED),
        ("^[a-z0-9]+$", NARROWED),
        (r"^[A-Za-z\d]+$", SAME),
        ("^[a-zA-Z0-9][a-zA-Z0-9]*$", SAME),
        ("^[a-z_]+$", APART),
    ),
    r"^I?\d+[:|-]\d+(?:;\d+[:|-]\d+)*$": (
        (r"^I?\d+[:|-]\d+(?:;I?\d+[:|-]\d+)*$", WIDENED),
        (r"^I?\d+[:-]\d+(?:;\d+[:|-]\d+)*$", NARROWED),
        (r"^I?\d+[:|-]\d+$", NARROWED),
        (r"^\d+[:|-]\d+(?:;\d+[:|-]\d+)*$", NARROWED),
        (r"^I?[0-9]+[-:|][0-9]+(;[0-9]+[-:|][0-9]+)*$", SAME),
        (r"^I?\d+[:|-]\d+(?:,\d+[:|-]\d+)*$", APART),
    ),
    r"^[a-zA-Z0-9_.-]+\.(png|svg|gif)$": (
        (r"^[a-zA-Z0-9_.-]+\.(png|svg|gif|webp)$", WIDENED),
        (r"^[a-zA-Z0-9_. -]+\.(png|svg|gif)$", WIDENED),
        (r"\.(png|svg|gif)$", WIDENED),
        (r"^[a-zA-Z0-9_.-]+\.(png|svg)$", NARROWED),
        (r"^[a-zA-Z0-9_-]+\.(png|svg|gif)$", NARROWED),
        (r"^[\w.-]+\.(?:gif|png|svg)$", SAME),
    ),
    "^[a-zA-Z0-9_-]+$": (
        ("^[a-zA-Z0-9_.-]+$", WIDENED),
        ("^[a-zA-Z0-9_]+$", NARROWED),
        (r"^[\w-]+$", SAME),
    ),
}
# The shortest string each of them accepts.
_SHORTEST: Final = {
    "^[a-zA-Z0-9]+$": 1,
    r"^I?\d+[:|-]\d+(?:;\d+[:|-]\d+)*$": 3,
    r"^[a-zA-Z0-9_.-]+\.(png|svg|gif)$": 5,
    "^[a-zA-Z0-9_-]+$": 1,
}


def texts(schema: Schema) -> Iterator[Rewrite]:
    pattern = schema.get("pattern")
    if pattern is None:
        yield from _unpatterned(schema)
    else:
        yield step("no pattern", schema, without(schema, "pattern"), WIDENED, family="pattern")
        for other, relation in _NEIGHBORS[pattern]:
            after = extended(schema, pattern=other)
            yield step(f"pattern {other}", schema, after, relation, family="pattern")
    shortest = _SHORTEST[pattern] if pattern else 0
    yield from lengths(schema, "minLength", "maxLength", (0, 1, 3, 4), (50, 200, 4000), shortest)


def _unpatterned(schema: Schema) -> Iterator[Rewrite]:
    def change(
        name: str, before: Schema, after: Schema, relation: Relation, family: str
    ) -> Rewrite:
        return step(name, before, after, relation, family=family)

    yield change("an enum", schema, extended(schema, enum=_WORDS), NARROWED, "enum")
    listed = extended(schema, enum=_WORDS)
    yield change("an enum value less", listed, extended(schema, enum=_WORDS[:2]), NARROWED, "enum")
    yield change(
        "a middle enum value less", listed, extended(schema, enum=_WORDS[::2]), NARROWED, "enum"
    )
    yield change(
        "another enum value", listed, extended(schema, enum=["fast", "fuzzy"]), APART, "enum"
    )
    yield change("one enum value left", listed, extended(schema, enum=["fast"]), NARROWED, "enum")
    yield change(
        "const for it",
        extended(schema, enum=["fast"]),
        extended(schema, const="fast"),
        SAME,
        "enum",
    )
    yield change(
        "another const",
        extended(schema, const="fast"),
        extended(schema, const="full"),
        APART,
        "const",
    )
    turned = extended(schema, enum=_WORDS[::-1])
    yield step("enum turned", listed, turned, SAME, family="order", respells=True)
    nulled = extended(schema, type=["string", "null"], enum=_WORDS)
    yield change("null by type, not by enum", listed, nulled, SAME, "enum")
    both = extended(schema, type=["string", "null"], enum=[*_WORDS, None])
    yield change("null by type and by enum", listed, both, WIDENED, "enum")
    untyped = without(listed, "type")
    yield change("no type beside an enum", listed, untyped, SAME, "enum")
    if "minLength" not in schema and "format" not in schema:
        words, rest = split(schema)
        for keyword in ("anyOf", "oneOf"):
            spelled = {**words, keyword: [{"const": word} for word in _WORDS]}
            yield change(
                f"{keyword} of consts", {**words, **rest, "enum": _WORDS}, spelled, SAME, keyword
            )
        fewer = {**words, "oneOf": [{"const": word} for word in _WORDS[1:]]}
        yield change("a const less in oneOf", spelled, fewer, NARROWED, "oneOf")
        yield change(
            "not one of",
            {**words, **rest},
            {**words, **rest, "not": {"enum": _WORDS}},
            NARROWED,
            "not",
        )
        yield change(
            "lengths by a pattern",
            extended(schema, maxLength=64),
            extended(schema, pattern=r"^[\s\S]{0,64}$"),
            SAME,
            "pattern",
        )
        yield change(
            "an enum by a pattern",
            extended(schema, enum=["fast", "full"]),
            extended(schema, pattern="^(fast|full)$"),
            SAME,
            "pattern",
        )
        yield change(
            "minLength by a pattern",
            extended(schema, minLength=1),
            extended(schema, pattern=r"[\s\S]"),
            SAME,
            "pattern",
        )
        yield change(
            "line breaks no more",
            extended(schema, maxLength=64),
            extended(schema, pattern="^.{0,64}$"),
            NARROWED,
            "pattern",
        )
    for chain in _CHAINS:
        yield change(
            f"pattern {chain[0]}", schema, extended(schema, pattern=chain[0]), NARROWED, "pattern"
        )
        for wide, narrow in pairwise(chain):
            before, after = extended(schema, pattern=wide), extended(schema, pattern=narrow)
            yield change(f"pattern {wide} to {narrow}", before, after, NARROWED, "pattern")
    for table, relation in ((_EQUAL, SAME), (_APART, APART)):
        for one, other in table:
            before, after = extended(schema, pattern=one), extended(schema, pattern=other)
            yield change(f"pattern {one} to {other}", before, after, relation, "pattern")
