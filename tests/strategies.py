"""Made-up JSON, schemas and tools for property tests."""

from random import Random
from typing import Any

from hypothesis import strategies as st

from mcpverify.facts.json_text import Json

texts = st.text(st.characters(codec="utf-8"), max_size=6)
numbers = st.integers(-(10**20), 10**20) | st.floats(-1e6, 1e6).filter(
    lambda number: not number.is_integer()
)
scalars = st.none() | st.booleans() | numbers | texts
json_values: st.SearchStrategy[Json] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)

# Names that are keywords too: as the name of a property they must mean nothing.
names = st.sampled_from(["a", "b/c", "~", "title", "description", "required", "enum", "type"])


def _object_of(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "string"])
            | st.lists(st.sampled_from(["string", "null", "integer"]), unique=True),
            "title": texts | st.booleans(),
            "description": texts,
            "required": st.lists(names, max_size=3),
            "enum": st.lists(scalars, max_size=4),
            "const": json_values,
            "default": st.dictionaries(names, st.lists(texts, max_size=3), max_size=2),
            "properties": st.dictionaries(names, inner, max_size=3),
            "$defs": st.dictionaries(names, inner, max_size=2),
            "dependentRequired": st.dictionaries(names, st.lists(names, max_size=3), max_size=2),
            "dependencies": st.dictionaries(names, inner | st.lists(names), max_size=2),
            "items": inner | st.lists(inner, max_size=2),
            "anyOf": st.lists(inner, max_size=3),
            "not": inner,
            "x-unknown": json_values,
        },
    )


schemas: st.SearchStrategy[Any] = st.recursive(st.booleans(), _object_of, max_leaves=6)
objects = st.dictionaries(texts, json_values, max_size=3)


def tools(tool_names: st.SearchStrategy[str] = names) -> st.SearchStrategy[Any]:
    any_name: st.SearchStrategy[Any] = tool_names
    return st.fixed_dictionaries(
        {"name": any_name, "inputSchema": schemas},
        optional={
            "title": texts,
            "description": texts,
            "outputSchema": schemas,
            "annotations": st.fixed_dictionaries(
                {}, optional={"title": texts | st.none(), "readOnlyHint": st.booleans()}
            ),
            "execution": objects,
            "icons": st.lists(objects, max_size=2),
            "_meta": objects,
        },
    )


tool_lists = st.lists(tools(), max_size=3, unique_by=lambda tool: tool["name"])
prompt_lists: st.SearchStrategy[Any] = st.lists(
    st.fixed_dictionaries(
        {"name": names},
        optional={
            "description": texts,
            "arguments": st.lists(
                st.fixed_dictionaries(
                    {"name": names}, optional={"title": texts, "required": st.booleans()}
                ),
                max_size=3,
            ),
            "_meta": objects,
        },
    ),
    max_size=2,
    unique_by=lambda prompt: prompt["name"],
)

_SETS = ("required", "enum", "type")
_NAMED_SETS = ("dependentRequired", "dependencies")
_NAMED_SCHEMAS = ("properties", "$defs", "dependencies")


def respelled(tool: Any, random: Random) -> Any:
    """The same tool, sent in another order of keys, and of members where order says nothing."""
    tool = _shuffled_keys(tool, random)
    for field in ("inputSchema", "outputSchema"):
        _shuffle_sets(tool.get(field), random)
    return tool


def _shuffled_keys(value: Any, random: Random) -> Any:
    if isinstance(value, list):
        return [_shuffled_keys(item, random) for item in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    random.shuffle(keys)
    return {key: _shuffled_keys(value[key], random) for key in keys}


def _shuffle_sets(schema: Any, random: Random) -> None:
    """Written from the strategy above, not from the code under test: its oracle."""
    if not isinstance(schema, dict):
        return
    named_sets = [schema[key] for key in _NAMED_SETS if key in schema]
    for values in (
        *(schema.get(key) for key in _SETS),
        *(values for named in named_sets for values in named.values()),
    ):
        if isinstance(values, list):
            random.shuffle(values)
    inner = [each for key in _NAMED_SCHEMAS for each in schema.get(key, {}).values()]
    items = schema.get("items")
    inner += items if isinstance(items, list) else [items]
    inner += [*schema.get("anyOf", []), schema.get("not")]
    for subschema in inner:
        _shuffle_sets(subschema, random)
