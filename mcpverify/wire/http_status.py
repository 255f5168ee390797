"""A status that carries no answer to what was asked."""

from mcpverify.facts.transcript import Failure, FailureKind
from mcpverify.wire.deadline import Broken
from mcpverify.wire.http_client import Answer
from mcpverify.wire.retry_after import retry_after


def status_failure(answer: Answer) -> Broken:
    """What ends an exchange that got this status, with the server's wish to be left alone."""
    seconds = retry_after(answer.header("retry-after"))
    return Broken(Failure(FailureKind.HTTP_STATUS, f"HTTP {answer.status}", seconds))
