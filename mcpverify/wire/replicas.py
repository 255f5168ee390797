"""The replicas behind a target that are known one by one."""

from mcpverify.facts.target import HttpEndpoint, Replicas
from mcpverify.wire.deadline import Deadline


def replica_endpoints(
    endpoint: HttpEndpoint, url: str, replicas: Replicas, deadline: Deadline
) -> tuple[HttpEndpoint, ...]:
    """An endpoint with one URL for each. Raises Broken where the names cannot be looked up."""
    return ()
