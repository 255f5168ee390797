"""JSONPath as in RFC 9535, with values compared as JSON, and nothing that a server could abuse."""

import time
from typing import Any

import pytest

from mcpverify.drift.budget import Budget, Exhausted
from mcpverify.golden.json_path import JsonPath, NotAPath

# https://www.rfc-editor.org/rfc/rfc9535#section-1.5, as far as its examples go.
STORE: dict[str, Any] = {
    "store": {
        "book": [
            {"category": "reference", "author": "Nigel Rees", "price": 8.95},
            {"category": "fiction", "author": "Evelyn Waugh", "price": 12.99},
            {"category": "fiction", "author": "Herman Melville", "isbn": "0-553", "price": 8.99},
        ],
        "bicycle": {"color": "red", "price": 399},
    }
}
AUTHORS = ["Nigel Rees", "Evelyn Waugh", "Herman Melville"]


def found(path: str, document: Any, steps: int = 100_000) -> list[Any]:
    return JsonPath(path).values(document, Budget(steps, 10))


@pytest.mark.parametrize(
    ("path", "document", "expected"),
    [
        ("$", 1, [1]),
        ("$", "{}", ["{}"]),
        ("$.store.book[*].author", STORE, AUTHORS),
        ("$..author", STORE, AUTHORS),
        ("$.store..price", STORE, [8.95, 12.99, 8.99, 399]),
        ("$..book[2].author", STORE, AUTHORS[2:]),
        ("$..book[-1].author", STORE, AUTHORS[2:]),
        ("$..book[9]", STORE, []),
        ("$..book[0,1].author", STORE, AUTHORS[:2]),
        ("$..book[:2].author", STORE, AUTHORS[:2]),
        ("$..book[::-1].author", STORE, AUTHORS[::-1]),
        ("$..book[::0]", STORE, []),
        ("$..book[?@.isbn].author", STORE, AUTHORS[2:]),
        ("$..book[?!@.isbn].author", STORE, AUTHORS[:2]),
        ("$..book[?@.price < 10].author", STORE, [AUTHORS[0], AUTHORS[2]]),
        ("$..book[?@.price >= 12.99].author", STORE, AUTHORS[1:2]),
        ("$..book[?@.price < 10 && @.isbn].author", STORE, AUTHORS[2:]),
        ("$..book[?@.isbn || @.price > 10].author", STORE, AUTHORS[1:]),
        ("$..book[?@.category != 'fiction'].author", STORE, AUTHORS[:1]),
        ("$..book[?match(@.category, 'f.*')].author", STORE, AUTHORS[1:]),
        ("$..book[?match(@.category, 'ict')].author", STORE, []),
        ("$..book[?search(@.category, 'ict')].author", STORE, AUTHORS[1:]),
        ("$..book[?length(@.author) > 12].author", STORE, AUTHORS[2:]),
        ("$..book[?count(@.*) == 4].author", STORE, AUTHORS[2:]),
        ("$..book[?value(@.isbn) == '0-553'].author", STORE, AUTHORS[2:]),
        ("$.store[?@.price == $.store.bicycle.price].color", STORE, ["red"]),
        ("$['store']['bicycle']", STORE, [STORE["store"]["bicycle"]]),
        # Whether something is there is asked, and not whether Python takes it for true.
        ("$[?@]", [0, False, "", None, []], [0, False, "", None, []]),
        ("$[?@ == 1]", [1, 1.0, True, "1"], [1, 1.0]),
        ("$[?@ == $[0]]", [[1], [True], [1.0]], [[1], [1.0]]),
        ("$[?@ < 2]", [True, 1, "a"], [1]),
        ("$[?@.a == @.b]", [{}, {"a": 1}], [{}]),
        ("$[?@ == null]", [None, 0, False], [None]),
        ("$[:1]", "abc", []),
        ("$.length", [1], []),
        ("$[?search(@, '^.$')]", ["\n", "x", "\u2028"], ["x", "\u2028"]),
    ],
)
def test_a_path_leads_to_what_the_rfc_says(path: str, document: Any, expected: list[Any]) -> None:
    assert repr(found(path, document)) == repr(expected)


@pytest.mark.parametrize(
    "path",
    [
        "", "a", "$.", "$[", "$.a b", " $", "$ ", "$.a | $.b", "$[?@.a]]", "$[?@ == 'a", "$[01]",
        "$[1e31]",
        "$[?nothing(@)]", "$[?length(@)]", "$[?match(@.a)]", "$[?match(@.*, 'a')]", "$[?@.* == 1]",
        "$[?@ =~ /a/]", "$[?@ in [1]]", "$.a.~b", "$[#]", "$[?match(@, '(a')]",
        "$[?search(@, '(a)\\\\1')]", "$" + ".a" * 1_500, "$[?" + "(" * 900 + "@" + ")" * 900 + "]",
    ],
    ids=lambda path: str(path)[:20],
)  # fmt: skip
def test_what_is_no_path_is_refused_in_one_clause(path: str) -> None:
    with pytest.raises(NotAPath) as refused:
        JsonPath(path)
    assert "\n" not in str(refused.value)
    assert str(refused.value)


def test_a_path_that_multiplies_ends_with_its_budget() -> None:
    wide = {"items": [{"items": [0] * 100}] * 100}
    began = time.process_time()
    with pytest.raises(Exhausted):
        found("$['a', 'a', 'a', 'a'][*]", {"a": [0] * 100_000}, 20_000)
    with pytest.raises(Exhausted):
        found("$..*..*..*..*", wide)
    with pytest.raises(Exhausted):
        found("$[?@..*[?$..*]]", [wide] * 100)
    assert time.process_time() - began < 10


def test_a_pattern_that_others_choke_on_does_not_hang() -> None:
    began = time.process_time()
    assert found("$[?match(@, '(a|a)*(a+)+b')]", ["a" * 50_000], 10**6) == []
    # A pattern may come from the document, too: it is bounded just the same.
    assert found("$.texts[?match(@, $.p)]", {"p": "(a*)*b", "texts": ["a" * 9_000]}, 10**6) == []
    assert time.process_time() - began < 10


def test_depth_is_no_matter() -> None:
    deep: Any = 1
    for _ in range(5_000):
        deep = [deep]
    assert found("$..[?@ == 1]", deep) == [1]
