"""A configuration of a thousand targets is read, and refused, in a moment."""

import time

import pytest

from mcpverify.checks import check_ids
from mcpverify.errors import ConfigurationInvalid
from mcpverify.settings.discovery import configuration_at
from tests.settings.reading import written

TARGETS = 1_000
ONE = """
[targets.server-{at}]
url = "https://mcp-{at}.example.com/mcp"
fail-on = "breaking"
headers = {{ X-Team = "a", Authorization = "Bearer ${{TOKEN}}" }}
expect-version = "1.2.{at}"
skip = ["latency"]
severity.eras-agree = {{ level = "error", reason = "both are served" }}
max-latency = {{ "tools/list" = "500ms" }}

[[targets.server-{at}.calls]]
tool = "search"
arguments = {{ query = "x" }}
expect = [{{ path = "$.content[0].text", matches = "a" }}]
"""
DEFAULTS = '\n[defaults]\ntimeout = "10s"\nhealth = { url = "/healthz", status = 200 }\n'
TEXT = "".join(ONE.format(at=at) for at in range(TARGETS)) + DEFAULTS
LINES = ONE.count("\n")

# Each takes a fifth of a second on an idle machine of two cores.
SECONDS = 2.0


def test_a_thousand_targets_are_read_in_a_moment() -> None:
    written(TEXT)
    configuration_at(None, check_ids())  # imports, and makes a validator
    began = time.process_time()
    found = configuration_at(None, check_ids())
    assert found is not None
    settings = [found.target(name, {"TOKEN": "t"}) for name in found.names]
    assert time.process_time() - began < SECONDS
    assert len(settings) == TARGETS
    assert settings[-1].where == f"mcpverify.toml:{(TARGETS - 1) * LINES + 2}"
    assert settings[-1].readiness is not None


def test_ten_errors_among_a_thousand_targets_are_told_in_a_moment() -> None:
    text = TEXT
    for at in range(10):
        text = text.replace(f'expect-version = "1.2.{at * 97}"', f"expect-version = {at}")
    written(text)
    began = time.process_time()
    with pytest.raises(ConfigurationInvalid) as error:
        configuration_at(None, check_ids())
    assert time.process_time() - began < 2 * SECONDS
    told = [int(line.split(":")[1]) for line in error.value.message.split("\n")]
    assert told == [at * 97 * LINES + 6 for at in range(10)]
