"""The secrets that the user gave us, found in headers, URLs, commands and the environment.

Whatever is found here goes to the server it was given for, and appears in no output:
`facts.redaction` sees to that.
"""

import binascii
import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mcpverify.facts.authorization import ClientCredentials, TokenSource
from mcpverify.facts.json_text import Json, NotJson, parse
from mcpverify.facts.revision import known_revision
from mcpverify.facts.spellings import ANYWHERE
from mcpverify.facts.target import HttpEndpoint, StdioCommand, Target

MASK = "***"

# Headers that carry no secret by definition. Servers repeat some of them (Origin in
# Access-Control-Allow-Origin), and hiding the Host would hide where we are.
_PLAIN_HEADERS = {
    "accept", "accept-encoding", "accept-language", "cache-control", "connection", "content-type",
    "host", "mcp-protocol-version", "origin", "referer", "traceparent", "user-agent",
}  # fmt: skip
_SCHEMES = {"apikey", "basic", "bearer", "token"}
_SECRET_WORDS = {
    "apikey", "auth", "authorization", "bearer", "cookie", "credential", "credentials", "jwt",
    "key", "pass", "passphrase", "passwd", "password", "pat", "pwd", "secret", "token",
}  # fmt: skip
_SECRET_ENDINGS = ("apikey", "passwd", "password", "secret", "token")
_ABOUT_A_SECRET = {"dir", "env", "file", "id", "name", "path", "type", "url"}  # --key-file
# What a variable says by the end of its name is no secret: RELEASE, GITHUB_REF_NAME, HOME.
_OPEN_WORDS = {
    "branch", "build", "commit", "date", "dir", "directory", "env", "environment", "folder",
    "home", "host", "hostname", "lang", "language", "locale", "pipeline", "port", "ref", "region",
    "release", "revision", "run", "sha", "stage", "tag", "timezone", "tmpdir", "tz", "version",
    "workspace",
}  # fmt: skip
_BEHIND_AN_OPEN_WORD = {"id", "name", "number"}
_VERSION = re.compile(r"v?[0-9]{1,4}(?:\.[0-9]{1,5}){1,3}(?:[-+][0-9A-Za-z.]{1,12})?")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_FLAG = re.compile(r"--?[A-Za-z][\w.-]*")
_SETTING = re.compile(r"([-\w.]+)=(.*)", re.DOTALL)
_HEADER = re.compile(r"([A-Za-z][\w-]*):\s*(\S.*)", re.DOTALL)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"]*")
_DIGIT = re.compile(r"[0-9]")
_LETTER = re.compile(r"[A-Za-z]")
# `sh -c LINE`, wherever it stands: behind env, timeout, docker run.
_SHELL = re.compile(r"(?:.*[/\\])?(?:a|ba|da|k|z)?sh(?:\.exe)?", re.DOTALL)
_SHELL_OPTION = re.compile(r"[-+][A-Za-z]+|--[a-z-]+")
_OPERATORS = ";&|()<>`"
_USER_IS_A_TOKEN = 16  # characters; https://TOKEN:x-oauth-basic@host


@dataclass(frozen=True, slots=True)
class Credential:
    """One secret. `name` says where it was given, for people, and holds nothing of it.

    `certain` is False where its place may also hold what is none: a query value, a header
    such as X-MCP-Toolsets, an inherited PGPASSWORD=postgres.
    """

    name: str
    value: str = field(repr=False)
    certain: bool = True

    @property
    def unmistakable(self) -> bool:
        """Whether an answer that holds the value holds it because we sent it, not by chance."""
        if len(self.value) < ANYWHERE:
            return False
        return self.certain or bool(_DIGIT.search(self.value) and _LETTER.search(self.value))


def credentials_of(target: Target) -> tuple[Credential, ...]:
    """All secrets in what the user said about the target, each once."""
    found: list[Credential] = []
    match target.endpoint:
        case HttpEndpoint(urls=urls, headers=headers, token=token):
            for url in urls:
                found += of_url(url)
            for header in headers:
                found += of_header(header.name, header.value)
            found += of_token_source(token)
        case StdioCommand(argv=argv, environment=environment):
            found += of_command(argv)
            found += of_environment(dict(environment))
    return tuple(dict.fromkeys(found))


def unmistakable_of(target: Target, environ: Mapping[str, str]) -> tuple[Credential, ...]:
    """The secrets that no server sends by chance: what counts as an echo.

    Only these may be taken out of what is judged: with all others, a contract would differ by
    the environment that it is looked at from.
    """
    found = credentials_of(target)
    if isinstance(target.endpoint, StdioCommand):
        found += of_environment(environ)
    return tuple(each for each in found if each.unmistakable)


def secrets_of(credentials: Iterable[Credential]) -> tuple[str, ...]:
    """The values alone, each once: what a Redactor takes."""
    return tuple(dict.fromkeys(credential.value for credential in credentials))


def of_header(name: str, value: str) -> tuple[Credential, ...]:
    """The secrets in a request header: its value, and the parts that authenticate."""
    if name.lower() in _PLAIN_HEADERS:
        return ()
    certain = _names_a_secret(name)
    return tuple(
        Credential(f"header {name}", part, certain) for part in _parts(name, value.strip()) if part
    )


def of_token_source(source: TokenSource | None) -> tuple[Credential, ...]:
    """The secrets that a token is asked for with. What a file holds is not known before the run."""
    if not isinstance(source, ClientCredentials):
        return ()
    parts = (("the client's secret", source.secret), ("the client's key", source.key))
    return tuple(Credential(name, value) for name, value in parts if value)


def of_variable(name: str, value: str) -> tuple[Credential, ...]:
    """The secret that a variable may hold: whatever is not plainly something else.

    A version that is hidden wherever it stands would leave a report that nobody can read.
    """
    certain = _names_a_secret(name)
    words = [word.lower() for word in _WORD.findall(name)]
    if len(words) > 1 and words[-1] in _BEHIND_AN_OPEN_WORD:
        words.pop()
    is_open = bool(words) and words[-1] in _OPEN_WORDS
    if not certain and (is_open or _VERSION.fullmatch(value.strip())):
        return ()
    return (Credential(f"environment variable {name}", value, certain),)


def is_secret_header(name: str, value: str) -> bool:
    """Whether a header may let us in: by its name, or by the look of its value."""
    return any(each.certain or each.unmistakable for each in of_header(name, value))


def without_credentials(url: str) -> str:
    """The URL without user information, and without the query values that may let us in."""
    base, question, query = url.partition("#")[0].partition("?")
    secrets = {each.value for each in of_url(url) if each.certain or each.unmistakable}
    kept = [
        pair
        for pair in query.split("&")
        if (pair.partition("=")[2] if "=" in pair else pair) not in secrets
    ]
    scheme, separator, rest = base.partition("://")
    host, slash, path = rest.partition("/")
    bare = f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"
    return f"{bare}?{'&'.join(kept)}" if question and kept else bare


def of_url(url: str) -> tuple[Credential, ...]:
    """The user information and the query values of a URL, as they stand in it."""
    return _read_url(url)[1]


def of_command(argv: Iterable[str]) -> tuple[Credential, ...]:
    """The secrets among the arguments of a command, as far as their names tell."""
    return tuple(secret for _, secrets in _read_command(argv) for secret in secrets)


def of_line(line: str) -> tuple[Credential, ...]:
    """The secrets in a line for a shell, as far as their names tell."""
    return of_command(_words(line))


def of_arguments(value: Json, name: str = "") -> tuple[Credential, ...]:
    """The secrets in the arguments of a tool, as far as their names tell."""
    match value:
        case dict():
            pairs = [(each if _names_a_secret(each) else name, value[each]) for each in value]
            return tuple(found for key, each in pairs for found in of_arguments(each, key))
        case list():
            return tuple(found for each in value for found in of_arguments(each, name))
        case str() if value and name:
            return (Credential(f"argument {name}", value),)
        case _:
            return ()


def of_environment(environ: Mapping[str, str]) -> tuple[Credential, ...]:
    """The secrets in an environment that a child inherits, as far as their names tell."""
    found: list[Credential] = []
    for name, value in environ.items():
        if name == "PWD":  # the working directory, in every shell
            continue
        if _names_a_secret(name):
            found.append(Credential(f"environment variable {name}", value, certain=False))
        elif "://" in value and "@" in value:
            found += (
                Credential(f"environment variable {name}", each.value, certain=False)
                for each in of_url(value)
            )
    return tuple(found)


def masked_url(url: str) -> str:
    """The URL with a mask for its user information and for each query value."""
    return _read_url(url)[0]


def masked_command(argv: Iterable[str]) -> tuple[str, ...]:
    """The command with a mask for each argument, or part of one, that is a secret."""
    return tuple(shown for shown, _ in _read_command(argv))


def masked_line(line: str) -> str:
    """A line for a shell with a mask for each word, or part of one, that is a secret."""
    words = _words(line)
    shown = masked_command(words)
    if shown == words:
        return line
    masked = line
    for secret in sorted(secrets_of(of_command(words)), key=len, reverse=True):
        masked = masked.replace(secret, MASK)
    # Where a secret is quoted in the middle, or stands in other words too, the line is put anew.
    return masked if _words(masked) == shown else " ".join(map(_quoted, shown))


def masked_arguments(text: str) -> str:
    """The arguments of a tool, as JSON text, with a mask for each secret."""
    try:
        arguments = parse(text, trusted=True)
    except NotJson:
        return MASK  # nobody knows what it is
    return json.dumps(_masked(arguments), ensure_ascii=False) if of_arguments(arguments) else text


def _masked(value: Json, name: str = "") -> Json:
    match value:
        case dict():
            return {
                key: _masked(each, key if _names_a_secret(key) else name)
                for key, each in value.items()
            }
        case list():
            return [_masked(each, name) for each in value]
        case str() if value and name:
            return MASK
        case _:
            return value


def _words(line: str) -> tuple[str, ...]:
    """The words of a line for a shell, and what stands between its commands."""
    words = shlex.shlex(line, posix=True, punctuation_chars=_OPERATORS)
    words.whitespace_split, words.commenters = True, ""
    try:
        return tuple(words)
    except ValueError:  # an open quote
        return tuple(line.split())


def _quoted(word: str) -> str:
    return word if not word.strip(_OPERATORS) else shlex.quote(word)


def _parts(name: str, value: str) -> Iterator[str]:
    """The whole value of a header, and those parts of it that are secrets by themselves."""
    yield value
    scheme, _, rest = value.partition(" ")
    if rest and (scheme.lower() in _SCHEMES or name.lower().endswith("authorization")):
        yield rest.strip()
        if scheme.lower() == "basic":
            yield from _basic(rest.strip())
    if name.lower() == "cookie":
        yield from (pair.partition("=")[2].strip() for pair in value.split(";"))


def _basic(encoded: str) -> Iterator[str]:
    try:
        pair = binascii.a2b_base64(encoded + "==").decode("utf-8", "surrogateescape")
    except binascii.Error:
        return
    yield pair
    yield pair.partition(":")[2]


def _read_url(url: str) -> tuple[str, tuple[Credential, ...]]:
    """The URL as it may be shown, and the secrets in it. Any text will do."""
    found: list[Credential] = []
    scheme, separator, rest = url.partition("://")
    if not separator and url.startswith("/"):
        separator = "//" if url.startswith("//") else ""
        scheme, rest = "", url.removeprefix(separator)
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    userinfo, at, host = rest[:end].rpartition("@")
    if at:
        user, _, password = userinfo.partition(":")
        secrets = [userinfo, password] if password else [userinfo.removesuffix(":")]
        if password and len(user) >= _USER_IS_A_TOKEN:
            secrets.append(user)
        found += (Credential("user information of the URL", secret) for secret in secrets)
    path, question, query = rest[end:].partition("#")[0].partition("?")
    pairs = []
    for pair in query.split("&"):
        key, equals, value = pair.partition("=")
        secret = value if equals else key
        if secret and known_revision(secret) is None:
            name = f"query value {key}" if equals else "query"
            found.append(Credential(f"{name} of the URL", secret, _names_a_secret(key)))
        if equals:
            pairs.append(f"{key}={MASK if value else ''}")
        else:
            pairs.append(MASK if key else "")
    shown = f"{scheme}{separator}{MASK + at if at else ''}{host}{path}"
    return (f"{shown}?{'&'.join(pairs)}" if question else shown), tuple(found)


def _read_command(argv: Iterable[str]) -> Iterator[tuple[str, tuple[Credential, ...]]]:
    """Each argument as it may be shown, and the secrets in it."""
    flag = ""
    shell = _Shell()
    for argument in argv:
        if shell.takes_a_line(argument):
            yield masked_line(argument), of_line(argument)
            flag = ""
            continue
        if flag and not argument.startswith("-"):
            yield MASK, tuple(Credential(f"argument {flag}", part) for part in _parts("", argument))
            flag = ""
            continue
        flag = argument if _FLAG.fullmatch(argument) and _names_a_secret(argument) else ""
        yield _read_argument(argument)


class _Shell:
    """Knows, argument by argument, which one a shell takes for a line."""

    def __init__(self) -> None:
        self._reading = self._has_c = self._skips = False

    def takes_a_line(self, argument: str) -> bool:
        if not self._reading:
            self._reading = bool(_SHELL.fullmatch(argument))
            self._has_c = self._skips = False
        elif self._skips:
            self._skips = False  # the value of an option, as in -o pipefail
        elif _SHELL_OPTION.fullmatch(argument):
            short = not argument.startswith("--")
            self._has_c |= short and "c" in argument
            self._skips = short and argument[-1] in "oO"
        else:
            self._reading = False
            return self._has_c
        return False


def _read_argument(argument: str) -> tuple[str, tuple[Credential, ...]]:
    if (header := _HEADER.fullmatch(argument)) and _names_a_secret(header[1]):
        return f"{header[1]}: {MASK}", of_header(header[1], header[2])
    head, rest = "", argument
    while setting := _SETTING.fullmatch(rest):
        name, rest = setting[1], setting[2]
        head += f"{name}="
        if rest and _names_a_secret(name):
            return head + MASK, (Credential(f"argument {name}", rest),)
    found: list[Credential] = []
    for url in _URL.findall(rest):
        shown, secrets = _read_url(url)
        rest = rest.replace(url, shown)
        found += secrets
    return head + rest, tuple(found)


def _names_a_secret(name: str) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words[-1] in _ABOUT_A_SECRET:
        return False
    return any(word in _SECRET_WORDS or word.endswith(_SECRET_ENDINGS) for word in words)
