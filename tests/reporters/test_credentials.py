"""Secrets are found in whatever the user gave."""

import base64

import pytest

from mcpverify.facts.credentials import (
    Credential,
    credentials_of,
    masked_command,
    masked_line,
    masked_url,
    of_command,
    of_environment,
    of_header,
    of_line,
    of_url,
    secrets_of,
)
from mcpverify.facts.target import Header, HttpEndpoint, StdioCommand, Target


def values(credentials: tuple[Credential, ...]) -> list[str]:
    return [credential.value for credential in credentials]


def test_a_bearer_token_is_found_with_and_without_its_scheme() -> None:
    assert values(of_header("Authorization", "Bearer s3cr3t-token")) == [
        "Bearer s3cr3t-token",
        "s3cr3t-token",
    ]


def test_basic_authentication_is_decoded() -> None:
    encoded = base64.b64encode(b"alice:correct horse").decode()
    assert values(of_header("Authorization", f"Basic {encoded}")) == [
        f"Basic {encoded}",
        encoded,
        "alice:correct horse",
        "correct horse",
    ]


def test_basic_authentication_that_is_no_base64_is_still_hidden() -> None:
    assert values(of_header("Authorization", "Basic %")) == ["Basic %", "%"]


def test_each_cookie_is_found() -> None:
    assert values(of_header("Cookie", "sid=abc; theme=dark"))[1:] == ["abc", "dark"]


@pytest.mark.parametrize("name", ["Host", "origin", "Accept", "User-Agent"])
def test_headers_that_hold_no_secret_by_definition_are_left_alone(name: str) -> None:
    assert of_header(name, "mcp.example.com") == ()


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("https://h/mcp", []),
        ("https://user:pass@h/mcp", ["user:pass", "pass"]),
        ("https://token@h/mcp", ["token"]),
        ("https://token:@h/mcp", ["token"]),
        (
            "https://ghp_0123456789abcdef:x@h",
            ["ghp_0123456789abcdef:x", "x", "ghp_0123456789abcdef"],
        ),
        ("https://h/mcp?api_key=a%2Fb&empty=&x=1#f", ["a%2Fb", "1"]),
        ("https://h/mcp?bare", ["bare"]),
        ("https://h/mcp?version=2025-11-25", []),
        ("https://h/a@b", []),
        ("https://[::1]:8/mcp", []),
        ("/readyz?token=abc&x=1", ["abc", "1"]),
        ("/a@b?abc", ["abc"]),
        ("//user:p@h/mcp?a=1", ["user:p", "p", "1"]),
        ("no url at all", []),
        ("", []),
    ],
)
def test_secrets_of_urls_are_user_information_and_query_values(
    url: str, secrets: list[str]
) -> None:
    assert values(of_url(url)) == secrets


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:p@h:8/mcp?a=1&b=2#c", "https://***@h:8/mcp?a=***&b=***"),
        ("https://h/mcp?bare&a=", "https://h/mcp?***&a="),
        ("https://h/mcp", "https://h/mcp"),
        ("/readyz?token=abc&empty=", "/readyz?token=***&empty="),
        ("/a@b", "/a@b"),
        ("//user:p@h/mcp", "//***@h/mcp"),
    ],
)
def test_a_masked_url_shows_where_but_no_secret(url: str, shown: str) -> None:
    assert masked_url(url) == shown


@pytest.mark.parametrize(
    ("argument", "shown", "secrets"),
    [
        ("--token=abc", "--token=***", ["abc"]),
        ("--apiKey=abc", "--apiKey=***", ["abc"]),
        ("--env=API_KEY=abc", "--env=API_KEY=***", ["abc"]),
        ("DB_PASSWORD=a=b", "DB_PASSWORD=***", ["a=b"]),
        ("Authorization: Bearer abc", "Authorization: ***", ["Bearer abc", "abc"]),
        ("X-Api-Key: abc", "X-Api-Key: ***", ["abc"]),
        ("postgres://u:pw@db/name", "postgres://***@db/name", ["u:pw", "pw"]),
        ("--url=https://h/?k=v", "--url=https://h/?k=***", ["v"]),
        ("--token-file=/run/token", "--token-file=/run/token", []),
        ("--api-key-env=NAME", "--api-key-env=NAME", []),
        ("--max-tokens=4096", "--max-tokens=4096", []),
        ("--keyboard=qwerty", "--keyboard=qwerty", []),
        ("--token=", "--token=", []),
        ("server.py", "server.py", []),
    ],
)
def test_arguments_are_judged_by_their_names(argument: str, shown: str, secrets: list[str]) -> None:
    assert masked_command(["serve", argument]) == ("serve", shown)
    assert values(of_command(["serve", argument])) == secrets


def test_the_value_after_a_flag_is_a_secret_too() -> None:
    command = ["npx", "server", "--api-key", "abc", "--verbose", "--token", "--port", "80"]
    assert values(of_command(command)) == ["abc"]
    assert masked_command(command)[3] == "***"


LINE = "SECRET_KEY=abc exec server --api-key def"


@pytest.mark.parametrize(
    "before",
    [
        ("sh", "-c"),
        ("/bin/bash", "-c"),
        ("dash", "-ec"),
        ("zsh", "-c", "-e"),
        ("bash", "-euo", "pipefail", "-c"),
        ("bash", "--norc", "-lc"),
        ("env", "PORT=80", "sh", "-c"),
        ("docker", "run", "image", "/bin/sh", "-c"),
    ],
    ids=" ".join,
)
def test_the_line_that_a_shell_is_given_is_read(before: tuple[str, ...]) -> None:
    command = (*before, LINE, "name", "--token", "ghi")
    shown = (*before, "SECRET_KEY=*** exec server --api-key ***", "name", "--token", "***")
    assert masked_command(command) == shown
    assert values(of_command(command)) == ["abc", "def", "ghi"]


@pytest.mark.parametrize(
    "command",
    [("sh", "serve.sh", "-c"), ("python", "-c"), ("sh", "-e", "serve.sh"), ("sh", "-o", "-c")],
    ids=" ".join,
)
def test_no_other_argument_is_a_line(command: tuple[str, ...]) -> None:
    text = "the words --token and others"
    assert masked_command((*command, text))[-1] == text


def test_a_line_within_a_line_is_read() -> None:
    assert values(of_command(("sh", "-c", "cd x && sh -c 'server --token=abc'"))) == ["abc"]


@pytest.mark.parametrize(
    ("line", "shown", "secrets"),
    [
        ("server --port 80 && echo 'a b'", "server --port 80 && echo 'a b'", []),
        ("export TOKEN=abc;exec server", "export TOKEN=***;exec server", ["abc"]),
        ("(server --token abc)&", "(server --token ***)&", ["abc"]),
        ("x=$(get --password abc)|server", "x=$(get --password ***)|server", ["abc"]),
        ("server --token 'a b' >log", "server --token '***' >log", ["a b"]),
        ("server --token 'a'b >log", "server --token '***' > log", ["ab"]),
        ("server --token s && stop", "server --token '***' && stop", ["s"]),
        ("server --token 'abc", "server --token ***", ["'abc"]),
    ],
)
def test_a_line_keeps_its_spelling_but_for_its_secrets(
    line: str, shown: str, secrets: list[str]
) -> None:
    assert masked_line(line) == shown
    assert values(of_line(line)) == secrets


def test_the_environment_of_a_child_is_judged_by_its_names() -> None:
    environ = {
        "GITHUB_TOKEN": "abc",
        "HOME": "/root",
        "HTTPS_PROXY": "http://u:pw@proxy:8",
        "KEYBOARD": "x",
        "SSH_AUTH_SOCK_PATH": "/run/x",
    }
    assert values(of_environment(environ)) == ["abc", "u:pw", "pw"]


def test_credentials_of_a_target_come_each_once_and_hide_their_value() -> None:
    url = "https://h/mcp?key=s3cr3t"
    endpoint = HttpEndpoint((url, url), (Header("X-Key", "s3cr3t"),))
    found = credentials_of(Target("h", endpoint))
    assert [each.name for each in found] == ["query value key of the URL", "header X-Key"]
    assert secrets_of(found) == ("s3cr3t",)
    assert "s3cr3t" not in repr(found)
    assert values(credentials_of(Target("s", StdioCommand(("s", "--token=x"))))) == ["x"]
