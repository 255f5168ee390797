"""Each key of a target becomes what the flag of that name is, or what has no flag."""

import os
from dataclasses import fields
from typing import Any

import pytest

from mcpverify.cli.gate_options import (
    ChoiceOptions,
    ExpectationOptions,
    HealthOptions,
    WaitOptions,
)
from mcpverify.cli.options import ReachOptions
from mcpverify.facts.evidence import FailOn
from mcpverify.facts.finding import Severity
from mcpverify.facts.golden_call import Condition, GoldenCall, RetryReason
from mcpverify.facts.health import HealthProbe
from mcpverify.facts.severity_override import SeverityOverride
from mcpverify.facts.target import Transport
from mcpverify.facts.transcript import Step
from mcpverify.settings.schema import schema
from tests.settings.reading import URL, configured, target

DIGEST = "sha256:" + "0a" * 32
OAUTH = 'client-id = "gate", issuer = "https://id.example.com"'
AS_OAUTH = {"oauth_client_id": "gate", "oauth_issuer": "https://id.example.com"}

# What stands in the file, and the options that come of it.
OPTIONS: list[tuple[str, dict[str, Any]]] = [
    ('transport = "sse"', {"transport": Transport.SSE}),
    ('protocol = "2025-06-18"', {"protocol": "2025-06-18"}),
    ('headers = { X-Team = "a", X-B = "c: d" }', {"header": ["X-Team: a", "X-B: c: d"]}),
    ('bearer-env = "MCP_TOKEN"', {"bearer_env": "MCP_TOKEN"}),
    ('bearer-file = "run/token"', {"bearer_file": "run/token"}),
    (f'oauth = {{ {OAUTH}, secret-env = "S" }}', {**AS_OAUTH, "oauth_secret_env": "S"}),
    (
        f'oauth = {{ {OAUTH}, key = "k.pem", scopes = ["a", "b"] }}',
        {**AS_OAUTH, "oauth_key": "k.pem", "oauth_scope": ["a", "b"]},
    ),
    ('tls = { cacert = "ca.pem" }', {"cacert": "ca.pem"}),
    ('tls = { cert = "c.pem", key = "k.pem" }', {"cert": "c.pem", "key": "k.pem"}),
    ("tls = { insecure = true }", {"insecure": True}),
    ("no-proxy = true", {"no_proxy": True}),
    (
        'resolve = ["mcp.example.com:443:127.0.0.1"]',
        {"resolve": ["mcp.example.com:443:127.0.0.1"]},
    ),
    ('connect-to = ["::blue:8443"]', {"connect_to": ["::blue:8443"]}),
    ('timeout = "500ms"', {"timeout": 0.5}),
    ("timeout = 3", {"timeout": 3.0}),
    ('deadline = "2m"', {"deadline": 120.0}),
    ("wait = 1.5", {"wait": 1.5}),
    ("consecutive = 5", {"consecutive": 5}),
    ('snapshot = "reviewed/weather.json"', {"snapshot": "reviewed/weather.json"}),
    ('snapshot = "git:main:a.json"', {"snapshot": "git:main:a.json"}),
    ("no-token = true", {}),
    ("no-snapshot = true", {"no_snapshot": True}),
    (f'expect-digest = "{DIGEST}"', {"expect_digest": DIGEST}),
    ('fail-on = "breaking"', {"fail_on": FailOn.BREAKING}),
    ("open-world = true", {"open_world": True}),
    ('expect-name = "weather"', {"expect_name": "weather"}),
    ('expect-version = "1.2.3"', {"expect_version": "1.2.3"}),
    ('version-from = "header:X-Version"', {"version_from": "header:X-Version"}),
    ("expect-auth = true", {"expect_auth": True}),
    ("min-tools = 0", {"min_tools": 0}),
    ('require-tool = ["forecast"]', {"require_tool": ["forecast"]}),
    ('max-latency = "250ms"', {"max_latency": 0.25}),
    ('only = ["reachable"]', {"only": ["reachable"]}),
    ('skip = ["latency", "eras-agree"]', {"skip": ["latency", "eras-agree"]}),
    ("strict = true", {"strict": True}),
    ("samples = 1000", {"samples": 1000}),
    ("replicas = 3", {"replicas": 3}),
    ('replicas = ["http://a.example.com"]', {"replica": ["http://a.example.com"]}),
    ("resolve-all = true", {"resolve_all": True}),
    ("keep-session = true", {"keep_session": True}),
    ("reference-client = true", {"reference_client": True}),
    ('health = "/healthz"', {"health": "/healthz"}),
    ('liveness = "https://mcp.example.com/live"', {"liveness": "https://mcp.example.com/live"}),
]

# What stands in the file, and the part of the settings that comes of it.
BEYOND: list[tuple[str, str, object]] = [
    (
        'max-latency = { "tools/list" = "500ms", initialize = 1 }',
        "step_latency",
        ((Step.TOOLS, 0.5), (Step.INITIALIZE, 1.0)),
    ),
    (
        'severity = { latency = { level = "error", reason = " we have an SLO " } }',
        "severities",
        (SeverityOverride("latency", Severity.ERROR, "we have an SLO"),),
    ),
    ('require = ["tls-certificate"]', "required", ("tls-certificate",)),
    ('ignore = ["search:/inputSchema/title"]', "ignored", ("search:/inputSchema/title",)),
    (
        'health = { url = "/h", status = 204, json = { "/s" = "ok", "/n" = 1 }, max-latency = 2 }',
        "readiness",
        HealthProbe("/h", 204, (("/s", "ok"), ("/n", 1)), 2.0),
    ),
    ('liveness = { url = "/live" }', "liveness", HealthProbe("/live")),
]

# Options of `check` that no key sets: each says why.
NOT_IN_A_FILE = {
    "health_json": "the table of health has it, as json",
}

GROUPS = (ReachOptions, ExpectationOptions, ChoiceOptions, WaitOptions, HealthOptions)


@pytest.mark.parametrize(("line", "options"), OPTIONS, ids=[line for line, _ in OPTIONS])
def test_a_key_sets_the_option_of_its_name(line: str, options: dict[str, Any]) -> None:
    assert target(URL + line).options == options


@pytest.mark.parametrize(("line", "part", "value"), BEYOND, ids=[line for line, *_ in BEYOND])
def test_a_key_sets_what_has_no_option(line: str, part: str, value: object) -> None:
    found = target(URL + line)
    assert getattr(found, part) == value
    assert not found.options


def test_every_option_of_check_can_be_set_or_says_why_not() -> None:
    settable = {option for _, options in OPTIONS for option in options}
    declared = {field.name for group in GROUPS for field in fields(group)}
    assert settable | NOT_IN_A_FILE.keys() == declared
    assert not settable & NOT_IN_A_FILE.keys()


def test_options_are_of_the_types_that_the_command_line_gives() -> None:
    # Typer gives lists for what is repeatable; the rest is told by the defaults of the groups.
    defaults = {
        name: value
        for group in GROUPS
        for name, value in ((each.name, getattr(group(), each.name)) for each in fields(group))
    }
    for _, options in OPTIONS:
        for name, value in options.items():
            if defaults[name] is not None:
                assert type(value) is type(defaults[name]), name


def test_every_key_of_the_schema_is_tried_here() -> None:
    tried = {line.partition(" ")[0] for line, *_ in [*OPTIONS, *BEYOND]}
    others = {"url", "command", "environment", "directory", "calls"}  # below
    assert tried | others == set(schema()["$defs"]["target"]["properties"])


def test_a_key_may_be_spelled_with_underscores() -> None:
    text = 'fail_on = "any"\nmin_tools = 2\nhealth = { url = "/h", max_latency = 1 }\n'
    call = '[[targets.weather.calls]]\ntool = "a"\nexpect_error = true\n'
    found = target(URL + text + call + 'expect = [{ path = "$.n", at_least = 2 }]')
    assert found.options == {"fail_on": FailOn.ANY, "min_tools": 2}
    assert found.readiness == HealthProbe("/h", max_seconds=1.0)
    assert found.calls[0].expects_error
    assert found.calls[0].conditions == (Condition(path="$.n", least=2),)


def test_names_that_people_give_keep_their_underscores() -> None:
    call = '[[targets.weather.calls]]\ntool = "a_b"\narguments = { per_page = { a_b = 1 } }\n'
    found = target(URL + 'headers = { X_Team = "a" }\n' + call)
    assert found.options == {"header": ["X_Team: a"]}
    assert found.calls[0].arguments == {"per_page": {"a_b": 1}}


def test_a_target_has_its_name_place_and_address() -> None:
    found = target(URL)
    assert (found.name, found.where) == ("weather", "mcpverify.toml:1")
    assert found.url == "https://mcp.example.com/mcp"
    assert found.command is None
    assert found.default_snapshot == os.path.join("snapshots", "weather.json")


def test_a_target_without_a_header_of_its_own_has_its_place() -> None:
    found = configured('[targets]\na.url = "http://a.example.com/mcp"\nb = { command = "b" }\n')
    assert [found.target(name, {}).where for name in found.names] == [
        "mcpverify.toml:2",
        "mcpverify.toml:3",
    ]


def test_a_command_is_a_list_or_a_line() -> None:
    line = target("""command = "python -m 'my server' --port 1" """)
    words = target('command = ["python", "-m", "my server", "--port", "1"]')
    assert line.command == words.command == ("python", "-m", "my server", "--port", "1")
    assert line.url is None


def test_a_command_has_an_environment_and_a_folder() -> None:
    found = target('command = "run"\nenvironment = { MODE = "test", EMPTY = "" }\ndirectory = "d"')
    assert found.environment == (("MODE", "test"), ("EMPTY", ""))
    assert found.directory == "d"


def test_a_golden_call_has_all_that_it_can_say() -> None:
    text = """
[[targets.weather.calls]]
tool = "search"
label = "finds a city"
arguments = { query = "Bern", limit = 3 }
mutates = true
max-latency = "2s"
retries = 2
retry-on = ["timeout", "rate-limited"]
expect = [
  { path = "$.structuredContent.city", equals = "Bern" },
  { matches = "^B" },
  { path = "$.n", at-least = 1, at-most = 9.5 },
  { path = "$.error", absent = true },
  { path = "$.zero", equals = false },
]
"""
    assert target(URL + text).calls == (
        GoldenCall(
            tool="search",
            label="finds a city",
            arguments={"query": "Bern", "limit": 3},
            conditions=(
                Condition(path="$.structuredContent.city", equals=("Bern",)),
                Condition(matches="^B"),
                Condition(path="$.n", least=1, most=9.5),
                Condition(path="$.error", absent=True),
                Condition(path="$.zero", equals=(False,)),
            ),
            mutates=True,
            max_seconds=2.0,
            retries=2,
            retry_on=(RetryReason.TIMEOUT, RetryReason.RATE_LIMITED),
        ),
    )


def test_a_second_call_of_a_tool_is_numbered() -> None:
    calls = '[[targets.weather.calls]]\ntool = "a"\n' * 2
    calls += '[[targets.weather.calls]]\ntool = "b"\n'
    assert [each.label for each in target(URL + calls).calls] == ["a", "a #2", "b"]


def test_targets_come_in_the_order_of_the_file() -> None:
    text = "".join(f"[targets.{name}]\n{URL}" for name in ("zoo", "api", '"api.v2"', "_x"))
    assert configured(text).names == ("zoo", "api", "api.v2", "_x")


def test_settings_show_no_credential() -> None:
    found = target(URL.replace("//", "//user:hunter2@") + 'headers = { A = "hunter2" }')
    assert "hunter2" not in repr(found)
