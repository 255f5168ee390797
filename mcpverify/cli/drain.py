"""`mcpverify drain`: a server is stopped with calls in flight, and what follows is judged."""

import typer

from mcpverify.cli.drain_options import (
    DrainFileOptions,
    FlightOptions,
    JudgingOptions,
    ServerOptions,
    StopOptions,
)
from mcpverify.cli.option_groups import expand
from mcpverify.cli.options import ShowOptions
from mcpverify.cli.output import Output, watched
from mcpverify.cli.overwriting import refuse_overwriting
from mcpverify.cli.timelines import record_path, timelines_from, write_timelines


@expand
def drain(
    ctx: typer.Context,
    server: ServerOptions,
    stop: StopOptions,
    flight: FlightOptions,
    judging: JudgingOptions,
    show: ShowOptions,
    files: DrainFileOptions,
) -> None:
    """Stop a server with calls in flight: is any of them lost, and does the server come back well?

    \b
    Examples:
      mcpverify drain -- python server.py
      mcpverify drain --call slow_tool --args '{"seconds": 5}' --readiness /ready -- node server.js
      mcpverify drain http://127.0.0.1:8000/mcp --pid 4711 --yes
      mcpverify drain http://127.0.0.1:8000/mcp --stop-command 'docker stop -t 30 mcp' --yes

    It starts COMMAND, or takes a server that runs, puts requests in flight, sends the signal, and
    asks on until the process has ended and was started again. No tool is called but the one that
    --call names.
    """
    from mcpverify.cli.drain_plan import question_of, refuse_beside_replay
    from mcpverify.verify.drain import drain as run
    from mcpverify.verify.drain import replay

    shown = Output.of(show, files.report)
    path = record_path(files.record)
    refuse_overwriting([], [*(file for _, file in shown.files), path])
    if files.replay is not None:
        refuse_beside_replay(server, stop, flight, judging, files, ctx.obj)
        report = replay(timelines_from(files.replay), judging.strict, ctx.obj.again())
    else:
        question = question_of(server, stop, flight, judging, ctx.obj)
        with watched(show.quiet) as watcher:
            report = run(question, watcher)
    code = shown.show(report)
    write_timelines(path, report)
    raise typer.Exit(code)
