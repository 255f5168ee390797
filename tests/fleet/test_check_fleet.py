"""Many targets at a time: in order, each by itself, and none in the way of another."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mcpverify.cli.exit_codes import ExitCode, exit_code
from mcpverify.errors import UsageError
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.situation import Situation
from mcpverify.facts.verdict import Verdict
from mcpverify.verify.check import check
from mcpverify.verify.fleet import check_fleet
from mcpverify.verify.gate import Gate
from mcpverify.verify.waiting import Waiting
from tests.fleet.members import over_http, over_stdio
from tests.servers import hangs, honest, is_no_mcp_server
from tests.servers.honest import Call
from tests.servers.raw_http import response

NOWHERE = "http://127.0.0.1:9/mcp"


class Told:
    """What a fleet tells while it goes on."""

    def __init__(self) -> None:
        self.began_: list[str] = []
        self.attempts: list[tuple[str, int]] = []
        self.reports: list[TargetReport] = []
        self.seen = threading.Semaphore(0)

    def began(self, target: str) -> None:
        self.began_.append(target)

    def attempt(self, number: int, report: TargetReport, pause: float, remaining: float) -> None:
        self.attempts.append((report.target, number))

    def ended(self, report: TargetReport) -> None:
        self.reports.append(report)
        self.seen.release()


def names(report: Report) -> list[str]:
    return [each.target for each in report.targets]


def test_the_report_keeps_the_order_of_the_members_whoever_is_done_first() -> None:
    first_may_go_on = threading.Event()

    def late(call: Call) -> bytes:
        assert first_may_go_on.wait(20)
        return call.honest

    class Opening(Told):
        def ended(self, report: TargetReport) -> None:
            super().ended(report)
            first_may_go_on.set()

    told = Opening()
    with honest.serve({"server/discover": late}) as slow, honest.serve() as quick:
        members = [over_http("slow", slow.url), over_http("quick", quick.url)]
        report = check_fleet(members, 2, told)

    assert names(report) == ["slow", "quick"]
    assert [each.target for each in told.reports] == ["quick", "slow"]
    assert told.began_ == ["slow", "quick"]
    assert report.verdict is Verdict.PASSED


def test_no_more_than_jobs_run_at_a_time_and_so_many_do() -> None:
    running = count_now = 0
    lock, most = threading.Lock(), []
    both = threading.Barrier(2, timeout=20)

    def counted(call: Call) -> bytes:
        nonlocal running, count_now
        with lock:
            running += 1
            most.append(running)
        both.wait()  # each meets another one that runs, or the test fails here
        with lock:
            running -= 1
        return call.honest

    with honest.serve({"initialize": counted}, eras=("handshake",)) as server:
        check_fleet([over_http(f"t{n}", server.url) for n in range(6)], 2)

    assert max(most) == 2
    assert len(most) == 6


def test_a_target_that_hangs_takes_one_job_and_delays_no_other() -> None:
    told = Told()
    with hangs.serve() as dead, honest.serve() as server:
        members = [
            over_http("dead", dead.url, seconds=1.5),
            *(over_http(f"t{n}", server.url) for n in range(5)),
        ]
        report = check_fleet(members, 2, told)

    assert [each.target for each in told.reports][-1] == "dead", "all others were done before"
    assert names(report) == ["dead", "t0", "t1", "t2", "t3", "t4"]
    assert report.targets[0].verdict is Verdict.INCONCLUSIVE
    assert {each.verdict for each in report.targets[1:]} == {Verdict.PASSED}


def test_a_target_that_is_waited_for_leaves_its_job_to_others() -> None:
    done = threading.Event()

    def until_others_are_done(call: Call) -> bytes:
        return call.honest if done.is_set() else response(503)

    class Watching(Told):
        def ended(self, report: TargetReport) -> None:
            super().ended(report)
            if len(self.reports) == 3:
                done.set()

    told = Watching()
    hooks = {"*": until_others_are_done}
    with honest.serve(hooks) as rolling, honest.serve() as server:
        members = [
            over_http("rolling", rolling.url, waiting=Waiting(20.0, 1)),
            *(over_http(f"t{n}", server.url) for n in range(3)),
        ]
        report = check_fleet(members, 1, told)

    assert [each.target for each in told.reports] == ["t0", "t1", "t2", "rolling"]
    assert ("rolling", 1) in told.attempts
    assert report.targets[0].attempts > 1
    assert report.verdict is Verdict.PASSED


def test_a_snapshot_that_cannot_be_used_costs_only_its_own_target(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    with honest.serve() as server:
        report = check_fleet(
            [over_http("one", server.url, snapshot_path="broken.json"), over_http("b", server.url)]
        )

    wrong, fine = report.targets
    assert wrong.situation is Situation.CALLED_WRONGLY
    assert wrong.headline.startswith("CALLED WRONGLY: ")
    assert "broken.json" in wrong.headline
    assert wrong.verdict is Verdict.INCONCLUSIVE
    assert fine.verdict is Verdict.PASSED
    assert exit_code(report) == ExitCode.USAGE


def test_a_command_that_cannot_be_started_costs_only_its_own_target() -> None:
    with honest.serve() as server:
        report = check_fleet(
            [over_stdio("gone", "/no/such/program"), over_http("b", server.url)], 1
        )

    assert report.targets[0].situation is Situation.CALLED_WRONGLY
    assert "/no/such/program" in report.targets[0].headline
    assert report.targets[1].verdict is Verdict.PASSED


def test_what_a_target_was_asked_wrongly_is_told_without_its_credentials() -> None:
    secret = "hunter2-and-more"
    member = over_stdio("gone", f"/no/such/{secret}", redactor=Redactor((secret,)))
    (target,) = check_fleet([member]).targets

    assert secret not in target.headline
    assert "/no/such/***" in target.headline


class Clumsy:
    """A listener with a bug in it."""

    def __call__(self, *told: object) -> None:
        raise ZeroDivisionError("a token: hunter2")


def test_a_bug_of_ours_in_one_target_leaves_the_results_of_the_others() -> None:
    blamed: list[tuple[str, Exception]] = []

    def blame(gate: Gate, error: Exception) -> None:
        blamed.append((gate.target.display, error))

    with honest.serve() as server, is_no_mcp_server.serve() as page:
        members = [
            over_http("bug", server.url, listener=Clumsy()),
            over_http("fine", server.url),
            over_http("page", page.url),
        ]
        report = check_fleet(members, blame=blame)

    assert [each.situation for each in report.targets] == [
        Situation.OUR_BUG,
        report.targets[1].situation,
        Situation.NO_MCP_SERVER,
    ]
    assert report.targets[1].verdict is Verdict.PASSED
    assert report.targets[0].headline == "A BUG OF MCPVERIFY: ZeroDivisionError"
    ((name, error),) = blamed
    assert (name, type(error)) == ("bug", ZeroDivisionError)
    assert exit_code(report) == ExitCode.BUG


def judged(verdict: Verdict, situation: Situation) -> TargetReport:
    with honest.serve() as server:
        (report,) = check_fleet([over_http("x", server.url)]).targets
    return replace(report, verdict=verdict, situation=situation)


def test_the_exit_code_of_a_fleet_follows_the_precedence() -> None:
    some = judged(Verdict.PASSED, Situation.USABLE)
    each = {
        70: replace(some, verdict=Verdict.INCONCLUSIVE, situation=Situation.OUR_BUG),
        2: replace(some, verdict=Verdict.INCONCLUSIVE, situation=Situation.CALLED_WRONGLY),
        1: replace(some, verdict=Verdict.FAILED, situation=Situation.BROKEN_SERVER),
        3: replace(some, verdict=Verdict.INCONCLUSIVE, situation=Situation.UNREACHABLE),
        0: some,
    }
    codes = list(each)
    for place, code in enumerate(codes):
        report = Report(tuple(each[other] for other in reversed(codes[place:])))
        assert exit_code(report) == code


def test_a_bug_beside_the_runs_ends_the_fleet_instead_of_waiting_for_ever() -> None:
    class Broken(Told):
        def ended(self, report: TargetReport) -> None:
            raise ZeroDivisionError

    with honest.serve() as server, pytest.raises(ZeroDivisionError):
        check_fleet([over_http(f"t{n}", server.url) for n in range(3)], 2, Broken())


def test_recordings_are_dropped_unless_they_are_needed() -> None:
    with honest.serve() as server:
        member = over_http("t", server.url)
        (dropped,) = check_fleet([member]).targets
        (kept,) = check_fleet([member], keep_recordings=True).targets

    assert dropped.recording is None
    assert kept.recording is not None


def test_a_fleet_says_of_each_target_what_a_run_of_its_own_says() -> None:
    with honest.serve() as server, is_no_mcp_server.serve() as page:
        members = [
            over_http("fine", server.url),
            over_http("page", page.url),
            over_http("gone", NOWHERE),
        ]
        together = check_fleet(members)
        alone = [check(member.gate).targets[0] for member in members]

    for one, other in zip(together.targets, alone, strict=True):
        assert (one.verdict, one.situation, one.headline) == (
            other.verdict,
            other.situation,
            other.headline,
        )


def test_a_member_that_is_asked_wrongly_alone_raises() -> None:
    with pytest.raises(UsageError):
        check(over_stdio("gone", "/no/such/program").gate)


def test_many_targets_take_little_longer_than_their_work_divided_by_jobs() -> None:
    number, jobs = 48, 8

    def pause(call: Call) -> bytes:
        call.wire.pause(0.25)
        return call.honest

    with honest.serve({"initialize": pause}, eras=("handshake",), sessions=False) as server:
        members = [over_http(f"t{n:03}", server.url) for n in range(number)]
        check_fleet(members[:1])  # what is loaded once is no work of a target
        began = time.monotonic()
        report = check_fleet(members, jobs)
        took = time.monotonic() - began

    assert report.verdict is Verdict.PASSED
    work = sum(each.seconds for each in report.targets)
    assert work > number * 0.25
    assert took < 1.3 * work / jobs


def test_fleet_of_none_is_no_pass() -> None:
    assert check_fleet([]).verdict is Verdict.INCONCLUSIVE
