"""What a run asks beside the sessions that are judged: to be let in, health, why we are not."""

from collections.abc import Sequence

from mcpverify.facts.authorization import Authorization
from mcpverify.facts.credentials import Credential, secrets_of
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.refusal import REFUSALS
from mcpverify.facts.target import HttpEndpoint
from mcpverify.facts.transcript import Recording, Role, Transcript
from mcpverify.wire.conduct import Conduct
from mcpverify.wire.plan import Plan
from mcpverify.wire.session import Session


class Beside:
    """Gathers what was asked, and the secrets that were learned, which go no further."""

    def __init__(self, plan: Plan, conduct: Conduct) -> None:
        self.transcripts: list[Transcript] = []
        self.authorization: Authorization | None = None
        self._plan = plan
        self._conduct = conduct
        self._secrets: tuple[Credential, ...] = ()

    def let_in(self, endpoint: HttpEndpoint) -> HttpEndpoint:
        """The endpoint with the token that it asks for, once for the whole run."""
        if endpoint.token is None:
            return endpoint
        from mcpverify.wire.authorization.letting_in import let_in

        entry = let_in(endpoint, self._conduct)
        self.authorization, self._secrets = entry.authorization, entry.secrets
        if entry.transcript is not None:
            self.transcripts.append(entry.transcript)
        return entry.endpoint

    def ask(self, endpoint: HttpEndpoint, url: str, sessions: Sequence[Session]) -> None:
        """After the sessions with an HTTP server: its health, strangers, and why we are refused."""
        self.ask_health(endpoint)
        refused = any(e.status in REFUSALS for each in sessions for e in each.exchanges)
        carries = any(each.name.lower() == "authorization" for each in endpoint.headers)
        if not (refused or carries or self._plan.stranger or endpoint.token is not None):
            return
        from mcpverify.wire.authorization.turned_away import ask_as_stranger, explained

        strangers = []
        if self._plan.stranger:
            primary = next(each for each in sessions if each.role is Role.PRIMARY)
            strangers.append(ask_as_stranger(endpoint, url, primary, self._conduct))
        asked = [*sessions, *strangers]
        found, transcripts = explained(endpoint, url, asked, self.authorization, self._conduct)
        self.authorization = found
        self.transcripts += [*(each.transcript() for each in strangers), *transcripts]

    def ask_health(self, endpoint: HttpEndpoint | None) -> None:
        """What the health addresses answer; `endpoint` None for a child process."""
        if self._plan.readiness is None and self._plan.liveness is None:
            return
        from mcpverify.wire.health import credentials_in, health_transcripts

        self.transcripts += health_transcripts(endpoint, self._plan, self._conduct)
        self._secrets += credentials_in(self._plan)

    def without_secrets(self, recording: Recording) -> Recording:
        """The recording without what was learned in it: nothing after us knows those secrets."""
        secrets = secrets_of(self._secrets)
        return Redactor(secrets).recording(recording) if secrets else recording
