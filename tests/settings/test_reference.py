"""docs/configuration.md: its example is a configuration, and its errors are those that are told."""

import os

import pytest

from mcpverify.errors import ConfigurationInvalid
from tests import documents
from tests.settings.reading import configured

PAGE = documents.text_of("docs/configuration.md")
(EXAMPLE,) = documents.blocks(PAGE, "toml")
ENVIRONMENT = {"RELEASE": "1.4.2", "HOME": "/srv"}


def test_the_example_is_a_configuration() -> None:
    found = configured(EXAMPLE)
    assert found.names == ("weather", "weather-old", "accounts", "files")
    weather, old, accounts, files = (found.target(name, ENVIRONMENT) for name in found.names)
    assert weather.options["expect_version"] == "1.4.2"
    assert weather.options["bearer_env"] == "MCP_TOKEN"
    assert [call.label for call in weather.calls] == ["forecast", "an unknown city is refused"]
    assert weather.required == ("matches-snapshot",)
    assert old.required == ()
    assert accounts.options["oauth_client_id"] == "gate"
    assert "bearer_env" not in accounts.options
    assert files.command is not None
    assert files.command[-1] == "/srv"
    assert files.directory == os.path.normpath("services/files")


def test_the_errors_that_are_shown_are_told() -> None:
    (shown,) = documents.blocks(PAGE, "text")
    text = EXAMPLE.replace("headers = {", "header = {", 1)
    text = text.replace("replicas = 3", 'fail-on = "brekaing"')
    with pytest.raises(ConfigurationInvalid) as error:
        configured(text)
    assert [f"mcpverify: {line}" for line in error.value.message.split("\n")] == shown.splitlines()


def test_every_table_of_keys_is_in_the_page() -> None:
    parts = [name for name in documents.generator().PARTS if name.endswith("-keys")]
    assert len(parts) == 7
    for name in parts:
        assert documents.generator().part(name) in PAGE
