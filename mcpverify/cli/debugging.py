"""What --debug prints, and how errors are kept free of credentials before a Target is known.

A run redacts by the credentials of its target. An error may come before there is one, or
from below it: here the command line and the environment are searched for credentials.
"""

import traceback
from collections.abc import Iterator, Mapping
from contextlib import suppress

from mcpverify.cli.invocation import JSON_FLAG, LINE_FLAGS, URL_FLAGS, Invocation
from mcpverify.facts.credentials import (
    Credential,
    of_arguments,
    of_command,
    of_environment,
    of_header,
    of_line,
    of_url,
    secrets_of,
)
from mcpverify.facts.json_text import NotJson, parse
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.variables import VARIABLE


def traceback_text(error: BaseException, problem: str | None = None) -> str:
    """The traceback: source lines and messages, no values of variables.

    Where `problem` is given, it stands in place of the error's own message, which may repeat
    what was typed.
    """
    if problem is None:
        return "".join(traceback.format_exception(error))
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"Traceback (most recent call last):\n{frames}{type(error).__name__}: {problem}\n"


def redactor_for(invocation: Invocation, environ: Mapping[str, str]) -> Redactor:
    """Hides whatever on the command line or in the environment may be a credential."""
    found = [*_on_the_command_line(invocation.arguments, environ), *of_environment(environ)]
    found += of_command(invocation.command or ())
    return Redactor(secrets_of(found))


def _on_the_command_line(
    arguments: tuple[str, ...], environ: Mapping[str, str]
) -> Iterator[Credential]:
    flag = ""
    for word in arguments:
        named, equals, value = word.partition("=")
        if flag in ("-H", "--header"):
            yield from _header(word, environ)
        elif named == "--header" and equals:
            yield from _header(value, environ)
        elif word.startswith("-H") and word != "-H":
            yield from _header(word[2:], environ)
        elif flag == "--bearer-env" or (named == "--bearer-env" and equals):
            token = environ.get(value if equals else word, "").strip()
            yield from of_header("Authorization", f"Bearer {token}" if token else "")
        elif flag == "--oauth-secret-env" or (named == "--oauth-secret-env" and equals):
            secret = environ.get(value if equals else word, "").strip()
            yield from (Credential("the client's secret", secret),) if secret else ()
        elif flag in LINE_FLAGS or (named in LINE_FLAGS and equals):
            yield from of_line(value if equals and named in LINE_FLAGS else word)
        elif flag == JSON_FLAG or (named == JSON_FLAG and equals):
            with suppress(NotJson):
                text = value if equals and named == JSON_FLAG else word
                yield from of_arguments(parse(text, trusted=True))
        elif flag in URL_FLAGS or (named in URL_FLAGS and equals):
            yield from of_url(value if equals and named in URL_FLAGS else word)
        if "://" in word or "@" in word:
            yield from of_url(word if "://" in word else f"//{word}")
        flag = word


def _header(line: str, environ: Mapping[str, str]) -> Iterator[Credential]:
    name, _, value = line.partition(":")
    yield from of_header(
        name.strip(), VARIABLE.sub(lambda found: environ.get(found.group(1), ""), value)
    )
