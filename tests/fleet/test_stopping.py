"""A fleet that is stopped: every session ended, every child gone, nothing begun, and soon."""

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from mcpverify.cli.interruption import Stopped
from mcpverify.verify.fleet import JOB, Member, check_fleet
from mcpverify.verify.gate import Selection
from mcpverify.verify.waiting import Waiting
from mcpverify.wire.stopping import Cut, Stop, check, killed_by, woken_by
from tests.cli.test_signals import Issue, all_gone, ended, pids_in
from tests.fleet.members import over_http, over_stdio
from tests.servers import hangs, honest, honest_sse, stdio
from tests.servers.raw_http import response

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are sent as on Unix")

# Three seconds to close in, and some for a busy machine.
PROMPT = 6.0
EVERYTHING = Selection()


@contextmanager
def stopping(when: Callable[[], object]) -> Iterator[None]:
    """Raises Stopped in this thread, as a signal does, once `when` returns in another one."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped(130)

    def wait() -> None:
        when()
        os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, stop)
    waiter = threading.Thread(target=wait, daemon=True)
    waiter.start()
    try:
        yield
    finally:
        waiter.join(20)
        signal.signal(signal.SIGUSR1, before)


def stopped(members: Sequence[Member], jobs: int, when: Callable[[], object]) -> float:
    """Runs the fleet, stops it once `when` returns; how long it then took to end."""
    at = 0.0

    def told() -> None:
        nonlocal at
        when()
        at = time.monotonic()

    with stopping(told), pytest.raises(Stopped):
        check_fleet(members, jobs)
    took = time.monotonic() - at
    assert took < PROMPT
    assert not [each for each in threading.enumerate() if each.name == JOB], "one was left behind"
    return took


def until_a_job_waits_in(function: str) -> None:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        jobs = {each.ident for each in threading.enumerate() if each.name == JOB}
        stacks = (
            traceback.extract_stack(frame)
            for ident, frame in sys._current_frames().items()
            if ident in jobs
        )
        if any(frame.name == function for stack in stacks for frame in stack):
            return
        time.sleep(0.01)
    raise TimeoutError(f"no job came to wait in {function}")


@pytest.mark.parametrize(
    "step", ["initialize", "notifications/initialized", "tools/list", "ping", "delete"]
)
def test_every_session_of_every_target_is_ended_once(step: str) -> None:
    issue = Issue()
    with hangs.serve(step, issue=issue) as server:
        members = [over_http(f"t{n}", server.url, selection=EVERYTHING) for n in range(3)]
        stopped(members, 3, lambda: server.wait_for(step, times=3))

        known = [] if step == "initialize" else issue.issued  # that answer never came
        assert step == "initialize" or len(known) >= 3
        assert sorted(ended(server)) == sorted(known)


def test_no_new_target_begins() -> None:
    with hangs.serve("initialize") as server, honest.serve() as other:
        members = [
            *(over_http(f"t{n}", server.url) for n in range(2)),
            *(over_http(f"later{n}", other.url) for n in range(20)),
        ]
        stopped(members, 2, lambda: server.wait_for("initialize", times=2))
        assert other.connections == 0


def test_a_server_that_never_reads_and_one_that_never_connects_keep_nobody() -> None:
    with hangs.serve("accept") as server:
        members = [over_http(f"t{n}", server.url) for n in range(2)]
        stopped(members, 2, lambda: server.wait_for_connection(2))


def test_a_target_that_is_waited_for_keeps_nobody() -> None:
    later = response(503, headers=(("Retry-After", "300"),))
    with honest.serve({"*": lambda call: later}) as server:
        members = [over_http("rolling", server.url, waiting=Waiting(600.0, 1))]
        assert stopped(members, 1, lambda: until_a_job_waits_in("_next")) < 2.5


def test_a_run_over_sse_ends() -> None:
    with honest_sse.serve({"tools/list": lambda call: None}) as server:
        members = [over_http("sse", server.url, selection=EVERYTHING)]

        def when() -> None:
            server.wait_for("tools/list")
            until_a_job_waits_in("_next")  # for an event, and no longer for the answer to its POST

        stopped(members, 1, when)


def test_children_and_their_children_are_gone(tmp_path: Path) -> None:
    files = [tmp_path / f"pids{n}" for n in range(2)]
    members = [
        over_stdio(f"t{n}", *stdio.command("clings_to_life", str(file), "silent"))
        for n, file in enumerate(files)
    ]
    children: list[int] = []

    def when() -> None:
        children.extend(pid for file in files for pid in pids_in(file))

    stopped(members, 2, when)
    assert len(children) == 4
    assert all_gone(children)


def test_what_hurries_waits_for_no_server_and_leaves_no_child(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    stop = Stop()
    members = [over_stdio("clings", *stdio.command("clings_to_life", str(pids), "silent"))]
    with hangs.serve("delete") as server:
        members += [over_http("slow", server.url, selection=EVERYTHING)]
        children: list[int] = []

        def when() -> None:
            server.wait_for("delete")
            children.extend(pids_in(pids))
            hurried.append(time.monotonic())
            stop.hurry()

        hurried: list[float] = []
        with stopping(when), pytest.raises(Stopped):
            check_fleet(members, 2, stop=stop)
        assert len(children) == 2
        assert all_gone(children)
        # In peace it takes two seconds until a child is killed that heeds nothing.
        assert time.monotonic() - hurried[0] < 1.5


def test_sessions_that_fail_as_they_are_ended_keep_nobody() -> None:
    with honest.serve(
        {"tools/list": lambda call: call.wire.hold(), "delete": lambda call: response(500)}
    ) as server:
        members = [over_http("t", server.url, selection=EVERYTHING)]
        stopped(members, 1, lambda: server.wait_for("tools/list"))
        assert server.steps.count("delete") == 1


def test_cut_is_told_to_a_run_once_so_that_it_can_close() -> None:
    stop = Stop()
    with stop.over():
        stop.cut()
        with pytest.raises(Cut):
            check()
        check()
        with woken_by(pytest.fail):
            pass


def test_who_is_woken_meets_cut_in_place_of_what_came_of_it() -> None:
    stop, woken = Stop(), threading.Event()

    def wait() -> None:
        with woken_by(woken.set):
            threading.Timer(0.01, stop.cut).start()
            assert woken.wait(10)
            raise ConnectionError("the socket was shut")

    with stop.over(), pytest.raises(Cut):
        wait()


def test_outside_of_any_fleet_nothing_is_woken_or_killed() -> None:
    check()
    with woken_by(pytest.fail):
        pass
    killed_by(pytest.fail)()


def test_what_has_ended_is_not_killed() -> None:
    stop, killed = Stop(), []
    with stop.over():
        gone = killed_by(lambda: killed.append("gone"))
        killed_by(lambda: killed.append("there"))
        gone()
    stop.hurry()
    assert killed == ["there"]
