"""A look at a server with the gate's own eyes, before it is stopped and after it came back."""

from urllib.parse import urlsplit, urlunsplit

from mcpverify.facts.contract import Contract, Scope
from mcpverify.facts.credentials import masked_url
from mcpverify.facts.json_text import Json
from mcpverify.facts.observation import Observation, observe
from mcpverify.facts.revision import Era
from mcpverify.facts.target import HttpEndpoint, Target
from mcpverify.facts.timeline import ServerKind
from mcpverify.facts.transcript import Recording, Role, Step
from mcpverify.facts.trial_plan import Look
from mcpverify.verify.check import refuse_unstartable
from mcpverify.verify.gate import live_contract
from mcpverify.wire.plan import Plan
from mcpverify.wire.record import record

_KIND_HEADERS = ("server", "x-powered-by", "via")


def look(target: Target) -> Look:
    """What a session in each era shows. Raises TargetInvalid for what cannot be asked at all.

    No session is ended: there are servers that a DELETE brings down.
    """
    plan = Plan(
        lists=(Step.PROMPTS, Step.TEMPLATES), samples=1, probe_sessions=False, keep_session=True
    )
    recording = record(target, plan)
    refuse_unstartable(recording)
    return look_of(target, recording)


def look_of(target: Target, recording: Recording) -> Look:
    """The same, of what was recorded."""
    observed = [observe(transcript) for transcript in recording.transcripts]
    primary = next(each for each in observed if each.role is Role.PRIMARY)
    opened = {each.era for each in observed if each.opened}
    if not opened:
        return Look(None, primary.transport, (), problem=primary.problem or "nothing answered")
    usable = primary if primary.opened else next(each for each in observed if each.opened)
    contract, problem = live_contract(usable, Scope(), resources=False)
    return Look(
        endpoint=_endpoint(target, usable),
        transport=usable.transport,
        eras=tuple(era for era in Era if era in opened),
        server=_kind(usable),
        tools=_tools(contract),
        schemas={} if contract is None else _schemas(contract),
        digests=None if contract is None else contract.digests,
        problem=problem,
    )


def _endpoint(target: Target, observation: Observation) -> HttpEndpoint | None:
    """The endpoint with the one address that was used, as it is without a redirect."""
    endpoint = target.endpoint
    if not isinstance(endpoint, HttpEndpoint):
        return None
    used = next((url for url in endpoint.urls if masked_url(url) == observation.url), None)
    url = used or endpoint.urls[0]
    redirects = observation.exchanges[0].redirects if observation.exchanges else ()
    if redirects:
        # Its own query was masked: where it has one, it is the one that was sent.
        led = urlsplit(redirects[-1])
        asked = urlsplit(url)
        query = asked.query if led.query else ""
        url = urlunsplit((asked.scheme, asked.netloc, led.path, query, ""))
    return HttpEndpoint((url,), endpoint.headers, endpoint.tls, endpoint.proxies, endpoint.routes)


def _kind(observation: Observation) -> ServerKind:
    opening = observation.opening
    headers = () if opening is None else opening.headers
    return ServerKind(
        name=observation.server_name or "",
        version=observation.server_version or "",
        revision=observation.revision or "",
        headers=tuple(
            (name.lower(), value) for name, value in headers if name.lower() in _KIND_HEADERS
        ),
    )


def _tools(contract: Contract | None) -> tuple[tuple[str, bool], ...]:
    tools = () if contract is None else contract.tools
    return tuple((each.name, _only_reads(each.definition)) for each in tools)


def _schemas(contract: Contract) -> dict[str, Json]:
    return {each.name: each.definition.get("inputSchema") for each in contract.tools}


def _only_reads(definition: dict[str, Json]) -> bool:
    annotations = definition.get("annotations")
    return isinstance(annotations, dict) and annotations.get("readOnlyHint") is True
