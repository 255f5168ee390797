"""What a transcript shows. `observe` is total: it never raises, whatever the server sent."""

from dataclasses import dataclass
from enum import StrEnum

from mcpverify.facts.json_text import Json
from mcpverify.facts.revision import Era
from mcpverify.facts.target import MAX_ITEMS, Transport
from mcpverify.facts.transcript import (
    Certificate,
    Exchange,
    FailureKind,
    ProcessEnd,
    Role,
    Step,
    Transcript,
)

# The lists a server may advertise: the key of their items in a result.
LISTS = {
    Step.TOOLS: "tools",
    Step.PROMPTS: "prompts",
    Step.RESOURCES: "resources",
    Step.TEMPLATES: "resourceTemplates",
}
# The capability that promises each list.
CAPABILITY_OF = {
    Step.TOOLS: "tools",
    Step.PROMPTS: "prompts",
    Step.RESOURCES: "resources",
    Step.TEMPLATES: "resources",
}
SESSION_HEADER = "Mcp-Session-Id"
_SERVER_INFO = "io.modelcontextprotocol/serverInfo"


@dataclass(frozen=True, slots=True)
class Page:
    """One well-formed page of a list. `next_cursor` None is the end; "" is a cursor."""

    items: tuple[Json, ...]
    next_cursor: str | None


def page_of(exchange: Exchange, key: str) -> Page | None:
    """The page that an exchange brought, or None where it brought none that is well-formed."""
    result = exchange.result
    if exchange.failure is not None or not isinstance(result, dict):
        return None
    items = result.get(key)
    cursor = result.get("nextCursor")
    if not isinstance(items, list) or not (cursor is None or isinstance(cursor, str)):
        return None
    return Page(tuple(items), cursor)


class ListState(StrEnum):
    """How far a list was seen. Only `complete` says what the server advertises."""

    COMPLETE = "complete"
    NOT_ASKED = "not-asked"
    FAILED = "failed"  # an exchange failed, or was answered by an error
    MALFORMED = "malformed"  # an answer without the array it must have
    LOOPED = "looped"  # a cursor came back a second time
    CUT = "cut"  # more pages or items than we hold


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of a server, all pages. `problem` says why it is not complete."""

    step: Step
    state: ListState
    items: tuple[Json, ...] = ()
    pages: int = 0
    problem: str = ""
    last: Exchange | None = None

    @property
    def complete(self) -> bool:
        return self.state is ListState.COMPLETE


@dataclass(frozen=True, slots=True)
class Observation:
    """What one session showed.

    `opening` is the initialize or discover (for HTTP+SSE the GET, where that failed);
    `opened` whether it began a session that can be used; `problem` why not.
    `result` is the opening's result, as sent; {} where there was none.
    """

    role: Role
    era: Era
    transport: Transport
    url: str
    opened: bool
    problem: str
    opening: Exchange | None
    initialized: Exchange | None
    result: dict[str, Json]
    revision: str | None
    server_name: str | None
    server_version: str | None
    session_id: str | None
    listings: tuple[Listing, ...]
    exchanges: tuple[Exchange, ...]
    certificate: Certificate | None
    process: ProcessEnd | None
    noise: tuple[str, ...]

    @property
    def tools(self) -> Listing:
        return self.listing(Step.TOOLS)

    @property
    def capabilities(self) -> dict[str, Json]:
        found = self.result.get("capabilities")
        return found if isinstance(found, dict) else {}

    def listing(self, step: Step) -> Listing:
        return next(listing for listing in self.listings if listing.step is step)

    def first(self, step: Step) -> Exchange | None:
        return next((each for each in self.exchanges if each.step is step), None)

    @property
    def peer(self) -> str | None:
        return next((each.peer for each in self.exchanges if each.peer), None)


def observe(transcript: Transcript) -> Observation:
    """What `transcript` shows."""
    exchanges = transcript.exchanges
    opening = next((e for e in exchanges if e.step in (Step.INITIALIZE, Step.DISCOVER)), None)
    initialized = next((e for e in exchanges if e.step is Step.INITIALIZED), None)
    result = opening.result if opening is not None and opening.failure is None else None
    result = result if isinstance(result, dict) else {}
    problem = _opening_problem(transcript, opening, initialized)
    info = _server_info(transcript.era, result)
    if opening is None and transcript.era is Era.STATELESS:
        # A sample is not opened: its lists say who the server is.
        results = (each.result for each in exchanges)
        told = (_server_info(transcript.era, each) for each in results if isinstance(each, dict))
        info = next(filter(None, told), {})
    return Observation(
        role=transcript.role,
        era=transcript.era,
        transport=transcript.transport,
        url=transcript.url,
        opened=not problem,
        problem=problem,
        opening=opening or next(iter(exchanges), None),
        initialized=initialized,
        result=result,
        revision=_revision(opening, result),
        server_name=_text(info.get("name")),
        server_version=_text(info.get("version")),
        session_id=opening.header(SESSION_HEADER) if opening else None,
        listings=tuple(_listing(step, exchanges) for step in LISTS),
        exchanges=exchanges,
        certificate=transcript.certificate,
        process=transcript.process,
        noise=transcript.noise,
    )


def problem_with(exchange: Exchange) -> str:
    """Why an exchange brought no result, in one sentence; "" where it brought one."""
    error = exchange.error
    if error is not None:
        told = ""
        if isinstance(error, dict):
            told = f"error {error.get('code')}: {error.get('message')}"
        if exchange.failure is not None:
            return f"{exchange.failure.detail}, {told}"
        return told or "an error that is no object"
    if exchange.failure is not None:
        return exchange.failure.detail
    if exchange.answer is None and _wants_answer(exchange):
        return "no answer"
    return ""


def _wants_answer(exchange: Exchange) -> bool:
    return isinstance(exchange.sent, dict) and "id" in exchange.sent


def _opening_problem(
    transcript: Transcript, opening: Exchange | None, initialized: Exchange | None
) -> str:
    if opening is None:
        stream = next(iter(transcript.exchanges), None)
        return problem_with(stream) if stream is not None else "nothing was sent"
    problem = problem_with(opening)
    if problem:
        return problem
    if not isinstance(opening.result, dict):
        return "the result is no object"
    if transcript.era is Era.STATELESS:
        supported = opening.result.get("supportedVersions")
        if not isinstance(supported, list):
            return "the result has no supportedVersions"
        asked = _asked_version(opening)
        return "" if asked in supported else f"supportedVersions does not hold {asked}"
    version = opening.result.get("protocolVersion")
    if not isinstance(version, str):
        return "the result has no protocolVersion that is a string"
    if initialized is None:
        return f"the server chose protocolVersion {version!r}, which no client knows"
    return problem_with(initialized)


def _asked_version(opening: Exchange) -> Json:
    sent = opening.sent if isinstance(opening.sent, dict) else {}
    params = sent.get("params")
    metadata = params.get("_meta") if isinstance(params, dict) else None
    if not isinstance(metadata, dict):
        return None
    return metadata.get("io.modelcontextprotocol/protocolVersion")


def _revision(opening: Exchange | None, result: dict[str, Json]) -> str | None:
    if opening is None:
        return None
    if opening.step is Step.DISCOVER:
        supported = result.get("supportedVersions")
        asked = _asked_version(opening)
        found = isinstance(supported, list) and asked in supported
        return asked if found and isinstance(asked, str) else None
    return _text(result.get("protocolVersion"))


def _server_info(era: Era, result: dict[str, Json]) -> dict[str, Json]:
    info = result.get("serverInfo")
    if era is Era.STATELESS:
        metadata = result.get("_meta")
        info = metadata.get(_SERVER_INFO) if isinstance(metadata, dict) else None
    return info if isinstance(info, dict) else {}


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _listing(step: Step, exchanges: tuple[Exchange, ...]) -> Listing:
    asked = [exchange for exchange in exchanges if exchange.step is step]
    if not asked:
        return Listing(step, ListState.NOT_ASKED, problem="it was not asked for")
    items: list[Json] = []
    seen: set[str] = set()
    page: Page | None = None
    for count, exchange in enumerate(asked, 1):
        page = page_of(exchange, LISTS[step])
        if page is None and step is Step.TEMPLATES and _is_unknown_method(exchange):
            # The resources capability does not promise templates: many servers have none.
            return Listing(step, ListState.COMPLETE, (), count, "", exchange)
        if page is None:
            return _broken_listing(step, exchange, count)
        items += page.items
        if len(items) > MAX_ITEMS:
            problem = f"it has more than {MAX_ITEMS:,} items"
            return Listing(step, ListState.CUT, (), count, problem, exchange)
        if page.next_cursor is not None and page.next_cursor in seen:
            problem = f"page {count} gives a cursor that was given before: it never ends"
            return Listing(step, ListState.LOOPED, (), count, problem, exchange)
        if page.next_cursor is not None:
            seen.add(page.next_cursor)
    if page is not None and page.next_cursor is not None:
        problem = f"it goes on after {len(asked):,} pages and {len(items):,} items"
        return Listing(step, ListState.CUT, (), len(asked), problem, asked[-1])
    return Listing(step, ListState.COMPLETE, tuple(items), len(asked), "", asked[-1])


def _is_unknown_method(exchange: Exchange) -> bool:
    error = exchange.error
    return isinstance(error, dict) and error.get("code") == -32601


def _broken_listing(step: Step, exchange: Exchange, page: int) -> Listing:
    where = f"page {page}: " if page > 1 else ""
    problem = problem_with(exchange)
    if problem:
        return Listing(step, ListState.FAILED, (), page, where + problem, exchange)
    result = exchange.result
    key = LISTS[step]
    if not isinstance(result, dict):
        problem = "the result is no object"
    elif key not in result:
        problem = f"the result has no {key}"
    elif not isinstance(result[key], list):
        problem = f"{key} is no array"
    else:
        problem = "nextCursor is no string"
    return Listing(step, ListState.MALFORMED, (), page, where + problem, exchange)


# Nothing was sent that a server could have answered.
NEVER_REACHED = frozenset(
    {
        FailureKind.DNS,
        FailureKind.REFUSED,
        FailureKind.UNREACHABLE,
        FailureKind.PROXY,
        FailureKind.TLS_UNTRUSTED,
        FailureKind.TLS,
    }
)
# What keeps a verdict from being reached, as opposed to what is wrong with the server.
UNANSWERED = NEVER_REACHED | {FailureKind.TIMEOUT, FailureKind.RESET}
