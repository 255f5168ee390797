"""A credential that is typed for one server goes to no other, unless that is said."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Mcpverify
from tests.servers import honest
from tests.servers.raw_http import RawServer
from tests.settings.reading import written

SECRET = "Zx9Qw7typed-token"
TYPED = (
    ("--bearer-env", "T"),
    ("-H", f"X-Key: {SECRET}"),
    ("-H", "Authorization: Bearer ${T}"),
    ("--bearer-file", "token"),
    ("--oauth-client-id", "a", "--oauth-issuer", "https://a.example", "--oauth-secret-env", "T"),
)


@dataclass
class Fleet:
    one: RawServer
    other: RawServer

    @property
    def requests(self) -> list[object]:
        return [*self.one.requests, *self.other.requests]

    def seen(self, name: str) -> set[str | None]:
        return {each.header(name) for each in (*self.one.requests, *self.other.requests)}


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    Path("token").write_text(SECRET)
    with honest.serve() as one, honest.serve() as other:
        written(
            f'[targets.one]\nurl = "{one.url}"\n[targets.other]\nurl = "{other.url}"\n'
            f'[targets.path]\nurl = "{one.url}?v=2"\n'
        )
        yield Fleet(one, other)


@pytest.mark.parametrize("flags", TYPED, ids=lambda flags: flags[0])
def test_it_is_refused_for_targets_of_several_origins(
    mcpverify: Mcpverify, fleet: Fleet, flags: tuple[str, ...]
) -> None:
    for command in (("check", "--all", "--no-snapshot"), ("snapshot", "one", "other")):
        run = mcpverify(*command, *flags, env={"T": SECRET})
        assert run.code == 2, run.output
        assert "the targets are two origins, and " in run.words
        assert f"{flags[0]} would go to both" in run.words
        assert "--share-credentials" in run.words
        assert SECRET not in run.output
    assert fleet.requests == []


def test_it_is_shared_on_purpose(mcpverify: Mcpverify, fleet: Fleet) -> None:
    flags = ("--bearer-env", "T", "--share-credentials")
    run = mcpverify("check", "one", "other", "--no-snapshot", *flags, env={"T": SECRET})
    assert run.code == 0, run.output
    assert fleet.seen("Authorization") == {f"Bearer {SECRET}"}


def test_it_goes_to_several_targets_of_one_origin(mcpverify: Mcpverify, fleet: Fleet) -> None:
    flags = ("--no-snapshot", "--bearer-env", "T")
    run = mcpverify("check", "one", "path", *flags, env={"T": SECRET})
    assert run.code == 0, run.output


def test_what_is_no_credential_goes_to_all(mcpverify: Mcpverify, fleet: Fleet) -> None:
    flags = ("--no-snapshot", "-H", "Accept-Language: de")
    run = mcpverify("check", "one", "other", *flags)
    assert run.code == 0, run.output
    assert fleet.seen("Accept-Language") == {"de"}


def test_what_the_defaults_of_the_file_say_goes_to_all(mcpverify: Mcpverify, fleet: Fleet) -> None:
    with Path("mcpverify.toml").open("a") as file:
        file.write('[defaults]\nbearer-env = "T"\n')
    run = mcpverify("check", "one", "other", "--no-snapshot", env={"T": SECRET})
    assert run.code == 0, run.output
    assert fleet.seen("Authorization") == {f"Bearer {SECRET}"}


def test_servers_of_another_file_are_several_origins_too(
    mcpverify: Mcpverify, fleet: Fleet
) -> None:
    servers = f'"a": {{"url": "{fleet.one.url}"}}, "b": {{"url": "{fleet.other.url}"}}'
    written(f'{{"mcpServers": {{{servers}}}}}', ".mcp.json")
    flags = ("--from", ".mcp.json", "--bearer-env", "T")
    run = mcpverify("check", *flags, env={"T": SECRET})
    assert run.code == 2
    assert fleet.requests == []
