"""Raw results of tools/list: bare, inside of responses, and page by page."""

import pytest

from mcpverify.facts.json_text import Json
from mcpverify.snapshots.raw_listing import NotAListing, listing_of, looks_like_listing

A: Json = {"name": "a", "inputSchema": {"type": "object"}}
B: Json = {"name": "b", "inputSchema": {"type": "object"}}


def response(result: Json) -> Json:
    return {"jsonrpc": "2.0", "id": 1, "result": result}


@pytest.mark.parametrize(
    "document",
    [
        {"tools": [A, B]},
        {"tools": [A, B], "nextCursor": None},
        {"tools": [A, B], "server": "of the one who saved it"},
        response({"tools": [A, B]}),
        [{"tools": [A, B]}],
        [{"tools": [A], "nextCursor": "2"}, {"tools": [B]}],
        [{"tools": [A], "nextCursor": ""}, {"tools": [B]}],
        [response({"tools": [A], "nextCursor": "2"}), response({"tools": [B]})],
        [{"tools": [A], "nextCursor": "2"}, response({"tools": [B]})],
    ],
)
def test_all_tools_of_all_pages_are_found(document: Json) -> None:
    assert looks_like_listing(document)
    listing = listing_of(document)
    assert (listing.tools, listing.problem) == ((A, B), "")


def test_a_server_without_tools_lists_none() -> None:
    assert listing_of({"tools": []}).tools == ()


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"tools": [A], "nextCursor": "2"}, "the listing goes on after 1 page:"),
        ({"tools": [A], "nextCursor": ""}, "the listing goes on after 1 page:"),
        (
            [{"tools": [A], "nextCursor": "2"}, {"tools": [B], "nextCursor": "3"}],
            "the listing goes on after 2 pages:",
        ),
    ],
)
def test_a_listing_that_goes_on_is_not_whole(document: Json, problem: str) -> None:
    assert listing_of(document).problem.startswith(problem)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"tools": {}}, "its tools are no array"),
        (response(None), "it has no tools"),
        (response({"prompts": []}), "it has no tools"),
        (
            {"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "Method not found"}},
            "it is error -32601: Method not found",
        ),
        ({"tools": [], "nextCursor": 2}, "its nextCursor is no string"),
        ([{"tools": [A]}, {"tools": [B]}], "page 1 is the last one, and another follows it"),
        ([{"tools": [A], "nextCursor": "2"}, response({})], "page 2: it has no tools"),
        ({"tools": [A, A]}, "2 tools have the same name: a"),
        ([{"tools": [A], "nextCursor": "2"}, {"tools": [A]}], "2 tools have the same name: a"),
        ({"tools": ["a"]}, "The tool at place 1 is no object"),
        ({"tools": [{}]}, "The tool at place 1 has no name"),
    ],
)
def test_what_is_no_listing_is_refused_with_the_reason(document: Json, message: str) -> None:
    assert looks_like_listing(document)
    with pytest.raises(NotAListing) as caught:
        listing_of(document)
    assert str(caught.value) == message


@pytest.mark.parametrize("document", [None, 1, "tools", [], {}, [A, B], {"prompts": []}, [1]])
def test_what_is_meant_as_something_else_does_not_look_like_a_listing(document: Json) -> None:
    assert not looks_like_listing(document)
