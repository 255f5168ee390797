"""What the user demands beyond the protocol: met, and not met."""

from typing import Any

import pytest

from tests.cli.reading import Judged, judged
from tests.conftest import Mcpverify
from tests.running import Run
from tests.servers import honest
from tests.servers.dialog import tool
from tests.servers.honest import Call, Hook

ONE = ("--no-snapshot", "--samples", "1", "--format", "json")


def checked(
    mcpverify: Mcpverify, *arguments: str, hooks: dict[str, Hook] | None = None, **contract: Any
) -> tuple[Run, Judged]:
    with honest.serve(hooks, **contract) as server:
        run = mcpverify("check", server.url, *ONE, *arguments)
    return run, judged(run)


@pytest.mark.parametrize(
    ("flags", "outcome"),
    [
        (("--expect-name", "honest"), "passed"),
        (("--expect-name", "Honest"), "failed"),
        (("--expect-version", "1.0.0"), "passed"),
        (("--expect-version", "1.0"), "failed"),
        (("--expect-name", "honest", "--expect-version", "2"), "failed"),
    ],
    ids=" ".join,
)
def test_identity_is_compared_exactly(
    mcpverify: Mcpverify, flags: tuple[str, ...], outcome: str
) -> None:
    run, report = checked(mcpverify, *flags)

    assert report.outcome("server-identity") == outcome
    assert run.code == (1 if outcome == "failed" else 0)


def test_a_server_without_a_name_is_a_warning_and_fails_who_expects_one(
    mcpverify: Mcpverify,
) -> None:
    run, report = checked(mcpverify, name="")
    expecting, _ = checked(mcpverify, "--expect-name", "weather", name="")

    assert (run.code, expecting.code) == (0, 1)
    assert report.outcome("server-identity") == "warned"


@pytest.mark.parametrize(("limit", "code"), [("200ms", 1), ("20s", 0)])
def test_the_slowest_step_is_held_to_the_limit(mcpverify: Mcpverify, limit: str, code: int) -> None:
    def slow(call: Call) -> bytes:
        call.wire.pause(0.4)
        return call.honest

    run, report = checked(mcpverify, "--max-latency", limit, hooks={"tools/list": slow})

    assert run.code == code
    assert "tools/list took" in report.message("latency")
    assert report.target["server"]["slowest_step"] == "tools/list"
    assert report.target["server"]["slowest_seconds"] >= 0.4


def test_a_slow_close_is_not_counted(mcpverify: Mcpverify) -> None:
    def slow(call: Call) -> bytes:
        call.wire.pause(0.6)
        return call.honest

    run, _ = checked(mcpverify, "--max-latency", "500ms", hooks={"delete": slow, "ping": slow})

    assert run.code == 0


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        (("--require-tool", "add", "--require-tool", "subtract"), 0, "2 tools"),
        (("--require-tool", "addd"), 1, "listed is add"),
        (("--require-tool", "zzz"), 1, "the required tool zzz is missing"),
        (("--min-tools", "2"), 0, "2 tools"),
        (("--min-tools", "3"), 1, "2 tools listed, at least 3 expected"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_tools_are_counted_and_named(
    mcpverify: Mcpverify, flags: tuple[str, ...], code: int, words: str
) -> None:
    run, report = checked(mcpverify, *flags)

    assert run.code == code
    assert words in report.message("tools-listed")


@pytest.mark.parametrize(
    ("flags", "code", "outcome"),
    [
        ((), 0, "not-applicable"),
        (("--require-tool", "add"), 1, "failed"),
        (("--min-tools", "2"), 1, "failed"),
    ],
)
def test_tools_that_are_not_advertised_are_missed_only_where_they_are_expected(
    mcpverify: Mcpverify, flags: tuple[str, ...], code: int, outcome: str
) -> None:
    run, report = checked(mcpverify, *flags, tools=None, prompts=[])

    assert run.code == code
    assert report.outcome("tools-listed") == outcome


def test_the_tools_of_the_snapshot_are_expected(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        mcpverify("snapshot", server.url, "--snapshot", "s.json")
    with honest.serve(tools=None, prompts=[]) as server:
        run = mcpverify("check", server.url, "--snapshot", "s.json", "--format", "json")

    assert run.code == 1
    assert judged(run).outcome("tools-listed") == "failed"


@pytest.mark.parametrize(
    ("protocol", "code"),
    [("2024-11-05", 0), ("2025-06-18", 0), ("2026-07-28", 1)],
)
def test_a_pinned_revision_is_asked_for_and_held_to(
    mcpverify: Mcpverify, protocol: str, code: int
) -> None:
    run, report = checked(mcpverify, "--protocol", protocol)

    assert run.code == code
    if code == 0:
        assert report.message("protocol-version") == protocol


def test_another_revision_than_the_pinned_one_fails(mcpverify: Mcpverify) -> None:
    def newest(call: Call) -> bytes:
        return call.answer(call.result | {"protocolVersion": "2025-11-25"})

    run, report = checked(mcpverify, "--protocol", "2025-06-18", hooks={"initialize": newest})

    assert run.code == 1
    assert "2025-11-25 was negotiated" in report.message("protocol-version")


BOTH = ("handshake", "stateless")


def test_eras_that_list_other_tools_are_a_warning(mcpverify: Mcpverify) -> None:
    def by_era(call: Call) -> bytes:
        if call.era == "stateless" and call.result is not None:
            return call.answer(call.result | {"tools": [tool("add"), tool("multiply")]})
        return call.honest

    run, report = checked(mcpverify, hooks={"tools/list": by_era}, eras=BOTH)

    subjects = {detail["subject"] for detail in report.finding("eras-agree")["details"]}
    assert run.code == 0
    assert report.outcome("eras-agree") == "warned"
    assert subjects == {"multiply", "subtract"}


def test_fields_that_one_era_cannot_carry_make_no_difference(mcpverify: Mcpverify) -> None:
    task = tool("add", execution={"taskSupport": "optional"})

    def by_era(call: Call) -> bytes:
        if call.era == "stateless" and call.result is not None:
            return call.answer(call.result | {"tools": [tool("add")]})
        return call.honest

    _, report = checked(mcpverify, hooks={"tools/list": by_era}, eras=BOTH, tools=[task])

    assert report.outcome("eras-agree") == "passed"
    assert "execution" in report.message("eras-agree")


def test_one_era_alone_has_nothing_to_agree_with(mcpverify: Mcpverify) -> None:
    _, report = checked(mcpverify)

    assert report.outcome("eras-agree") == "not-applicable"


@pytest.mark.parametrize(
    ("step", "status", "outcome"),
    [
        ("ping", 404, "passed"),
        ("ping", 400, "warned"),
        ("ping", 500, "failed"),
        ("delete", 405, "passed"),
        ("delete", 204, "passed"),
        ("delete", 501, "warned"),
        ("delete", 500, "failed"),
    ],
)
def test_sessions_end_as_the_specification_has_it(
    mcpverify: Mcpverify, step: str, status: int, outcome: str
) -> None:
    """All pings of a run go to sessions that do not exist; that of the ended one is the last."""
    honestly = step == "ping" and status == 404
    hooks: dict[str, Hook] = {} if honestly else {step: lambda call: call.error(-1, "no", status)}
    if step == "delete" and status in (204, 405):
        hooks["ping"] = lambda call: call.error(-32600, "no such session", 404)
    run, report = checked(mcpverify, hooks=hooks)

    assert report.outcome("session-lifecycle") == outcome
    assert run.code == (1 if outcome == "failed" else 0)


def test_the_reference_client_sees_the_same_tools(mcpverify: Mcpverify) -> None:
    run, report = checked(mcpverify, "--reference-client", eras=BOTH)

    assert run.code == 0
    assert report.outcome("reference-client-agrees") == "passed"
    assert "the same 2 tools" in report.message("reference-client-agrees")


def test_a_list_that_the_reference_client_refuses_fails(mcpverify: Mcpverify) -> None:
    tools = [tool("add"), tool("odd", inputSchema={"properties": {}}), tool("subtract")]
    run, report = checked(
        mcpverify, "--reference-client", "--only", "reference-client-agrees", tools=tools
    )

    assert run.code == 1
    assert report.outcome("reference-client-agrees") == "failed"


def test_strict_and_skip_choose_what_fails(mcpverify: Mcpverify) -> None:
    def bad_ping(call: Call) -> bytes:
        return call.error(-1, "no", 400)

    strict, _ = checked(mcpverify, "--strict", hooks={"ping": bad_ping})
    skipped, report = checked(
        mcpverify, "--strict", "--skip", "session-lifecycle", hooks={"ping": bad_ping}
    )

    assert (strict.code, skipped.code) == (1, 0)
    assert "session-lifecycle" not in [each["id"] for each in report.target["checks"]]
