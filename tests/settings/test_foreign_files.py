"""What people already have: configurations of clients, and the server.json of the registry."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mcpverify.errors import ConfigurationInvalid, FileUnusable, UsageError, VariableUnset
from mcpverify.facts.target import Transport
from mcpverify.settings.discovery import foreign_configuration
from mcpverify.settings.target_settings import TargetSettings
from tests.settings.reading import written

CLAUDE_CODE = """{
  "mcpServers": {
    "weather": {
      "type": "http",
      "url": "${API_BASE_URL:-https://mcp.example.com}/mcp",
      "headers": {
        "Authorization": "Bearer ${API_KEY}",
        "X-Team": "${TEAM:-weather}"
      }
    },
    "events": { "type": "sse", "url": "https://events.example.com/sse" },
    "files": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-filesystem", "${ROOT:-.}"],
      "env": { "LOG_LEVEL": "${LOG_LEVEL:-info}", "CACHE": "/tmp" }
    },
    "old": { "type": "stdio", "command": "old", "disabled": true },
    "sockets": { "type": "ws", "url": "wss://mcp.example.com/ws" }
  }
}
"""

VS_CODE = """{
  // Asked for once, then kept.
  "inputs": [
    { "type": "promptString", "id": "perplexity-key", "description": "Key", "password": true },
  ],
  "servers": {
    "github": {
      "type": "http",
      "url": "https://mcp.example.com/mcp/",
      "headers": { "Authorization": "Bearer ${input:perplexity-key}", "X-A": "${env:TEAM}" }
    },
    "memory": {
      "type": "stdio",
      "command": "${workspaceFolder}/bin/memory", /* built here */
      "args": ["--note", "no // comment, } here", "${userHome}"],
      "cwd": "${workspaceFolder}/data",
    },
  },
}
"""

REGISTERED: dict[str, Any] = {
    "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
    "name": "com.example/acme-analytics",
    "description": "Real-time reports",
    "version": "2.0.0",
    "packages": [{"registryType": "npm", "identifier": "a", "transport": {"type": "stdio"}}],
    "remotes": [
        {
            "type": "streamable-http",
            "url": "https://{tenant}.example.com/{region}/mcp",
            "variables": {
                "tenant": {"isRequired": True},
                "region": {"default": "eu", "choices": ["eu", "us"]},
            },
            "headers": [
                {
                    "name": "Authorization",
                    "value": "Bearer {api_key}",
                    "variables": {"api_key": {"isRequired": True, "isSecret": True}},
                },
                {"name": "X-API-Key", "isRequired": True, "isSecret": True},
                {"name": "X-Mode", "default": "fast"},
                {"name": "X-Trace"},
                {"name": "X-Client", "value": "gate {unknown}"},
            ],
        },
        {"type": "sse", "url": "https://analytics.example.com/sse"},
    ],
}

ASKED = {"TENANT": "acme", "API_KEY": "hunter2", "X_API_KEY": "hunter3"}


def claude_code(name: str, environ: dict[str, str] | None = None) -> TargetSettings:
    written(CLAUDE_CODE, ".mcp.json")
    return foreign_configuration(".mcp.json").target(name, environ or {})


def vs_code(name: str, environ: dict[str, str]) -> TargetSettings:
    written(VS_CODE, ".vscode/mcp.json")
    return foreign_configuration(".vscode/mcp.json").target(name, environ)


def registered(name: str, environ: dict[str, str]) -> TargetSettings:
    written(json.dumps(REGISTERED), "server.json")
    return foreign_configuration("server.json").target(name, environ)


def refused(text: str, name: str = "a") -> str:
    """What the server `a` of a client's file is refused for."""
    written(text, ".mcp.json")
    with pytest.raises(UsageError) as error:
        foreign_configuration(".mcp.json").target(name, {})
    return error.value.message


def refused_server(server: object) -> str:
    return refused(json.dumps({"mcpServers": {"a": server}}))


# -- mcpServers


def test_servers_come_in_their_order_without_those_that_are_off() -> None:
    written(CLAUDE_CODE, ".mcp.json")
    configuration = foreign_configuration(".mcp.json")
    assert configuration.names == ("weather", "events", "files", "sockets")
    assert configuration.path == ".mcp.json"


def test_a_remote_server_has_its_transport_and_headers() -> None:
    found = claude_code("weather", {"API_KEY": "hunter2"})
    assert found.url == "https://mcp.example.com/mcp"
    assert found.options == {
        "transport": Transport.STREAMABLE_HTTP,
        "header": ["Authorization: Bearer ${API_KEY}", "X-Team: weather"],
    }
    assert found.where == ".mcp.json:3"
    assert found.default_snapshot == os.path.join("snapshots", "weather.json")


def test_the_environment_goes_before_a_default() -> None:
    environ = {"API_KEY": "k", "TEAM": "sea", "API_BASE_URL": "https://b.example.com"}
    found = claude_code("weather", environ)
    assert found.url == "https://b.example.com/mcp"
    assert found.options["header"] == ["Authorization: Bearer ${API_KEY}", "X-Team: ${TEAM}"]


def test_a_server_of_type_sse_has_that_transport() -> None:
    assert claude_code("events").options == {"transport": Transport.SSE}


def test_a_command_has_arguments_and_environment() -> None:
    found = claude_code("files", {"ROOT": "/srv data"})
    assert found.command == ("npx", "-y", "@modelcontextprotocol/server-filesystem", "/srv data")
    assert found.environment == (("LOG_LEVEL", "info"), ("CACHE", "/tmp"))
    assert found.url is None
    assert found.directory is None


def test_an_unset_variable_is_told_with_its_place() -> None:
    with pytest.raises(VariableUnset) as error:
        claude_code("weather")
    assert error.value.message == (
        ".mcp.json:3: mcpServers.weather.headers.Authorization: "
        "the environment variable API_KEY is not set"
    )


def test_a_kind_that_cannot_be_checked_is_told() -> None:
    with pytest.raises(ConfigurationInvalid) as error:
        claude_code("sockets")
    assert error.value.message == (
        ".mcp.json:18: mcpServers.sockets.type: no kind that can be checked; "
        "known are stdio, http, streamable-http, sse"
    )
    assert "--server" in error.value.hint


@pytest.mark.parametrize(
    ("server", "transport"),
    [
        ({"url": "https://a.example.com/mcp"}, Transport.AUTO),
        ({"serverUrl": "https://a.example.com/mcp"}, Transport.AUTO),
        ({"httpUrl": "https://a.example.com/mcp"}, Transport.STREAMABLE_HTTP),
        ({"type": "streamableHttp", "url": "https://a.example.com/mcp"}, Transport.STREAMABLE_HTTP),
        (
            {"type": "streamable-http", "url": "https://a.example.com/mcp"},
            Transport.STREAMABLE_HTTP,
        ),
        ({"transport": "sse", "url": "https://a.example.com/mcp"}, Transport.SSE),
    ],
)
def test_each_client_spells_it_in_its_way(server: object, transport: Transport) -> None:
    written(json.dumps({"mcpServers": {"a": server}}), ".mcp.json")
    found = foreign_configuration(".mcp.json").target("a", {})
    assert found.url == "https://a.example.com/mcp"
    assert found.options == {"transport": transport}


@pytest.mark.parametrize(
    ("server", "told"),
    [
        ([], "mcpServers.a: must be an object"),
        ({}, "mcpServers.a: it has neither command nor url"),
        ({"url": 3}, "mcpServers.a.url: must be a text, the address"),
        ({"command": ""}, "mcpServers.a.command: must be a text, the program"),
        ({"command": "a", "args": "b"}, "mcpServers.a.args: must be a list of texts"),
        ({"command": "a", "env": {"B": 1}}, "mcpServers.a.env: must be an object of texts"),
        ({"command": "a", "cwd": 1}, "mcpServers.a.cwd: must be a text, a folder"),
        ({"command": "a", "envFile": ".env"}, "mcpServers.a.envFile: a file of variables is not"),
        ({"url": "x", "headersHelper": "./t"}, "mcpServers.a.headersHelper: a command that makes"),
        ({"url": "x", "headers": ["A: b"]}, "mcpServers.a.headers: must be an object of texts"),
        ({"type": "stdoi", "command": "a"}, "mcpServers.a.type: no kind that can be checked;"),
        ({"url": "${config:mcp.url}"}, "mcpServers.a.url: only an editor can read ${config:"),
    ],
)
def test_a_server_that_cannot_be_read_is_told(server: object, told: str) -> None:
    assert told in refused_server(server)


def test_a_server_that_cannot_be_read_hinders_no_other() -> None:
    written(json.dumps({"mcpServers": {"a": [], "b": {"command": "b"}}}), ".mcp.json")
    assert foreign_configuration(".mcp.json").target("b", {}).command == ("b",)


def test_what_is_a_shell_s_stays() -> None:
    server = {"command": "sh", "args": ["-c", "echo ${a%b} $HOME"]}
    written(json.dumps({"mcpServers": {"a": server}}), ".mcp.json")
    found = foreign_configuration(".mcp.json").target("a", {})
    assert found.command == ("sh", "-c", "echo ${a%b} $HOME")


def test_a_command_starts_in_the_project(tmp_path: Path) -> None:
    server = {"command": "${CLAUDE_PROJECT_DIR}/run"}
    written(json.dumps({"mcpServers": {"a": server}}), "app/.mcp.json")
    found = foreign_configuration("app/.mcp.json").target("a", {})
    assert found.directory == "app"
    assert found.command == (str(tmp_path / "app") + "/run",)
    assert found.default_snapshot == os.path.join("app", "snapshots", "a.json")


def test_a_configuration_of_the_desktop_belongs_to_no_project() -> None:
    name = "config/Claude/claude_desktop_config.json"
    written(json.dumps({"mcpServers": {"a": {"command": "uvx"}}}), name)
    found = foreign_configuration(name).target("a", {})
    assert found.directory is None
    assert found.default_snapshot == os.path.join("snapshots", "a.json")


def test_a_server_that_is_not_enabled_is_left_out() -> None:
    servers = {"a": {"command": "a", "enabled": False}, "b": {"command": "b", "enabled": True}}
    written(json.dumps({"mcpServers": servers}), ".mcp.json")
    assert foreign_configuration(".mcp.json").names == ("b",)


# -- VS Code


def test_comments_and_needless_commas_are_taken() -> None:
    written(VS_CODE, ".vscode/mcp.json")
    assert foreign_configuration(".vscode/mcp.json").names == ("github", "memory")


def test_what_an_editor_would_ask_for_is_read_from_the_environment() -> None:
    found = vs_code("github", {"PERPLEXITY_KEY": "hunter2", "TEAM": "sea"})
    assert found.options == {
        "transport": Transport.AUTO,  # of VS Code's http, which falls back to SSE
        "header": ["Authorization: Bearer ${PERPLEXITY_KEY}", "X-A: ${TEAM}"],
    }


def test_what_an_editor_would_ask_for_and_nobody_gave_is_told() -> None:
    with pytest.raises(VariableUnset, match=r"github\.headers\.Authorization: .* PERPLEXITY_KEY "):
        vs_code("github", {})


def test_the_folder_of_the_workspace_is_known(tmp_path: Path) -> None:
    found = vs_code("memory", {})
    home = os.path.expanduser("~")
    assert found.command == (
        f"{tmp_path}/bin/memory",
        "--note",
        "no // comment, } here",
        home,
    )
    assert found.directory is not None
    assert os.path.abspath(found.directory) == str(tmp_path / "data")
    assert found.where == ".vscode/mcp.json:12"


def test_servers_in_the_settings_of_an_editor_are_found() -> None:
    written(json.dumps({"mcp": {"servers": {"a": {"command": "b"}}}}), "settings.json")
    assert foreign_configuration("settings.json").names == ("a",)


# -- server.json


def test_each_remote_is_a_target() -> None:
    written(json.dumps(REGISTERED), "server.json")
    names = foreign_configuration("server.json").names
    assert names == ("acme-analytics-streamable-http", "acme-analytics-sse")


def test_the_only_remote_has_the_name_of_the_server() -> None:
    alone = {**REGISTERED, "remotes": REGISTERED["remotes"][1:]}
    written(json.dumps(alone), "server.json")
    found = foreign_configuration("server.json").target("acme-analytics", {})
    assert found.url == "https://analytics.example.com/sse"
    assert found.options == {"transport": Transport.SSE}


def test_remotes_of_one_type_are_numbered() -> None:
    twice = {**REGISTERED, "remotes": REGISTERED["remotes"][1:] * 2}
    written(json.dumps(twice), "server.json")
    names = foreign_configuration("server.json").names
    assert names == ("acme-analytics-sse", "acme-analytics-sse-2")


def test_variables_and_headers_come_from_the_file_or_the_environment() -> None:
    found = registered("acme-analytics-streamable-http", ASKED)
    assert found.url == "https://acme.example.com/eu/mcp"
    assert found.options == {
        "transport": Transport.STREAMABLE_HTTP,
        "header": [
            "Authorization: Bearer ${API_KEY}",
            "X-API-Key: ${X_API_KEY}",
            "X-Mode: fast",
            "X-Client: gate {unknown}",
        ],
    }


def test_the_environment_goes_before_defaults_of_the_registry() -> None:
    environ = {**ASKED, "REGION": "us", "X_MODE": "slow", "X_TRACE": "on"}
    found = registered("acme-analytics-streamable-http", environ)
    assert found.url == "https://acme.example.com/us/mcp"
    assert found.options["header"] == [
        "Authorization: Bearer ${API_KEY}",
        "X-API-Key: ${X_API_KEY}",
        "X-Mode: ${X_MODE}",
        "X-Trace: ${X_TRACE}",
        "X-Client: gate {unknown}",
    ]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("TENANT", "variables.tenant"),
        ("API_KEY", "headers[0].variables.api_key"),
        ("X_API_KEY", "headers[1]"),
    ],
)
def test_what_is_required_and_was_not_given_is_told(name: str, place: str) -> None:
    environ = {each: value for each, value in ASKED.items() if each != name}
    with pytest.raises(VariableUnset) as error:
        registered("acme-analytics-streamable-http", environ)
    assert error.value.message == (
        f"server.json: remotes[0].{place}: the environment variable {name} is not set"
    )


def test_a_value_that_is_none_of_the_choices_is_told_without_it() -> None:
    with pytest.raises(UsageError) as error:
        registered("acme-analytics-streamable-http", {**ASKED, "REGION": "moon"})
    assert error.value.message == (
        "server.json: remotes[0].variables.region: "
        "the environment variable REGION is none of eu, us"
    )


@pytest.mark.parametrize(
    ("remote", "told"),
    [
        ({"type": "stdio", "url": "x"}, "remotes[0].type: remotes are streamable-http and sse"),
        ({"type": "sse"}, "remotes[0].url: must be a text, the address"),
        ({"type": "sse", "url": "https://{a}/"}, "remotes[0].url: {a} is none of its variables"),
        ({"type": "sse", "url": "x", "headers": "A: b"}, "remotes[0].headers: must be a list"),
        ({"type": "sse", "url": "x", "headers": [{}]}, "headers[0]: must be an object with a name"),
    ],
)
def test_a_remote_that_cannot_be_read_is_told(remote: dict[str, Any], told: str) -> None:
    written(json.dumps({"name": "com.example/a", "remotes": [remote]}), "server.json")
    (name,) = foreign_configuration("server.json").names
    with pytest.raises(UsageError) as error:
        foreign_configuration("server.json").target(name, {})
    assert told in error.value.message


def test_a_server_with_packages_alone_is_told() -> None:
    written(json.dumps({**REGISTERED, "remotes": []}), "server.json")
    with pytest.raises(ConfigurationInvalid, match="it has packages only, and no remotes"):
        foreign_configuration("server.json")


# -- files of no such kind


@pytest.mark.parametrize("text", ["[]", "{}", '{"mcpServers": []}', '{"tools": []}', "3"])
def test_a_file_that_names_no_servers_is_told(text: str) -> None:
    written(text, "other.json")
    with pytest.raises(ConfigurationInvalid, match=r"^other.json: it names no servers$"):
        foreign_configuration("other.json")


def test_a_file_that_is_no_json_is_told_with_line_and_column() -> None:
    written('{\n  // fine\n  "mcpServers": {"a" 1}\n}', "broken.json")
    with pytest.raises(ConfigurationInvalid, match=r"^broken\.json:3:22: "):
        foreign_configuration("broken.json")


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(FileUnusable, match=r"^none\.json: "):
        foreign_configuration("none.json")
