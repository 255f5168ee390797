"""Why a server does not let us in, in the words that every report uses: headline, finding, hint.

Facts in, sentences out: the status of the refusal, and what is known of our token and of the
server's metadata. A token is never among them; when it expires is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from mcpverify.facts.authorization import Authorization, Scheme
from mcpverify.facts.authorization_metadata import Fit, fit_of, short, shown
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Detail
from mcpverify.facts.origin import origin_of
from mcpverify.facts.transcript import Exchange

REFUSALS = (401, 403)
_LONG = 200  # characters of a sentence on what went wrong elsewhere
_MANY = 6


@dataclass(frozen=True, slots=True)
class Refusal:
    """`reason` is half a sentence, to follow "HTTP 403: "; `hint` says what to do next."""

    reason: str
    details: tuple[Detail, ...]
    hint: str


def refusal_of(status: int, known: Authorization, url: str, now: float) -> Refusal:
    """Why the server at `url` answered 401 or 403. `now` is seconds since the epoch."""
    reason, hint = _reason(status, known, url, now)
    return Refusal(reason, tuple(_details(known, now)), hint)


def refusal_in(evidence: Evidence, exchange: Exchange) -> Refusal | None:
    """Why an exchange with the judged server was refused, None where it was not."""
    known, status = evidence.recording.authorization, exchange.status
    if known is None or status is None or status not in REFUSALS:
        return None
    return refusal_of(status, known, evidence.primary.url, evidence.now)


def expiry_words(expires: float, now: float) -> str:
    """`the token expired 3 h ago, at 2026-11-21T09:00:00Z`, or when it will."""
    at = moment_text(expires)
    if expires <= now:
        return f"the token expired {_span(now - expires)} ago, at {at}"
    return f"the token expires in {_span(expires - now)}, at {at}"


def moment_text(moment: float) -> str:
    """A time in UTC, to the second."""
    return datetime.fromtimestamp(int(moment), UTC).isoformat().replace("+00:00", "Z")


def missing_scopes(known: Authorization) -> tuple[str, ...]:
    """The scopes that a refusal named and our token says that it lacks."""
    held, wanted = known.scopes_held, known.scopes_wanted
    if not wanted and "insufficient_scope" in known.error:
        wanted = known.scopes_offered  # the least that is needed, by the specification
    return () if held is None else tuple(each for each in wanted if each not in held)


def _reason(status: int, known: Authorization, url: str, now: float) -> tuple[str, str]:
    if known.problem:
        return f"no token: {short(known.problem, _LONG)}", _hint_for_no_token(known)
    if known.scheme is Scheme.NONE:
        wanted = f"; {_wanted(known)}" if known.scopes_wanted else ""
        # Who answers 403 and says nothing of tokens may mean something else.
        says_why = status == 401 or known.scopes_wanted or known.resource_metadata is not None
        return f"no token was sent{wanted}", _hint_for_none(known) if says_why else _HINT_FORBIDDEN
    if known.expires is not None and known.expires <= now:
        return expiry_words(known.expires, now), _hint_for_expired(known)
    # A token of another server gets 401, whatever its scopes; who is asked for scopes is known.
    blames = (
        (_scopes_reason, _audience_reason) if status == 403 else (_audience_reason, _scopes_reason)
    )
    for blame in blames:
        if found := blame(known, url):
            return found
    if known.error:
        return f"the server says {short(known.error)}", _HINT_REFUSED
    return "the token was refused", _HINT_FORBIDDEN if status == 403 else _HINT_REFUSED


def _scopes_reason(known: Authorization, url: str) -> tuple[str, str] | None:
    missing = missing_scopes(known)
    if missing:
        has = _named(known.scopes_held or ())
        are = "is" if len(missing) == 1 else "are"
        reason = f"{_counted(missing)} {are} missing; the token has {has or 'none'}"
        return reason, _hint_for_scope(known, missing)
    if known.scopes_wanted and "insufficient_scope" in known.error:
        return _wanted(known), _hint_for_scope(known, known.scopes_wanted)
    return None


def _audience_reason(known: Authorization, url: str) -> tuple[str, str] | None:
    elsewhere = _other_audience(known, url)
    if not elsewhere:
        return None
    mine = shown(known.resource or url)
    hint = f"Get a token for {mine}: it is the `resource` of the token request."
    return f"the token is for {elsewhere}, not for {mine}", hint


def _other_audience(known: Authorization, url: str) -> str:
    """Whom the token is for, where that is an address, and another one than ours."""
    if not known.audience or known.resource in known.audience:
        return ""
    if any(
        origin_of(each) is None or fit_of(each, url) is not Fit.OTHER for each in known.audience
    ):
        return ""  # what is no address may be any name of the same server
    return short(", ".join(map(shown, known.audience)))


_HINT_REFUSED = (
    "Is the token for this server and this environment, and of its authorization server? "
    "--oauth-client-id gets one that is."
)
_HINT_FORBIDDEN = (
    "The credential lacks a right, or the server refuses this Host or Origin: its log says which."
)


def _hint_for_no_token(known: Authorization) -> str:
    if known.scheme is Scheme.FILE:
        return "What keeps the file of --bearer-file fresh? It is read anew for each attempt."
    return "Look at the client in the authorization server: its id, its secret or key, its scopes."


def _hint_for_none(known: Authorization) -> str:
    issuer = known.authorization_servers[0] if known.authorization_servers else ""
    named = shown(issuer) if issuer else "URL"
    return (
        "Pass a token with --bearer-env NAME or --bearer-file FILE, or get one with "
        f"--oauth-client-id ID --oauth-issuer {named} --oauth-secret-env NAME."
    )


def _hint_for_expired(known: Authorization) -> str:
    if known.scheme is Scheme.FILE:
        return "What keeps the file of --bearer-file fresh has stopped."
    return "Get a fresh one; --bearer-file reads it anew, --oauth-client-id asks for it each time."


def _hint_for_scope(known: Authorization, scopes: tuple[str, ...]) -> str:
    named = _named(scopes)
    if known.scheme is Scheme.CLIENT_CREDENTIALS:
        flags = " ".join(f"--oauth-scope {each}" for each in scopes[:_MANY])
        return f"Allow the client {named} at the authorization server, and ask for it: {flags}"
    return f"Get a token that has {named}, too."


def _details(known: Authorization, now: float) -> Iterator[Detail]:
    if known.resource_metadata is not None:
        yield Detail(shown(known.resource_metadata), subject="resource metadata")
    if known.metadata_problem:
        yield Detail(short(known.metadata_problem, _LONG), subject="metadata")
    for issuer in known.authorization_servers[:_MANY]:
        yield Detail(shown(issuer), subject="authorization server")
    if known.server_metadata is not None:
        yield Detail(shown(known.server_metadata), subject="its metadata")
    if known.scopes_wanted:
        yield Detail(_named(known.scopes_wanted), subject="scopes wanted")
    elif known.scopes_offered:
        yield Detail(_named(known.scopes_offered), subject="scopes offered")
    if known.scopes_held is not None:
        yield Detail(_named(known.scopes_held) or "none", subject="scopes of the token")
    if known.expires is not None:
        yield Detail(expiry_words(known.expires, now), subject="token")


def _wanted(known: Authorization) -> str:
    return (
        f"{_counted(known.scopes_wanted)} {'is' if len(known.scopes_wanted) == 1 else 'are'} wanted"
    )


def _counted(scopes: tuple[str, ...]) -> str:
    return f"scope{'' if len(scopes) == 1 else 's'} {_named(scopes)}"


def _named(scopes: tuple[str, ...]) -> str:
    more = f" and {len(scopes) - _MANY} more" if len(scopes) > _MANY else ""
    return " ".join(short(each, 60) for each in scopes[:_MANY]) + more


def _span(seconds: float) -> str:
    """A time span for people: one unit, rounded down."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size):,} {unit}"
    return f"{int(seconds)} s"
