"""Does the server answer initialize, or server/discover, as the specification has it?

This is where an agent finds out that it talks to an MCP server at all. The result must be an
object with a protocolVersion (or supportedVersions), capabilities and a serverInfo, and the
notification `initialized` must be accepted, over HTTP with 202.

A plain web page, a health endpoint or HTTP 404 here means that the address is not the MCP
endpoint: the finding says what it is instead. HTTP 401, 403, 421, 429 and 5xx give no verdict
on the release (exit code 3).

To mend it: compare the path with the one your agents use; many servers use /mcp. Then look at
what stands before the server: a proxy, a login page, a list of allowed hosts. A server that
answers initialize wrongly is mended in its own code, or by another version of its SDK.
"""

from collections.abc import Iterator

from mcpverify.facts.appearance import appearance
from mcpverify.facts.authorization_metadata import short
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence, last_words, says_nothing
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.json_text import Json
from mcpverify.facts.observation import Observation
from mcpverify.facts.refusal import expiry_words, refusal_in
from mcpverify.facts.revision import Era
from mcpverify.facts.transcript import Exchange, FailureKind, Step

CHECK = Check(
    __name__,
    title="The server opens a session as the specification has it",
    stage=Stage.HANDSHAKE,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle",
    needs_lists=False,
)

NO_MCP = "this is no MCP server: "

_STATUS_HINTS = {
    401: "The server wants a credential: pass it with --bearer-env NAME or -H. If one was sent, it "
    "was refused: has it expired, or is it for another environment?",
    403: "The credential lacks a right, or the server refuses this Host or Origin.",
    404: "Is this the path of the MCP endpoint? Many servers use /mcp.",
    405: "Is this the path of the MCP endpoint? Many servers use /mcp.",
    406: "Something on the way changes the Accept header.",
    421: "The server's Host allow-list lacks this name: add it there.",
    429: "The server limits requests: try later; `check --wait 2m` does.",
}


def judge(evidence: Evidence) -> Finding:
    primary = evidence.primary
    opening = primary.opening
    if opening is None:
        return CHECK.not_observed("nothing was sent")
    if not primary.opened:
        return _unopened(evidence, _telling(primary, opening))
    must = list(_broken_musts(primary))
    if must:
        return CHECK.failed(must[0], [Detail(text) for text in must[1:]])
    should = list(_broken_shoulds(primary))
    spoken = f"{opening.step.value} gave {primary.revision}"
    if should:
        return CHECK.warned(f"{spoken}, but {should[0]}", [Detail(text) for text in should[1:]])
    return CHECK.passed(spoken + _about_token(evidence))


def _telling(primary: Observation, opening: Exchange) -> Exchange:
    """The exchange that kept the session from opening."""
    initialized = primary.initialized
    return opening if opening.failure is not None or initialized is None else initialized


def _about_token(evidence: Evidence) -> str:
    known = evidence.recording.authorization
    if known is None:
        return ""
    if known.problem:
        return f"; no token was sent: {short(known.problem, 200)}"
    return "" if known.expires is None else f"; {expiry_words(known.expires, evidence.now)}"


def _unopened(evidence: Evidence, exchange: Exchange) -> Finding:
    primary = evidence.primary
    hint = _STATUS_HINTS.get(exchange.status or 0, "")
    refusal = refusal_in(evidence, exchange)
    details = last_words(primary)
    problem = primary.problem
    session_id = primary.session_id
    if session_id is not None and not _is_visible_ascii(session_id):
        problem = f"{_ODD_SESSION_ID}; {problem}"
    failure = exchange.failure
    if failure is not None and failure.kind is FailureKind.PROCESS_EXITED:
        hint = "Start the command by itself, with the variables and in the folder that it has here."
        said = [each.text.strip() for each in details if each.text.strip()]
        # Whole: half of a line may be half of a credential, which nobody would know again.
        problem += f", and its last words are: {said[-1]}" if said else ""
    if refusal is not None:
        problem, hint = f"HTTP {exchange.status}: {refusal.reason}", refusal.hint
        details += refusal.details
    if failure is not None and exchange.status is not None:
        problem = problem if refusal is not None else f"{exchange.step.value}: {problem}"
        challenge = exchange.header("www-authenticate")
        if _is_foreign(exchange) and (refusal is None or challenge is None):
            problem += f"; it is {appearance(exchange)}"
        if challenge is not None:
            details.append(Detail(challenge, subject="WWW-Authenticate"))
        if failure.retry_after is not None:
            details.append(Detail(f"{failure.retry_after:g} s", subject="Retry-After"))
    if says_nothing(exchange, opened=False):
        finding = CHECK.not_observed(problem, hint)
    else:
        if _is_foreign(exchange) or _is_no_http(exchange):
            problem = f"{NO_MCP}{problem}"
        finding = CHECK.failed(problem, hint=hint)
    return finding if not details else _with(finding, details)


_ODD_SESSION_ID = "the session id has characters other than visible ASCII"
_FOREIGN = {FailureKind.HTTP_STATUS, FailureKind.CONTENT_TYPE, FailureKind.BAD_JSON}


def _is_foreign(exchange: Exchange) -> bool:
    """Whether what came back has nothing of JSON-RPC: another kind of server answered."""
    failure = exchange.failure
    if failure is None or exchange.error is not None or exchange.status is None:
        return False
    if exchange.step is Step.INITIALIZED:
        return False  # the initialize before it was answered as it should be
    if failure.kind is FailureKind.BAD_MESSAGE:
        return b'"jsonrpc"' not in exchange.body
    return failure.kind in _FOREIGN


def _is_no_http(exchange: Exchange) -> bool:
    failure = exchange.failure
    return failure is not None and failure.kind is FailureKind.BAD_HTTP


def _with(finding: Finding, details: list[Detail]) -> Finding:
    from dataclasses import replace

    return replace(finding, details=tuple(details))


def _broken_musts(primary: Observation) -> Iterator[str]:
    result = primary.result
    if not isinstance(result.get("capabilities"), dict):
        yield "the result has no capabilities object"
    if primary.era is Era.STATELESS:
        versions = result.get("supportedVersions")
        if isinstance(versions, list) and not all(isinstance(each, str) for each in versions):
            yield "supportedVersions holds something other than strings"
        return
    info = result.get("serverInfo")
    if not isinstance(info, dict):
        yield "the result has no serverInfo object"
    else:
        yield from (
            f"serverInfo has no {key} that is a string"
            for key in ("name", "version")
            if not isinstance(info.get(key), str)
        )
    session_id = primary.session_id
    if session_id is not None and not _is_visible_ascii(session_id):
        yield _ODD_SESSION_ID


def _broken_shoulds(primary: Observation) -> Iterator[str]:
    initialized = primary.initialized
    if initialized is not None and initialized.status not in (None, 202):
        yield f"the notification initialized was answered with HTTP {initialized.status}, not 202"
    if primary.era is Era.STATELESS:
        yield from _uncacheable(primary.result)
    if primary.noise:
        yield "its standard output carries lines that are no messages"


def _uncacheable(result: dict[str, Json]) -> Iterator[str]:
    if not isinstance(result.get("resultType"), str):
        yield "the result has no resultType"
    ttl = result.get("ttlMs")
    if isinstance(ttl, bool) or not isinstance(ttl, int | float) or ttl < 0:
        yield "the result has no ttlMs of 0 or more"
    if not isinstance(result.get("cacheScope"), str):
        yield "the result has no cacheScope"


def _is_visible_ascii(text: str) -> bool:
    return bool(text) and all("!" <= character <= "~" for character in text)
