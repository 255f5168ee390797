"""`mcpverify explain`: what a check asks, what a verdict or an exit code means, and what to do."""

from typing import Annotated

import typer

from mcpverify.cli.writing import say
from mcpverify.errors import UsageError


def _names() -> list[str]:
    """What a shell may offer."""
    from mcpverify.cli.explanations import listed_names

    return list(listed_names().values())


def explain(
    ctx: typer.Context,
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID]...",
            help="A check, point, verdict, situation or exit code; without one, all are listed.",
            show_default=False,
            autocompletion=_names,
        ),
    ] = None,
) -> None:
    """Explain a check, a point, a verdict, a situation or an exit code, and what to do about it.

    \b
    Examples:
      mcpverify explain
      mcpverify explain matches-snapshot
      mcpverify explain old-release exit-1
    """
    from mcpverify.cli.explanations import found
    from mcpverify.cli.explanations.listing import listing
    from mcpverify.cli.explanations.topic import explained

    if ctx.obj.command is not None:
        raise UsageError("explain takes ids and no COMMAND", "Try: mcpverify explain")
    topics = [topic for asked in ids or () for topic in found(asked) or _refused(asked)]
    texts = [explained(topic) for topic in dict.fromkeys(topics)]
    say("\n\n".join(texts) if ids else listing())


def _refused(asked: str) -> tuple[()]:
    from mcpverify.cli.explanations import nearest

    near = nearest(asked)
    hint = f"Did you mean {' or '.join(near)}?" if near else "mcpverify explain lists all there is."
    raise UsageError(f"{asked!r}: there is nothing of that name to explain", hint)
