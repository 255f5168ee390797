"""The flags that say where a token comes from: what goes together, and what is exit 2."""

import os
from pathlib import Path

import pytest

from mcpverify.cli.options import WayOptions
from mcpverify.cli.token_options import token_of
from mcpverify.errors import UsageError
from mcpverify.facts.authorization import BearerFile, ClientCredentials
from tests.conftest import Mcpverify
from tests.servers.authorization import Key

ISSUER = "https://auth.example.com"
SECRET = "s3cret-of-the-client"
KEY = Key.new()


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", SECRET)
    monkeypatch.setenv("EMPTY", "")


def _oauth(**options: object) -> WayOptions:
    given: dict[str, object] = {
        "oauth_client_id": "gate",
        "oauth_issuer": ISSUER,
        "oauth_secret_env": "SECRET",
    }
    return WayOptions(**{k: v for k, v in (given | options).items() if v is not None})  # type: ignore[arg-type]


def test_without_such_flags_there_is_no_source() -> None:
    assert token_of(WayOptions(bearer_env="SECRET", header=["Authorization: x"])) is None


def test_a_file_is_named_and_not_held(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("abc\n")
    assert token_of(WayOptions(bearer_file=str(file))) == BearerFile(str(file))


def test_client_credentials_are_a_secret_or_a_key(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(KEY.private)
    assert token_of(_oauth(oauth_scope=["a", "b", "a"])) == ClientCredentials(
        "gate", ISSUER, secret=SECRET, scopes=("a", "b")
    )
    assert token_of(_oauth(oauth_secret_env=None, oauth_key=str(file))) == ClientCredentials(
        "gate", ISSUER, key=KEY.private
    )


def test_a_secret_is_in_no_repr() -> None:
    assert SECRET not in repr(token_of(_oauth()))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (_oauth(oauth_client_id=None), "--oauth-issuer needs --oauth-client-id ID"),
        (_oauth(oauth_issuer=None), "--oauth-client-id needs --oauth-issuer URL"),
        (_oauth(oauth_secret_env=None), "needs --oauth-secret-env NAME or --oauth-key FILE"),
        (WayOptions(oauth_scope=["a"]), "--oauth-scope needs --oauth-client-id ID"),
        (_oauth(oauth_key="k.pem"), "--oauth-secret-env and --oauth-key exclude each other"),
        (_oauth(oauth_client_id=" "), "--oauth-client-id is empty"),
        (_oauth(oauth_issuer="auth.example.com"), "--oauth-issuer is no URL"),
        (_oauth(oauth_issuer="https://a:x@b"), "user information, a query or a fragment"),
        (_oauth(oauth_issuer="https://b?x=1"), "user information, a query or a fragment"),
        (_oauth(oauth_issuer="http://b.example"), "in the clear"),
        (_oauth(oauth_issuer="https://["), "--oauth-issuer is no URL"),
        (_oauth(oauth_secret_env="EMPTY"), "the environment variable EMPTY is empty"),
        (_oauth(oauth_secret_env="no name"), "--oauth-secret-env takes the NAME of a variable"),
        (_oauth(oauth_scope=["a b"]), "--oauth-scope takes one scope"),
        (_oauth(bearer_env="SECRET"), "--bearer-env and --oauth-client-id both say who we are"),
        (_oauth(bearer_file="f"), "--bearer-file and --oauth-client-id both say who we are"),
        (_oauth(header=["authorization: x"]), "-H Authorization and --oauth-client-id both say"),
        (
            WayOptions(bearer_file="f", bearer_env="SECRET"),
            "--bearer-env and --bearer-file both say who we are",
        ),
        (WayOptions(bearer_file="missing"), "--bearer-file: there is no file of that name"),
        (WayOptions(bearer_file="."), "--bearer-file: the file cannot be read"),
    ],
    ids=range(20),
)
def test_what_does_not_go_together_is_refused_with_a_hint(options: WayOptions, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        token_of(options)
    assert said in raised.value.message
    assert raised.value.hint
    assert SECRET not in raised.value.message + raised.value.hint


def test_user_information_of_the_url_is_refused_beside_a_token() -> None:
    with pytest.raises(UsageError, match="the user information of the URL and --oauth-client-id"):
        token_of(_oauth(), "https://jane:pw@mcp.example.com/mcp")


@pytest.mark.parametrize(
    "text",
    ["", "no key", KEY.public, KEY.private[:90], "\xff"],
    ids=["nothing", "words", "a public key", "half a key", "odd bytes"],
)
def test_a_key_that_signs_nothing_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    file = tmp_path / "key.pem"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(UsageError, match="no private key in PEM") as raised:
        token_of(_oauth(oauth_secret_env=None, oauth_key=str(file)))
    assert "BEGIN" not in raised.value.message


@pytest.mark.parametrize(
    "flags",
    [
        ("--bearer-file", "tok3n-typed-by-mistake"),
        ("--bearer-file=tok3n-typed-by-mistake",),
        ("--oauth-secret-env", "tok3n-typed-by-mistake"),
        ("--oauth-client-id", "gate", "--oauth-issuer", ISSUER, "--oauth-key", "tok3n-typed-by"),
        (
            *("--oauth-client-id", "gate", "--oauth-issuer", ISSUER),
            *("--oauth-secret-env", "tok3n-typed-by-mistake"),
        ),
    ],
    ids=range(5),
)
def test_a_mistake_is_exit_2_before_the_run_and_repeats_nothing(
    mcpverify: Mcpverify, flags: tuple[str, ...]
) -> None:
    run = mcpverify("check", "http://127.0.0.1:9/mcp", *flags, "--debug")
    assert run.code == 2, run.output
    assert "tok3n" not in run.output


@pytest.mark.parametrize("flag", ["--bearer-file", "--oauth-client-id"])
def test_a_command_is_given_no_token(mcpverify: Mcpverify, flag: str) -> None:
    run = mcpverify("check", flag, "x", "--", "true")
    assert run.code == 2
    assert f"{flag} means nothing to a COMMAND" in run.words


@pytest.fixture
def pipe(tmp_path: Path) -> str:
    """A pipe that nobody ever writes to."""
    os.mkfifo(tmp_path / "pipe")
    return str(tmp_path / "pipe")


def test_a_pipe_is_refused_for_a_token_and_it_is_said_why(pipe: str) -> None:
    with pytest.raises(UsageError) as raised:
        token_of(WayOptions(bearer_file=pipe))
    assert raised.value.message == "--bearer-file: it is a pipe, and no file"
    assert raised.value.hint.endswith("It is read more than once: for each attempt.")


def test_a_pipe_is_refused_for_a_key(pipe: str) -> None:
    with pytest.raises(UsageError, match=r"^--oauth-key: it is a pipe, and no file$"):
        token_of(_oauth(oauth_secret_env=None, oauth_key=pipe))


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null"])
def test_a_device_is_refused_for_a_token_and_for_a_key(path: str) -> None:
    for options in (
        WayOptions(bearer_file=path),
        _oauth(oauth_secret_env=None, oauth_key=path),
    ):
        with pytest.raises(UsageError, match="it is a device, and no file"):
            token_of(options)


def test_what_is_too_large_for_a_token_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_bytes(b"a" * (64 * 2**10 + 1))
    with pytest.raises(UsageError, match="it is larger than 64 KiB"):
        token_of(WayOptions(bearer_file=str(file)))


@pytest.mark.parametrize("flag", ["--config", "--from"])
def test_a_pipe_is_refused_for_a_configuration(mcpverify: Mcpverify, pipe: str, flag: str) -> None:
    run = mcpverify("check", "--all", flag, pipe)
    assert run.code == 2
    assert f"{pipe}: it is a pipe, and no file" in run.words
