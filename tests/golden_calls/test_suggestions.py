"""`calls suggest` writes TOML that a configuration takes, and calls nothing."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from mcpverify.drift.budget import Budget
from mcpverify.drift.referee.oracle import Oracle
from mcpverify.golden.arguments import arguments_for
from mcpverify.settings.discovery import configuration_at
from tests.conftest import Mcpverify
from tests.golden_calls.judging import reading
from tests.servers import honest, stdio
from tests.servers.dialog import tool

TEXT = {"type": "string"}


def takes(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


_PLACE = takes("url", "note", url=TEXT | {"format": "uri"}, note=TEXT | {"minLength": 6})
SCHEMAS: dict[str, tuple[Any, Any]] = {
    "nothing required": (takes(a=TEXT), {}),
    "required only": (takes("a", a=TEXT, b=TEXT), {"a": "text"}),
    "example first": (takes("a", a=TEXT | {"default": "d", "examples": ["e"]}), {"a": "e"}),
    "wrong example": (takes("a", a={"type": "integer", "examples": ["x", 7]}), {"a": 7}),
    "wrong example beside": (
        takes("a", "b", a=TEXT | {"examples": [3]}, b=TEXT | {"format": "date"}),
        {"a": "text", "b": "2026-01-15"},
    ),
    "default": (takes("a", a={"type": "integer", "default": 5}), {"a": 5}),
    "default null": (takes("a", a={"type": ["string", "null"], "default": None}), {"a": "text"}),
    "enum": (takes("a", a={"enum": ["fast", "full"]}), {"a": "fast"}),
    "const": (takes("a", a={"const": 3}), {"a": 3}),
    "format": (takes("a", a=TEXT | {"format": "date"}), {"a": "2026-01-15"}),
    "bounds": (takes("a", a={"type": "integer", "minimum": 3, "multipleOf": 5}), {"a": 5}),
    "pattern": (takes("a", a=TEXT | {"pattern": "^[A-Z]{2}-[0-9]{3}$"}), {"a": "AA-000"}),
    "one of two": ({"anyOf": [takes("x", x=TEXT), takes("y", y=TEXT)]}, {"x": "text"}),
    "whole example": (takes("a", a=TEXT) | {"examples": [{"a": "whole"}]}, {"a": "whole"}),
    "in order": (takes("b", "a", a=TEXT, b=TEXT), {"a": "text", "b": "text"}),
    "behind a reference": (
        takes("p", p={"$ref": "#/$defs/Place"}) | {"$defs": {"Place": _PLACE}},
        {"p": {"url": "https://example.com/", "note": "aaaaaa"}},
    ),
    "draft 4": (
        takes("a", a={"type": "integer", "minimum": 3, "exclusiveMinimum": True, "default": 4})
        | {"$schema": "http://json-schema.org/draft-04/schema#"},
        {"a": 4},
    ),
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_arguments_are_few_valid_and_what_the_schema_names(name: str) -> None:
    schema, expected = SCHEMAS[name]
    found, problem = arguments_for(schema)
    assert problem == ""
    assert found == expected
    assert list(found or {}) == list(expected)
    assert Oracle(schema, Budget()).refusal(found) is None


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        (True, "its inputSchema is no object"),
        (takes("a", a=False), "its inputSchema takes no arguments that were found"),
        (takes("a", a=TEXT | {"pattern": r"^(a)\1$"}), "it refers back to a group"),
        ({"$ref": "#/$defs/none"}, "no arguments"),
    ],
)
def test_where_no_arguments_are_found_it_says_why(schema: Any, told: str) -> None:
    found, problem = arguments_for(schema)
    assert found is None
    assert told in problem


HOSTILE = 'x"] \x1b[31m\u202e\n[targets.evil]'
TOOLS = [
    reading("list_teas"),
    reading("steep", inputSchema=takes("tea", tea=TEXT | {"examples": ["assam ${HOME}"]})),
    reading(HOSTILE) | {"inputSchema": takes(HOSTILE, **{HOSTILE: TEXT | {"const": HOSTILE}})},
    reading("never") | {"inputSchema": takes("a", a=False)},
    reading("void") | {"inputSchema": takes("a", a={"type": "null"})},
    reading("large") | {"inputSchema": takes("a", a={"const": 2**70})},
    reading("float") | {"inputSchema": takes("a", a={"type": "number", "default": 10**30})},
    tool("place_order\n[targets.evil]"),
    reading("twin"),
    tool("twin"),
    "no tool at all",
]


def test_what_is_proposed_is_a_configuration(
    mcpverify: Mcpverify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with honest.serve(tools=TOOLS, name="Tea Room!") as server:
        url = server.url
        run = mcpverify("calls", "suggest", url)
        assert "tools/call" not in {each.step for each in server.requests}

    assert (run.code, run.stderr) == (0, "")
    assert all(line.isprintable() for line in run.stdout.splitlines())
    document = tomllib.loads(run.stdout)
    assert list(document["targets"]) == ["tea-room"]
    assert [each["tool"] for each in document["targets"]["tea-room"]["calls"]] == [
        "list_teas",
        "steep",
        HOSTILE,
        "float",
    ]
    comments = [line for line in run.stdout.splitlines() if line.startswith("#")]
    assert any("# never: its inputSchema takes no arguments" in each for each in comments)
    assert any("# void: it takes null" in each for each in comments)
    assert any("# large: it takes a number that is too large" in each for each in comments)
    assert any("mutates = true: place_order\\n[targets.evil], twin" in each for each in comments)

    (tmp_path / "mcpverify.toml").write_text(run.stdout, encoding="utf-8")
    monkeypatch.setenv("HOME", "not this")
    configuration = configuration_at(None)
    assert configuration is not None
    settings = configuration.target("tea-room", {})
    assert settings.url == url
    assert [each.arguments for each in settings.calls] == [
        {},
        {"tea": "assam ${HOME}"},
        {HOSTILE: HOSTILE},
        {"a": 1e30},
    ]


def test_a_name_of_the_configuration_gets_calls_alone(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with honest.serve(tools=[reading("list_teas")]) as server:
        given = f'[targets.weather]\nurl = "{server.url}"\n'
        (tmp_path / "mcpverify.toml").write_text(given)
        run = mcpverify("calls", "suggest", "weather")
    assert run.code == 0
    document = tomllib.loads(given + run.stdout)
    assert document["targets"]["weather"]["calls"] == [{"tool": "list_teas"}]


HEAD = "no-snapshot = true\n"


def appended(mcpverify: Mcpverify, file: Path, *words: str) -> str:
    """What a shell makes of `calls suggest WORDS >> FILE`, which has to be a configuration."""
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(before, encoding="utf-8")
    run = mcpverify("calls", "suggest", *words)
    assert run.code == 0, run.output
    file.write_text(before + run.stdout, encoding="utf-8")
    assert configuration_at(str(file)) is not None
    return run.stdout


def test_what_is_proposed_can_be_appended_again_and_again(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    file = tmp_path / "mcpverify.toml"
    with honest.serve(tools=[reading("list_teas"), reading("steep")]) as server:
        first = appended(mcpverify, file, server.url)
        second = appended(mcpverify, file, server.url)
        third = appended(mcpverify, file, "honest")
    assert tomllib.loads(first)["targets"]["honest"]["url"] == server.url
    for again in (second, third):
        assert tomllib.loads(again) == {}
        assert "# There are calls of it already: list_teas, steep" in again


@pytest.mark.parametrize("query", ["", "?key=${UNSET_KEY}"])
def test_the_target_that_has_the_url_gets_the_calls_that_it_has_not(
    mcpverify: Mcpverify, tmp_path: Path, query: str
) -> None:
    file = tmp_path / "mcpverify.toml"
    with honest.serve(tools=[reading("list_teas"), tool("steep"), tool("sow")]) as server:
        file.write_text(
            f'[targets.srv]\nurl = "{server.url}{query}"\n{HEAD}'
            '[[targets.srv.calls]]\ntool = "steep"\nmutates = true'
        )
        said = appended(mcpverify, file, server.url)
    assert tomllib.loads(said) == {"targets": {"srv": {"calls": [{"tool": "list_teas"}]}}}
    assert "# They belong into mcpverify.toml." in said
    assert said.endswith("only with mutates = true: sow\n")


def test_a_name_that_is_taken_is_not_taken_again(mcpverify: Mcpverify, tmp_path: Path) -> None:
    file = tmp_path / "mcpverify.toml"
    file.write_text(f'[targets.Honest]\nurl = "http://127.0.0.1:1/mcp"\n{HEAD}')
    with honest.serve(tools=[reading("list_teas")]) as server:
        said = appended(mcpverify, file, server.url)
    assert list(tomllib.loads(said)["targets"]) == ["honest-2"]
    assert "# The name honest is another target's there." in said


@pytest.mark.parametrize(
    "text",
    [
        '[targets]\nsrv = { url = "URL", no-snapshot = true }\n',
        '[targets.srv]\nurl = "URL"\nno-snapshot = true\ncalls = [{ tool = "other" }]\n',
    ],
    ids=["target in braces", "calls in brackets"],
)
def test_what_toml_does_not_let_be_added_to_is_left_as_it_is(
    mcpverify: Mcpverify, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "mcpverify.toml"
    with honest.serve(tools=[reading("list_teas")]) as server:
        file.write_text(text.replace("URL", server.url))
        said = appended(mcpverify, file, server.url)
    assert tomllib.loads(said) == {}
    assert said.startswith("# At the end of mcpverify.toml this would be no TOML.")
    assert '# tool = "list_teas"' in said


def test_calls_for_a_pyproject_are_written_for_it(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with honest.serve(tools=[reading("list_teas")]) as server:
        given = f'[tool.mcpverify.targets.w]\nurl = "{server.url}"\n{HEAD}'
        (tmp_path / "pyproject.toml").write_text(given)
        (tmp_path / "mcpverify.toml").write_text("")  # as a shell does that is to append to it
        runs = [mcpverify("calls", "suggest", each) for each in ("w", server.url)]
    for run in runs:
        assert run.code == 0, run.output
        assert "# They belong into pyproject.toml." in run.stdout
        target = tomllib.loads(given + run.stdout)["tool"]["mcpverify"]["targets"]["w"]
        assert target["calls"] == [{"tool": "list_teas"}]
        assert "[[tool.mcpverify.targets.w.calls]]" in run.stdout


@pytest.mark.parametrize("text", ["[targets.honest]\nwiat = 3\n", "[[["], ids=["keys", "toml"])
def test_a_broken_configuration_is_told_and_no_name_of_it_taken(
    mcpverify: Mcpverify, tmp_path: Path, text: str
) -> None:
    (tmp_path / "mcpverify.toml").write_text(text)
    with honest.serve(tools=[reading("list_teas")]) as server:
        run = mcpverify("calls", "suggest", server.url)
    assert run.code == 0
    assert "# They belong into mcpverify.toml.\n# It was not consulted: " in run.stdout
    names = list(tomllib.loads(run.stdout)["targets"])
    assert names == (["honest-2"] if "targets" in text else ["honest"])


def test_a_credential_in_the_address_is_masked_and_left_out(mcpverify: Mcpverify) -> None:
    with honest.serve(tools=[reading("list_teas")]) as server:
        url = server.url
        run = mcpverify("calls", "suggest", f"{url}?key=sk-live-9f8e7d6c5b4a")
    assert run.code == 0
    assert "9f8e7d6c5b4a" not in run.output
    assert f'# url = "{url}?key=***"' in run.stdout
    assert "url" not in tomllib.loads(run.stdout)["targets"]["honest"]


def test_a_command_is_proposed_for(mcpverify: Mcpverify) -> None:
    command = stdio.command("honest", "tools=a,b")
    run = mcpverify("calls", "suggest", "--", *command)
    assert run.code == 0
    assert tomllib.loads(run.stdout)["targets"]["honest"] == {"command": list(command)}
    assert "called only with mutates = true: a, b" in run.stdout


def test_without_a_list_of_tools_nothing_is_proposed(mcpverify: Mcpverify) -> None:
    with honest.serve({"tools/list": lambda call: call.error(-32603, "boom")}) as server:
        url = server.url
        failed = mcpverify("calls", "suggest", url)
    refused = mcpverify("calls", "suggest", url)

    assert (failed.code, failed.stdout) == (1, "")
    assert "boom" in failed.stderr
    assert (refused.code, refused.stdout) == (3, "")
    assert "refused the connection" in refused.stderr


@pytest.mark.parametrize(
    "words",
    [("suggest",), ("make", "http://127.0.0.1:1/mcp"), ("suggest", "nobody"), ()],
    ids=" ".join,
)
def test_being_called_wrongly_is_exit_code_2(mcpverify: Mcpverify, words: tuple[str, ...]) -> None:
    run = mcpverify("calls", *words)
    assert (run.code, run.stdout) == (2, "")
