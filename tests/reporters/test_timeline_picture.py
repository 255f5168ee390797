"""The picture of a trial: what each row shows, and where in time it stands."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpverify.facts.revision import Era
from mcpverify.facts.timeline import (
    Connection,
    ProcessEnd,
    Purpose,
    RequestOutcome,
    Signal,
    Timeline,
)
from mcpverify.reporters.layout import width_of
from mcpverify.reporters.presentation import Presentation
from mcpverify.reporters.timeline_picture import picture_lines
from mcpverify.reporters.timeline_rows import rows_of
from tests.rollout import timelines
from tests.rollout.timelines import a_call, a_request, trial

ALL = timelines.all_timelines()


def picture(timeline: Timeline, width: int = 80) -> list[str]:
    return list(picture_lines(timeline, Presentation(0, width)))


def row(timeline: Timeline, label: str, width: int = 80) -> str:
    """What of a row comes after its label."""
    (found,) = (line for line in picture(timeline, width) if line.startswith(f"{label} "))
    return found.removeprefix(label).lstrip()


def cells(timeline: Timeline, label: str, width: int = 80) -> str:
    """The cells from the signal on."""
    return row(timeline, label, width).split("|")[1]


def only(*requests: Any, **changes: Any) -> Timeline:
    """A trial of these requests and no others."""
    bare: dict[str, Any] = {"loop": [], "probed": False, "ready": None, "live": None}
    return trial(requests, **(bare | changes))


def test_a_lost_call_was_in_flight_before_the_signal_and_until_it_was_lost() -> None:
    shown = row(timelines.lossy_with_a_slow_tool(), "handshake 1 kept")
    assert re.fullmatch(r"===\|=+x +\| no reply 0\.45 s", shown)


def test_an_answered_call_ends_where_its_answer_came() -> None:
    made = only(a_call(ended=1.5), ended=3.0)
    shown = cells(made, "handshake 1 kept")
    assert set(shown[: shown.index("+")]) == {"="}
    assert abs(shown.index("+") / len(shown) - 0.5) < 0.05


def test_what_came_first_stands_further_left() -> None:
    made = timelines.lossy_with_a_slow_tool()
    lost, answered = cells(made, "handshake 1 kept"), cells(made, "stateless 1 kept")
    assert lost.index("x") < answered.index("+")


@pytest.mark.parametrize(
    ("outcome", "cell", "meaning"),
    [
        (RequestOutcome.OK, "+", "answered"),
        (RequestOutcome.JSONRPC_ERROR, "!", "error"),
        (RequestOutcome.HTTP_503, "5", "HTTP 503"),
        (RequestOutcome.HTTP_5XX, "!", "error"),
        (RequestOutcome.HTTP_4XX, "!", "error"),
        (RequestOutcome.REFUSED, ".", "refused"),
        (RequestOutcome.RESET, "x", "cut or lost"),
        (RequestOutcome.TRUNCATED, "x", "cut or lost"),
        (RequestOutcome.ENDED_WITHOUT_REPLY, "x", "cut or lost"),
        (RequestOutcome.TIMEOUT, "x", "cut or lost"),
        (RequestOutcome.BAD_ANSWER, "!", "error"),
    ],
)
def test_each_outcome_has_a_cell_and_the_legend_names_no_other(
    outcome: RequestOutcome, cell: str, meaning: str
) -> None:
    lines = picture(only(a_call(outcome=outcome)))
    assert cell in lines[-2]
    assert lines[-1].strip() == f"= in flight  {cell} {meaning}"


def test_a_probe_s_cell_shows_the_worst_of_its_interval() -> None:
    asked = {"purpose": Purpose.READINESS, "connection": Connection.FRESH, "method": "GET"}
    polls = [
        a_request("readiness", began=0.52 + number / 1000, took=0.0005, outcome=outcome, **asked)
        for number, outcome in enumerate(
            (RequestOutcome.OK, RequestOutcome.RESET, RequestOutcome.HTTP_503, RequestOutcome.OK)
        )
    ]
    shown = cells(only(a_call(), *polls), "readiness")
    assert shown.strip() == "x"


def test_what_a_poll_finds_holds_until_the_next_one() -> None:
    for width in (80, 100):
        shown = cells(timelines.abrupt(ended=1.0, new=((0.5, RequestOutcome.HTTP_503),)),
                      "initialize fresh", width)  # fmt: skip
        assert re.fullmatch(r"5+\.+ {0,2}", shown), shown


def test_an_end_at_once_fills_the_width() -> None:
    shown = cells(timelines.abrupt(), "handshake 1 kept")
    assert shown.rstrip().endswith("x")
    assert len(shown.rstrip()) > len(shown) * 0.9


def test_a_long_hang_leaves_room_for_its_first_seconds() -> None:
    made = timelines.hung()
    answered = cells(made, "handshake 1 kept")
    assert len(answered) / 8 < answered.index("+") < len(answered) / 3
    assert picture(made)[-1].strip() == "(seconds grow narrower to the right)"
    assert re.search(r"\b0 +1 +2 +5 +10 +20\b", picture(made)[1])
    assert "narrower" not in picture(timelines.graceful())[-1]


def test_the_axis_has_seconds_and_marks_above() -> None:
    marks, axis, *_ = picture(timelines.graceful())
    assert marks.split() == ["SIGTERM", "exit", "0"]
    assert axis.split() == ["seconds", "0", "0.5", "1.0", "1.5", "2.0", "2.5", "|"]
    assert marks.index("SIGTERM") == axis.index("0")


def test_a_second_signal_is_marked_where_it_came() -> None:
    lines = picture(timelines.second_signal_ignored())
    assert re.search(r"SIGTERM +SIGTERM again +exit 0", lines[0])
    column = lines[0].index("SIGTERM again")
    assert lines[1][column] == "|"
    stream = next(line for line in lines if line.startswith("GET stream"))
    assert stream[column] == ":"


def test_marks_that_would_cover_each_other_stand_on_two_lines() -> None:
    first, second, axis, *_ = picture(timelines.second_signal_forces())
    assert first.split() == ["exit", "1"]
    assert second.split() == ["SIGTERM", "SIGTERM", "again"]
    assert axis.endswith("||")


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (ProcessEnd(3.0, 0), "exit 0"),
        (ProcessEnd(3.0, -15), "exit -15"),
        (ProcessEnd(3.0, None), "ended"),
        (ProcessEnd(30.0, -9, killed=True), "killed"),
    ],
)
def test_the_end_is_marked_with_how_it_came(end: ProcessEnd, told: str) -> None:
    assert picture(only(a_call(), end=end))[0].endswith(told)


def test_an_end_that_was_not_seen_has_no_mark() -> None:
    lines = picture(timelines.end_unseen())
    assert lines[0].strip() == "stop command"
    assert "|" not in lines[1]


def test_our_own_kill_is_marked_once() -> None:
    signals = (Signal("SIGTERM", 0.0), Signal("SIGKILL", 30.01))
    assert picture(timelines.hung(signals=signals))[0].split() == ["SIGTERM", "killed"]


def test_a_call_that_was_lost_stands_above_those_that_were_answered() -> None:
    labels = [each.label for each in rows_of(timelines.second_signal_forces())]
    assert labels[:4] == [
        "stateless 1 kept",
        "stateless 2 fresh",
        "handshake 1 kept",
        "handshake 2 fresh",
    ]


def test_hundreds_of_sessions_are_told_by_their_kind_the_lost_ones_first() -> None:
    rows = rows_of(timelines.many_sessions())
    assert [(each.label, each.note) for each in rows[:4]] == [
        ("handshake kept x6", "no reply 1.02 s"),
        ("handshake fresh x6", "no reply 1.02 s"),
        ("handshake kept x94", "ok 1.02 s"),
        ("handshake fresh x94", "ok 1.02 s"),
    ]
    assert "handshake loop x200" in [each.label for each in rows]


@pytest.mark.parametrize("count", [2, 8, 20])
def test_there_are_never_many_rows(count: int) -> None:
    calls = [a_call(f"handshake {number}") for number in range(count)]
    rows = rows_of(timelines.graceful(calls=calls))
    assert len(rows) <= 14
    assert sum(len(each.requests) for each in rows[: count + 1]) >= count


def test_a_row_of_several_says_from_when_to_when_they_ended() -> None:
    calls = [a_call(f"handshake {n}", ended=1 + n / 100) for n in range(40)]
    (first, *_) = rows_of(only(*calls))
    assert (first.label, first.note) == ("handshake kept x40", "ok 1.00-1.39 s")


def test_all_kinds_of_all_outcomes_still_fit() -> None:
    calls = [
        a_call(f"{era} {number}", era, connection, outcome=outcome)
        for era in Era
        for connection in (Connection.FRESH, Connection.KEPT)
        for number, outcome in enumerate([*RequestOutcome] * 3)
    ]
    rows = rows_of(timelines.graceful(calls=calls))
    assert sum(len(each.requests) for each in rows) == len(timelines.graceful(calls=calls).requests)
    assert "calls x12" in [each.label for each in rows]
    assert len(rows) <= len(RequestOutcome) + 6


@pytest.mark.parametrize("name", ALL)
def test_no_request_of_a_trial_is_left_out_of_its_rows(name: str) -> None:
    rows = rows_of(ALL[name])
    assert sum(len(each.requests) for each in rows) == len(ALL[name].requests)
    assert len(rows) <= 14


@pytest.mark.parametrize("width", [40, 80, 100])
@pytest.mark.parametrize("name", ALL)
def test_rows_have_one_length_and_fit(name: str, width: int) -> None:
    lines = picture(ALL[name], width)
    assert all(width_of(line) <= width for line in lines)
    rows = [line for line in lines if "|" in line and not line.startswith("seconds")]
    assert len(rows) == len(rows_of(ALL[name]))
    assert len({line.index("|") for line in rows}) <= 1


@given(
    st.floats(0.0, 100.0),
    st.lists(
        st.tuples(
            st.floats(-2.0, 120.0),
            st.floats(0.0, 120.0),
            st.sampled_from(RequestOutcome),
            st.sampled_from([Purpose.CALL, Purpose.LOOP, Purpose.STREAM, Purpose.LIVENESS]),
        ),
        max_size=12,
    ),
    st.integers(40, 100),
    st.booleans(),
)
def test_any_times_can_be_drawn(
    ended: float, asked: list[tuple[float, float, RequestOutcome, Purpose]], width: int, seen: bool
) -> None:
    requests = [
        a_request(f"handshake {n}", purpose, began=began, took=took, outcome=outcome)
        for n, (began, took, outcome, purpose) in enumerate(asked)
    ]
    end = ProcessEnd(ended if seen else None, 0)
    made = replace(only(end=end), requests=tuple(sorted(requests, key=lambda each: each.began)))
    lines = picture(made, width)
    assert bool(lines) == bool(requests)
    assert all(width_of(line) <= width for line in lines)


def test_a_stream_that_is_not_offered_has_no_time_before_the_signal() -> None:
    refused = timelines.a_stream(-0.72, RequestOutcome.HTTP_4XX, status=405)
    assert row(only(a_call(), refused), "GET stream").endswith(" not offered (405)")


def test_the_legend_names_the_line_below_a_mark() -> None:
    # The end at the right edge is a line of its own.
    assert ": moment named above" not in picture(ALL["graceful"])[-1]
    assert picture(ALL["second_signal_ignored"])[-1].endswith(": moment named above")
