"""--version-from as it is written, and what is refused."""

from collections.abc import Callable

import pytest

from mcpverify.cli.version_source import version_source_of
from mcpverify.errors import UsageError
from mcpverify.facts.version_source import VersionKind, VersionSource
from tests.conftest import Mcpverify


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("header:X-Version", VersionSource(VersionKind.HEADER, "X-Version")),
        ("HEADER:x-version", VersionSource(VersionKind.HEADER, "x-version")),
        ("health:/version", VersionSource(VersionKind.HEALTH, "/version")),
        ("health:/v?a=b#/x", VersionSource(VersionKind.HEALTH, "/v?a=b", "/x")),
        (
            "health:https://host:8443/v#/build/a~1b",
            VersionSource(VersionKind.HEALTH, "https://host:8443/v", "/build/a~1b"),
        ),
        ("health:/v#", VersionSource(VersionKind.HEALTH, "/v")),
        ("tool:build_info", VersionSource(VersionKind.TOOL, "build_info")),
        ("tool:ops.build#/0", VersionSource(VersionKind.TOOL, "ops.build", "/0")),
    ],
)
def test_a_source_is_read(text: str, source: VersionSource) -> None:
    assert version_source_of(text) == source


def test_none_is_none() -> None:
    assert version_source_of(None) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "--version-from is empty"),
        ("X-Version", "--version-from names no source"),
        ("heder:X-Version", "--version-from names no source heder:"),
        ("https://user:hunter2@host/v", "--version-from names no source"),
        ("header:", "takes the name of a header"),
        ("header:X Version", "takes the name of a header"),
        ("health:", "takes an http URL, or a path"),
        ("health:version", "takes an http URL, or a path"),
        ("health:ftp://host/v", "takes an http URL, or a path"),
        ("health://host/v", "takes an http URL, or a path"),
        ("health:/v#version", "version is no JSON pointer"),
        ("tool:", "names no tool"),
        ("tool:build#~2", "~2 is no JSON pointer"),
    ],
)
def test_what_is_no_source_is_refused_with_examples(text: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        version_source_of(text)

    assert words in refused.value.message
    assert "hunter2" not in refused.value.message + refused.value.hint
    assert refused.value.hint


@pytest.mark.parametrize("tell", [VersionSource.subject.fget, repr])
def test_a_source_shows_no_credential(tell: Callable[[VersionSource], str]) -> None:
    source = version_source_of("health:https://u:hunter2@host/v?token=s3cret99#/version")
    assert source is not None
    assert "hunter2" not in tell(source)
    assert "s3cret99" not in tell(source)


def test_the_command_to_run_again_keeps_the_pointer_and_hides_the_rest(
    mcpverify: Mcpverify,
) -> None:
    run = mcpverify(
        *("check", "http://127.0.0.1:9/mcp", "--no-snapshot", "--expect-version", "2"),
        *("--version-from", "health:/v?token=s3cret99#/version"),
        "--replica=http://u:hunter2@127.0.0.1:9/mcp",
    )

    assert run.code == 3
    assert "health:/v?token=***#/version" in run.words.replace("\\ ", "")
    assert "s3cret99" not in run.output
    assert "hunter2" not in run.output


def test_a_path_means_nothing_to_a_command(mcpverify: Mcpverify) -> None:
    run = mcpverify("check", "--version-from", "health:/version", "--", "python", "-c", "pass")

    assert run.code == 2
    assert "a COMMAND has no origin" in run.words
