"""Steps that no value meets: text, defaults, examples, the order of keys."""

from collections.abc import Iterator

from tests.drift.rewriting.rewrite import (
    SAME,
    TEXTS,
    Rewrite,
    Schema,
    Surroundings,
    extended,
    step,
    without,
)


def annotations(schema: Schema, where: Surroundings) -> Iterator[Rewrite]:
    def annotated(name: str, after: Schema) -> Rewrite:
        return step(name, schema, after, SAME, family="annotation", annotates=True)

    if "$ref" in schema and where.old_draft:
        return
    for keyword in TEXTS:
        if keyword in schema:
            yield annotated(f"other {keyword}", extended(schema, **{keyword: "In other words."}))
            yield annotated(f"no {keyword}", without(schema, keyword))
        else:
            yield annotated(f"a {keyword}", extended(schema, **{keyword: "In words."}))
    if "default" in schema:
        yield annotated("other default", extended(schema, default="something else"))
        yield annotated("no default", without(schema, "default"))
    else:
        yield annotated("a default", extended(schema, default=None))
    yield annotated("examples", extended(schema, examples=["one", 2]))
    yield annotated("deprecated", extended(schema, deprecated=True))
    yield annotated("a comment", extended(schema, **{"$comment": "why"}))
    yield annotated("an unknown keyword", extended(schema, **{"x-order": 7}))
    if schema.get("type") == "string":
        if "format" in schema:
            yield annotated("other format", extended(schema, format="uri-reference"))
            yield annotated("no format", without(schema, "format"))
        else:
            yield annotated("a format", extended(schema, format="date-time"))
            yield annotated("an encoding", extended(schema, contentEncoding="base64"))
    if len(schema) > 1:
        turned = dict(reversed(schema.items()))
        yield step("keys in another order", schema, turned, SAME, family="order", respells=True)
