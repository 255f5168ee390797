"""What a configuration takes from the environment comes out nowhere, but where it is no secret."""

import json
import sys

import pytest

from mcpverify.settings.discovery import foreign_configuration
from tests.conftest import Mcpverify
from tests.servers import honest
from tests.settings.reading import target, written

SECRET = "hunter2-swordfish-99"
COMMAND = "import os, sys; sys.exit('my key is ' + os.environ['API_KEY'])"


def test_a_secret_in_the_environment_of_a_command_is_not_shown(mcpverify: Mcpverify) -> None:
    command = [sys.executable.replace("\\", "/"), "-c", COMMAND]
    written(f'[targets.weather]\ncommand = {command}\nenvironment = {{ API_KEY = "${{GIVEN}}" }}\n')
    run = mcpverify("check", "weather", "--no-snapshot", "-v", env={"GIVEN": SECRET})
    assert "my key is ***" in run.stdout
    assert SECRET not in run.stdout + run.stderr


def _secrets(text: str, **environ: str) -> list[str]:
    return [each.value for each in target(text, environ).secrets]


@pytest.mark.parametrize(
    "text",
    [
        'url = "https://mcp.example.com/${GIVEN}/mcp"',
        'url = "https://mcp.example.com/mcp?k=${GIVEN}"',
        'url = "https://gate:${GIVEN}@mcp.example.com/mcp"',
        'url = "https://mcp.example.com/mcp"\nreplicas = ["http://10.0.0.1/${GIVEN}"]',
        'url = "https://mcp.example.com/mcp"\nhealth = "/healthz/${GIVEN}"',
        'url = "https://mcp.example.com/mcp"\nliveness = { url = "https://a.example/${GIVEN}" }',
        'url = "https://mcp.example.com/mcp"\nversion-from = "health:/v/${GIVEN}#/release"',
        'command = ["server", "--flag", "${GIVEN}"]',
        'command = "server --flag ${GIVEN}"',
        'command = ["server", "https://a.example/${GIVEN}"]',
        'command = ["server"]\nenvironment = { X = "${GIVEN}" }',
    ],
)
def test_what_a_target_takes_from_the_environment_is_a_secret(text: str) -> None:
    assert _secrets(text, GIVEN=SECRET) == [SECRET]


@pytest.mark.parametrize(
    "text",
    [
        'url = "https://${GIVEN}/mcp"',
        'url = "https://gate.${GIVEN}:8443/mcp"',
        'url = "https://${GIVEN}:8443?x=1"',
        'url = "https://mcp.example.com/mcp"\nreplicas = ["http://${GIVEN}"]',
        'url = "https://mcp.example.com/mcp"\nresolve = ["mcp.example.com:443:${GIVEN}"]',
        'url = "https://mcp.example.com/mcp"\nexpect-version = "${GIVEN}"',
        'url = "https://mcp.example.com/mcp"\nexpect-name = "${GIVEN}"',
        'url = "https://mcp.example.com/mcp"\nbearer-file = "${GIVEN}/token"',
        'url = "https://mcp.example.com/mcp"\nsnapshot = "${GIVEN}/weather.json"',
        'command = ["${GIVEN}/bin/python", "-m", "weather"]',
        'command = ["server", "https://${GIVEN}/mcp"]',
    ],
)
def test_what_is_no_secret_by_its_place_may_be_shown(text: str) -> None:
    assert _secrets(text, GIVEN="weather-77.example") == []


@pytest.mark.parametrize("name", ["HOME", "CI_PROJECT_DIR", "GITHUB_WORKSPACE", "RELEASE"])
def test_a_folder_or_a_release_is_none_by_its_name(name: str) -> None:
    assert _secrets(f'command = ["server", "--x", "${{{name}}}"]', **{name: "/srv/a77"}) == []


def test_of_a_whole_address_what_looks_like_a_secret_is_one() -> None:
    given = f"https://mcp.example.com/weather/{SECRET}/mcp?key=abcdefgh1"
    assert _secrets('url = "${GIVEN}"', GIVEN=given) == [SECRET, "abcdefgh1"]


def test_servers_of_another_file_are_read_likewise() -> None:
    servers = {
        "web": {"url": "https://${HOST}/${GIVEN}/mcp"},
        "local": {"command": "${HOST}/run", "args": ["--x=${GIVEN}"], "env": {"Y": "${GIVEN}"}},
    }
    path = written(json.dumps({"mcpServers": servers}), ".mcp.json")
    environ = {"HOST": "weather-77.example", "GIVEN": SECRET}
    for name in servers:
        found = foreign_configuration(str(path)).target(name, environ)
        assert {each.value for each in found.secrets} == {SECRET}


def test_a_remote_of_the_registry_is_read_likewise() -> None:
    variables = {"region": {"default": "eu-central-1"}, "given": {}}
    remote = {
        "type": "streamable-http",
        "url": "https://mcp.example.com/{region}/{given}/mcp",
        "variables": variables,
    }
    path = written(json.dumps({"name": "weather", "remotes": [remote]}), "server.json")
    found = foreign_configuration(str(path)).target("weather", {"GIVEN": SECRET})
    assert [each.value for each in found.secrets] == [SECRET]


@pytest.mark.parametrize("form", ["terminal", "json", "junit", "markdown"])
def test_a_secret_of_an_address_is_in_no_report(mcpverify: Mcpverify, form: str) -> None:
    with honest.serve() as server:
        written(
            f'[targets.weather]\nurl = "{server.origin}/${{GIVEN}}/mcp"\n'
            f'health = "/${{GIVEN}}/readyz"\n'
        )
        options = ("--no-snapshot", "-v", "--format", form)
        run = mcpverify("check", "weather", *options, env={"GIVEN": SECRET})
        assert any(SECRET in each.path for each in server.requests)
    assert run.code in (1, 3)
    assert server.origin in run.stdout
    assert SECRET not in run.stdout + run.stderr


def test_a_secret_of_an_address_is_in_no_message_on_the_file(mcpverify: Mcpverify) -> None:
    written('[targets.weather]\nurl = "https://[::1/${GIVEN}/mcp"\n')
    run = mcpverify("check", "weather", env={"GIVEN": SECRET})
    assert run.code == 2
    assert SECRET not in run.stdout + run.stderr


def test_a_secret_among_arguments_is_in_no_report(mcpverify: Mcpverify) -> None:
    python = sys.executable.replace("\\", "/")
    says = "import sys; sys.exit('I was given ' + sys.argv[1])"
    written(f'[targets.weather]\ncommand = ["{python}", "-c", "{says}", "${{GIVEN}}"]\n')
    for command in (("check", "--no-snapshot", "-v"), ("snapshot",)):
        run = mcpverify(*command[:1], "weather", *command[1:], env={"GIVEN": SECRET})
        assert SECRET not in run.stdout + run.stderr
        assert "I was given ***" in run.stdout + run.stderr
