"""One request after another beside the sessions: for metadata, and for a token.

Each goes through our own HTTP client, and becomes an exchange. What was given for the target's
origin goes to that origin alone.
"""

from dataclasses import replace

from mcpverify.facts.credentials import masked_url
from mcpverify.facts.origin import origin_of
from mcpverify.facts.revision import Era
from mcpverify.facts.target import HttpEndpoint, Transport
from mcpverify.facts.transcript import Exchange, FailureKind, Role, Step, Transcript
from mcpverify.wire.conduct import Conduct
from mcpverify.wire.deadline import Broken, Deadline, broken
from mcpverify.wire.http_client import HttpClient
from mcpverify.wire.http_status import status_failure
from mcpverify.wire.jsonrpc import Message
from mcpverify.wire.transports.channel import Draft

_ANSWER_BYTES = 2**20
_COOKIES = "set-cookie"


class Asker:
    """Asks, and writes down. `own` is how the target's own origin is asked."""

    def __init__(self, own: HttpEndpoint, url: str, conduct: Conduct, patience: Deadline) -> None:
        self.exchanges: list[Exchange] = []
        self._own = own
        self._url = url
        self._origin = origin_of(url)
        self._conduct = conduct
        self._patience = patience
        self._limits = replace(conduct.limits, answer_bytes=_ANSWER_BYTES)
        self._clients: dict[str, HttpClient] = {}

    def is_own(self, url: str) -> bool:
        """Whether an address is of the target's origin."""
        return origin_of(url) == self._origin

    def get(self, step: Step, url: str) -> Exchange:
        """A GET for a JSON document."""
        return self.ask(step, "GET", url, {"Accept": "application/json"})

    def ask(
        self,
        step: Step,
        method: str,
        url: str,
        headers: dict[str, str],
        content: bytes | None = None,
        *,
        message: Message | None = None,
        head_only: bool = False,
    ) -> Exchange:
        """One request. Of what comes back the body is read, unless `head_only`."""
        draft = Draft(step, method, masked_url(url), message, self._conduct.clock)
        limit = self._conduct.limits.step_seconds
        deadline = self._patience.within(limit, f"{step.value} was not answered within {limit:g} s")
        client: HttpClient | None = None
        try:
            client = self._client(url)
            with client.request(method, url, headers, content, deadline) as answer:
                draft.note(answer)
                draft.headers = tuple(h for h in answer.headers if h[0].lower() != _COOKIES)
                if not head_only:
                    draft.body = answer.body()
                if not 200 <= answer.status < 300:
                    draft.fail(status_failure(answer))
        except Broken as error:
            draft.fail(error)
        if client is not None and draft.peer is None:
            draft.peer = client.peer
        return draft.done()

    def keep(self, exchange: Exchange) -> Exchange:
        """Write down an exchange, and return it."""
        self.exchanges.append(exchange)
        if self._conduct.listener is not None:
            self._conduct.listener(Role.AUTHORIZATION, Era.HANDSHAKE, exchange)
        return exchange

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def transcript(self) -> Transcript:
        url, transport = masked_url(self._url), Transport.STREAMABLE_HTTP
        return Transcript(Role.AUTHORIZATION, Era.HANDSHAKE, transport, url, tuple(self.exchanges))

    def _client(self, url: str) -> HttpClient:
        origin = origin_of(url)
        if origin is None:
            raise broken(FailureKind.BAD_HTTP, "the address is no http or https URL")
        if origin not in self._clients:
            endpoint = self._own if origin == self._origin else self._own.for_others()
            self._clients[origin] = HttpClient(endpoint, self._limits)
        return self._clients[origin]
