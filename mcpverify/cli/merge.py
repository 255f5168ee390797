"""`mcpverify merge`: one verdict from the reports of shards."""

from typing import Annotated

import typer

from mcpverify.cli.exit_codes import exit_code
from mcpverify.cli.old_reports import empty_old
from mcpverify.cli.option_groups import expand
from mcpverify.cli.options import ReportOptions, ShowOptions
from mcpverify.cli.output import Output
from mcpverify.cli.overwriting import refuse_overwriting
from mcpverify.cli.target_argument import readable
from mcpverify.errors import FileUnusable
from mcpverify.verify.merge import Source, merged

_HINT = "Give reports that `mcpverify check --report json=FILE` has written."


@expand
def merge(
    show: ShowOptions,
    files: ReportOptions,
    reports: Annotated[
        list[str],
        typer.Argument(
            metavar="REPORT...",
            help="JSON reports of `check`, one for each shard.",
            show_default=False,
        ),
    ],
) -> None:
    """Join the reports of shards into one verdict, which needs every one of them.

    \b
    Examples:
      mcpverify merge shard-1.json shard-2.json shard-3.json
      mcpverify merge shards/*.json --report junit=report.xml

    Each job has written its own: mcpverify check --all --shard 1/3 --report json=shard-1.json.
    Without all of N shards the exit code is 3, or 1 where a target failed. Reports that are of no
    shard are put together, too, if they are on different targets.
    """
    shown = Output.of(show, files.report)
    paths = [file for _, file in shown.files]
    refuse_overwriting(reports, paths)
    empty_old(paths)
    held = [(path, _held(path)) for path in reports]
    empty = [path for path, data in held if not data]
    sources = [_source(path, data) for path, data in held if data]
    if not sources:
        problem = "it is empty, since its run came to no verdict"
        raise FileUnusable(f"REPORT {empty[0]}: {problem}", _HINT)
    raise typer.Exit(shown.show(merged(sources, empty), gate=True))


def _held(path: str) -> bytes:
    readable(path, "REPORT")
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise FileUnusable(f"REPORT {path}: {error.strerror}", _HINT) from None


def _source(path: str, data: bytes) -> Source:
    from mcpverify.reporters.json_reading import NotAReport, report_in

    try:
        report, code = report_in(data)
        if code != exit_code(report):
            raise NotAReport("its exit code is not the one of its targets")
    except NotAReport as error:
        raise FileUnusable(f"REPORT {path}: {error}", _HINT) from None
    return Source(path, report)
