"""Timelines of any kind for hypothesis: mostly possible ones, and some that no server brings."""

from hypothesis import strategies as st

from mcpverify.facts.contract import Digests
from mcpverify.facts.revision import Era
from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import (
    Aftermath,
    Connection,
    How,
    Leftover,
    ProcessEnd,
    Purpose,
    Request,
    RequestOutcome,
    ServerKind,
    Setting,
    Signal,
    Timeline,
)
from tests.rollout import timelines

_seconds = st.floats(-3.0, 40.0, allow_nan=False).map(lambda value: round(value, 3))
_texts = st.sampled_from(["", "x", "a line\nand another", "\x1b[2Jé", "{" * 300])
_transports = st.sampled_from([Transport.STREAMABLE_HTTP, Transport.SSE, Transport.STDIO])
_outcomes = st.sampled_from(list(RequestOutcome))
_digests = st.sampled_from([None, timelines.DIGESTS, timelines.OTHER_DIGESTS, Digests("", "", "")])


@st.composite
def requests(draw: st.DrawFn, *purposes: Purpose) -> Request:
    """One request; with a purpose or without one, sent or not, hit by the signal or not."""
    began = draw(_seconds)
    ended = began + draw(st.floats(0.0, 35.0))
    return Request(
        client=draw(st.sampled_from(["handshake 1", "stateless 2", "probe"])),
        purpose=draw(st.sampled_from(purposes or tuple(Purpose))),
        connection=draw(st.sampled_from(list(Connection))),
        era=draw(st.sampled_from([None, *Era])),
        transport=draw(_transports),
        method=draw(st.sampled_from(["tools/list", "tools/call brew", "initialize", "GET"])),
        began=began,
        sent=draw(st.none() | _seconds),
        first_byte=draw(st.none() | _seconds),
        ended=ended,
        outcome=draw(_outcomes),
        status=draw(st.sampled_from([None, 200, 202, 400, 404, 405, 500, 503])),
        media_type=draw(st.sampled_from(["", "application/json", "text/event-stream"])),
        received=draw(st.integers(0, 99)),
        retry_after=draw(st.none() | st.just(1.0)),
        event_id=draw(st.sampled_from(["", "7"])),
        detail=draw(_texts),
        excerpt=draw(_texts),
    )


_settings = st.builds(
    Setting,
    target=st.just(timelines.URL),
    how=st.sampled_from(list(How)),
    transport=_transports,
    eras=st.sampled_from([(), (Era.HANDSHAKE,), tuple(Era)]),
    grace=st.sampled_from([0.5, 10.0, 30.0]),
    signal=st.sampled_from(["SIGTERM", "SIGINT"]),
    twice=st.booleans(),
    pid1=st.booleans(),
    call=st.sampled_from([None, "brew"]),
    release=st.sampled_from([None, 1.0]),
    readiness=st.sampled_from([None, "http://x/readyz"]),
    liveness=st.sampled_from([None, "http://x/livez"]),
    p99=st.sampled_from([None, 4.2]),
)
_signals = st.lists(
    st.builds(
        Signal,
        st.sampled_from(["SIGTERM", "SIGINT", "SIGKILL", "stdin closed", "stop command"]),
        _seconds,
    ),
    max_size=3,
).map(tuple)
_ends = st.builds(
    ProcessEnd,
    ended=st.none() | st.floats(0.0, 40.0),
    exit_code=st.sampled_from([None, 0, 1, 143, -15, -2, 130, 137, -9]),
    killed=st.booleans(),
    observed=st.booleans(),
    leftovers=st.lists(
        st.builds(Leftover, st.sampled_from(["process", "port", "?"]), _texts, st.just(None)),
        max_size=12,
    ).map(tuple),
    stderr=st.lists(_texts, max_size=4).map(tuple),
)
_aftermaths = st.builds(
    Aftermath,
    restart=st.sampled_from(["", "the same command", "by itself"]),
    began=st.none() | _seconds,
    first_handshake=st.none() | requests(Purpose.FIRST_HANDSHAKE),
    problem=_texts,
    old_sessions=st.lists(requests(Purpose.OLD_SESSION), max_size=2).map(tuple),
    resumptions=st.lists(requests(Purpose.RESUMPTION), max_size=2).map(tuple),
    before=_digests,
    after=_digests,
    contract_problem=_texts,
)
_kinds = st.sampled_from([timelines.PYTHON, timelines.NODE, timelines.GO, ServerKind()])


def any_timelines() -> st.SearchStrategy[Timeline]:
    """Any timeline at all; half of those that a test sees are made of nothing but calls."""
    of = st.lists(requests() | requests(Purpose.CALL), max_size=12)
    return st.builds(
        Timeline,
        setting=_settings,
        server=_kinds,
        requests=of.map(lambda made: tuple(sorted(made, key=lambda each: each.began))),
        signals=_signals,
        end=_ends,
        aftermath=_aftermaths,
        siblings=st.sampled_from(["", "", "the address answered on"]),
        problem=st.sampled_from(["", "", "", "it was not\nready"]),
    )
