"""Is nobody let in without a credential, and is a stranger told where tokens come from?

With `--expect-auth` the gate opens more sessions like the judged one, but without a token,
cookie, header or query value that may be a credential. Each has to be answered with HTTP 401, and
nothing may be listed. A release that forgets its middleware answers everybody, and every other
check of it passes.

A stranger comes in each era that the server speaks, and to each replica that is known
(`--replica`, `--resolve-all`); with `--replicas` or `--samples` on as many fresh connections, at
most 30, and 5 in the era that is not judged. One that is let in fails the check. The client
certificate of `--cert` is shown all the same: without it there is often no connection to ask on.

The 401 must lead a client to a token: a protected resource metadata document, which
WWW-Authenticate names as `resource_metadata` or which lies at the well-known address; its
`resource` is the address of the server; it names `authorization_servers`, and one of them has
metadata of its own with a token_endpoint. In 2025-06-18 WWW-Authenticate has to name the
document; later the header may leave it out.

To mend it: put the authorization middleware of your SDK before every route of the server, and
give it the public address of the server, as clients type it. Then fetch the metadata with curl
from where the agents run: what stands before the server may hold it back.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mcpverify.facts.authorization import Authorization
from mcpverify.facts.authorization_metadata import Fit, bare_url, fit_of, short, shown
from mcpverify.facts.challenge import bearer_challenge, challenges_in
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence, says_nothing
from mcpverify.facts.finding import Detail, Finding, Outcome, Severity
from mcpverify.facts.observation import Observation, observe
from mcpverify.facts.refusal import REFUSALS
from mcpverify.facts.revision import Era, Revision, known_revision
from mcpverify.facts.target import Transport
from mcpverify.facts.transcript import Exchange, FailureKind, Role, Step, Transcript

CHECK = Check(
    __name__,
    title="Without credentials there is a 401 that leads to a token",
    stage=Stage.HANDSHAKE,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization",
    opt_in=True,
    needs_lists=False,
)

REFUSED = "HTTP 401, but "
"""How it begins where a stranger is kept out, and cannot become a client."""

_LONG = 200
_UNSEEN = Outcome.NOT_OBSERVED
_WORST = (Outcome.FAILED, _UNSEEN, Outcome.WARNED, Outcome.PASSED)
_OPEN = "Put the authorization middleware before every route of the server."
_STATUS = "Answer a request without a token with 401; 403 is for a token that lacks a scope."
_SILENT = "Look whether the authorization server is up; --wait 2m asks again."
_METADATA = "Serve the metadata where WWW-Authenticate says, and look at it with curl."


def judge(evidence: Evidence) -> Finding:
    if evidence.transport is Transport.STDIO:
        return CHECK.not_applicable("over stdio, credentials come from the environment")
    asked = evidence.recording.of(Role.STRANGER)
    if not asked:
        return CHECK.not_observed("nobody asked without credentials")
    strangers = [observe(each) for each in asked]
    known = {evidence.primary.era, *(each.era for each in _ours(evidence) if _knows(each))}
    judged = [(stranger, _judged(evidence, stranger, known)) for stranger in strangers]
    answered = {_place(stranger) for stranger, found in judged if found.outcome is not _UNSEEN}
    telling = [
        (stranger, found)
        for stranger, found in judged
        # Of those that meet one address by chance it is enough that another was answered.
        if found.outcome is not _UNSEEN or _place(stranger) not in answered
    ]
    stranger, worst = min(telling, key=lambda each: _WORST.index(each[1].outcome))
    message = worst.message
    if worst.outcome is not Outcome.PASSED:
        message += _where(stranger, strangers)
    return replace(worst, message=message, details=(*worst.details, *_asked(evidence, strangers)))


def _judged(evidence: Evidence, stranger: Observation, known: set[Era]) -> Finding:
    """What one stranger met. In an era that the server does not know, only being let in counts."""
    opening = stranger.opening
    if opening is not None and _is_redirect(opening):
        return CHECK.failed(f"no HTTP 401 without credentials: {stranger.problem}", hint=_STATUS)
    if opening is None or opening.status is None:
        return CHECK.not_observed(f"without credentials: {stranger.problem or 'nothing was sent'}")
    listed = _listed(stranger)
    if listed or any(each.result is not None for each in stranger.exchanges):
        return CHECK.failed(f"let in without credentials{listed}", hint=_OPEN)
    if stranger.era not in known:
        return CHECK.passed("the server does not speak that era")
    telling = _telling(stranger, opening)
    status = telling.status
    if status == 401:
        return _challenged(evidence, telling)
    if says_nothing(telling, opened=False) and status != 403:
        return CHECK.not_observed(f"without credentials: {stranger.problem}")
    return CHECK.failed(f"HTTP {status} without credentials, not 401", hint=_STATUS)


def _ours(evidence: Evidence) -> Iterator[Transcript]:
    yield from evidence.recording.of(Role.PRIMARY)
    yield from evidence.recording.of(Role.OTHER_ERA)


def _knows(session: Transcript) -> bool:
    """Whether the server speaks the era of a session, or kept us out of it."""
    refused = any(each.status in REFUSALS for each in session.exchanges)
    return refused or any(each.result is not None for each in session.exchanges)


def _place(stranger: Observation) -> tuple[Era, str, str | None]:
    return stranger.era, stranger.url, stranger.peer


def _where(stranger: Observation, among: Sequence[Observation]) -> str:
    """Which of several strangers it was: its era and its address, where they differ."""
    era = f" in the {stranger.era} era" if len({each.era for each in among}) > 1 else ""
    if len({each.url for each in among}) > 1:
        return f"{era}, at {shown(stranger.url)}"
    peers = {each.peer for each in among if each.peer is not None}
    return f"{era}, at {stranger.peer}" if len(peers) > 1 and stranger.peer else era


def _asked(evidence: Evidence, strangers: Sequence[Observation]) -> Iterator[Detail]:
    """How often, and with what, somebody came who is not known."""
    if len(strangers) > 1:
        eras = Counter(each.era for each in strangers)
        told = ", ".join(f"{count} in the {era} era" for era, count in eras.items())
        yield Detail(told, subject="strangers")
    known = evidence.recording.authorization
    if known is not None and known.withheld:
        yield Detail(short(", ".join(known.withheld), _LONG), subject="left out")
    if known is not None and known.certificate:
        yield Detail("the client certificate", subject="shown all the same")


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
        told = f"{REFUSED}{short(problem, _LONG)}"
        if _is_silent(evidence):
            # Whoever is down there is no server of this deploy.
            return CHECK.not_observed(told, _SILENT)
        return CHECK.failed(told, details, _METADATA)
    revision = known_revision(evidence.primary.revision)
    challenge = bearer_challenge(refused.headers)
    names = challenge is not None and challenge.resource_metadata is not None
    if revision is Revision.R2025_06_18 and not names:
        named = f"{REFUSED}no WWW-Authenticate names resource_metadata"
        return CHECK.failed(f"{named}, which {revision} demands", details, _METADATA)
    if not challenges_in(refused.headers):
        return CHECK.warned(f"{REFUSED}without WWW-Authenticate", details, _METADATA)
    url = evidence.primary.url
    if known.resource is not None and fit_of(known.resource, url) is Fit.PARENT:
        named = f"the metadata is of {shown(known.resource)}, not of {shown(bare_url(url))}"
        hint = "Name the address of the server as the resource: strict clients want it to be equal."
        return CHECK.warned(f"{REFUSED}{named}", details, hint)
    return CHECK.passed("HTTP 401, with metadata that leads to a token endpoint", details)


def _is_silent(evidence: Evidence) -> bool:
    """Whether the authorization server was asked, and gave no answer that could be judged."""
    asked = [
        each
        for transcript in evidence.recording.of(Role.AUTHORIZATION)
        for each in transcript.exchanges
        if each.step is Step.SERVER_METADATA
    ]
    return bool(asked) and all(says_nothing(each, opened=False) for each in asked)


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
