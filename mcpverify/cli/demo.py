"""`mcpverify demo`: the embedded server, and the gate run on it."""

from pathlib import Path
from typing import Annotated

import typer

from mcpverify.cli.option_groups import expand
from mcpverify.cli.options import ShowOptions, duration
from mcpverify.cli.output import Output
from mcpverify.cli.writing import say
from mcpverify.demo.faults.fault import Fault
from mcpverify.demo.faults.registry import FAULTS
from mcpverify.demo.faults.shown import ENDED, SHOWN
from mcpverify.demo.golden import CALLS
from mcpverify.demo.options import DRAIN_LIMIT, LAME_DUCK, DemoOptions
from mcpverify.facts.evidence import Expectations
from mcpverify.facts.target import HttpEndpoint, StdioCommand, Target, Transport
from mcpverify.verify.gate import Gate

# Beside this package in a checkout, inside it where it was installed.
_SNAPSHOTS = (
    Path(__file__).parents[2] / "snapshots" / "demo.json",
    Path(__file__).parents[1] / "demo" / "demo.json",
)
_EXPECTED = Expectations(calls=CALLS)


@expand
def demo(
    ctx: typer.Context,
    show: ShowOptions,
    serve: Annotated[bool, typer.Option("--serve", help="Only serve, until stopped.")] = False,
    fault: Annotated[
        Fault | None,
        typer.Option(
            metavar="NAME", help="Misbehave in this way; see --list-faults.", show_default=False
        ),
    ] = None,
    list_faults: Annotated[
        bool, typer.Option("--list-faults", help="Print the ways of misbehaving.")
    ] = False,
    transport: Annotated[
        Transport, typer.Option(help="streamable-http, sse or stdio.")
    ] = Transport.STREAMABLE_HTTP,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 is a free one.")] = 0,
    json_response: Annotated[
        bool, typer.Option("--json-response", help="Answer by JSON, not by event streams.")
    ] = False,
    stateless: Annotated[
        bool, typer.Option("--stateless", help="Keep no sessions in the handshake era.")
    ] = False,
    lame_duck: Annotated[
        float,
        typer.Option(
            parser=duration,
            metavar="TIME",
            help="After a signal, go on listening for so long and say 503 to who is new; 1s by "
            "default.",
            show_default=False,
        ),
    ] = LAME_DUCK,
    drain_limit: Annotated[
        float,
        typer.Option(
            parser=duration,
            metavar="TIME",
            help="After a signal, answer calls that run for so long by an error; 10s by default.",
            show_default=False,
        ),
    ] = DRAIN_LIMIT,
) -> None:
    """Start the embedded server and run the gate on it, with its reviewed snapshot.

    \b
    Examples:
      mcpverify demo
      mcpverify demo --fault changed-schema
      mcpverify demo --serve --port 8000
      mcpverify demo --serve --lame-duck 5s --drain-limit 30s
    """
    if list_faults:
        say(_fault_list())
        return
    options = DemoOptions(
        transport,
        host,
        port,
        fault,
        json_response,
        stateless,
        lame_duck=lame_duck,
        drain_limit=drain_limit,
    )
    if serve:
        from mcpverify.demo.server import serve as serve_until_stopped

        serve_until_stopped(options)
        return
    raise typer.Exit(_gate(options, Output.of(show), ctx.obj.again()))


def _fault_list() -> str:
    """Those that a gate sees, and then those that show at the end alone."""
    width = max(len(name) for name in FAULTS)
    lines = {name: f"{name:<{width}}  {FAULTS[name].summary}\n" for name in FAULTS}
    seen, ended = ("".join(lines[name] for name in names) for names in (SHOWN, ENDED))
    return f"{seen}\nThe gate passes these: `mcpverify drain` sees them.\n{ended}"


def _gate(options: DemoOptions, shown: Output, again: str) -> int:
    from mcpverify.demo.process import started

    snapshot = next((str(path) for path in _SNAPSHOTS if path.is_file()), None)
    if options.transport is Transport.STDIO:
        target = Target("the demo server", StdioCommand(options.command), Transport.STDIO)
        return _judged(Gate(target, _EXPECTED, snapshot_path=snapshot, again=again), shown)
    with started(options) as url:
        target = Target(url, HttpEndpoint((url,), proxies=False))
        return _judged(Gate(target, _EXPECTED, snapshot_path=snapshot, again=again), shown)


def _judged(gate: Gate, shown: Output) -> int:
    from mcpverify.verify.check import check

    with shown.following(gate) as followed:
        report = check(followed)
    return shown.show(report)
