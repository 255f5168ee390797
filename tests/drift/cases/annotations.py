"""What only people, models and clients read, and what looks like it and is not."""

from typing import Any

from tests.drift.cases.case import STRING, Case, array, integer, record, string

_SAID: dict[str, tuple[Any, Any]] = {
    "title": ("A", "B"),
    "description": ("Says this.", "Says that."),
    "default": ("a", "b"),
    "examples": (["a"], ["b"]),
    "format": ("date-time", "date"),
    "$comment": ("one", "two"),
    "deprecated": (False, True),
    "readOnly": (False, True),
    "writeOnly": (False, True),
    "contentMediaType": ("text/plain", "text/html"),
    "contentEncoding": ("base64", "base32"),
    "x-order": (1, 2),
}

CASES = (
    *(
        Case(
            f"{keyword.strip('$').lower()}-changed",
            STRING | {keyword: old},
            STRING | {keyword: new},
            speaks=True,
        )
        for keyword, (old, new) in _SAID.items()
    ),
    *(
        Case(f"{keyword.strip('$').lower()}-added", STRING, STRING | {keyword: new}, speaks=True)
        for keyword, (_, new) in _SAID.items()
    ),
    Case(
        "title-of-the-whole",
        record(a=STRING) | {"title": "Arguments"},
        record(a=STRING),
        speaks=True,
    ),
    Case(
        "title-within-items",
        array(items=string(title="A")),
        array(items=string(title="B")),
        speaks=True,
    ),
    Case(
        "description-within-a-branch",
        {"anyOf": [string(description="a"), integer()]},
        {"anyOf": [string(description="b"), integer()]},
        speaks=True,
    ),
    Case(
        "description-beside-a-narrowing",
        string(description="a"),
        string(description="b", maxLength=1),
        lost="aa",
        speaks=True,
    ),
    Case(
        "default-that-is-not-allowed",
        {"enum": ["a", "b"]},
        {"enum": ["a", "b"], "default": "c"},
        speaks=True,
    ),
    Case("default-of-null-added", STRING, string(default=None), speaks=True),
    Case(
        "default-of-an-object-that-looks-like-a-schema",
        {"type": "object", "default": {"type": "string"}},
        {"type": "object", "default": {"type": "integer"}},
        speaks=True,
    ),
    Case(
        "examples-that-look-like-schemas",
        string(examples=[{"minLength": 1}]),
        string(examples=[{"minLength": 2}]),
        speaks=True,
    ),
    Case("format-that-would-refuse", string(format="ipv4"), string(format="email"), speaks=True),
    Case(
        "format-in-place-of-a-pattern",
        string(format="uuid"),
        string(pattern="^[0-9a-f-]{36}$"),
        lost="",
        speaks=True,
    ),
    Case(
        "content-schema",
        string(contentMediaType="application/json"),
        string(contentMediaType="application/json", contentSchema={"type": "object"}),
        speaks=True,
    ),
    # Data, not annotations.
    Case(
        "title-in-a-const",
        {"const": {"title": "a"}},
        {"const": {"title": "b"}},
        lost={"title": "a"},
        gained={"title": "b"},
    ),
    Case(
        "description-in-an-enum",
        {"enum": [{"description": "a"}, {"description": "b"}]},
        {"enum": [{"description": "a"}]},
        lost={"description": "b"},
    ),
    Case(
        "default-in-a-const-within-items",
        array(items={"const": {"default": 1}}),
        array(items={"const": {"default": 2}}),
        lost=[{"default": 1}],
        gained=[{"default": 2}],
    ),
    Case(
        "format-as-a-listed-value",
        {"enum": ["format", "title"]},
        {"enum": ["format"]},
        lost="title",
    ),
)
