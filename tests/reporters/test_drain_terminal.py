"""The trial of a shutdown for people: what it says, byte for byte, and what it must never lose."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from mcpverify.facts.drain import DrainReport, Recommended, Remedy, Shutdown
from mcpverify.facts.finding import Outcome
from mcpverify.facts.timeline import ProcessEnd, Signal
from mcpverify.reporters import render
from mcpverify.reporters.layout import width_of
from mcpverify.reporters.presentation import Presentation
from mcpverify.reporters.request_lines import request_lines
from mcpverify.reporters.timeline_picture import picture_lines
from mcpverify.rollout.headline import headline
from mcpverify.rollout.judgement import judged
from mcpverify.rollout.remedies import remedies_for
from tests.reporters.drain_samples import (
    DEGRADED_TRIAL,
    DRAINS,
    GRACEFUL_TRIAL,
    LOSSY_TRIAL,
    MEND,
    NO_DUCK,
    NOT_MADE_TRIAL,
    SETTINGS,
    point,
    report,
    trial,
)
from tests.reporters.report_samples import EXIT_CODES
from tests.rollout import timelines

SGR = re.compile(r"\x1b\[[0-9;]*m")
ALL = timelines.all_timelines()
GOLDEN = [
    "drain-graceful",
    "drain-lossy",
    "drain-degraded",
    "drain-hung",
    "drain-abrupt",
    "drain-trials",
    "drain-many",
    "drain-twice",
    "drain-stdio",
    "drain-not-made",
    "drain-hostile",
]


def rendered(
    shown: DrainReport, width: int = 80, color: bool = False, verbosity: int = 0, form: str = ""
) -> str:
    how = Presentation(EXIT_CODES[shown.verdict], width, color, verbosity)
    return render(form or "terminal", shown, how)


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("name", GOLDEN)
def test_the_report_is_the_golden_one(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{name}.txt", rendered(DRAINS[name]))


@pytest.mark.parametrize("name", ["drain-lossy", "drain-hung"])
def test_a_wide_terminal_is_used(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{name}-wide.txt", rendered(DRAINS[name], width=100))


@pytest.mark.parametrize("name", ["drain-lossy", "drain-many"])
def test_a_comment_is_the_golden_one(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{name}.md", rendered(DRAINS[name], form="markdown"))


def test_a_verbose_report_lists_every_request(golden: Callable[[str, str], None]) -> None:
    shown = DRAINS["drain-stdio"]
    golden("drain-stdio-verbose.txt", rendered(shown, verbosity=1))


@pytest.mark.parametrize("name", ["drain-lossy", "drain-twice", "drain-hung"])
def test_no_request_is_left_out_of_a_verbose_report(name: str) -> None:
    text = rendered(DRAINS[name], verbosity=1)
    _, _, table = text.partition("request and answer\n")
    rows = [line for line in table.splitlines() if re.match(r" +[+-]\d+\.\d{3} ", line)]
    timeline = DRAINS[name].trial.timeline
    after = len(timeline.aftermath.old_sessions) + 1
    assert len(rows) == len(timeline.requests) + after


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("verbosity", [-1, 0, 1])
@pytest.mark.parametrize("name", DRAINS)
def test_no_line_is_wider_than_the_terminal(name: str, verbosity: int, width: int) -> None:
    text = rendered(DRAINS[name], width=width, verbosity=verbosity)
    for part in text.split("\n\n"):
        told = part.partition("\nagain  ")[0]
        assert all(width_of(line) <= width for line in told.splitlines())


@pytest.mark.parametrize("verbosity", [-1, 0, 1])
@pytest.mark.parametrize("name", DRAINS)
def test_color_adds_nothing_but_color(name: str, verbosity: int) -> None:
    plain = rendered(DRAINS[name], verbosity=verbosity)
    colored = rendered(DRAINS[name], color=True, verbosity=verbosity)
    assert SGR.sub("", colored) == plain
    assert colored != plain


@pytest.mark.parametrize("verbosity", [-1, 0, 1])
@pytest.mark.parametrize("width", [40, 80, 100])
def test_hostile_strings_act_on_nothing(verbosity: int, width: int) -> None:
    text = rendered(DRAINS["drain-hostile"], width=width, verbosity=verbosity)
    lines = text.removesuffix("\n").split("\n")
    assert all(line.isprintable() or not line for line in lines)
    assert not any(line.lstrip().startswith("::") for line in lines)
    assert "##[" not in text
    assert "##vso[" not in text


@pytest.mark.parametrize("verbosity", [-1, 0])
@pytest.mark.parametrize("name", ALL)
def test_whatever_is_judged_fits_into_80_columns(name: str, verbosity: int) -> None:
    tried = judged(ALL[name])
    shown = report(headline(tried), tried, remedies=remedies_for(tried))
    lines = rendered(shown, verbosity=verbosity).splitlines()
    assert all(width_of(line) <= 80 and line.isprintable() for line in lines)
    assert (
        lines[0].split()[0]
        == {"passed": "PASS", "failed": "FAIL", "inconclusive": "NO"}[tried.verdict]
    )
    for each in tried.findings if verbosity == 0 else ():
        assert each.check in " ".join(lines)


@pytest.mark.parametrize("name", DRAINS)
def test_a_narrow_terminal_has_room_for_the_picture_and_the_requests(name: str) -> None:
    how = Presentation(1, 40)
    timeline = DRAINS[name].trial.timeline
    for line in (*picture_lines(timeline, how), *request_lines(timeline, how.width)):
        assert width_of(line) <= how.width


def test_the_order_is_verdict_picture_points_remedies_facts_and_the_command_last() -> None:
    text = rendered(DRAINS["drain-lossy"])
    parts = [
        "FAIL  python server.py",
        "LOSSY: ",
        "SIGTERM ",
        "x calls-complete",
        "! lame-duck",
        "? drain-limit",
        "\nok 7 ",
        "\nmend ",
        "\nserver ",
        "\nsettings ",
        "\nnext ",
        "\nagain ",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_quiet_shows_what_is_wrong_only() -> None:
    assert len(rendered(DRAINS["drain-graceful"], verbosity=-1).splitlines()) == 1
    text = rendered(DRAINS["drain-lossy"], verbosity=-1)
    assert "x calls-complete" in text
    for left_out in ("drain-limit", "SIGTERM   ", "mend", "server  ", "again"):
        assert left_out not in text


def test_a_degraded_shutdown_passes_and_still_says_so_when_quiet() -> None:
    text = rendered(DRAINS["drain-degraded"], verbosity=-1)
    assert text.startswith("PASS  python server.py")
    assert "DEGRADED: no call was lost" in text


def test_several_trials_show_the_worst_and_how_far_they_lie_apart() -> None:
    text = rendered(DRAINS["drain-trials"])
    assert (
        "\n3 trials: 2 lossy, 1 degraded; lost 0-2 of 4 in flight; ended after 3.01-3.20 s\n"
    ) in text
    assert "x calls-complete" in text
    assert "trials:" not in rendered(DRAINS["drain-lossy"])


def test_trials_that_could_not_be_made_are_counted() -> None:
    text = rendered(report("NO TRIAL", NOT_MADE_TRIAL, GRACEFUL_TRIAL))
    assert "2 trials: 1 graceful, 1 not made; lost 0 of 4 in flight; ended after 3.01 s" in text


def test_a_line_of_code_keeps_its_indentation_and_a_long_sentence_is_wrapped() -> None:
    text = rendered(DRAINS["drain-lossy"])
    assert '\n            mcp.run(transport="streamable-http", json_response=True,\n' in text
    assert "\n                    timeout_graceful_shutdown=30)\n" in text
    long = Remedy("It is slow.", ("word " * 40,))
    shown = rendered(report("LOSSY: it", LOSSY_TRIAL, remedies=(*MEND, long)))
    assert words(shown).count("word") == 40
    assert shown.count("\nmend ") == 2


def test_settings_have_numbers_where_something_was_measured() -> None:
    text = rendered(report("GRACEFUL: it", GRACEFUL_TRIAL, recommended=SETTINGS))
    assert "grace period >= 16.2 s = preStop or lame duck + drain limit + 5 s" in text
    assert "drain limit >= 9.2 s = P99 of tool calls + 5 s" in text
    assert "lame duck >= readiness period x failure threshold" in text
    assert "P99 of tool calls: 4.2 s (as --call brew took)" in text


def test_settings_without_a_measurement_say_how_to_get_one() -> None:
    text = rendered(DRAINS["drain-degraded"])
    assert "drain limit >= P99 of tool calls + 5 s" in text
    assert "lame duck >= readiness period x failure threshold" in text
    assert "not known (--call TOOL measures it, --p99 gives it)" in text
    nothing = replace(DRAINS["drain-degraded"], recommended=None)
    assert "settings" not in rendered(nothing)
    sourced = Recommended(None, "only tools/list was asked", None, None)
    shown = rendered(replace(nothing, recommended=sourced))
    assert "not known (only tools/list was asked)" in shown


def test_the_server_s_last_words_are_shown_where_it_failed_or_with_v() -> None:
    said = ProcessEnd(3.012, 0, stderr=("bye \x1b[2J",))
    well = trial(timelines.graceful(end=said), Shutdown.GRACEFUL)
    assert "bye" not in rendered(report("GRACEFUL: it", well))
    assert "\nstderr    bye \\x1b[2J\n" in rendered(report("GRACEFUL: it", well), verbosity=1)
    assert "No module named 'mcp'" in rendered(DRAINS["drain-not-made"])
    assert "Waiting for connections" in rendered(DRAINS["drain-hung"])


def test_what_the_second_signal_cut_is_counted_apart() -> None:
    assert "2 answered, 0 lost, 2 cut by the second signal" in words(
        rendered(DRAINS["drain-twice"])
    )


def test_a_loop_that_the_signal_hit_is_counted() -> None:
    hit = trial(timelines.loop_was_hit(), Shutdown.LOSSY)
    text = words(rendered(report("LOSSY: it", hit)))
    assert "4 calls of tools/list, the last bytes held back, and 1 of the loop" in text
    assert "4 answered, 1 lost" in text
    assert "1 of them hit by the signal, 1 of these lost" in text


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (timelines.not_restarted(), "after not started again"),
        (timelines.not_restarted(), "exit code not known after 3.01 s"),
        (timelines.end_unseen(), "not seen: the process is out of sight"),
        (timelines.graceful(exit_code=-15), "exit code -15 (SIGTERM) after 3.01 s"),
        (timelines.graceful(exit_code=-999), "exit code -999 after 3.01 s"),
        (timelines.hung(), "killed after 30.1 s: it had not ended by itself"),
        (timelines.restart_failed(), "nothing answered within 60 s: connection refused"),
        (timelines.contract_changed(), "the contract is another one"),
        (timelines.resumed(), "Last-Event-ID: ok"),
        (timelines.old_session_never_answered(), "old sessions: no answer"),
        (timelines.child_left(), "left behind: process python worker.py --queue brews (pid 4711)"),
        (timelines.siblings(), "others answer there: the address answered 40 times"),
        (timelines.many_sessions(), "200 sessions: 200 calls of tools/list"),
        (timelines.stdio_graceful(), "stdin closed"),
        (timelines.graceful(), "lame duck seen: 2.45 s"),
        (timelines.errors_on_open_sessions(), "begun after it: 24 HTTP 500, 26 ok, 2 refused"),
    ],
)
def test_the_facts_that_one_asks_for_are_there(made: timelines.Timeline, told: str) -> None:
    assert told in words(rendered(report("IT: it", trial(made, Shutdown.GRACEFUL))))


@pytest.mark.parametrize("made", [timelines.degraded(), timelines.siblings()])
def test_no_lame_duck_is_told_where_none_was_seen_or_others_answer(
    made: timelines.Timeline,
) -> None:
    assert "lame duck seen" not in rendered(report("IT: it", trial(made, Shutdown.DEGRADED)))


def test_a_server_that_had_to_be_killed_was_not_signaled_twice() -> None:
    signals = (Signal("SIGTERM", 0.0), Signal("SIGKILL", 30.0))
    text = rendered(report("HUNG: it", trial(timelines.hung(signals=signals), Shutdown.HUNG)))
    assert "SIGTERM SIGKILL after 30.0 s" in words(text)
    assert "again after" not in text
    assert "killed" in text


def test_a_trial_of_which_nothing_is_known_has_no_picture() -> None:
    text = rendered(DRAINS["drain-not-made"])
    assert "in flight" not in text
    assert "\nseconds" not in text


def test_a_point_that_was_not_observed_comes_after_the_warnings_where_there_is_a_verdict() -> None:
    text = rendered(report("DEGRADED: it", DEGRADED_TRIAL))
    assert text.index("! lame-duck") < text.index("? drain-limit")
    lost = point("lame-duck", Outcome.WARNED, NO_DUCK.message)
    unseen = replace(NOT_MADE_TRIAL, findings=(lost, *NOT_MADE_TRIAL.findings[1:]))
    assert rendered(report("NO TRIAL", unseen)).index("? ") < rendered(
        report("NO TRIAL", unseen)
    ).index("! lame-duck")


@pytest.mark.parametrize("verbosity", [0, 1])
def test_a_report_that_is_not_green_ends_with_its_verdict(verbosity: int) -> None:
    last = rendered(DRAINS["drain-lossy"], verbosity=verbosity).splitlines()[-1]
    assert last.startswith("FAIL  LOSSY: ")
    assert len(last) <= 80
    last = rendered(DRAINS["drain-degraded"], verbosity=verbosity).splitlines()[-1]
    assert "DEGRADED" not in last


def test_a_point_that_a_remedy_explains_has_no_hint_beside_it() -> None:
    told = Remedy("It does so.", ("Do this.",), ("calls-complete",))
    hint = "Let a call that is running"
    assert hint not in rendered(report("LOSSY: it", LOSSY_TRIAL, remedies=(told,)))
    assert hint in rendered(report("LOSSY: it", LOSSY_TRIAL, remedies=MEND))
