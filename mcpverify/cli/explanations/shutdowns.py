"""What a shutdown may have been like, and what to do about each kind."""

from collections.abc import Iterator, Mapping
from typing import Final

from mcpverify.cli.explanations.demonstrations import demonstrated_ends
from mcpverify.cli.explanations.topic import Kind, Topic
from mcpverify.facts.drain import Shutdown

SHUTDOWNS: Final[Mapping[Shutdown, tuple[str, str]]] = {
    Shutdown.GRACEFUL: (
        "No call was lost, and nobody noticed",
        "Every call in flight got its result, new work was turned away with 503 before the "
        "listener closed, and the process ended by itself inside the budget. Over stdio nothing "
        "new can come, so that the 503 is not asked for. Exit code 0.\n\n"
        "What to do: nothing. Outcomes differ from run to run, so try it several times "
        "(--trials 5), under load (--sessions 200), and with a slow tool (--call).",
    ),
    Shutdown.DEGRADED: (
        "No call was lost, but new ones met a closed door",
        "All calls in flight got their results in time, but something beside them was not in "
        "order: most often the listener closed at once, so that new connections are refused "
        "until the load balancer has noticed. Exit code 0 with a warning, 1 with --strict, and 1 "
        "where something else failed, such as a child that was left behind.\n\n"
        "What to do: answer readiness and new sessions with 503 and Retry-After first, keep the "
        "listener open for as long as the load balancer needs, and only then close it.",
    ),
    Shutdown.LOSSY: (
        "A call was lost",
        "A call that was in flight when the signal came did not get its result: the connection "
        "was cut, the answer ended without a reply, an error came in its place, or it came from a "
        "child when the process, and with it a container, had ended. A clean end "
        "of a stream counts as a loss, too, since the client waits for its reply in vain, and so "
        "does exit code 0 beside it. Exit code 1.\n\n"
        "What to do: the report names the calls, says what became of them and at which second, "
        "and prints the remedy where the cause is known. Let requests end before streams and "
        "connections are closed, with a limit beyond the slowest tool.",
    ),
    Shutdown.ABRUPT: (
        "The process ended at once, with calls in flight",
        "It was gone within a quarter of a second of the signal, and the calls with it. No "
        "handler for the signal is installed, or one that ends the process. Exit code 1.\n\n"
        "What to do: install a handler that stops taking new work, lets the calls in flight end, "
        "and ends the process then. In Node process.exit() in a handler is this very thing.",
    ),
    Shutdown.HUNG: (
        "It had to be killed",
        "The process was still there when the budget (--grace) was over. A platform kills it "
        "then, with whatever is in flight. Often an idle event stream is waited for, which never "
        "ends by itself, or the signal never reaches the server: as PID 1 without a handler, or "
        "behind a shell. Exit code 1.\n\n"
        "What to do: close idle streams on the signal, set a limit to waiting that lies inside "
        "the budget, and start the server without a shell around it (the exec form of CMD).",
    ),
}


def shutdown_topics() -> Iterator[Topic]:
    """A topic for each kind of shutdown, best first."""
    for shutdown, (title, text) in SHUTDOWNS.items():
        yield Topic(
            Kind.SHUTDOWN,
            shutdown.value,
            "a kind of shutdown",
            "Kinds of shutdown",
            title,
            text,
            tuple(_seen(shutdown)),
        )


def _seen(shutdown: Shutdown) -> Iterator[tuple[str, str]]:
    return demonstrated_ends(lambda ended: ended.shutdown is shutdown)
