"""The nearest configuration upwards is in force, unless one is named; paths in it are its own."""

import os
from pathlib import Path

import pytest

from mcpverify.errors import ConfigurationInvalid, VariableUnset
from mcpverify.settings.configuration import Configuration
from mcpverify.settings.discovery import configuration_at
from tests.settings.reading import URL, written

PYPROJECT = f'[project]\nname = "a"\n\n[tool.mcpverify.targets.weather]\n{URL}'
OURS = f"[targets.weather]\n{URL}"


def found(path: str | None = None) -> Configuration:
    configuration = configuration_at(path)
    assert configuration is not None
    return configuration


def test_nothing_is_found_where_nothing_is() -> None:
    assert configuration_at(None) is None


def test_a_configuration_here_is_found() -> None:
    written(OURS)
    configuration = found()
    assert (configuration.path, configuration.directory) == ("mcpverify.toml", "")
    assert configuration.names == ("weather",)


def test_one_further_up_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written(OURS)
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    up = os.path.join(os.pardir, os.pardir)
    assert found().path == os.path.join(up, "mcpverify.toml")
    assert found().directory == up


def test_the_nearer_one_is_in_force(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written(OURS)
    written(PYPROJECT, "near/pyproject.toml")
    monkeypatch.chdir(tmp_path / "near")
    assert found().path == "pyproject.toml"


def test_in_one_directory_ours_goes_before_pyproject() -> None:
    written(OURS)
    written(PYPROJECT, "pyproject.toml")
    assert found().path == "mcpverify.toml"


@pytest.mark.parametrize("nothing", ["", "# calls to come\n"], ids=["empty", "comment"])
def test_one_with_nothing_in_it_hides_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, nothing: str
) -> None:
    written(PYPROJECT, "pyproject.toml")
    written(nothing)
    assert found().path == "pyproject.toml"
    written(nothing, "near/mcpverify.toml")
    monkeypatch.chdir(tmp_path / "near")
    assert found().path == os.path.join(os.pardir, "pyproject.toml")


def test_one_with_nothing_in_it_is_in_force_where_there_is_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written("")
    written("# nothing either\n", "near/mcpverify.toml")
    monkeypatch.chdir(tmp_path / "near")
    assert (found().path, found().names) == ("mcpverify.toml", ())


def test_a_pyproject_is_read_under_its_table() -> None:
    written(PYPROJECT, "pyproject.toml")
    assert found().target("weather", {}).where == "pyproject.toml:4"


def test_errors_in_a_pyproject_have_its_keys_and_lines() -> None:
    written(f"{PYPROJECT}wiat = 3\nfail-on = 1\n", "pyproject.toml")
    with pytest.raises(ConfigurationInvalid) as error:
        found()
    assert error.value.message.split("\n") == [
        "pyproject.toml:6: tool.mcpverify.targets.weather.wiat: no such key; did you mean wait?",
        "pyproject.toml:7: tool.mcpverify.targets.weather.fail-on: must be one of any, contract, "
        "breaking, none, not a number",
    ]


def test_a_pyproject_that_has_us_as_no_table_is_told() -> None:
    written("[tool]\nmcpverify = 3\n", "pyproject.toml")
    with pytest.raises(ConfigurationInvalid, match=r"^pyproject.toml:2: tool.mcpverify: must be a"):
        found()


@pytest.mark.parametrize("text", ['[project]\nname = "a"\n', '[tool.other]\ndeps = "mcpverify"\n'])
def test_a_pyproject_of_others_is_passed_by(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    written(OURS)
    written(text, "near/pyproject.toml")
    monkeypatch.chdir(tmp_path / "near")
    assert found().path == os.path.join(os.pardir, "mcpverify.toml")


def test_a_broken_pyproject_that_does_not_name_us_is_passed_by() -> None:
    written("[[[", "pyproject.toml")
    assert configuration_at(None) is None


def test_a_broken_pyproject_that_names_us_is_told() -> None:
    written("[tool.mcpverify]\na = \n", "pyproject.toml")
    with pytest.raises(ConfigurationInvalid, match=r"^pyproject\.toml:2:5: "):
        configuration_at(None)


def test_a_broken_configuration_is_not_passed_by(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written(OURS)
    written("[[[", "near/mcpverify.toml")
    monkeypatch.chdir(tmp_path / "near")
    with pytest.raises(ConfigurationInvalid):
        configuration_at(None)


@pytest.mark.parametrize(
    ("name", "text"), [("etc/gate.toml", OURS), ("app/pyproject.toml", PYPROJECT)]
)
def test_a_configuration_can_be_named(name: str, text: str) -> None:
    written('[targets.other]\ncommand = "a"\n')
    written(text, name)
    assert found(name).names == ("weather",)
    assert found(name).directory == os.path.dirname(name)


def test_a_pyproject_without_us_cannot_be_named() -> None:
    written('[project]\nname = "a"\n', "pyproject.toml")
    with pytest.raises(ConfigurationInvalid, match=r"pyproject.toml: it has no \[tool.mcpverify\]"):
        configuration_at("pyproject.toml")


def test_an_empty_configuration_has_no_targets() -> None:
    written("")
    assert found().names == ()


# -- paths

PATHS = """
bearer-file = "run/token"
snapshot = "reviewed/w.json"
tls = { cacert = "ca.pem", cert = "c.pem", key = "k.pem" }
"""


def test_paths_are_seen_from_the_configuration() -> None:
    written(f"{OURS}{PATHS}", "etc/gate.toml")
    settings = found("etc/gate.toml").target("weather", {})
    assert settings.options == {
        "bearer_file": os.path.join("etc", "run/token"),
        "snapshot": os.path.join("etc", "reviewed/w.json"),
        "cacert": os.path.join("etc", "ca.pem"),
        "cert": os.path.join("etc", "c.pem"),
        "key": os.path.join("etc", "k.pem"),
    }
    assert settings.default_snapshot == os.path.join("etc", "snapshots", "weather.json")


def test_a_key_of_oauth_is_seen_from_the_configuration() -> None:
    oauth = 'oauth = { client-id = "a", issuer = "https://id.example.com", key = "k.pem" }\n'
    written(OURS + oauth, "etc/gate.toml")
    options = found("etc/gate.toml").target("weather", {}).options
    assert options["oauth_key"] == os.path.join("etc", "k.pem")


def test_an_absolute_path_stays(tmp_path: Path) -> None:
    token = (tmp_path / "token").as_posix()
    written(f'{OURS}bearer-file = "{token}"\n', "etc/gate.toml")
    assert found("etc/gate.toml").target("weather", {}).options == {"bearer_file": token}


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("git:origin/main:a/w.json", "git:origin/main:etc/a/w.json"),
        ("git:main@{12:00}:w.json", "git:main@{12:00}:etc/w.json"),
    ],
)
def test_a_snapshot_of_git_is_seen_from_the_configuration(name: str, seen: str) -> None:
    written(f'{OURS}snapshot = "{name}"\n', "etc/gate.toml")
    options = found("etc/gate.toml").target("weather", {}).options
    assert options == {"snapshot": seen.replace("etc/", os.path.join("etc", ""))}


@pytest.mark.parametrize(
    ("line", "folder"), [("", "etc"), ('directory = "srv"', os.path.join("etc", "srv"))]
)
def test_a_command_starts_beside_the_configuration(line: str, folder: str) -> None:
    written(f'[targets.weather]\ncommand = "run"\n{line}\n', "etc/gate.toml")
    assert found("etc/gate.toml").target("weather", {}).directory == folder


def test_a_command_of_a_configuration_here_starts_here() -> None:
    written('[targets.weather]\ncommand = "run"\n')
    assert found().target("weather", {}).directory is None


# -- variables

ENVIRONMENT = {"HOST": "mcp.example.com", "V": "1.2.3", "TOKEN": "hunter2", "EMPTY": " "}


def test_variables_are_read_from_the_environment() -> None:
    written("""
[targets.weather]
url = "https://${HOST}/mcp"
expect-version = "v${V}+${V}"
expect-name = "$${V} $${-} $V {V}"
replicas = ["https://a.${HOST}"]
health = { url = "https://${HOST}/h", json = { "/v" = "${V}" } }
[[targets.weather.calls]]
tool = "a"
arguments = { list = [{ host = "${HOST}" }], "${V}" = 1 }
expect = [{ equals = ["${V}"] }, { matches = "^${V}$" }]
""")
    settings = found().target("weather", ENVIRONMENT)
    assert settings.url == "https://mcp.example.com/mcp"
    assert settings.options == {
        "expect_version": "v1.2.3+1.2.3",
        "expect_name": "${V} ${-} $V {V}",
        "replica": ["https://a.mcp.example.com"],
    }
    assert settings.readiness is not None
    assert settings.readiness.members == (("/v", "1.2.3"),)
    (call,) = settings.calls
    assert call.arguments == {"list": [{"host": "mcp.example.com"}], "${V}": 1}
    assert call.secrets == ()  # a host, and a version
    assert call.conditions[0].equals == (["1.2.3"],)
    assert call.conditions[1].matches == "^${V}$"


def test_a_variable_with_blanks_does_not_split_a_command() -> None:
    written('[targets.a]\ncommand = "run ${WORDS} b"\nenvironment = { X = "${WORDS}" }\n')
    settings = found().target("a", {"WORDS": "two words"})
    assert settings.command == ("run", "two words", "b")
    assert settings.environment == (("X", "two words"),)


def test_headers_keep_their_references_for_who_masks_them() -> None:
    written(f'{OURS}headers = {{ Authorization = "Bearer ${{TOKEN}}" }}\n')
    options = found().target("weather", ENVIRONMENT).options
    assert options == {"header": ["Authorization: Bearer ${TOKEN}"]}


@pytest.mark.parametrize(("name", "state"), [("MISSING", "not set"), ("EMPTY", "empty")])
@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('headers = { A = "Bearer ${%}" }', "headers.A"),
        ('expect-version = "${%}"', "expect-version"),
        ('bearer-file = "${%}/token"', "bearer-file"),
        ('tls = { cacert = "${%}" }', "tls.cacert"),
        ('resolve = ["a:1:127.0.0.1", "${%}"]', "resolve[1]"),
        ('health = "https://${%}/h"', "health"),
    ],
)
def test_an_unset_variable_is_told_with_its_place(
    line: str, key: str, name: str, state: str
) -> None:
    written(f"{OURS}{line.replace('%', name)}\n")
    with pytest.raises(VariableUnset) as error:
        found().target("weather", ENVIRONMENT)
    assert error.value.message == (
        f"mcpverify.toml:3: targets.weather.{key}: the environment variable {name} is {state}"
    )


def test_all_unset_variables_of_a_target_are_told() -> None:
    written(f'{OURS}expect-name = "${{A}}"\nexpect-version = "${{B}}"\n[defaults]\ntimeout = 1\n')
    with pytest.raises(VariableUnset) as error:
        found().target("weather", {})
    assert [line.split(":")[1] for line in error.value.message.split("\n")] == ["3", "4"]


def test_an_unset_variable_of_the_defaults_is_told_there() -> None:
    written(f'{OURS}[defaults]\nheaders = {{ A = "${{TOKEN}}" }}\n')
    with pytest.raises(VariableUnset, match=r"^mcpverify\.toml:4: defaults\.headers\.A: "):
        found().target("weather", {})


@pytest.mark.parametrize("line", ['health = "${V}"', 'health = { url = "${V}" }'])
def test_a_variable_that_makes_no_address_is_told_without_its_value(line: str) -> None:
    written(f"{OURS}{line}\n")
    with pytest.raises(ConfigurationInvalid, match=r"^mcpverify\.toml:3: targets\.weather\.health"):
        found().target("weather", ENVIRONMENT)


def test_variables_of_other_targets_are_not_wanted() -> None:
    written(f'{OURS}[targets.other]\nurl = "https://${{MISSING}}/mcp"\n')
    assert found().target("weather", {}).url == "https://mcp.example.com/mcp"
