"""What a shell may offer where values are known. Imports wait until it asks."""

import typer


def formats() -> list[str]:
    from mcpverify.reporters import FORMATS

    return list(FORMATS)


def revisions() -> list[str]:
    from mcpverify.facts.revision import Revision

    return [revision.value for revision in Revision]


def checks(incomplete: str) -> list[str]:
    """Ids for `--only ID,...`: what stands before the last comma is kept."""
    from mcpverify.checks import check_ids

    before, comma, _ = incomplete.rpartition(",")
    taken = before.split(",")
    return [f"{before}{comma}{each}" for each in check_ids() if each not in taken]


def signals() -> list[str]:
    from mcpverify.facts.trial_plan import SIGNALS

    return list(SIGNALS)


def targets(ctx: typer.Context, incomplete: str) -> list[str]:
    """The names of the configuration that is in force, but for those that were typed."""
    from mcpverify.errors import McpverifyError
    from mcpverify.settings.discovery import configuration_at

    try:
        found = configuration_at(ctx.params.get("config"))
    except McpverifyError:
        return []  # the run will say what is wrong with it
    typed = ctx.params.get("targets") or ()
    return [name for name in (found.names if found else ()) if name not in typed]
