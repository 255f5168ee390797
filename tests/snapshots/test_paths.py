"""Where a snapshot lies whose path nobody named, whatever the server calls itself."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpverify.errors import UsageError
from mcpverify.snapshots.paths import default_path, recorded_paths, slug


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("weather", "weather"),
        ("Figma MCP Server", "figma-mcp-server"),
        ("@scope/name", "scope-name"),
        ("mcp_server.v1.2", "mcp_server.v1.2"),
        ("../../etc/passwd", "etc-passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\x", "c-x"),
        (".hidden", "hidden"),
        ("a\0b\n", "a-b"),
        ("CON", "server-con"),
        ("nul.txt", "server-nul.txt"),
        ("com1", "server-com1"),
        ("console", "console"),
        ("Käse", "k-se"),
        ("\x1b[31mred", "31mred"),
    ],
)
def test_a_name_becomes_a_file_name(name: str, expected: str) -> None:
    assert slug(name) == expected
    assert default_path("root", name) == os.path.join("root", "snapshots", f"{expected}.json")


@pytest.mark.parametrize("name", ["", "   ", "..", "/", "天気", "\u202e", "---", "._."])
def test_a_name_of_which_nothing_is_left_is_refused(name: str) -> None:
    with pytest.raises(UsageError) as refusal:
        default_path(".", name)
    assert "--snapshot" in refusal.value.hint


def test_long_names_stay_short_and_apart() -> None:
    one, other = slug("x" * 5_000_000), slug("x" * 4_000_000)
    assert len(one) == len(other) == 64
    assert one != other


@given(st.text())
def test_any_name_is_safe(name: str) -> None:
    made = slug(name)
    assert re.fullmatch(r"(?:[a-z0-9](?:[a-z0-9._-]{0,69}[a-z0-9])?)?", made)
    assert slug(made) in (made, f"server-{made}")


def test_recorded_snapshots_are_listed(tmp_path: Path) -> None:
    assert recorded_paths(str(tmp_path)) == ()
    folder = tmp_path / "snapshots"
    folder.mkdir()
    for name in ("b.json", "a.json", "notes.md"):
        (folder / name).touch()
    assert recorded_paths(str(tmp_path)) == (str(folder / "a.json"), str(folder / "b.json"))
