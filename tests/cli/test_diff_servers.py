"""`diff` on servers: each is asked once, with its own credentials, and nothing is guessed."""

import json
import shlex
from pathlib import Path

import pytest

from tests.conftest import Mcpverify
from tests.servers import fails_listing, honest, is_no_mcp_server, pages_for_ever, stdio
from tests.servers.dialog import schema, tool
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer

SECRET = "Zx9+Qw/7&tok=en~Value"
NARROW = tool("search", inputSchema=schema(mode={"enum": ["fast", "full"]}))
WIDE = tool("search", inputSchema=schema(mode={"enum": ["fast", "full", "fuzzy"]}))
REFUSED = "http://127.0.0.1:9/mcp"


def headers(server: RawServer, name: str) -> set[str | None]:
    return {request.header(name) for request in server.requests}


def test_blue_and_green_are_compared(mcpverify: Mcpverify) -> None:
    with honest.serve(tools=[WIDE]) as blue, honest.serve(tools=[NARROW]) as green:
        same = mcpverify("diff", blue.url, blue.url)
        other = mcpverify("diff", blue.url, green.url)
        back = mcpverify("diff", green.url, blue.url, "--fail-on", "breaking")

    assert (same.code, other.code, back.code) == (0, 1, 0)
    assert "'fuzzy' is not one of" in other.words


def test_a_bare_host_and_port_will_do(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        assert mcpverify("diff", f"127.0.0.1:{server.port}", server.url).code == 0


def test_a_command_stands_for_new(mcpverify: Mcpverify, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"tools": [tool("add"), tool("b", title="B")]}))

    same = mcpverify("diff", "a.json", "--tool", "add", "--", *stdio.command("honest", "tools=add"))
    gone = mcpverify("diff", "a.json", "--", *stdio.command("honest", "tools=add"))

    assert same.code == 0, same.output
    assert gone.code == 1


def test_a_url_is_compared_with_a_command(mcpverify: Mcpverify) -> None:
    command = stdio.command("honest", "tools=add,subtract")
    with honest.serve() as server:
        run = mcpverify("diff", server.url, "-H", f"X-Key: {SECRET}", "--", *command)

    assert run.code == 0, run.output
    assert headers(server, "X-Key") == {SECRET}


def test_the_era_of_a_snapshot_is_the_one_that_is_asked(mcpverify: Mcpverify) -> None:
    with honest.serve(eras=("stateless",)) as server:
        assert mcpverify("snapshot", server.url, "--snapshot", "s.json").code == 0
    with honest.serve(eras=("handshake", "stateless")) as server:
        run = mcpverify("diff", "s.json", server.url)

    assert run.code == 0, run.output
    assert "2026-07-28" in run.words


def test_fields_that_the_era_of_a_server_cannot_carry_are_left_out(mcpverify: Mcpverify) -> None:
    execution = tool("add", execution={"taskSupport": "optional"})
    with (
        honest.serve(tools=[execution], eras=("handshake",)) as old,
        honest.serve(tools=[tool("add")], eras=("stateless",)) as new,
    ):
        run = mcpverify("diff", old.url, new.url, "--fail-on", "any")

    assert run.code == 0, run.output
    assert "execution left out" in run.words


def test_prompts_of_servers_are_compared(mcpverify: Mcpverify) -> None:
    prompt = {"name": "greet", "arguments": [{"name": "who"}]}
    with honest.serve(prompts=[prompt]) as old, honest.serve(prompts=[]) as new:
        run = mcpverify("diff", old.url, new.url)

    assert run.code == 1
    assert "BREAKING: 1 prompt breaks callers" in run.words


def test_resources_are_asked_only_for_a_snapshot_that_holds_them(mcpverify: Mcpverify) -> None:
    resource = {"name": "readme", "uri": "file:///README"}
    with honest.serve(resources=[resource]) as server:
        mcpverify("snapshot", server.url, "--snapshot", "s.json", "--include", "resources")
    with honest.serve(resources=[]) as server:
        plain = mcpverify("diff", server.url, server.url)
        assert "resources/list" not in server.steps
        held = mcpverify("diff", "s.json", server.url)

    assert (plain.code, held.code) == (0, 1)
    assert "file:///README" in held.words


@pytest.mark.parametrize("place", [0, 1])
def test_a_server_that_does_not_answer_gives_no_verdict(mcpverify: Mcpverify, place: int) -> None:
    with honest.serve() as server:
        sides = [server.url, server.url]
        sides[place] = REFUSED
        run = mcpverify("diff", *sides)

    assert run.code == 3
    assert f"NOT COMPARED: {REFUSED}: UNREACHABLE" in run.words


def test_two_servers_that_do_not_answer_are_both_named(mcpverify: Mcpverify) -> None:
    run = mcpverify("diff", REFUSED, "http://127.0.0.1:10/mcp")

    assert run.code == 3
    assert REFUSED in run.words
    assert "http://127.0.0.1:10/mcp: UNREACHABLE" in run.words


@pytest.mark.parametrize(
    ("at", "said"), [("tools/list", "database is locked"), ("prompts/list", "database is locked")]
)
def test_a_list_that_fails_gives_no_verdict(mcpverify: Mcpverify, at: str, said: str) -> None:
    with honest.serve() as good, fails_listing.serve(at) as bad:
        run = mcpverify("diff", good.url, bad.url)

    assert run.code == 3
    assert "NOT COMPARED" in run.words
    assert said in run.words


def test_a_list_that_never_ends_gives_no_verdict(mcpverify: Mcpverify) -> None:
    with honest.serve() as good, pages_for_ever.serve() as bad:
        run = mcpverify("diff", bad.url, good.url)

    assert run.code == 3


def test_what_is_no_mcp_server_is_said_to_be_none(mcpverify: Mcpverify) -> None:
    with honest.serve() as good, is_no_mcp_server.serve() as bad:
        run = mcpverify("diff", good.url, bad.url)

    assert run.code == 3
    assert "NO MCP SERVER" in run.words
    assert "Welcome to nginx!" in run.words


def test_a_slip_in_a_file_is_told_before_a_server_is_asked(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        run = mcpverify("diff", server.url, "none.json")

    assert run.code == 2
    assert server.requests == []


def test_the_deadline_holds_for_both(mcpverify: Mcpverify) -> None:
    def hang(call: Call) -> None:
        call.wire.hold()

    with honest.serve({"tools/list": hang}) as slow:
        run = mcpverify("diff", slow.url, slow.url, "--deadline", "2s", timeout=20)

    assert run.code == 3
    assert run.seconds < 10


def test_a_pinned_revision_is_demanded_of_both(mcpverify: Mcpverify) -> None:
    with honest.serve(eras=("handshake",)) as server:
        fine = mcpverify("diff", server.url, server.url, "--protocol", "2025-06-18")
        wrong = mcpverify("diff", server.url, server.url, "--protocol", "2026-07-28")

    assert (fine.code, wrong.code) == (0, 3)
    assert "2025-06-18" in fine.words


def test_sessions_are_closed(mcpverify: Mcpverify) -> None:
    with honest.serve() as old, honest.serve() as new:
        mcpverify("diff", old.url, new.url)

    assert old.steps.count("delete") == new.steps.count("delete") == 1
    assert "tools/call" not in [*old.steps, *new.steps]


# -- credentials


def test_a_credential_is_not_sent_to_two_origins_unasked(mcpverify: Mcpverify) -> None:
    given: tuple[tuple[str, ...], ...] = (
        ("-H", f"X-Key: {SECRET}"),
        ("--bearer-env", "T"),
        ("-H", "Authorization: Bearer ${T}"),
    )
    with honest.serve() as old, honest.serve() as new:
        for flags in given:
            run = mcpverify("diff", old.url, new.url, *flags, env={"T": SECRET})

            assert (run.code, run.stdout) == (2, "")
            assert "two origins" in run.words
            assert "--share-credentials" in run.words
            assert SECRET not in run.output
        assert old.requests == new.requests == []


def test_a_credential_is_shared_on_purpose(mcpverify: Mcpverify) -> None:
    with honest.serve() as old, honest.serve() as new:
        flags = ("-H", f"X-Key: {SECRET}", "--share-credentials")
        run = mcpverify("diff", old.url, new.url, *flags)

    assert run.code == 0, run.output
    assert headers(old, "X-Key") == headers(new, "X-Key") == {SECRET}
    assert SECRET not in run.output


def test_two_paths_of_one_origin_share_what_is_given(mcpverify: Mcpverify) -> None:
    with honest.serve(path="/v1/mcp") as server:
        run = mcpverify("diff", server.url, f"{server.url}?v=2", "-H", f"X-Key: {SECRET}")

    assert run.code == 0, run.output


def test_a_header_that_is_no_credential_goes_to_both(mcpverify: Mcpverify) -> None:
    with honest.serve() as old, honest.serve() as new:
        run = mcpverify("diff", old.url, new.url, "-H", "Accept-Language: de")

    assert run.code == 0, run.output
    assert headers(new, "Accept-Language") == {"de"}


def test_a_credential_in_a_url_goes_to_that_one_only(mcpverify: Mcpverify) -> None:
    with honest.serve() as old, honest.serve() as new:
        run = mcpverify("diff", f"{old.url}?api_key=Zx9Qw7token1", new.url)

    assert run.code == 0, run.output
    assert all("Zx9Qw7token1" in request.path for request in old.requests)
    assert not any("Zx9Qw7token1" in request.path for request in new.requests)
    assert "Zx9Qw7token1" not in run.output
    assert "api_key=***" in run.words


@pytest.mark.parametrize("format_name", ["terminal", "json", "markdown"])
def test_a_credential_that_comes_back_is_hidden_on_either_side(
    mcpverify: Mcpverify, format_name: str
) -> None:
    def echo(call: Call) -> bytes:
        seen = call.request.header("X-Key") or ""
        call.result["tools"] = [tool(description=f"You are {seen}."), tool(seen, title=seen)]
        return call.answer(call.result)

    with honest.serve({"tools/list": echo}) as bad, honest.serve() as good:
        for sides in ((bad.url, good.url), (good.url, bad.url)):
            run = mcpverify(
                *("diff", *sides, "-H", f"X-Key: {SECRET}", "--share-credentials", "-v"),
                *("--format", format_name),
            )

            assert run.code == 1
            assert SECRET not in run.output
            assert "repeats a credential that it was sent" in run.words


def test_the_command_to_repeat_it_holds_no_credential(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        url = server.url
        run = mcpverify("diff", url, url, "-H", f"X-Key: {SECRET}")

    again = run.stdout[run.stdout.index("again") + 5 :].replace("\\\n", " ")
    words = shlex.split(again)
    assert words[:4] == ["mcpverify", "diff", url, url]
    assert words[4:6] == ["-H", "X-Key: ***"]


def test_a_break_names_the_command_that_accepts_it(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with honest.serve(tools=[WIDE]) as server:
        mcpverify("snapshot", server.url, "--snapshot", "s.json")
    with honest.serve(tools=[NARROW]) as server:
        flags = ("-H", "Accept-Language: de", "--timeout=5s", "--fail-on", "breaking")
        run = mcpverify("diff", "s.json", server.url, *flags)
        steps = run.stdout.partition("\nnext ")[2].partition("\nagain ")[0]
        command = steps[steps.index("mcpverify snapshot") :].replace("\\\n", " ")
        accepted = mcpverify(*shlex.split(command)[1:])
        after = mcpverify("diff", "s.json", server.url, *flags)

    assert run.code == 1
    assert accepted.code == 0, accepted.output
    assert after.code == 0, after.output


# -- routes


def test_a_route_goes_to_the_side_whose_host_it_names(mcpverify: Mcpverify) -> None:
    with honest.serve() as old, honest.serve() as new:
        run = mcpverify(
            *("diff", "http://old.example.com:81/mcp", "http://new.example.com:82/mcp"),
            *("--connect-to", f"old.example.com:81:127.0.0.1:{old.port}"),
            *("--connect-to", f"new.example.com:82:127.0.0.1:{new.port}"),
        )

    assert run.code == 0, run.output
    assert old.requests
    assert new.requests


def test_a_route_that_neither_side_takes_is_refused(mcpverify: Mcpverify) -> None:
    run = mcpverify("diff", REFUSED, REFUSED, "--resolve", "other.example.com:443:127.0.0.1")

    assert run.code == 2
    assert "other.example.com:443" in run.words
