"""Defaults hold for every target that does not say otherwise, as far as they make sense for it."""

import pytest

from mcpverify.facts.finding import Severity
from mcpverify.facts.golden_call import GoldenCall
from mcpverify.facts.health import HealthProbe
from mcpverify.facts.severity_override import SeverityOverride
from mcpverify.facts.target import Transport
from mcpverify.facts.transcript import Step
from mcpverify.settings.target_settings import TargetSettings
from tests.settings.reading import URL, configured


def over(defaults: str, own: str, base: str = URL) -> TargetSettings:
    """The target of these keys over these defaults."""
    text = f"[defaults]\n{defaults}\n[targets.weather]\n{base}{own}\n"
    return configured(text).target("weather", {"TOKEN": "t"})


def test_a_default_holds_for_every_target() -> None:
    text = f'[targets.a]\n{URL}[targets.b]\n{URL}\n[defaults]\ntimeout = "3s"\n'
    found = configured(text)
    assert [found.target(name, {}).options for name in found.names] == [{"timeout": 3.0}] * 2


@pytest.mark.parametrize(
    ("defaults", "own", "options"),
    [
        ("wait = 1", "wait = 2", {"wait": 2.0}),
        ("strict = true", "strict = false", {"strict": False}),
        ('require-tool = ["a"]', 'require-tool = ["b"]', {"require_tool": ["b"]}),
        ('skip = ["latency"]', "skip = []", {"skip": []}),
        ('skip = ["latency"]', 'only = ["reachable"]', {"only": ["reachable"]}),
        ('headers = { A = "1", B = "2" }', 'headers = { B = "3" }', {"header": ["A: 1", "B: 3"]}),
        ('headers = { x-a = "1" }', 'headers = { X-A = "2" }', {"header": ["X-A: 2"]}),
        ('tls = { cacert = "a" }', "tls = { insecure = true }", {"cacert": "a", "insecure": True}),
        ('bearer-env = "A"', 'bearer-file = "b"', {"bearer_file": "b"}),
        (
            'bearer-env = "A"',
            'headers = { authorization = "Basic x" }',
            {"header": ["authorization: Basic x"]},
        ),
        (
            'headers = { Authorization = "Basic x", B = "2" }',
            'bearer-env = "A"',
            {"bearer_env": "A", "header": ["B: 2"]},
        ),
        (
            'oauth = { issuer = "https://id.example.com", secret-env = "S" }',
            'oauth = { client-id = "a" }',
            {
                "oauth_client_id": "a",
                "oauth_issuer": "https://id.example.com",
                "oauth_secret_env": "S",
            },
        ),
        ('bearer-env = "A"', "no-token = true", {}),
        (
            'headers = { Authorization = "Basic x", B = "2" }',
            "no-token = true",
            {"header": ["B: 2"]},
        ),
        ("no-snapshot = true", 'snapshot = "a.json"', {"snapshot": "a.json"}),
        ("replicas = 5", "resolve-all = false", {"replicas": 5, "resolve_all": False}),
        ("no-snapshot = true", "no-snapshot = false", {"no_snapshot": False}),
        ('bearer-env = "A"', "no-token = false", {"bearer_env": "A"}),
        (
            'headers = { Authorization = "Basic x" }',
            "no-token = false",
            {"header": ["Authorization: Basic x"]},
        ),
        ('skip = ["latency"]', "only = []", {"skip": ["latency"], "only": []}),
        ("replicas = 3", "samples = 2", {"samples": 2}),
        ('health = "/a"', 'health = "/b"', {"health": "/b"}),
    ],
)
def test_a_target_goes_before_the_defaults(
    defaults: str, own: str, options: dict[str, object]
) -> None:
    assert over(defaults, own).options == options


def test_tables_are_joined_by_their_keys() -> None:
    found = over(
        'max-latency = { initialize = 1, "tools/list" = 2 }\n'
        'severity.latency = { level = "error", reason = "an SLO" }\n'
        'health = { url = "/h", status = 204 }',
        'max-latency = { "tools/list" = 3 }\n'
        'severity.eras-agree = { level = "warning", reason = "known" }\n'
        "health = { url = '/ready' }",
    )
    assert found.step_latency == ((Step.INITIALIZE, 1.0), (Step.TOOLS, 3.0))
    assert found.severities == (
        SeverityOverride("latency", Severity.ERROR, "an SLO"),
        SeverityOverride("eras-agree", Severity.WARNING, "known"),
    )
    assert found.readiness == HealthProbe("/ready", 204)


def test_a_severity_is_replaced_with_its_reason() -> None:
    found = over(
        'severity.latency = { level = "error", reason = "an SLO" }',
        'severity.latency = { level = "warning", reason = "a test system" }',
    )
    assert found.severities == (SeverityOverride("latency", Severity.WARNING, "a test system"),)


def test_a_budget_for_all_steps_takes_the_place_of_a_table() -> None:
    found = over("max-latency = { initialize = 1 }", "max-latency = 2")
    assert found.options == {"max_latency": 2.0}
    assert found.step_latency == ()


def test_what_a_target_skips_the_defaults_do_not_require() -> None:
    found = over('require = ["latency", "eras-agree"]', 'skip = ["latency"]')
    assert found.required == ("eras-agree",)


def test_what_a_target_leaves_out_by_only_the_defaults_do_not_require() -> None:
    found = over('require = ["latency", "reachable"]', 'only = ["reachable"]')
    assert found.required == ("reachable",)


def test_what_a_target_requires_the_defaults_do_not_leave_out_by_only() -> None:
    found = over('only = ["reachable"]', 'require = ["latency"]')
    assert found.options["only"] == ["reachable", "latency"]
    assert found.required == ("latency",)


def test_what_a_target_requires_the_defaults_do_not_skip() -> None:
    found = over('skip = ["latency", "eras-agree"]', 'require = ["latency"]')
    assert found.options["skip"] == ["eras-agree"]


def test_credentials_without_a_client_are_for_those_that_name_one() -> None:
    oauth = 'oauth = { issuer = "https://id.example.com", secret-env = "S" }'
    assert not over(oauth, "").options


def test_defaults_that_only_a_url_has_do_not_reach_a_command() -> None:
    defaults = """
headers = { A = "b" }
bearer-env = "TOKEN"
tls = { insecure = true }
no-proxy = true
replicas = 3
expect-auth = true
transport = "sse"
health = "/healthz"
liveness = { url = "/live" }
version-from = "header:X-Version"
environment = { A = "b" }
timeout = 4
"""
    found = over(defaults, 'command = "run"', base="")
    assert found.options == {"timeout": 4.0}
    assert found.environment == (("A", "b"),)
    assert found.liveness is None


def test_defaults_that_only_a_command_has_do_not_reach_a_url() -> None:
    found = over('environment = { A = "b" }\ndirectory = "d"\ntransport = "stdio"', "")
    assert found.environment == ()
    assert found.directory is None
    assert not found.options


def test_an_address_of_its_own_reaches_a_command() -> None:
    found = over('health = "http://127.0.0.1:9/h"\ntransport = "auto"', 'command = "a"', base="")
    assert found.options == {"health": "http://127.0.0.1:9/h", "transport": Transport.AUTO}


def test_calls_are_those_of_the_target() -> None:
    found = over("strict = true", '[[targets.weather.calls]]\ntool = "a"')
    assert found.calls == (GoldenCall("a", "a"),)


def test_a_switch_that_is_off_excludes_nothing() -> None:
    found = over("", 'snapshot = "a.json"\nno-snapshot = false\nreplicas = 2\nresolve-all = false')
    assert found.options["snapshot"] == "a.json"
    assert found.options["replicas"] == 2
