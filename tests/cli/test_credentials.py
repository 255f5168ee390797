"""A credential goes to the server it was given for, and appears nowhere else."""

import base64
import json
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.cli.reading import Judged
from tests.conftest import Mcpverify
from tests.running import Run
from tests.servers import honest, stdio
from tests.servers.dialog import tool
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer, Request, response

SECRET = "Zx9+Qw/7&tok=en~Value"
QUOTED = quote(SECRET, safe="")


@dataclass(frozen=True)
class Way:
    """One way to give the secret, and what of a request holds it then."""

    name: str
    url: Callable[[str], str] = lambda url: url
    arguments: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    seen: Callable[[Request], str] = lambda request: request.header("Authorization") or ""
    spelled: str = SECRET


def _of_userinfo(request: Request) -> str:
    encoded = (request.header("Authorization") or "").removeprefix("Basic ")
    return base64.b64decode(encoded).decode()


WAYS = (
    Way(
        "header",
        arguments=("-H", f"X-Api-Key: {SECRET}"),
        seen=lambda r: r.header("X-Api-Key") or "",
    ),
    Way("header-variable", arguments=("-H", "Authorization: Bearer ${T}"), env={"T": SECRET}),
    Way("bearer-env", arguments=("--bearer-env", "T"), env={"T": SECRET}),
    Way("userinfo", lambda url: url.replace("://", f"://jane:{QUOTED}@"), seen=_of_userinfo),
    Way(
        "query",
        lambda url: f"{url}?api_key={QUOTED}",
        seen=lambda request: request.path,
        spelled=QUOTED,
    ),
)


def leaks(text: str) -> list[str]:
    """The spellings of the secret that stand in `text`."""
    spellings = {
        SECRET,
        QUOTED,
        json.dumps(SECRET)[1:-1],
        SECRET.replace("&", "&amp;"),
        base64.b64encode(SECRET.encode()).decode().rstrip("="),
        base64.b64encode(f"jane:{SECRET}".encode()).decode().rstrip("="),
    }
    unbroken = "".join(text.split())  # a terminal report breaks lines inside long words
    return [each for each in sorted(spellings) if each in text or each in unbroken]


def _echoing(place: str, way: Way) -> RawServer:
    """A server that repeats what it got at `place`."""

    def echo(call: Call) -> bytes:
        seen = way.seen(call.request)
        assert SECRET in seen or QUOTED in seen, "the credential came through"
        if place == "header":
            call.headers = (*call.headers, ("X-Seen", seen), ("Set-Cookie", f"s={quote(seen)}"))
        if place == "challenge":
            return response(401, b"no", "text/plain", (("WWW-Authenticate", f"Bearer e={seen}"),))
        if place == "page":
            page = f"<html><title>{seen}</title>{seen}</html>"
            return response(404, page.encode(), "text/html")
        if place == "redirect":
            return response(307, headers=(("Location", f"/mcp/{quote(seen, safe='')}"),))
        if place == "redirect-away":
            elsewhere = f"http://127.0.0.1:9/{quote(seen, safe='')}?t={quote(seen, safe='')}"
            return response(307, headers=(("Location", elsewhere),))
        if call.result is None:
            return call.honest
        if place == "error" and call.step == "tools/list":
            return call.error(-32000, f"cannot serve {seen}")
        if place == "identity" and call.step == "initialize":
            call.result["serverInfo"] = {"name": seen, "version": seen}
        if place == "version" and call.step == "initialize":
            call.result["protocolVersion"] = seen
        if place == "description" and call.step == "tools/list":
            call.result["tools"] = [tool(description=f"You are {seen}.", title=seen)]
        if place == "name" and call.step == "tools/list":
            call.result["tools"] = [tool(seen), tool(seen)]
        if place == "schema" and call.step == "tools/list":
            schema = {"type": "object", "properties": {seen: {"type": seen, "default": seen}}}
            call.result["tools"] = [tool(inputSchema=schema)]
        return call.answer(call.result)

    return honest.serve({"*": echo})


PLACES = (
    "header",
    "challenge",
    "page",
    "redirect",
    "redirect-away",
    "error",
    "identity",
    "version",
    "description",
    "name",
    "schema",
)


def everything(run: Run, folder: Path) -> str:
    """All that a run left: what it printed, and all files but the test's own plumbing."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    names = " ".join(str(path.relative_to(folder)) for path in files)
    texts = [path.read_text("utf-8") for path in files if path.parent.name != "home"]
    return "\n".join([run.output, names, *texts])


@pytest.mark.parametrize("place", PLACES)
def test_a_bearer_token_is_hidden_wherever_it_comes_back(
    mcpverify: Mcpverify, tmp_path: Path, place: str
) -> None:
    _assert_hidden(mcpverify, tmp_path, WAYS[2], place)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
@pytest.mark.parametrize("place", ["description", "redirect-away"])
def test_a_credential_is_hidden_however_it_was_given(
    mcpverify: Mcpverify, tmp_path: Path, way: Way, place: str
) -> None:
    _assert_hidden(mcpverify, tmp_path, way, place)


def _assert_hidden(mcpverify: Mcpverify, tmp_path: Path, way: Way, place: str) -> None:
    with _echoing(place, way) as server:
        run = mcpverify(
            *("check", way.url(server.url), *way.arguments, "--debug", "-vv", "--samples", "1"),
            *("--report", "json=report.json", "--report", "terminal=report.txt"),
            *("--transcript", "transcript.json"),
            env=way.env,
        )

    assert run.code in (0, 1, 3), run.output
    text = everything(run, tmp_path)
    assert "transcript" in text
    assert leaks(text) == []
    report = Judged((tmp_path / "report.json").read_text())
    if place != "redirect-away":  # there nothing was answered at all
        assert report.outcome("credentials-echoed") == "warned"


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_snapshot_refuses_an_echo(mcpverify: Mcpverify, tmp_path: Path, way: Way) -> None:
    with _echoing("description", way) as server:
        run = mcpverify(
            *("snapshot", way.url(server.url), *way.arguments, "--snapshot", "new.json", "-v"),
            env=way.env,
        )

    assert run.code == 1
    assert "nothing was written" in run.words
    assert not (tmp_path / "new.json").exists()
    assert leaks(everything(run, tmp_path)) == []


def test_snapshot_makes_no_file_name_of_an_echo(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with _echoing("identity", WAYS[2]) as server:
        arguments = (server.url, *WAYS[2].arguments)
        for command in ("check", "snapshot"):
            run = mcpverify(command, *arguments, env=WAYS[2].env | {"CI": "1"})
            assert run.code in (1, 2)
            assert "zx9" not in everything(run, tmp_path).lower()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_a_snapshot_holds_no_credential_and_tells_how_to_check(
    mcpverify: Mcpverify, tmp_path: Path, way: Way
) -> None:
    with honest.serve() as server:
        url, plain = way.url(server.url), server.url
        run = mcpverify("snapshot", url, *way.arguments, "--snapshot", "new.json", env=way.env)

    assert run.code == 0
    assert (tmp_path / "new.json").exists()
    assert leaks(everything(run, tmp_path)) == []
    assert plain not in (tmp_path / "new.json").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ("-H", "Authorization:", "Bearer", SECRET, "http://127.0.0.1:9/mcp"),
        ("-H", f"Authorization Bearer {SECRET}", "http://127.0.0.1:9/mcp"),
        ("--bearer-env", SECRET, "http://127.0.0.1:9/mcp"),
        (f"http://jane:{SECRET}@127.0.0.1:9/mcp",),
        (f"http://jane:{QUOTED}@127.0.0.1:99999/mcp",),
        (f"http://127.0.0.1:9/mcp?key={QUOTED}", f"http://127.0.0.1:9/mcp?key={QUOTED}"),
        (f"ftp://jane:{QUOTED}@127.0.0.1/mcp",),
        (f"http://xn--/mcp?key={QUOTED}",),
        (f"jane:{QUOTED}@host/mcp",),
        (SECRET,),
        ("--nope", f"http://jane:{QUOTED}@127.0.0.1:9/mcp"),
        ("--transport", f"http://jane:{QUOTED}@127.0.0.1:9/mcp"),
        ("-H", f"X-Key: {SECRET}", "--timeout", "soon", "http://127.0.0.1:9/mcp"),
        ("-H", f"X-Key: {SECRET}\n", "-H", f"Y: {SECRET}\x01", "http://127.0.0.1:9/mcp"),
    ],
    ids=range(14),
)
def test_a_mistake_does_not_repeat_what_may_be_secret(
    mcpverify: Mcpverify, arguments: tuple[str, ...]
) -> None:
    run = mcpverify("check", *arguments, "--debug")

    assert run.code == 2, run.output
    assert leaks(run.output) == []


def test_a_child_that_repeats_its_environment_and_arguments_leaks_neither(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    script = (
        "import os, sys\n"
        "print(os.environ['API_TOKEN'], sys.argv[1:], file=sys.stderr)\n"
        "sys.exit('no ' + os.environ['API_TOKEN'])"
    )

    run = mcpverify(
        *("check", "--no-snapshot", "-vv", "--transcript", "transcript.json"),
        *("--", sys.executable, "-c", script, "--api-key", "other-secret-value"),
        env={"API_TOKEN": SECRET},
    )

    text = everything(run, tmp_path)
    assert run.code == 1
    assert leaks(text) == []
    assert "other-secret-value" not in text
    assert "no ***" in run.words


@pytest.mark.skipif(os.name != "posix", reason="the command is a shell")
def test_a_line_for_a_shell_leaks_nothing(mcpverify: Mcpverify, tmp_path: Path) -> None:
    script = "import os, sys; sys.exit(os.environ['SECRET_KEY'] + ' '.join(sys.argv[1:]))"
    served = shlex.join(stdio.command("honest"))
    failing = shlex.join([sys.executable, "-c", script])
    secrets = ("shkey-5555", "shkey-6666")

    files = ("--report", "json=report.json", "--transcript", "transcript.json")
    lines = {
        ("check", "--no-snapshot", "-vv", *files): f"exec {failing} --api-key {secrets[0]}",
        ("snapshot", "--snapshot", "new.json", "-v"): f": --api-key {secrets[0]}; exec {served}",
    }
    for flags, line in lines.items():
        run = mcpverify(*flags, "--", "env", "sh", "-c", f"export SECRET_KEY={secrets[1]}; {line}")
        text = everything(run, tmp_path)
        assert run.code == (1 if flags[0] == "check" else 0), run.output
        assert not [secret for secret in secrets if secret in text]
        assert "--api-key ***" in run.words


def test_the_working_directory_is_no_secret(mcpverify: Mcpverify, tmp_path: Path) -> None:
    """$PWD is what shells call it."""
    script = "import os, sys; sys.exit('not in ' + os.getcwd())"

    run = mcpverify(
        *("check", "--no-snapshot", "--format", "json", "--", sys.executable, "-c", script),
        env={"PWD": str(tmp_path), "OLDPWD": str(tmp_path.parent)},
    )

    assert f"not in {tmp_path}" in run.stdout


# Servers of every kind: a replay must judge each as the run did.
def _replayed() -> dict[str, tuple[Callable[[], RawServer], tuple[str, ...]]]:
    from tests.servers import (
        fails_listing,
        hangs,
        honest_sse,
        is_no_mcp_server,
        lists_invalid_schemas,
        pages_for_ever,
        puts_on_a_show,
    )

    both = ("handshake", "stateless")
    return {
        "honest": (honest.serve, ()),
        "both-eras": (lambda: honest.serve(eras=both), ("--samples", "3")),
        "stateless": (lambda: honest.serve(eras=("stateless",)), ()),
        "pinned": (lambda: honest.serve(eras=both), ("--protocol", "2025-06-18")),
        "pinned-in-vain": (honest.serve, ("--protocol", "2026-07-28")),
        "sse": (honest_sse.serve, ("--transport", "sse")),
        "failing": (fails_listing.serve, ()),
        "hanging": (lambda: hangs.serve("tools/list"), ("--timeout", "500ms")),
        "page": (lambda: is_no_mcp_server.serve(200, b"<html>\xff\x00"), ()),
        "unavailable": (lambda: is_no_mcp_server.serve(503, b"later", "text/plain"), ()),
        "endless": (pages_for_ever.serve, ()),
        "invalid": (lambda: lists_invalid_schemas.serve("unknown-dialect"), ("--strict",)),
        "show": (puts_on_a_show.serve, ("--require-tool", "nope", "--max-latency", "1ms")),
    }


@pytest.mark.parametrize("name", list(_replayed()))
def test_a_replay_judges_as_the_run_did(mcpverify: Mcpverify, tmp_path: Path, name: str) -> None:
    serve, arguments = _replayed()[name]
    flags = [each for each in arguments if each not in ("--transport", "sse")]
    with serve() as server:
        first = mcpverify(
            *("check", server.url, "--no-snapshot", *arguments),
            *("--transcript", "transcript.json", "--format", "json"),
        )
    again = mcpverify(
        "check", "--replay", "transcript.json", "--no-snapshot", *flags, "--format", "json"
    )

    then, now = Judged(first.stdout), Judged(again.stdout)
    assert again.code == first.code
    assert now.target["checks"] == then.target["checks"]
    for key in ("verdict", "headline", "tools", "server", "digests", "next"):
        assert now.target[key] == then.target[key]


def test_a_replay_of_a_child_judges_as_the_run_did(mcpverify: Mcpverify) -> None:
    for name in ("honest", "exits", "prints_first"):
        first = mcpverify(
            *("check", "--no-snapshot", "--transcript", "transcript.json", "--format", "json"),
            *("--", *stdio.command(name)),
        )
        again = mcpverify(
            "check", "--no-snapshot", "--replay", "transcript.json", "--format", "json"
        )
        assert again.code == first.code
        assert Judged(again.stdout).target["checks"] == Judged(first.stdout).target["checks"]


def test_a_replay_compares_with_a_snapshot(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        assert mcpverify("snapshot", server.url, "--snapshot", "old.json").code == 0
    with honest.serve(tools=[tool("add")]) as server:
        run = mcpverify("check", server.url, "--no-snapshot", "--transcript", "transcript.json")
        assert run.code == 0
    again = mcpverify("check", "--replay", "transcript.json", "--snapshot", "old.json")

    assert again.code == 1
    assert "subtract" in again.stdout


def test_a_replay_of_a_redacted_transcript_needs_no_credential(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    way = WAYS[2]
    with _echoing("description", way) as server:
        first = mcpverify(
            *("check", server.url, *way.arguments, "--no-snapshot"),
            *("--transcript", "transcript.json", "--format", "json"),
            env=way.env,
        )
    again = mcpverify("check", "--no-snapshot", "--replay", "transcript.json", "--format", "json")

    assert again.code == first.code == 0
    assert Judged(again.stdout).outcome("credentials-echoed") == "warned"
    assert leaks((tmp_path / "transcript.json").read_text()) == []


def test_what_is_secret_here_by_its_name_alone_changes_no_contract(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    """A laptop with PGPASSWORD=postgres and a pipeline without it see one contract."""
    plain = {"TOKEN": "", "DB_PASSWORD": ""}
    words = {"TOKEN": "numbers", "DB_PASSWORD": "properties", "API_KEY": "subtract"}
    for name, env in (("plain", plain), ("words", words)):
        run = mcpverify(
            *("snapshot", "--snapshot", f"{name}.json", "--", *stdio.command("honest")), env=env
        )
        assert run.code == 0, run.output
    again = mcpverify(
        *("check", "--snapshot", "plain.json", "--strict", "--", *stdio.command("honest")),
        env=words,
    )

    assert (tmp_path / "plain.json").read_bytes() == (tmp_path / "words.json").read_bytes()
    assert again.code == 0


def test_settings_in_headers_and_queries_change_no_contract(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        assert mcpverify("snapshot", server.url, "--snapshot", "plain.json").code == 0
        run = mcpverify(
            *("check", f"{server.url}?toolset=resources&kind=tools&shape=inputSchema", "--strict"),
            *("-H", "X-MCP-Tools: subtract", "-H", "X-Mode: properties"),
            *("--snapshot", "plain.json", "--transcript", "transcript.json"),
        )
    again = mcpverify("check", "--replay", "transcript.json", "--no-snapshot")

    assert run.code == again.code == 0, run.output + again.output


def test_a_child_that_puts_its_token_into_the_contract_is_not_recorded(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    script = (
        "import os, sys; sys.path[:0] = [sys.argv[1]]\n"
        "from tests.servers.stdio import honest\n"
        "honest.main('tools=' + os.environ['API_TOKEN'])"
    )
    root = str(Path(__file__).parents[2])
    run = mcpverify(
        *("snapshot", "--snapshot", "new.json", "--", sys.executable, "-c", script, root),
        env={"API_TOKEN": "abc4defgh"},
    )

    assert run.code == 1
    assert "API_TOKEN" in run.words
    assert "abc4defgh" not in everything(run, tmp_path)
    assert not (tmp_path / "new.json").exists()
