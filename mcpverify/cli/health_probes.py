"""--health, --health-json and --liveness, as the probes that they ask for."""

from mcpverify.cli.gate_options import HealthOptions
from mcpverify.facts.health import HealthProbe


def readiness_of(options: HealthOptions) -> HealthProbe | None:
    """What --health asks for. Raises UsageError."""
    return None


def liveness_of(options: HealthOptions) -> HealthProbe | None:
    """What --liveness asks for. Raises UsageError."""
    return None
