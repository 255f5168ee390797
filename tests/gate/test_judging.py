"""The tests of the gate would notice what they look for."""

import pytest

from tests.gate.judging import assert_inert
from tests.servers import puts_on_a_show


@pytest.mark.parametrize(
    "text",
    [
        *(text for text in puts_on_a_show.TEXTS if not text.startswith(("[bold", "]]>"))),
        "\x1b[31m",
        "a\rb",
        "\u202e",
        "  ::error::indented",
        "in the middle ##vso[x]",
        "\x9b31m",
    ],
)
def test_what_is_not_inert_is_seen(text: str) -> None:
    with pytest.raises(AssertionError):
        assert_inert(text)


@pytest.mark.parametrize("text", ["", "PASS  x\n\nok 13  a::b \\x1b[31m\n", "naïve 名前 😀 [bold]"])
def test_what_is_inert_is_let_through(text: str) -> None:
    assert_inert(text)
