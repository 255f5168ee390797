"""Is nobody let in without a credential, and is a stranger told where tokens come from?

With `--expect-auth` the gate opens one more session like the judged one, but without a token,
cookie, header or query value that may be a credential. It has to be answered with HTTP 401, and
nothing may be listed. A release that forgets its middleware answers everybody, and every other
check of it passes.

The 401 must lead a client to a token: a protected resource metadata document, which
WWW-Authenticate names as `resource_metadata` or which lies at the well-known address; its
`resource` is the address of the server; it names `authorization_servers`, and one of them has
metadata of its own with a token_endpoint. In 2025-06-18 WWW-Authenticate has to name the
document; later the header may leave it out.

To mend it: put the authorization middleware of your SDK before every route of the server, and
give it the public address of the server, as clients type it. Then fetch the metadata with curl
from where the agents run: what stands before the server may hold it back.
"""

from collections.abc import Iterator

from mcpverify.facts.authorization import Authorization
from mcpverify.facts.authorization_metadata import Fit, bare_url, fit_of, short, shown
from mcpverify.facts.challenge import bearer_challenge, challenges_in
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence, says_nothing
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.observation import Observation, observe
from mcpverify.facts.revision import Revision, known_revision
from mcpverify.facts.target import Transport
from mcpverify.facts.transcript import Exchange, FailureKind, Role

CHECK = Check(
    __name__,
    title="Without credentials there is a 401 that leads to a token",
    stage=Stage.HANDSHAKE,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization",
    opt_in=True,
    needs_lists=False,
)

_LONG = 200
_OPEN = "Put the authorization middleware before every route of the server."
_STATUS = "Answer a request without a token with 401; 403 is for a token that lacks a scope."
_METADATA = "Serve the metadata where WWW-Authenticate says, and look at it with curl."


def judge(evidence: Evidence) -> Finding:
    if evidence.transport is Transport.STDIO:
        return CHECK.not_applicable("over stdio, credentials come from the environment")
    asked = evidence.recording.of(Role.STRANGER)
    if not asked:
        return CHECK.not_observed("nobody asked without credentials")
    stranger = observe(asked[0])
    opening = stranger.opening
    if opening is not None and _is_redirect(opening):
        return CHECK.failed(f"no HTTP 401 without credentials: {stranger.problem}", hint=_STATUS)
    if opening is None or opening.status is None:
        return CHECK.not_observed(f"without credentials: {stranger.problem or 'nothing was sent'}")
    listed = _listed(stranger)
    if listed or any(each.result is not None for each in stranger.exchanges):
        return CHECK.failed(f"let in without credentials{listed}", hint=_OPEN)
    telling = _telling(stranger, opening)
    status = telling.status
    if status == 401:
        return _challenged(evidence, telling)
    if says_nothing(telling, opened=False) and status != 403:
        return CHECK.not_observed(f"without credentials: {stranger.problem}")
    return CHECK.failed(f"HTTP {status} without credentials, not 401", hint=_STATUS)


def _is_redirect(opening: Exchange) -> bool:
    """To a page for people to sign in, most often, of which a client can make nothing."""
    return opening.failure is not None and opening.failure.kind is FailureKind.REDIRECT


def _telling(stranger: Observation, opening: Exchange) -> Exchange:
    """A 401 at the opening or, where a gateway forbids that method to all, after it."""
    return next((each for each in stranger.exchanges if each.status == 401), opening)


def _listed(stranger: Observation) -> str:
    if not stranger.tools.complete or not stranger.tools.pages:
        return ""
    count = len(stranger.tools.items)
    return f", and {count:,} tool{'' if count == 1 else 's'} {'is' if count == 1 else 'are'} listed"


def _challenged(evidence: Evidence, refused: Exchange) -> Finding:
    known = evidence.recording.authorization or Authorization()
    details = list(_found(known))
    problem = _problem(known)
    if problem:
        return CHECK.failed(f"HTTP 401, but {short(problem, _LONG)}", details, _METADATA)
    revision = known_revision(evidence.primary.revision)
    challenge = bearer_challenge(refused.headers)
    names = challenge is not None and challenge.resource_metadata is not None
    if revision is Revision.R2025_06_18 and not names:
        named = "HTTP 401 without a WWW-Authenticate that names resource_metadata"
        return CHECK.failed(f"{named}, which {revision} demands", details, _METADATA)
    if not challenges_in(refused.headers):
        return CHECK.warned("HTTP 401, but without WWW-Authenticate", details, _METADATA)
    url = evidence.primary.url
    if known.resource is not None and fit_of(known.resource, url) is Fit.PARENT:
        named = f"the metadata is of {shown(known.resource)}, not of {shown(bare_url(url))}"
        hint = "Name the address of the server as the resource: strict clients want it to be equal."
        return CHECK.warned(f"HTTP 401, but {named}", details, hint)
    return CHECK.passed("HTTP 401, with metadata that leads to a token endpoint", details)


def _problem(known: Authorization) -> str:
    """What keeps a client from finding the token endpoint, or ""."""
    if known.resource_metadata is None:
        return known.metadata_problem or "no protected resource metadata was found"
    if known.server_metadata is None:
        return known.metadata_problem or "no metadata of its authorization server was found"
    return ""


def _found(known: Authorization) -> Iterator[Detail]:
    if known.resource_metadata is not None:
        yield Detail(shown(known.resource_metadata), subject="resource metadata")
    for issuer in known.authorization_servers[:3]:
        yield Detail(shown(issuer), subject="authorization server")
    if known.token_endpoint is not None:
        yield Detail(shown(known.token_endpoint), subject="token endpoint")
    if known.scopes_offered:
        yield Detail(short(" ".join(known.scopes_offered), _LONG), subject="scopes")
