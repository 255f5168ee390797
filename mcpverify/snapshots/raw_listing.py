"""A raw result of tools/list in a file: `{"tools": [...]}`, as a server or an inspector gave it.

Whole JSON-RPC responses will do, and a list of either: the pages of one listing, in order.
Only tools are in it, and nothing says which server or era it came from.
"""

from dataclasses import dataclass

from mcpverify.facts.change import Subject
from mcpverify.facts.contract import malformed_items
from mcpverify.facts.json_text import Json


class NotAListing(ValueError):
    """The value is no result of tools/list. The message says why, without a full stop."""


@dataclass(frozen=True, slots=True)
class RawListing:
    """The tools of all pages, as sent. `problem` says why they may not be all, or is ""."""

    tools: tuple[Json, ...]
    problem: str = ""


def looks_like_listing(document: Json) -> bool:
    """Whether `document` is meant as a listing, whole or not."""
    pages = document if isinstance(document, list) else [document]
    return bool(pages) and all(
        isinstance(page, dict) and (page.keys() & {"tools", "result", "jsonrpc"}) for page in pages
    )


def listing_of(document: Json) -> RawListing:
    """The listing that `document` holds. Raises NotAListing."""
    pages = document if isinstance(document, list) else [document]
    tools: list[Json] = []
    cursor: str | None = None
    for number, page in enumerate(pages, 1):
        if number > 1 and cursor is None:
            raise NotAListing(f"page {number - 1} is the last one, and another follows it")
        items, cursor = _page(page, f"page {number}: " if len(pages) > 1 else "")
        tools += items
    for problem in malformed_items(Subject.TOOL, tools):
        raise NotAListing(problem.rstrip("."))
    problem = ""
    if cursor is not None:
        count = f"{len(pages)} page{'' if len(pages) == 1 else 's'}"
        problem = f"the listing goes on after {count}: the last one has a nextCursor"
    return RawListing(tuple(tools), problem)


def _page(page: Json, where: str) -> tuple[list[Json], str | None]:
    """The tools and the nextCursor of one result, or of the response that carries it."""
    result = page
    if isinstance(page, dict) and "tools" not in page:
        error = page.get("error")
        if isinstance(error, dict):
            raise NotAListing(f"{where}it is error {error.get('code')}: {error.get('message')}")
        result = page.get("result")
    if not isinstance(result, dict) or "tools" not in result:
        raise NotAListing(f"{where}it has no tools")
    items, cursor = result["tools"], result.get("nextCursor")
    if not isinstance(items, list):
        raise NotAListing(f"{where}its tools are no array")
    if not (cursor is None or isinstance(cursor, str)):
        raise NotAListing(f"{where}its nextCursor is no string")
    return items, cursor
