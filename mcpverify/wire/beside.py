"""What a run asks beside the sessions that are judged: to be let in, health, why we are not."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from mcpverify.facts.authorization import Authorization
from mcpverify.facts.credentials import Credential, secrets_of
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.refusal import REFUSALS
from mcpverify.facts.target import HttpEndpoint
from mcpverify.facts.transcript import Recording, Transcript
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

    def ask(
        self,
        endpoint: HttpEndpoint,
        url: str,
        sessions: Sequence[Session],
        places: Callable[[int], Sequence[HttpEndpoint]],
    ) -> None:
        """After the sessions with an HTTP server: its health, strangers, and why we are refused.

        `places` tells where so many more connections are made.
        """
        self.ask_health(endpoint)
        refused = any(e.status in REFUSALS for each in sessions for e in each.exchanges)
        carries = any(each.name.lower() == "authorization" for each in endpoint.headers)
        if not (refused or carries or self._plan.strangers or endpoint.token is not None):
            return
        from mcpverify.wire.authorization.turned_away import explained

        strangers: list[Session] = []
        if self._plan.strangers:
            from mcpverify.wire.authorization.strangers import ask_strangers, withheld

            wanted, conduct = self._plan.strangers, self._conduct
            strangers = ask_strangers(endpoint, url, sessions, wanted, places, conduct)
        asked = [*sessions, *strangers]
        found, transcripts = explained(endpoint, url, asked, self.authorization, self._conduct)
        if found is not None and strangers:
            certificate = endpoint.tls.cert is not None
            found = replace(found, withheld=withheld(endpoint, url), certificate=certificate)
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
