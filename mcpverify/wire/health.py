"""What a server's health addresses answer: one GET each, over a connection of its own.

It is asked as a load balancer would, but knows the way that the target is reached by. Nobody but
the target's own origin gets its credentials.
"""

import time
from dataclasses import replace
from urllib.parse import urljoin

from mcpverify.errors import TargetInvalid
from mcpverify.facts.credentials import Credential, masked_url, of_url
from mcpverify.facts.health import HealthProbe
from mcpverify.facts.revision import Era
from mcpverify.facts.target import HttpEndpoint, Transport
from mcpverify.facts.transcript import Exchange, FailureKind, Role, Step, Transcript
from mcpverify.wire.conduct import Conduct
from mcpverify.wire.deadline import Broken
from mcpverify.wire.http_client import HttpClient, origin_of, require_legal_host
from mcpverify.wire.plan import Plan
from mcpverify.wire.transports.channel import Draft

HEALTH_SECONDS = 10.0
_BODY_BYTES = 2**20


def health_transcripts(
    endpoint: HttpEndpoint | None, plan: Plan, conduct: Conduct
) -> tuple[Transcript, ...]:
    """One GET for each address that the plan names; `endpoint` None for a child process.

    What the end of the run cut off is left out: it says nothing about the server.
    """
    probes = ((Step.READINESS, plan.readiness), (Step.LIVENESS, plan.liveness))
    return tuple(
        found
        for step, probe in probes
        if probe is not None and (found := _transcript(endpoint, step, probe, conduct))
    )


def credentials_in(plan: Plan) -> tuple[Credential, ...]:
    """The secrets in the health addresses that nobody sends by chance."""
    probes = (plan.readiness, plan.liveness)
    found = (each for probe in probes if probe is not None for each in of_url(probe.url))
    return tuple(each for each in found if each.unmistakable)


def health_place(endpoint: HttpEndpoint | None, url: str) -> HttpEndpoint:
    """How `url`, a health address, is reached. Raises TargetInvalid where that cannot be."""
    if endpoint is None:
        if url.startswith("/"):
            raise TargetInvalid("a path alone is no health address of a COMMAND", "Give a URL.")
        endpoint = HttpEndpoint((url,))
    else:
        url = urljoin(endpoint.urls[0], url)
    url = url.partition("#")[0]
    require_legal_host(url)
    if origin_of(url) == origin_of(endpoint.urls[0]):
        return replace(endpoint, urls=(url,))
    return endpoint.for_others((url,))


def _transcript(
    endpoint: HttpEndpoint | None, step: Step, probe: HealthProbe, conduct: Conduct
) -> Transcript | None:
    place = health_place(endpoint, probe.url)
    client = HttpClient(place, replace(conduct.limits, answer_bytes=_BODY_BYTES))
    try:
        exchange = _asked(client, step, place.urls[0], conduct)
    finally:
        client.close()
    if _is_cut_off(exchange, conduct):
        return None
    if conduct.listener is not None:
        conduct.listener(Role.HEALTH, Era.HANDSHAKE, exchange)
    return Transcript(
        role=Role.HEALTH,
        era=Era.HANDSHAKE,
        transport=Transport.AUTO,
        url=exchange.url,
        exchanges=(exchange,),
        certificate=client.certificate,
    )


def _asked(client: HttpClient, step: Step, url: str, conduct: Conduct) -> Exchange:
    draft = Draft(step, "GET", masked_url(url), None, conduct.clock)
    seconds = min(conduct.limits.step_seconds, HEALTH_SECONDS)
    deadline = conduct.deadline.within(seconds, f"no whole answer within {seconds:g} s")
    try:
        with client.request("GET", url, {}, None, deadline) as answer:
            draft.note(answer)
            try:
                answer.body()
            finally:
                draft.body = bytes(answer.received)
    except Broken as error:
        draft.fail(error)
    return draft.done()


def _is_cut_off(exchange: Exchange, conduct: Conduct) -> bool:
    failure = exchange.failure
    timed_out = failure is not None and failure.kind is FailureKind.TIMEOUT
    return timed_out and time.monotonic() >= conduct.deadline.at
