"""`mcpverify init`: first snapshots and CI jobs for servers."""

import shlex
from collections.abc import Sequence
from dataclasses import fields
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from mcpverify.cli.invocation import Invocation, target_of
from mcpverify.cli.option_groups import expand
from mcpverify.cli.options import ConnectionOptions, ReachOptions
from mcpverify.cli.scaffolded import show
from mcpverify.errors import TargetInvalid, UsageError
from mcpverify.facts.credentials import MASK, masked_command, masked_url, of_header
from mcpverify.facts.target import HttpEndpoint, Target
from mcpverify.facts.variables import VARIABLE
from mcpverify.forges.detection import Forge
from mcpverify.verify.gate import Gate
from mcpverify.verify.scaffold import Candidate, Wish, scaffold


@expand
def init(
    ctx: typer.Context,
    reach: ReachOptions,
    urls: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[URL]...",
            help="Where servers are deployed; after --, the COMMAND that starts theirs here.",
            show_default=False,
        ),
    ] = None,
    forge: Annotated[
        Forge | None,
        typer.Option(
            help="Whose CI job to write; by default that of the forge that is found.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write the first snapshot and the CI jobs of servers, over no file that is there.

    \b
    Examples:
      mcpverify init https://mcp.example.com/mcp
      mcpverify init https://mcp.example.com/mcp --bearer-env MCP_TOKEN -- python -m weather_server
      mcpverify init --forge gitlab -- python -m weather_server

    A URL gets a deploy job: check, deploy, check, and roll back where that fails. A COMMAND
    gets a job for pull requests: is the snapshot what the code serves, and what do callers lose?
    With both, URLs are where the code is deployed. No credential is written, only the names of
    variables.
    """
    wish = Wish(_candidates(urls or (), reach, ctx.obj), _command(reach, urls, ctx.obj), forge)
    if wish.command is None and not wish.urls:
        raise TargetInvalid("no URL was given", "Give https://host/mcp, or -- COMMAND ARGS...")
    raise typer.Exit(show(scaffold(wish)))


def _candidates(
    urls: Sequence[str], reach: ReachOptions, invocation: Invocation
) -> tuple[Candidate, ...]:
    words = shlex.join(_reaching(invocation)) if urls else ""
    every = {each.name: getattr(reach, each.name) for each in fields(reach)}
    targets = [
        target_of(ConnectionOptions(target=url, **every), _without_command(invocation))
        for url in dict.fromkeys(urls)
    ]
    _refuse_second_origin([target for target, _ in targets])
    return tuple(
        Candidate(
            Gate(target, redactor=redactor, again=invocation.again()),
            url=_writable_url(target),
            place=urlsplit(target.display).netloc,
            reach=words,
            variables=_variables(reach),
        )
        for target, redactor in targets
    )


def _command(
    reach: ReachOptions, urls: Sequence[str] | None, invocation: Invocation
) -> Candidate | None:
    if invocation.command is None:
        return None
    # Beside a URL, how to reach that means nothing to the command.
    options: dict[str, Any] = {
        each.name: getattr(reach, each.name)
        for each in fields(reach)
        if not urls or each.name in ("protocol", "timeout", "deadline")
    }
    target, redactor = target_of(ConnectionOptions(**options), invocation)
    command = invocation.command
    if masked_command(command) != command:
        raise UsageError(
            "the COMMAND holds a credential, and the job would hold it, too",
            "Let the server take it from an environment variable.",
        )
    if not all(map(_is_plain, command)):
        raise UsageError(
            "the COMMAND holds characters that a CI job would read otherwise",
            "Put it into a script: mcpverify init -- ./serve.sh",
        )
    gate = Gate(target, redactor=redactor, again=invocation.again())
    return Candidate(gate, command=" ".join(command))


def _without_command(invocation: Invocation) -> Invocation:
    return Invocation(invocation.arguments, None, invocation.debug)


def _writable_url(target: Target) -> str:
    assert isinstance(target.endpoint, HttpEndpoint)
    url = target.endpoint.urls[0] if len(target.endpoint.urls) == 1 else target.display
    if any(masked_url(each) != each for each in target.endpoint.urls):
        raise UsageError(
            f"{target.display} holds a credential or a query, and the job would hold it, too",
            "Give a token by --bearer-env NAME, or -H 'NAME: ${NAME}': only names are written.",
        )
    if not _is_plain(url):
        raise UsageError(
            f"{target.display} holds characters that a CI job would read otherwise",
            "Percent-encode them.",
        )
    return url


def _is_plain(word: str) -> bool:
    """Whether a shell and YAML read it as it stands, among other words."""
    return word.isascii() and shlex.quote(word) == word and not word.endswith(":")


def _reaching(invocation: Invocation) -> tuple[str, ...]:
    words = invocation.reaching()
    if any(MASK in word for word in words):
        raise UsageError(
            "-H has a value, and the job would hold it, too",
            "Write it as -H 'NAME: ${VARIABLE}': the job names the variable.",
        )
    if any("${{" in word or not word.isprintable() for word in words):
        raise UsageError(
            "an option holds characters that a CI job would read otherwise", "Rename what it names."
        )
    return words


def _variables(reach: ReachOptions) -> tuple[str, ...]:
    """The environment variables that the options name."""
    names = [name for name in (reach.bearer_env, reach.oauth_secret_env) if name]
    return tuple(dict.fromkeys([*names, *VARIABLE.findall(" ".join(reach.header))]))


def _refuse_second_origin(targets: Sequence[Target]) -> None:
    """A credential goes to the origin that it was given for: of several, nobody said which."""
    endpoints = [each.endpoint for each in targets if isinstance(each.endpoint, HttpEndpoint)]
    origins = {urlsplit(each.urls[0])[:2] for each in endpoints}
    if len(origins) < 2:
        return
    first = endpoints[0]
    if first.token or any(of_header(h.name, h.value) for h in first.headers):
        given = "the token" if first.token else "-H or --bearer-env"
        raise UsageError(
            f"the URLs have {len(origins)} origins, and {given} would go to each",
            "Run it for one origin at a time.",
        )
