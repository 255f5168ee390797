"""The schema is a good one, says of each key what it is, and lists what the code knows."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mcpverify.checks import check_ids
from mcpverify.facts.evidence import FailOn
from mcpverify.facts.finding import Severity
from mcpverify.facts.golden_call import RetryReason
from mcpverify.facts.revision import Revision
from mcpverify.facts.target import Transport
from mcpverify.facts.transcript import Step
from mcpverify.settings.schema import part, schema
from tests.settings.reading import URL, configured, refused_target

TARGET = part("target")["properties"]
CALL = part("call")["properties"]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize(
    ("listed", "known"),
    [
        (part("check")["enum"], check_ids()),
        (part("step")["enum"], Step),
        (TARGET["fail-on"]["enum"], FailOn),
        (TARGET["transport"]["enum"], Transport),
        (TARGET["protocol"]["enum"], Revision),
        (part("severity")["properties"]["level"]["enum"], Severity),
        (CALL["retry-on"]["items"]["enum"], RetryReason),
    ],
    ids=["checks", "steps", "fail-on", "transport", "protocol", "severity", "retry-on"],
)
def test_the_schema_lists_what_there_is(listed: list[str], known: Any) -> None:
    # Of checks, `make docs` brings the list up to date.
    assert listed == [str(each) for each in known]


def test_a_check_that_the_schema_does_not_know_yet_can_be_named() -> None:
    assert "tools-described" not in part("check")["enum"]
    told = refused_target(f'{URL}only = ["tools-described"]')
    assert "tools-described" in told[0]
    from mcpverify.settings.discovery import configuration_at

    found = configuration_at(None, [*check_ids(), "tools-described"])
    assert found is not None
    assert found.target("weather", {}).options == {"only": ["tools-described"]}


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _nodes(each)


def test_every_key_has_a_description_and_the_name_of_its_value() -> None:
    whole = {**schema(), "$defs": {}}
    tables = [whole, *(part(name) for name in schema()["$defs"])]
    for table in tables:
        for name, value in table.get("properties", {}).items():
            if table is not whole:
                assert "title" in value, name
            assert value["description"].endswith("."), name


def test_every_rule_has_a_title_to_be_told_with() -> None:
    for node in _nodes(part("target")):
        if isinstance(node.get("type", node.get("enum")), str | list):
            assert "title" in node or "description" in node, node


def test_a_target_has_all_that_the_defaults_have() -> None:
    assert part("defaults")["properties"].items() <= TARGET.items()
    assert sorted(TARGET.keys() - part("defaults")["properties"].keys()) == [
        "calls",
        "command",
        "expect-digest",
        "expect-name",
        "no-token",
        "snapshot",
        "url",
    ]


EVERY_KIND = """
[defaults]
fail-on = "any"
[targets.weather]
url = "https://mcp.example.com/mcp"
max_latency = { "tools/list" = "1s" }
health = { url = "/h", max_latency = 1 }
[[targets.weather.calls]]
tool = "a"
expect_error = true
expect = [{ at_least = 1 }]
"""


def test_an_editor_has_nothing_against_what_we_take() -> None:
    configured(EVERY_KIND)
    document = tomllib.loads(EVERY_KIND)
    assert not list(Draft202012Validator(schema()).iter_errors(document))


def test_an_editor_objects_to_what_we_refuse() -> None:
    document = tomllib.loads(EVERY_KIND.replace("fail-on", "fialon"))
    assert list(Draft202012Validator(schema()).iter_errors(document))
