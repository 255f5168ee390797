"""Golden calls, made in the session that is judged."""

from collections.abc import Sequence

from mcpverify.facts.golden_call import GoldenCall
from mcpverify.wire.session import Session


def make_calls(session: Session, calls: Sequence[GoldenCall]) -> None:
    """Call each tool that may be called, retried for the reasons that were named."""
