"""One target as a file configures it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mcpverify.errors import McpverifyError
from mcpverify.facts.credentials import Credential, secrets_of
from mcpverify.facts.golden_call import GoldenCall
from mcpverify.facts.health import HealthProbe
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.severity_override import SeverityOverride
from mcpverify.facts.transcript import Step


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """What a file says of one target; nothing of it refers to the environment any more.

    `options` are the values of options of `check`, by their names in Python (`fail_on`, `header`),
    of the types that the command line gives them: a flag that is typed goes before. `url` or
    `command` is where the server is. `required` are checks that must have been answered.
    `ignored` are the fields that are left out of the contract, None where the file cannot say.
    `default_snapshot` is where its snapshot lies if no option names one. `where` is the place in
    the file, for messages: `mcpverify.toml:12`. `secrets` are values of the environment that are
    in it, but for those that are no secrets by their place.
    """

    name: str
    where: str
    url: str | None = field(default=None, repr=False)
    command: tuple[str, ...] | None = field(default=None, repr=False)
    environment: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    directory: str | None = None
    default_snapshot: str | None = None
    options: Mapping[str, object] = field(default_factory=dict, repr=False)
    calls: tuple[GoldenCall, ...] = ()
    severities: tuple[SeverityOverride, ...] = ()
    required: tuple[str, ...] = ()
    ignored: tuple[str, ...] | None = None
    step_latency: tuple[tuple[Step, float], ...] = ()
    readiness: HealthProbe | None = None
    liveness: HealthProbe | None = None
    secrets: tuple[Credential, ...] = field(default=(), repr=False)

    def blamed(self, error: McpverifyError) -> McpverifyError:
        """`error`, with the place in the file that it comes from."""
        told = Redactor(secrets_of(self.secrets)).text(error.message)
        return type(error)(f"{self.where}: target {self.name}: {told}", error.hint)
