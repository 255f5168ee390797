"""All bad servers by name, and what the gate has to make of each.

NEVER_GREEN: the exit code and the check that is blamed. TOLERATED: the verdict is green. Both
lists are what tests/gate runs over; a server that is in neither is tested for itself.

What the codes follow: before a session is open, silence and refusals are no verdict (3), and
answers that are no MCP are wrong (1); a server that has opened a session and then fails, in
whatever way, has been seen to be wrong (1).
"""

import contextlib
import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from tests.servers import (
    answers_wrongly,
    beats_for_ever,
    breaks_at_close,
    compresses,
    cuts_answers,
    drips_body,
    drips_headers,
    fails_listing,
    frames_events,
    hangs,
    honest,
    honest_sse,
    is_no_mcp_server,
    lists_a_lot,
    lists_invalid_schemas,
    lists_malformed_tools,
    loses_sessions,
    mislabels_answers,
    misleads_sse_clients,
    negotiates_badly,
    pages_for_ever,
    puts_on_a_show,
    redirects,
    refers_to_itself,
    sends_bad_json,
    sends_compression_bomb,
    sends_dense_json,
    sends_endlessly,
    speaks_no_http,
    stdio,
    talks_inside_streams,
    uses_patterns,
)
from tests.servers.raw_http import RawServer

WRONG, NO_VERDICT = 1, 3

Serve = Callable[[], AbstractContextManager[RawServer | None]]


@dataclass(frozen=True)
class Case:
    """One server. `arguments` are those of `check` that lead to it, beside its URL."""

    name: str
    serve: Serve
    code: int = 0
    blames: str = ""
    arguments: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    timeout: str = "5s"

    def target(self, server: RawServer | None) -> tuple[str, ...]:
        if server is None:
            return (*self.arguments, "--", *self.command)
        return (server.url, *self.arguments)


_SSE = ("--transport", "sse")


def _bad(
    code: int,
    blames: str,
    name: str,
    serve: Callable[..., AbstractContextManager[RawServer]],
    /,
    *values: Any,
    arguments: tuple[str, ...] = (),
    **options: Any,
) -> Case:
    return Case(name, lambda: serve(*values, **options), code, blames, arguments)


def _good(
    name: str,
    serve: Callable[..., AbstractContextManager[RawServer]],
    /,
    *values: Any,
    arguments: tuple[str, ...] = (),
    **options: Any,
) -> Case:
    return Case(name, lambda: serve(*values, **options), arguments=arguments)


def _child(code: int, blames: str, name: str, *command: str) -> Case:
    argv = stdio.command(*command)
    return Case(f"stdio-{name}", contextlib.nullcontext, code, blames, command=argv)


def _waited_for(*cases: Case, timeout: str = "1s") -> tuple[Case, ...]:
    """Cases that end only when the step's time is over, which is therefore made short."""
    return tuple(dataclasses.replace(case, timeout=timeout) for case in cases)


LATER_LISTS = ("prompts/list", "resources/list", "resources/templates/list")
STATELESS = {"eras": ("stateless",)}


def _slug(text: str) -> str:
    return text.replace("/", "-")


HANGING = (
    _bad(NO_VERDICT, "reachable", "hangs-at-accept", hangs.serve, "accept"),
    _bad(NO_VERDICT, "reachable", "hangs-at-everything", hangs.serve, "*"),
    _bad(NO_VERDICT, "handshake", "hangs-at-initialize", hangs.serve, "initialize"),
    _bad(NO_VERDICT, "handshake", "hangs-after-headers", hangs.serve, "initialize", "headers"),
    _bad(NO_VERDICT, "handshake", "hangs-at-initialized", hangs.serve, "notifications/initialized"),
    _bad(WRONG, "tools-listed", "hangs-at-tools-list", hangs.serve, "tools/list"),
    _bad(WRONG, "tools-listed", "hangs-inside-tools-list", hangs.serve, "tools/list", "headers"),
    *(
        _bad(WRONG, "capabilities", f"hangs-at-{_slug(step)}", hangs.serve, step)
        for step in LATER_LISTS
    ),
    _bad(
        NO_VERDICT,
        "handshake",
        "stateless-hangs-at-discover",
        hangs.serve,
        "server/discover",
        **STATELESS,
    ),
    _bad(
        WRONG,
        "tools-listed",
        "stateless-hangs-at-tools-list",
        hangs.serve,
        "tools/list",
        **STATELESS,
    ),
    _bad(NO_VERDICT, "reachable", "drips-headers", drips_headers.serve),
    _bad(WRONG, "tools-listed", "drips-headers-of-tools", drips_headers.serve, "tools/list"),
    _bad(NO_VERDICT, "handshake", "drips-body", drips_body.serve, "initialize"),
    _bad(WRONG, "tools-listed", "drips-body-of-tools", drips_body.serve, "tools/list"),
    _bad(
        WRONG,
        "tools-listed",
        "drips-stream-of-tools",
        drips_body.serve,
        "tools/list",
        streams=True,
    ),
    *(
        _bad(WRONG, "tools-listed", f"beats-{kind}", beats_for_ever.serve, kind)
        for kind in beats_for_ever.BEATS
    ),
    _bad(NO_VERDICT, "handshake", "beats-at-initialize", beats_for_ever.serve, at="initialize"),
    _bad(WRONG, "tools-listed", "beats-fast", beats_for_ever.serve, every=0),
    _bad(WRONG, "tools-listed", "beats-fast-pings", beats_for_ever.serve, "pings", every=0),
)

ENDLESS = (
    *(
        _bad(WRONG, "tools-listed", f"endless-{what}", sends_endlessly.serve, what)
        for what in ("body", "stream-line", "events", "headers", "header")
    ),
    _bad(WRONG, "handshake", "endless-body-at-initialize", sends_endlessly.serve, at="initialize"),
    *(
        _bad(WRONG, "tools-listed", f"bomb-{name}", sends_compression_bomb.serve, encoding)
        for name, encoding in zip(
            ("gzip", "gzip-of-gzip", "deflate", "unknown-encoding"),
            sends_compression_bomb.ENCODINGS,
            strict=True,
        )
    ),
    _bad(WRONG, "handshake", "bomb-at-initialize", sends_compression_bomb.serve, at="initialize"),
    *(
        _bad(WRONG, "tools-listed", f"dense-{what}", sends_dense_json.serve, what)
        for what in sends_dense_json.VALUES
    ),
    *(
        _bad(WRONG, "pagination-terminates", f"pages-{kind}", pages_for_ever.serve, kind)
        for kind in ("loop", "same", "endless", "empty-pages")
    ),
    *(
        _bad(WRONG, "tools-listed", f"cursor-is-{kind}", pages_for_ever.serve, kind)
        for kind in ("number", "object")
    ),
)

BAD_ANSWERS = (
    *(
        _bad(WRONG, "tools-listed", f"json-{flaw}", sends_bad_json.serve, flaw)
        for flaw in sends_bad_json.FLAWS
    ),
    _bad(WRONG, "tools-listed", "json-nan-in-stream", sends_bad_json.serve, "nan", streams=True),
    _bad(WRONG, "handshake", "json-deep-at-initialize", sends_bad_json.serve, "deep", "initialize"),
    _bad(WRONG, "tools-listed", "json-two-lists-of-tools", sends_bad_json.serve_duplicate_tools),
    *(
        _bad(WRONG, "tools-listed", f"cuts-{how}", cuts_answers.serve, how)
        for how in (
            "body",
            "reset-in-body",
            "chunked-body",
            "half-json",
            "empty-body",
            "empty-accepted",
            "empty-stream",
            "stream-before-answer",
            "stream-inside-answer",
            "stream-before-blank-line",
            "headers",
            "everything",
        )
    ),
    *(
        _bad(WRONG, "tools-listed", f"answers-{kind}", answers_wrongly.serve, kind)
        for kind in answers_wrongly.KINDS
    ),
    *(
        _bad(WRONG, "handshake", f"opens-with-{kind}", answers_wrongly.serve, kind, "initialize")
        for kind in answers_wrongly.KINDS
    ),
    *(
        _bad(WRONG, "tools-listed", f"labels-{name}", mislabels_answers.serve, content_type)
        for name, content_type in (
            ("text", "text/plain"),
            ("html", "text/html"),
            ("nothing", None),
            ("nonsense", "\x01;;/"),
            ("stream", "text/event-stream"),
        )
    ),
)

REDIRECTING = (
    *(
        _bad(WRONG, "handshake", f"redirects-{kind}", redirects.serve, kind)
        for kind in redirects.KINDS
    ),
    _bad(WRONG, "tools-listed", "redirects-tools-away", redirects.serve, at="tools/list"),
)

CONTRACTS = (
    *(
        _bad(WRONG, "tool-names", f"tools-{kind}", lists_malformed_tools.serve, kind)
        for kind in (
            "not-objects",
            "null-tool",
            "nested-list",
            "without-name",
            "empty-name",
            "number-name",
            "null-name",
            "equal-names",
        )
    ),
    *(
        _bad(WRONG, "tools-listed", f"tools-{kind}", lists_malformed_tools.serve, kind)
        for kind in ("null", "object", "text", "empty", "no-key")
    ),
    *(
        _bad(WRONG, "tool-schemas-valid", f"schema-{kind}", lists_invalid_schemas.serve, kind)
        for kind in (*lists_invalid_schemas.INPUTS, "none", "output")
        if kind != "unknown-dialect"
    ),
    *(
        _bad(
            WRONG,
            "tool-schemas-valid",
            f"schema-remote-{keyword}",
            lists_invalid_schemas.serve_remote_ref,
            f"${keyword}",
        )
        for keyword in ("ref", "dynamicRef")
    ),
)

NEGOTIATING = (
    *(
        _bad(WRONG, "protocol-version", f"version-{version}", negotiates_badly.serve, version)
        for version in ("missing", *negotiates_badly.VERSIONS)
    ),
    *(
        _bad(WRONG, "handshake", f"discover-{kind}", negotiates_badly.serve_discover, kind)
        for kind in (
            *negotiates_badly.DISCOVERED,
            "without-supportedVersions",
            "without-capabilities",
        )
    ),
    *(
        _bad(WRONG, "handshake", f"initialize-{kind}", negotiates_badly.serve_initialize, kind)
        for kind in (
            "capabilities-is-list",
            "server-info-is-text",
            "without-capabilities",
            "without-serverInfo",
        )
    ),
)

SESSIONS = (
    _bad(WRONG, "tools-listed", "loses-session", loses_sessions.serve),
    _bad(WRONG, "tools-listed", "loses-session-400", loses_sessions.serve, status=400),
    _bad(
        WRONG,
        "handshake",
        "loses-session-at-once",
        loses_sessions.serve,
        "notifications/initialized",
    ),
    _bad(
        WRONG,
        "capabilities",
        "loses-session-after-tools",
        loses_sessions.serve,
        "prompts/list",
        prompts=[],
    ),
    _bad(WRONG, "session-lifecycle", "dies-of-delete", breaks_at_close.serve),
    _bad(WRONG, "tools-listed", "fails-tools-list", fails_listing.serve),
    _bad(WRONG, "tools-listed", "fails-tools-list-unknown", fails_listing.serve, code=-32601),
    _bad(WRONG, "tools-listed", "fails-tools-list-500", fails_listing.serve, status=500),
    *(
        _bad(WRONG, "capabilities", f"fails-{_slug(step)}", fails_listing.serve, step)
        for step in LATER_LISTS
    ),
)


STRANGERS = (
    _bad(WRONG, "handshake", "html-page", is_no_mcp_server.serve),
    _bad(WRONG, "handshake", "health-endpoint", is_no_mcp_server.serve_health),
    _bad(WRONG, "handshake", "echo", is_no_mcp_server.serve_echo),
    *(
        _bad(
            NO_VERDICT if status in (401, 403, 421, 429) or status >= 500 else WRONG,
            "handshake",
            f"status-{status}",
            is_no_mcp_server.serve,
            status,
            b"%d and so it goes" % status,
            "text/plain",
        )
        for status in (400, 401, 403, 404, 405, 406, 410, 418, 421, 429, 500, 502, 503, 504)
    ),
    _bad(
        WRONG,
        "handshake",
        "status-204",
        is_no_mcp_server.serve,
        204,
        b"",
        None,
    ),
    *(
        _bad(NO_VERDICT, "reachable", f"closes-at-{how}", speaks_no_http.serve_closing, how)
        for how in ("accept", "reset", "request")
    ),
    *(
        _bad(WRONG, "handshake", f"greets-{kind}", speaks_no_http.serve, kind)
        for kind in speaks_no_http.GREETINGS
    ),
    _bad(WRONG, "handshake", "greets-ssh-at-once", speaks_no_http.serve, "ssh", at_once=True),
    *_waited_for(
        _bad(NO_VERDICT, "reachable", "greets-and-stays", speaks_no_http.serve, stays=True),
    ),
)

OLD_TRANSPORT = (
    *_waited_for(
        *(
            _bad(
                NO_VERDICT,
                "handshake",
                f"sse-{how}",
                misleads_sse_clients.serve,
                how,
                arguments=_SSE,
            )
            for how in ("no-endpoint", "heartbeats-only", "no-answer", "wrong-id")
        )
    ),
    *(
        _bad(WRONG, "handshake", f"sse-{how}", misleads_sse_clients.serve, how, arguments=_SSE)
        for how in ("empty-endpoint", "ends-at-once", "ends-after-endpoint", "bad-json")
    ),
    _bad(WRONG, "handshake", "sse-elsewhere", misleads_sse_clients.serve_elsewhere, arguments=_SSE),
    _bad(
        WRONG,
        "handshake",
        "sse-to-file",
        misleads_sse_clients.serve_elsewhere,
        "file:///etc/passwd",
        arguments=_SSE,
    ),
    _bad(WRONG, "handshake", "sse-post-404", honest_sse.serve, status=404, arguments=_SSE),
    _bad(NO_VERDICT, "handshake", "sse-post-500", honest_sse.serve, status=500, arguments=_SSE),
)

CHILDREN = (
    _child(WRONG, "handshake", "exits-at-start", "exits"),
    _child(WRONG, "handshake", "killed-at-start", "exits", "start", "signal"),
    _child(WRONG, "handshake", "exits-at-start-with-0", "exits", "start", "0"),
    _child(WRONG, "handshake", "exits-at-initialize", "exits", "initialize"),
    _child(WRONG, "tools-listed", "exits-at-tools-list", "exits", "tools/list"),
    _child(WRONG, "handshake", "only-prints", "only_prints"),
    _child(WRONG, "handshake", "endless-line", "writes_endless_line"),
    _child(WRONG, "handshake", "closes-stdout", "closes_stdout"),
    *_waited_for(
        _child(NO_VERDICT, "reachable", "never-answers", "never_answers"),
        _child(NO_VERDICT, "reachable", "never-reads", "never_reads"),
        _child(WRONG, "tools-listed", "never-lists", "never_answers", "tools/list"),
        timeout="2s",
    ),
)

NEVER_GREEN: tuple[Case, ...] = (
    *_waited_for(*HANGING),
    *ENDLESS,
    *BAD_ANSWERS,
    *REDIRECTING,
    *CONTRACTS,
    *NEGOTIATING,
    *SESSIONS,
    *STRANGERS,
    *OLD_TRANSPORT,
    *CHILDREN,
    _bad(WRONG, "tools-listed", "shows-off-while-failing", puts_on_a_show.serve_failing),
    _bad(WRONG, "tools-listed", "shows-off-with-500", puts_on_a_show.serve_failing, status=500),
    _bad(WRONG, "tool-names", "shows-off-in-names", puts_on_a_show.serve_misnamed),
    _bad(
        WRONG,
        "handshake",
        "shows-off-in-a-page",
        is_no_mcp_server.serve,
        404,
        f"<html><title>{puts_on_a_show.EVERYTHING}</title></html>".encode(),
    ),
    _bad(
        NO_VERDICT,
        "handshake",
        "shows-off-in-a-challenge",
        is_no_mcp_server.serve,
        401,
        b"no",
        headers=(("WWW-Authenticate", puts_on_a_show.HEADER),),
    ),
)

TOLERATED: tuple[Case, ...] = (
    _good("honest", honest.serve),
    _good("honest-without-sessions", honest.serve, sessions=False),
    _good("honest-stateless", honest.serve, **STATELESS),
    _good("honest-both-eras", honest.serve, eras=("handshake", "stateless")),
    _good("honest-sse", honest_sse.serve, arguments=_SSE),
    _good("honest-sse-found", honest_sse.serve),
    _good("compresses", compresses.serve),
    *(
        _good(f"frames-{framing}", frames_events.serve, framing)
        for framing in frames_events.FRAMINGS
    ),
    *(
        _good(f"frames-stateless-{framing}", frames_events.serve, framing, **STATELESS)
        for framing in ("crlf", "priming")
    ),
    _good("talks-inside-streams", talks_inside_streams.serve),
    _good("talks-and-waits", talks_inside_streams.serve, waits=True),
    _good("empty-string-cursor", honest.serve, page_size=1, first_cursor=""),
    _good("hostile-cursor", honest.serve, page_size=1, first_cursor=puts_on_a_show.EVERYTHING),
    _good("redirects-307", redirects.serve_in_place),
    _good("redirects-308", redirects.serve_in_place, 308, absolute=True),
    *(_good(f"lists-a-lot-of-{what}", lists_a_lot.serve, what) for what in lists_a_lot.TOOLS),
    _good("lists-a-lot-in-pages", lists_a_lot.serve, "tools", page_size=100),
    _good("lists-a-lot-in-small-pages", lists_a_lot.serve, "tools", page_size=10),
    _good("lists-a-lot-in-streams", lists_a_lot.serve, "description", streams=True),
    *(_good(f"refers-{kind}", refers_to_itself.serve, kind) for kind in refers_to_itself.SCHEMAS),
    _good("patterns-of-ecma", uses_patterns.serve, "ecma"),
    _good("patterns-catastrophic", uses_patterns.serve, "catastrophic"),
    *(
        _good(f"shows-off-{number}", puts_on_a_show.serve, text)
        for number, text in enumerate(puts_on_a_show.TEXTS)
    ),
    _good("shows-off-everything", puts_on_a_show.serve),
    _good("shows-off-in-streams", puts_on_a_show.serve, streams=True),
    _good("shows-off-stateless", puts_on_a_show.serve, **STATELESS),
    *_waited_for(_good("hangs-at-delete", hangs.serve, "delete")),
    _good("hangs-at-get", hangs.serve, "get"),
    _good("serves-ended-sessions", breaks_at_close.serve_deaf),
    _child(0, "", "honest", "honest"),
    _child(0, "", "honest-strict", "honest", "strict"),
    _child(0, "", "honest-stateless", "honest", "eras=stateless"),
    _child(0, "", "asks-back", "honest", "requests"),
    _child(0, "", "prints-first", "prints_first"),
    _child(0, "", "floods-stderr", "floods_stderr"),
    _child(0, "", "floods-stderr-in-one-line", "floods_stderr", "one-line"),
    _child(0, "", "ends-lines-with-crlf", "ends_lines_with_crlf"),
)
