"""What a run is to observe: told by verify, followed by `wire.record`."""

from dataclasses import dataclass

from mcpverify.facts.golden_call import GoldenCall
from mcpverify.facts.health import HealthProbe
from mcpverify.facts.revision import Era
from mcpverify.facts.transcript import Step
from mcpverify.facts.version_source import VersionSource


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to observe, derived from the checks that will judge it.

    `prefer` is the era to judge, `recorded` whether a snapshot says so. `samples` counts
    tool listings on fresh connections, the first included; None takes the transport's
    default. `ask_tools` asks for tools even where none are advertised. `shared_pings` counts
    pings under the judged session's id, each on a connection of its own, and `lost_pings` those
    under one that was lost right after it was issued. `strangers` counts those that meet the
    address without credentials, in the judged era.
    """

    prefer: Era = Era.HANDSHAKE
    recorded: bool = False
    both_eras: bool = True
    lists: tuple[Step, ...] = (Step.PROMPTS, Step.RESOURCES, Step.TEMPLATES)
    ask_tools: bool = False
    samples: int | None = None
    probe_sessions: bool = True
    keep_session: bool = False
    reference_client: bool = False
    calls: tuple[GoldenCall, ...] = ()
    version_from: VersionSource | None = None
    readiness: HealthProbe | None = None
    liveness: HealthProbe | None = None
    strangers: int = 0
    shared_pings: int = 0
    lost_pings: int = 0
