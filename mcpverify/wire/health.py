"""What a server's health addresses answer."""

from mcpverify.facts.target import HttpEndpoint
from mcpverify.facts.transcript import Transcript
from mcpverify.wire.conduct import Conduct
from mcpverify.wire.plan import Plan


def health_transcripts(
    endpoint: HttpEndpoint | None, plan: Plan, conduct: Conduct
) -> tuple[Transcript, ...]:
    """One GET for each address that the plan names; `endpoint` None for a child process."""
    return ()
