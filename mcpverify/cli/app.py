"""The app: its commands, and the one place where what went wrong becomes an exit code."""

from typing import Annotated

import typer

from mcpverify.cli.exit_codes import ExitCode, exit_code
from mcpverify.cli.interruption import Stopped, stop_on_signals
from mcpverify.cli.invocation import Invocation
from mcpverify.cli.output import complain, say
from mcpverify.errors import McpverifyError

COMMANDS = ("check", "snapshot", "demo")


def app_with(names: tuple[str, ...]) -> typer.Typer:
    """The app with these commands. Reading a command's options takes time: load what is run."""
    app = typer.Typer(
        name="mcpverify",
        help="The deploy gate for MCP servers.",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(_top)
    if "check" in names:
        from mcpverify.cli.check import check

        app.command("check")(check)
    if "snapshot" in names:
        from mcpverify.cli.snapshot import snapshot

        app.command("snapshot")(snapshot)
    if "demo" in names:
        from mcpverify.cli.demo import demo

        app.command("demo")(demo)
    return app


def _top(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """The deploy gate for MCP servers.

    mcpverify connects to a deployed server as an agent would and says whether it is the one
    that was reviewed. Exit codes: 0 passed; 1 wrong; 2 called wrongly; 3 no verdict; 70 a bug
    of mcpverify.
    """


def main(argv: list[str]) -> int:
    """Run the command line and return the exit code. Raises nothing."""
    if argv == ["--version"]:
        from mcpverify import __version__

        say(f"mcpverify {__version__}\n")
        return int(ExitCode.PASSED)
    invocation = Invocation.of(argv)
    debug = "--debug" in invocation.arguments
    try:
        stop_on_signals()
        named = tuple(word for word in invocation.arguments if word in COMMANDS)[:1]
        code = app_with(named or COMMANDS)(
            args=list(invocation.arguments),
            obj=invocation,
            standalone_mode=False,
            prog_name="mcpverify",
        )
        return int(code or ExitCode.PASSED)
    except Stopped as stopped:
        complain("stopped; sessions and children were closed")
        return int(stopped.code)
    except typer.TyperException as error:
        complain(error.format_message(), f"Try: {_help_command(named)}")
        return int(ExitCode.USAGE)
    except McpverifyError as error:
        if debug:
            raise
        complain(error.message, error.hint)
        return int(exit_code(error))
    except Exception as error:
        if debug:
            raise
        complain(
            f"a bug of mcpverify: {type(error).__name__}",
            "Run it again with --debug and report what it prints.",
        )
        return int(exit_code(error))


def _help_command(named: tuple[str, ...]) -> str:
    return " ".join(("mcpverify", *named, "--help"))
