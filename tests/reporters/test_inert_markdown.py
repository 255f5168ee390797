"""No word of a server is taken for Markdown or HTML."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mcpverify.reporters.inert import inert
from mcpverify.reporters.inert_markdown import block, cell, code, prose

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
ACTIVE = (
    "[click](https://evil.example) ![x](https://evil.example/x.png) <img src=x onerror=y>",
    "<script>alert(1)</script> </details> <!-- --> &lt; <https://evil.example>",
    "@everyone #1 owner/repo#2 GH-3 0123abcd1 !4 :tada: $x$ ~a~ **b** __c__",
    "` `` ``` ~~~ | \\| --- # > - 1. + * \\",
    "https://evil.example www.evil.example evil@evil.example ftp://x a|b\\|c",
)
texts = st.text(st.sampled_from("`~|\\*_<>[]()!#@$&:;/.-+ ab1A\n\"'")) | st.text()


def tokens(text: str) -> list[Token]:
    flat = []
    for token in MARKDOWN.parse(text):
        flat += [token, *(token.children or [])]
    return flat


def kinds(text: str) -> set[str]:
    return {token.type for token in tokens(text)}


PARAGRAPH = {"paragraph_open", "inline", "paragraph_close"}


@given(texts)
@example("`")
@example(" a ")
@example("```js")
@example("`` ` ``")
@example("\\")
def test_a_code_span_holds_the_inert_text_and_nothing_else(text: str) -> None:
    shown = inert(text)
    if not shown.strip():
        assert code(text).startswith("(")
        return
    document = f"- {code(text)} **x**: `y`"
    spans = [token.content for token in tokens(document) if token.type == "code_inline"]
    assert spans == [inert(text, 200), "y"]


@given(texts, texts)
@example("a|b", "\\|")
def test_a_row_of_a_table_keeps_its_cells(one: str, other: str) -> None:
    row = f"| a | b |\n|---|---|\n| {cell(one)} | {cell(other)} |\n"
    assert [token.type for token in tokens(row)].count("td_open") == 2
    assert "html_inline" not in kinds(row)


@given(texts)
@example("1. a")
@example("---")
@example("- a")
@example("www.evil.example")
def test_prose_is_plain_words_and_code(text: str) -> None:
    shown = prose(text)
    if shown:
        assert kinds(shown) <= PARAGRAPH | {"text", "code_inline"}


@pytest.mark.parametrize("text", ACTIVE)
def test_what_forges_act_on_stands_in_code(text: str) -> None:
    for form in (prose(text), code(text, 500)):
        plain = "".join(token.content for token in tokens(form) if token.type == "text")
        assert not set("@#$|<>[]!*_~`\\&:") & set(plain)
        assert "www" not in plain
        assert "GH-3" not in plain
        assert "0123abcd1" not in plain


def test_plain_words_stay_words() -> None:
    sentence = "2 of 12 tools break callers; 1 changes behavior (the others don't)."
    assert prose(sentence) == sentence
    assert prose("place_order breaks") == "`place_order` breaks"
    assert prose("accept it with `mcpverify diff a b`") == "accept it with `mcpverify diff a b`"
    assert prose("the snapshot takes f({}) no more") == "the snapshot takes `f({})` no more"


@given(st.lists(texts))
def test_no_line_closes_its_block(lines: list[str]) -> None:
    held = [inert(line) for line in lines]
    (fence,) = MARKDOWN.parse(block(held, "diff"))
    assert fence.type == "fence"
    assert fence.content.rstrip("\n") == "\n".join(held).rstrip("\n")


def test_no_line_of_a_block_is_a_workflow_command() -> None:
    assert block(["::error::x", "  ::error::x"]) == "```text\n\\x3a:error::x\n  \\x3a:error::x\n```"
