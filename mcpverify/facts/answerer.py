"""Who answered: the ids and names by which an answer is found again in the logs behind it."""

from typing import Final

from mcpverify.facts.transcript import Exchange

REQUEST_IDS: Final = (
    "x-request-id",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "x-amz-cf-id",
    "cf-ray",
    "x-cloud-trace-context",
    "x-correlation-id",
    "request-id",
)
# Set by balancers and servers to name the one that answered. `via` and `server` name programs,
# and x-amz-cf-pop a place: none of them tells one replica from another.
_NAMES: Final = (
    "x-served-by",
    "x-upstream",
    "x-upstream-addr",
    "x-backend",
    "x-backend-server",
    "x-pod-name",
    "x-hostname",
    "x-instance-id",
    "x-replica",
    "fly-machine-id",
)


def request_id(exchange: Exchange) -> str | None:
    """The id that the answer gives to the request, in any of the usual headers."""
    return next((found for name in REQUEST_IDS if (found := exchange.header(name))), None)


def answerer(exchange: Exchange) -> str | None:
    """Who a header says has answered: `x-served-by web-2`."""
    return next((f"{name} {found}" for name in _NAMES if (found := exchange.header(name))), None)
