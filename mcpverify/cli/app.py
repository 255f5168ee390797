"""The app: its commands, and the one place where what went wrong becomes an exit code."""

import os
from contextlib import suppress
from typing import Annotated

import typer

from mcpverify.cli.exit_codes import ExitCode, exit_code
from mcpverify.cli.interruption import Stopped
from mcpverify.cli.invocation import Invocation
from mcpverify.cli.output import in_github_actions
from mcpverify.cli.writing import complain, grumble, say
from mcpverify.errors import McpverifyError

COMMANDS = (
    "check", "merge", "snapshot", "calls", "diff", "drain", "ready", "explain", "init", "demo",
)  # fmt: skip


_CLOSED = "sessions and children were closed"


def app_with(names: tuple[str, ...]) -> typer.Typer:
    """The app with these commands. Reading a command's options takes time: load what is run."""
    app = typer.Typer(
        name="mcpverify",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(_top)
    if "check" in names:
        from mcpverify.cli.check import check

        app.command("check", short_help="Verify a deployed server.")(check)
    if "merge" in names:
        from mcpverify.cli.merge import merge

        app.command("merge", short_help="Join the reports of shards.")(merge)
    if "snapshot" in names:
        from mcpverify.cli.snapshot import snapshot

        app.command("snapshot", short_help="Record what a server advertises.")(snapshot)
    if "calls" in names:
        from mcpverify.cli.calls import calls

        app.command("calls", short_help="Propose golden calls.")(calls)
    if "diff" in names:
        from mcpverify.cli.diff import diff

        app.command("diff", short_help="Compare two contracts.")(diff)
    if "drain" in names:
        from mcpverify.cli.drain import drain

        app.command("drain", short_help="Prove a graceful shutdown.")(drain)
    if "ready" in names:
        from mcpverify.cli.ready_command import ready

        app.command("ready", short_help="Probe a server: an exit code only.")(ready)
    if "explain" in names:
        from mcpverify.cli.explain import explain

        app.command("explain", short_help="Say what a word of a report means.")(explain)
    if "init" in names:
        from mcpverify.cli.init import init

        app.command("init", short_help="Write first snapshots and CI jobs.")(init)
    if "demo" in names:
        from mcpverify.cli.demo import demo

        app.command("demo", short_help="Run the gate on the embedded server.")(demo)
    return app


def _version_asked(wanted: bool) -> None:
    if wanted:
        from mcpverify import __version__

        say(f"mcpverify {__version__}\n")
        raise typer.Exit


def _top(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks of errors; goes anywhere.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_version_asked, is_eager=True
        ),
    ] = False,
    # These two are for the help text: `main` answers them before Typer sees them.
    install_completion: Annotated[
        str | None,
        typer.Option(metavar="[SHELL]", help="Let your bash, zsh or fish complete what you type."),
    ] = None,
    show_completion: Annotated[
        str | None, typer.Option(metavar="[SHELL]", help="Print the script for that.")
    ] = None,
) -> None:
    """The deploy gate for MCP servers.

    \b
    Examples:
      mcpverify check https://mcp.example.com/mcp --snapshot snapshots/weather.json
      mcpverify init https://mcp.example.com/mcp --bearer-env MCP_TOKEN
      mcpverify check --help

    mcpverify connects to a deployed server as an agent would and says whether it is the one
    that was reviewed. Exit codes: 0 passed; 1 wrong; 2 called wrongly; 3 no verdict; 70 a bug
    of mcpverify.
    """


def main(argv: list[str]) -> int:
    """Run the command line and return the exit code. Raises nothing but Stopped."""
    invocation = Invocation.of(argv)
    named = tuple(word for word in invocation.arguments if word in COMMANDS)[:1]
    try:
        if completing := os.environ.get("_MCPVERIFY_COMPLETE"):
            from mcpverify.cli.completion import answer

            return answer(completing, COMMANDS, app_with)
        if _sets_completion_up(invocation):
            from mcpverify.cli.completion import install_or_show

            return install_or_show(invocation.arguments)
        code = app_with(named or COMMANDS)(
            # Asked for nothing, the app tells what it can do.
            args=list(invocation.arguments) or ["--help"],
            obj=invocation,
            standalone_mode=False,
            prog_name="mcpverify",
        )
        return int(code or ExitCode.PASSED)
    except Stopped as stopped:
        closed = "children were ended, and sessions left" if stopped.hurried else _CLOSED
        complain(f"stopped; {closed}")
        _tell_runner(invocation, stopped.code, "stopped before there was a verdict", "")
        return int(stopped.code)
    except typer.TyperException as error:
        if "check" in named:
            from mcpverify.cli.old_reports import empty_old, report_paths

            empty_old(report_paths(invocation.arguments))
        return _told(
            error, invocation, ExitCode.USAGE, _usage_problem(error, named), _help_hint(named)
        )
    except McpverifyError as error:
        return _told(error, invocation, exit_code(error), error.message, error.hint)
    except Exception as error:
        problem = f"a bug of mcpverify: {type(error).__name__}"
        hint = "Run it again with --debug and report what it prints."
        return _told(error, invocation, exit_code(error), problem, hint)


def _told(error: Exception, invocation: Invocation, code: ExitCode, problem: str, hint: str) -> int:
    """Tell what went wrong, without credentials, and return the exit code."""
    from mcpverify.cli.debugging import redactor_for, traceback_text

    redactor = redactor_for(invocation, os.environ)
    if invocation.debug:
        ours = isinstance(error, typer.TyperException)
        grumble(redactor.text(traceback_text(error, problem if ours else None)))
    complain(redactor.text(problem), redactor.text(hint))
    _tell_runner(invocation, int(code), redactor.text(problem).rstrip("."), redactor.text(hint))
    return int(code)


def _tell_runner(invocation: Invocation, code: int, problem: str, hint: str) -> None:
    """Tell a runner of GitHub Actions that there is no verdict, where one was asked for.

    A server that is stopped in the background must not take back what a gate has told.
    """
    command = _command(invocation)
    serving = command == "demo" and "--serve" in invocation.arguments
    if not serving and command not in ("explain", "init") and in_github_actions():
        # What tells of a bug must not end in another one, which would be exit code 1.
        with suppress(Exception):
            from mcpverify.cli.github_actions import tell_problem

            tell_problem(problem, hint, code, gate=command in ("check", "merge"))


def _command(invocation: Invocation) -> str:
    """The command that was typed, "" where it was none, or completion is asked for."""
    words = (word for word in invocation.arguments if not word.startswith("-"))
    return "" if _completing(invocation) else next(words, "")


def _completing(invocation: Invocation) -> bool:
    return bool(os.environ.get("_MCPVERIFY_COMPLETE")) or _sets_completion_up(invocation)


def _sets_completion_up(invocation: Invocation) -> bool:
    return invocation.arguments[:1] in (("--install-completion",), ("--show-completion",))


def _usage_problem(error: typer.TyperException, named: tuple[str, ...]) -> str:
    text = error.format_message()
    if text.startswith("Got unexpected extra argument"):
        # They are not repeated: an unquoted -H leaves its token among them.
        taken = (
            "there is more than OLD and NEW" if "diff" in named else "there is more than one TARGET"
        )
        return f"{taken}, or a value that lacks its quotes"
    return text


def _help_hint(named: tuple[str, ...]) -> str:
    return " ".join(("Try: mcpverify", *named, "--help"))
