"""When to try another way: the specification's rules, one predicate each.

https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#backwards-compatibility
"""

from mcpverify.facts.observation import NEVER_REACHED
from mcpverify.facts.transcript import Exchange, FailureKind, Step

# Statuses after which the specification has a client try the older transport.
_FALL_BACK = {400, 404, 405}
# Statuses that say something about us or the moment: asking in another way is no remedy.
_NO_FALL_BACK = {401, 403, 421, 429}


def is_final(exchange: Exchange) -> bool:
    """Whether trying the other era over the same transport could not help."""
    if exchange.failure is not None and exchange.failure.kind in NEVER_REACHED:
        return True
    # A gateway may forbid a method that it does not know, and let the older one pass.
    return exchange.status in _NO_FALL_BACK - {403}


def is_refusal(exchange: Exchange) -> bool:
    """Whether the server said in good order that it does not speak an era."""
    if exchange.result is not None:
        return True  # of a discovery that names other versions
    if exchange.status in _NO_FALL_BACK or (exchange.status or 0) >= 500:
        return False
    return exchange.error is not None or exchange.status is not None


def may_fall_back(exchange: Exchange) -> bool:
    """Whether what Streamable HTTP met is a reason to try HTTP+SSE at the same address."""
    return exchange.status in _FALL_BACK


def is_missing(exchange: Exchange) -> bool:
    """Whether nothing there speaks MCP, and nothing forbade us to ask."""
    status = exchange.status
    if exchange.step is Step.OPEN_STREAM and status is not None:
        return status not in _NO_FALL_BACK and status < 500
    kind = None if exchange.failure is None else exchange.failure.kind
    return status in _FALL_BACK or kind is FailureKind.CONTENT_TYPE
