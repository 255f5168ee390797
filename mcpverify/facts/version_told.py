"""Which release a session's server said it is, by the source that was named for it.

Total like `facts.observation`: whatever the server sent is a version, or a reason why there is
none.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

from mcpverify.facts.evidence import says_nothing
from mcpverify.facts.json_text import Json, NotJson, canonical_text, parse, value_at
from mcpverify.facts.observation import Observation, problem_with
from mcpverify.facts.recorded_address import is_recorded
from mcpverify.facts.transcript import Exchange, Step
from mcpverify.facts.version_source import VersionKind, VersionSource

_LONGEST: Final = 200  # characters: what is longer is a page and no version
_SHOWN: Final = 80
# The answers of a session to what any client asks. Pings on other connections are not of them.
_OF_SESSION: Final = {
    Step.DISCOVER, Step.INITIALIZE, Step.INITIALIZED, Step.TOOLS, Step.PROMPTS, Step.RESOURCES,
    Step.TEMPLATES, Step.OPEN_STREAM, Step.CALL,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class VersionTold:
    """`version`, or None where it is unknown; then `problem` goes on from the source's name.

    `unanswered`: nothing was said, for which no release can be blamed.
    """

    version: str | None
    problem: str = ""
    unanswered: bool = False

    @property
    def shown(self) -> str:
        """What follows the name of the source: `is '2.4.1'`, `is missing`."""
        return self.problem if self.version is None else f"is {self.version!r}"


def version_of(source: VersionSource | None, session: Observation) -> VersionTold:
    """What a session said first; None stands for serverInfo."""
    return versions_of(source, session)[0]


def versions_of(source: VersionSource | None, session: Observation) -> tuple[VersionTold, ...]:
    """All different things that a session said: headers may differ from answer to answer."""
    if source is None:
        return (_told(session.server_version),)
    match source.kind:
        case VersionKind.HEADER:
            return _of_headers(source.name, session)
        case VersionKind.HEALTH:
            return (_of_body(source, session),)
        case VersionKind.TOOL:
            return (_of_call(source, session),)


def version_of_listing(source: VersionSource | None, session: Observation) -> VersionTold:
    """What was said with the list of tools, where each answer says it; else by the session."""
    last = session.tools.last
    if source is not None and source.kind is VersionKind.HEADER and last is not None:
        return _told(last.header(source.name))
    return version_of(source, session)


def shown_version(source: VersionSource | None, session: Observation) -> str | None:
    """The version for people: of the source, and of serverInfo where that differs."""
    said = session.server_version
    version = version_of(source, session).version
    if source is None or version is None or version == said:
        return version or said
    return version if said is None else f"{version} (serverInfo says {said})"


def _told(text: str | None) -> VersionTold:
    if text is None:
        return VersionTold(None, "is missing")
    version = text.strip()
    if not version:
        return VersionTold(None, "is empty")
    if len(version) > _LONGEST:
        return VersionTold(None, f"is {len(version):,} characters long, which is no version")
    return VersionTold(version)


def _unknown(why: str, *, unanswered: bool = False) -> VersionTold:
    short = why if len(why) <= _SHOWN else f"{why[: _SHOWN - 1]}…"
    return VersionTold(None, f"is unknown: {short}", unanswered)


def _of_headers(name: str, session: Observation) -> tuple[VersionTold, ...]:
    answers = [each for each in session.exchanges if each.step in _OF_SESSION]
    found = [value for each in answers if (value := each.header(name)) is not None]
    if found:
        return tuple(dict.fromkeys(map(_told, found)))
    if any(each.headers for each in answers):
        return (_told(None),)
    return (_unknown("no answer had headers", unanswered=True),)


def _of_body(source: VersionSource, session: Observation) -> VersionTold:
    exchange, pointer = session.first(Step.VERSION), source.pointer
    if exchange is None or not _is_at(source.name, exchange, session):
        return _unknown("it was not asked for", unanswered=True)
    if exchange.failure is not None:
        silent = says_nothing(exchange, opened=False)
        return _unknown(exchange.failure.detail, unanswered=silent)
    try:
        text = exchange.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _unknown("the body is no UTF-8 text")
    if pointer:
        return _of_json(text, pointer, "the body")
    return _told(text)


def _is_at(name: str, exchange: Exchange, session: Observation) -> bool:
    """Whether that is where was asked: a replica at its own address, and by another host."""
    wanted = urljoin(session.url, name) if name.startswith("/") else name
    place = urlsplit(exchange.url)
    moved = urlsplit(wanted)._replace(scheme=place.scheme, netloc=place.netloc)
    return is_recorded((moved._replace(path=moved.path or "/", fragment="")).geturl(), exchange.url)


def _of_call(source: VersionSource, session: Observation) -> VersionTold:
    exchange = session.first(Step.VERSION)
    if exchange is None:
        if session.tools.complete:
            return VersionTold(None, "is not listed")
        return _unknown(f"tools/list: {session.tools.problem}", unanswered=True)
    if _called(exchange) != source.name:
        return _unknown("it was not called", unanswered=True)
    problem = problem_with(exchange)
    if problem:
        return _unknown(problem, unanswered=says_nothing(exchange, opened=True))
    result = exchange.result
    if not isinstance(result, dict):
        return _unknown("the result is no object")
    if result.get("resultType") == "input_required":
        return _unknown("the tool asks for input")
    text = _text_in(result)
    if result.get("isError"):
        return _unknown(f"the call failed: {text}" if text else "the call failed")
    if source.pointer and isinstance(result.get("structuredContent"), dict):
        spelled = _spelled_result(exchange)
        return _at(source.pointer, spelled.get("structuredContent"), "structuredContent")
    if text is None:
        return _unknown("the result holds no text")
    return _of_json(text, source.pointer, "the text") if source.pointer else _told(text)


def _called(exchange: Exchange) -> Json:
    params = exchange.sent.get("params") if isinstance(exchange.sent, dict) else None
    return params.get("name") if isinstance(params, dict) else None


def _text_in(result: dict[str, Json]) -> str | None:
    """The first text of a tool's content."""
    content = result.get("content")
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict) and block.get("type") == "text":
            text = block.get("text")
            return text if isinstance(text, str) else None
    return None


class _Number(str):
    """A number of JSON as it was written: 2.10 is not 2.1 where it is a version."""


def _of_json(text: str, pointer: str, what: str) -> VersionTold:
    try:
        return _at(pointer, _spelled(text), what)
    except NotJson as error:
        return _unknown(f"{what} is no JSON: {_inner(str(error))}")


def _spelled(text: str | bytes) -> Json:
    """The value of a JSON text, its numbers as they were written. Raises NotJson."""
    value = parse(text)
    try:
        spelled: Json = json.loads(text, parse_int=_Number, parse_float=_Number)
    except (ValueError, RecursionError):
        return value
    return spelled


def _spelled_result(exchange: Exchange) -> dict[str, Json]:
    """The result in the body of an answer, whatever framed it; else as it was parsed."""
    for text in _messages(exchange.body):
        try:
            message = _spelled(text)
        except NotJson:
            continue
        result = message.get("result") if isinstance(message, dict) else None
        if isinstance(result, dict) and "structuredContent" in result:
            return result
    return exchange.result if isinstance(exchange.result, dict) else {}


def _messages(body: bytes) -> Iterator[bytes]:
    yield body
    for line in body.splitlines():
        yield line.removeprefix(b"data:")


def _at(pointer: str, document: Json, what: str) -> VersionTold:
    there, value = value_at(document, pointer)
    if not there:
        return _unknown(f"{what} has no {pointer}")
    match value:
        case str():
            return _told(str(value))
        case bool() | None:
            return _unknown(f"{pointer} of {what} is {canonical_text(value)}")
        case int() | float():
            return _told(canonical_text(value))
        case _:
            kind = "an object" if isinstance(value, dict) else "an array"
            return _unknown(f"{pointer} of {what} is {kind}")


def _inner(sentence: str) -> str:
    """A sentence as part of another one."""
    return sentence[:1].lower() + sentence[1:].rstrip(".")
