"""Color and width follow the stream and the user's wishes."""

import io
import os

import pytest

from mcpverify.facts.report import Report
from mcpverify.reporters import FORMATS, render
from mcpverify.reporters.presentation import Presentation, presentation_for


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_80_columns_without_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    assert presentation_for(io.StringIO(), os.environ, 1) == Presentation(1, 80, False, 0)


@pytest.mark.parametrize(("columns", "width"), [("140", 100), ("90", 90), ("20", 40)])
def test_a_terminal_is_used_within_reason(
    columns: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert presentation_for(Terminal(), os.environ, 0) == Presentation(0, width, True, 0)


@pytest.mark.parametrize(
    ("environ", "color"),
    [({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_no_color_and_dumb_terminals_are_respected(environ: dict[str, str], color: bool) -> None:
    assert presentation_for(Terminal(), environ, 0).color is color


def test_formats_are_found_by_their_files() -> None:
    assert FORMATS == ("github", "json", "junit", "markdown", "ndjson", "terminal")


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="'yaml' is none of github, json, junit,"):
        render("yaml", Report(()), Presentation(0))
