"""Where a bearer token comes from, by the flags: a file, or OAuth client credentials."""

from urllib.parse import urlsplit

from mcpverify.cli.options import WayOptions
from mcpverify.cli.target_argument import is_loopback, variable_named
from mcpverify.errors import FileUnusable, UsageError
from mcpverify.facts.authorization import BearerFile, ClientCredentials, TokenSource
from mcpverify.facts.bearer_token import MOST_BYTES, token_in
from mcpverify.facts.signing_key import signing_algorithm
from mcpverify.files import NotAFileError, read_small

_NO_ARGUMENT = "Name the file; the token itself is never an argument."
_OWN_HINT = "A token comes from one place: drop the others."


def token_of(options: WayOptions, url: str | None = None) -> TokenSource | None:
    """The source that the flags name. Raises UsageError where they do not go together."""
    asked = _oauth_flags(options)
    given = ["--bearer-file"] if options.bearer_file is not None else []
    given += asked[:1]
    if not given:
        return None
    if options.bearer_env is not None:
        given.insert(0, "--bearer-env")
    if any(line.partition(":")[0].strip().lower() == "authorization" for line in options.header):
        given.insert(0, "-H Authorization")
    if url is not None and "@" in url.partition("//")[2].partition("/")[0]:
        given.insert(0, "the user information of the URL")
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} both say who we are", _OWN_HINT)
    if options.bearer_file is not None:
        return _file(options.bearer_file)
    return _credentials(options)


def _oauth_flags(options: WayOptions) -> list[str]:
    values = {
        "--oauth-client-id": options.oauth_client_id,
        "--oauth-issuer": options.oauth_issuer,
        "--oauth-secret-env": options.oauth_secret_env,
        "--oauth-key": options.oauth_key,
        "--oauth-scope": options.oauth_scope or None,
    }
    return [flag for flag, value in values.items() if value is not None]


def _file(path: str) -> BearerFile:
    try:
        token_in(_read(path, "--bearer-file", "token", _NO_ARGUMENT))
    except ValueError as error:
        raise FileUnusable(
            f"--bearer-file {path}: {error}", "It has to hold the token and nothing else."
        ) from None
    return BearerFile(path)


def _credentials(options: WayOptions) -> ClientCredentials:
    client_id, issuer = options.oauth_client_id, options.oauth_issuer
    for flag, value, what in (
        ("--oauth-client-id ID", client_id, "whose credentials they are"),
        ("--oauth-issuer URL", issuer, "which authorization server may be handed them"),
    ):
        if value is None:
            raise UsageError(f"{_oauth_flags(options)[0]} needs {flag}", f"It says {what}.")
        if not value.strip() or not value.isprintable() or value != value.strip():
            shown = flag.partition(" ")[0]
            raise UsageError(f"{shown} is empty, or holds blanks around it", "Check the quoting.")
    assert client_id is not None
    assert issuer is not None
    _require_issuer(issuer)
    secret, key = options.oauth_secret_env, options.oauth_key
    if secret is None and key is None:
        raise UsageError(
            "--oauth-client-id needs --oauth-secret-env NAME or --oauth-key FILE",
            "A secret is read from the environment, a key from a PEM file.",
        )
    if secret is not None and key is not None:
        raise UsageError("--oauth-secret-env and --oauth-key exclude each other", "Drop one.")
    for scope in options.oauth_scope:
        if not scope.isascii() or not scope.isprintable() or not scope or set(scope) & set(' "\\'):
            raise UsageError(
                "--oauth-scope takes one scope", "Repeat the flag for each, with no blanks in it."
            )
    return ClientCredentials(
        client_id,
        issuer,
        secret=None if secret is None else variable_named(secret, "--oauth-secret-env"),
        key=None if key is None else _key(key),
        scopes=tuple(dict.fromkeys(options.oauth_scope)),
    )


def _require_issuer(issuer: str) -> None:
    try:
        parts = urlsplit(issuer)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port == 0 or parts.scheme not in ("http", "https") or " " in issuer:
        raise UsageError("--oauth-issuer is no URL", "As in https://auth.example.com/tenant.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            "--oauth-issuer has user information, a query or a fragment", "An issuer has none."
        )
    if parts.scheme != "https" and not is_loopback(host):
        raise UsageError(
            f"--oauth-issuer {issuer}: credentials would go there in the clear", "Use https."
        )


def _key(path: str) -> str:
    try:
        octets = _read(path, "--oauth-key", "key", "Name a file with the private key in PEM.")
        pem = octets.decode("ascii")
        signing_algorithm(pem)
    except UnicodeDecodeError:
        raise _unusable_key(path, "it is no private key in PEM") from None
    except ValueError as error:
        raise _unusable_key(path, str(error)) from None
    return pem


def _unusable_key(path: str, problem: str) -> FileUnusable:
    return FileUnusable(f"--oauth-key {path}: {problem}", "Name an unencrypted private key.")


def _read(path: str, flag: str, what: str, hint: str) -> bytes:
    try:
        return read_small(path, MOST_BYTES)
    except FileNotFoundError:
        # Who takes the flag for one of the token, or of the key, has just typed that.
        raise FileUnusable(f"{flag}: there is no file of that name", hint) from None
    except NotAFileError as error:
        again = "It is read more than once" + (": for each attempt." if what == "token" else ".")
        instead = f"Write the {what} into a file, and name that. {again}"
        raise FileUnusable(f"{flag}: {error}", instead) from None
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise FileUnusable(f"{flag}: the file cannot be read: {reason}", hint) from None
