"""The blue-green recipe end to end: real nginx, two real servers, and traffic all the while."""

import configparser
import json
import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from mcpverify.cli.app import COMMANDS, app_with
from mcpverify.cli.invocation import Invocation
from tests import running
from tests.recipes import traffic
from tests.recipes.blue_green_site import CHECKOUT, NEEDED, NGINX, RECIPE, Site, Switch, site
from tests.recipes.traffic import Caller, Traffic, calling
from tests.repositories import commit, git
from tests.servers.certificates import Authority

DOCUMENT = (CHECKOUT / "docs" / "blue-green.md").read_text(encoding="utf-8")
SCRIPT = (RECIPE / "switch.sh").read_text(encoding="utf-8")
CONFIGURATION = (RECIPE / "nginx.conf").read_text(encoding="utf-8")

_MISSING = [each for each in NEEDED if shutil.which(each) is None]
_MISSING += [] if NGINX else ["nginx"]
_MISSING += [] if sys.platform == "linux" else ["linux"]
on_a_site = pytest.mark.skipif(bool(_MISSING), reason=f"{_MISSING} NOT INSTALLED: not tested")
takes_long = pytest.mark.timeout(180)


@pytest.fixture
def here(tmp_path: Path, scrubbed_environment: Path, authority: Authority) -> Iterator[Site]:
    with site(tmp_path / "site", scrubbed_environment, authority) as found:
        yield found


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Site]:
    """A site for runs that change nothing: one is enough for all of them."""
    folder = tmp_path_factory.mktemp("untouched")
    home = folder / "home"
    home.mkdir()
    with site(folder / "site", home, authority) as found:
        found.release("green")
        yield found


def call_once(here: Site, authority: Authority) -> Traffic:
    """What a single call through nginx shows."""
    seen = Traffic()
    caller = Caller(here.port, ssl.create_default_context(cafile=str(authority.bundle)))
    with caller.client() as client:
        seen.count(caller.listing(client))
    return seen


# A good release


@dataclass(frozen=True, slots=True)
class Good:
    """A good switch, and what three clients saw of it. Blue was slow: calls were in flight."""

    site: Site
    run: Switch
    fresh: Traffic
    kept: Traffic
    sessions: Traffic


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Good]:
    folder = tmp_path_factory.mktemp("good")
    home = folder / "home"
    home.mkdir()
    with site(folder / "site", home, authority) as here:
        here.systemctl("disable", "blue")
        here.release("blue", "--fault", "slow")
        here.systemctl("enable", "blue")
        here.release("green")
        with ExitStack() as stack:
            fresh, kept, sessions = (
                stack.enter_context(calling(here.port, authority.bundle, each))
                for each in (
                    traffic.on_fresh_connections,
                    traffic.on_one_connection,
                    traffic.in_sessions,
                )
            )
            run = here.switch("HEAD")
        yield Good(here, run, fresh, kept, sessions)


@on_a_site
@takes_long
def test_a_good_release_gets_the_traffic(good: Good) -> None:
    assert good.run.code == 0, good.run.said
    assert good.site.live == "green"
    assert "traffic goes to green" in good.run.said
    assert good.site.switch("--idle").stdout == "blue\n"


@on_a_site
@takes_long
def test_the_old_color_is_stopped_after_a_good_switch(good: Good) -> None:
    assert good.site.events[-2:] == ["start green", "stop blue"]
    assert good.site.enabled == {"green"}, "what a reboot starts"
    assert not (good.site.folder / "blue.pid").exists()


@on_a_site
@takes_long
def test_a_good_switch_moves_the_tag(good: Good) -> None:
    assert good.site.deployed == git("rev-parse", "HEAD", cwd=good.site.repository)


@on_a_site
@takes_long
def test_a_client_that_calls_all_the_time_loses_nothing_on_a_good_switch(good: Good) -> None:
    assert good.fresh.lost == []
    assert good.fresh.answered > 10


@on_a_site
@takes_long
def test_a_client_that_keeps_its_connection_loses_at_most_the_call_that_met_its_end(
    good: Good,
) -> None:
    # nginx closes a connection that is idle when the worker ends, and a request may be under way
    # to it: clients send such a one again. (The document says so.)
    assert len(good.kept.lost) <= 1, good.kept.lost
    assert all("RemoteProtocolError" in each or "ReadError" in each for each in good.kept.lost)
    assert good.kept.answered > 10


@on_a_site
@takes_long
def test_a_session_is_opened_anew_on_the_other_color_and_loses_nothing_else(good: Good) -> None:
    assert good.sessions.reopened == 1
    assert good.sessions.lost == []


@on_a_site
@takes_long
def test_what_is_in_flight_at_the_switch_is_answered_by_the_old_color(
    here: Site, authority: Authority
) -> None:
    here.release("green")
    context = ssl.create_default_context(cafile=str(authority.bundle))
    head, body = listing_as_bytes()
    with (
        socket.create_connection(("127.0.0.1", here.port), 30) as plain,
        context.wrap_socket(plain, server_hostname="mcp.example.com") as connection,
    ):
        # nginx has taken the request, and asks blue once it is whole.
        connection.sendall(head + body[:10])
        with here.switching("HEAD") as process:
            assert process.stderr is not None
            for line in process.stderr:
                if "draining blue" in line:
                    break
            assert here.live == "green"
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(3)  # as long as this request is open
            connection.sendall(body[10:])
            answer = received(connection)
            process.stderr.read()
            assert process.wait(60) == 0

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"tools"' in answer
    assert here.events[-1] == "stop blue"


def listing_as_bytes() -> tuple[bytes, bytes]:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": traffic.PARAMS})
    headers = traffic.HEADERS | {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    lines = ["POST /mcp HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode(), body.encode()


def received(connection: ssl.SSLSocket) -> bytes:
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    return answer


@on_a_site
@takes_long
def test_a_live_server_that_is_down_does_not_keep_its_successor_away(here: Site) -> None:
    here.systemctl("disable", "blue")
    here.release("green")
    run = here.switch("HEAD")
    assert run.code == 0, run.said
    assert "blue could not be compared: going on" in run.said
    assert here.live == "green"


@on_a_site
@takes_long
def test_the_next_release_goes_to_the_other_color(here: Site) -> None:
    here.release("green")
    for color in ("green", "blue"):
        run = here.switch("HEAD")
        assert run.code == 0, run.said
        assert here.live == color
    assert here.events[1:] == ["start green", "stop blue", "start blue", "stop green"]


# A bad one


@on_a_site
@takes_long
@pytest.mark.parametrize(("fault", "code"), [("changed-schema", 1), ("unavailable", 3)])
def test_a_broken_release_never_gets_the_traffic(
    fault: str, code: int, here: Site, authority: Authority
) -> None:
    here.release("green", "--fault", fault)
    with calling(here.port, authority.bundle, traffic.on_fresh_connections) as seen:
        run = here.switch("HEAD")

    assert run.code == code, run.said
    assert "traffic goes to" not in run.said
    assert here.live == "blue"
    assert here.events == ["start blue", "start green", "stop green"]
    assert seen.lost == []
    assert here.deployed != git("rev-parse", "HEAD", cwd=here.repository)


@on_a_site
@takes_long
def test_a_release_that_differs_in_a_text_alone_never_gets_the_traffic(here: Site) -> None:
    here.release("green")
    snapshot = here.repository / "snapshots" / "weather.json"
    text = snapshot.read_text(encoding="utf-8")
    assert "Brew one pot" in text
    snapshot.write_text(text.replace("Brew one pot", "Prepare one pot"), encoding="utf-8")
    words = ("snapshot", "--rehash", str(snapshot))
    assert running.run(*words, cwd=here.folder, home=here.folder).code == 0
    commit(snapshot.read_bytes(), "snapshots/weather.json", here.repository)

    run = here.switch("HEAD")
    assert run.code == 1, run.said
    assert "traffic goes to" not in run.said
    assert here.live == "blue"


@on_a_site
@takes_long
def test_an_idle_color_that_still_runs_is_replaced_by_the_new_release(here: Site) -> None:
    # Left by a switch that was broken off: the files are new, and the process is the old one.
    here.release("green", "--fault", "changed-schema")
    here.systemctl("enable", "green")
    here.release("green")

    run = here.switch("HEAD")
    assert run.code == 0, run.said
    assert here.live == "green"
    assert here.events == ["start blue", "start green", "stop green", "start green", "stop blue"]


@on_a_site
@takes_long
def test_a_switch_is_not_broken_off_between_the_link_and_nginx(here: Site) -> None:
    # Else the link would lead to a color without traffic, and the next switch restart the other.
    here.release("green")
    nginx = here.folder / "bin" / "nginx"
    text = nginx.read_text(encoding="utf-8")
    hasty = text.replace("exec ", 'if [ "$1" = -t ]; then kill -TERM "$PPID"; fi\nexec ')
    assert hasty != text
    nginx.write_text(hasty, encoding="utf-8")
    run = here.switch("HEAD")
    assert run.code == 0, run.said
    assert here.live == "green"
    assert here.events == ["start blue", "start green", "stop blue"]


@on_a_site
@takes_long
@pytest.mark.parametrize("left", ["nothing", "a number that is another's", "no number"])
def test_where_the_running_nginx_is_not_found_nothing_is_changed(
    untouched: Site, left: str
) -> None:
    file = untouched.folder / "nginx.pid"
    kept = file.rename(untouched.folder / "kept.pid").read_text()
    if left != "nothing":
        file.write_text("" if left == "no number" else f"{os.getpid()}\n")
    before = untouched.events
    run = untouched.switch("HEAD")
    file.write_text(kept)

    assert run.code == 2, run.said
    assert f"no nginx runs by {file}" in run.said
    assert untouched.live == "blue"
    assert untouched.events == before


@on_a_site
@takes_long
@pytest.mark.parametrize("code", [1, 3])
def test_a_release_that_is_red_only_behind_nginx_is_switched_back(
    code: int, here: Site, authority: Authority
) -> None:
    here.release("green")
    with ExitStack() as stack:
        # The public way leads to another server than the one that was checked: a stale file.
        address = stack.enter_context(elsewhere(here)) if code == 1 else closed()
        route = f"upstream stale {{ server {address}; }} map $host $live {{ default stale; }}"
        (here.folder / "mcp" / "green.conf").write_text(route)
        run = here.switch("HEAD")

    assert run.code == code, run.said
    went, back = (run.said.index(f"traffic goes to {color}") for color in ("green", "blue"))
    assert went < back
    assert here.live == "blue"
    assert here.events == ["start blue", "start green", "stop green"]
    assert call_once(here, authority).answered == 1
    assert here.deployed != git("rev-parse", "HEAD", cwd=here.repository)


class elsewhere:  # noqa: N801
    """The address of a server that answers, and is wrong."""

    def __init__(self, here: Site) -> None:
        words = ("demo", "--serve", "--host", "127.0.0.2", "--fault", "changed-schema")
        self._started = running.started(*words, cwd=here.folder, home=here.folder)

    def __enter__(self) -> str:
        server = self._started.__enter__()
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        return url.removeprefix("http://").removesuffix("/mcp")

    def __exit__(self, *error: Any) -> None:
        self._started.__exit__(*error)


def closed() -> str:
    with socket.create_server(("127.0.0.2", 0)) as listener:
        return f"127.0.0.2:{listener.getsockname()[1]}"


@on_a_site
@takes_long
def test_a_reviewed_release_that_breaks_callers_is_switched_only_where_that_is_said(
    here: Site,
) -> None:
    here.release("green", "--fault", "changed-schema")
    reviewed = here.repository / "snapshots" / "weather.json"
    with elsewhere(here) as address:
        url = f"http://{address}/mcp"
        words = ("snapshot", url, "--snapshot", str(reviewed))
        assert running.run(*words, cwd=here.folder, home=here.folder).code == 0
    commit(reviewed.read_bytes(), "snapshots/weather.json", here.repository)

    run = here.switch("HEAD")
    assert run.code == 1
    assert "green breaks callers of blue" in run.said
    assert here.live == "blue"

    assert here.switch("HEAD", ALLOW_BREAKING="yes").code == 0
    assert here.live == "green"


# A wrong call


@on_a_site
@takes_long
def test_an_empty_token_switches_nothing(here: Site) -> None:
    here.release("green")
    run = here.switch("HEAD", MCP_TOKEN="")
    assert run.code == 2
    assert here.live == "blue"
    assert here.events[-1] == "stop green"


@on_a_site
@takes_long
def test_a_configuration_that_nginx_refuses_is_never_live(here: Site, authority: Authority) -> None:
    here.release("green")
    (here.folder / "mcp" / "green.conf").write_text("map $host $live { default green }")
    run = here.switch("HEAD")
    assert run.code == 2
    assert "stays at blue" in run.said
    assert here.live == "blue"
    assert here.events[-1] == "stop green"
    assert call_once(here, authority).answered == 1


@on_a_site
@takes_long
@pytest.mark.parametrize(
    ("arguments", "words"),
    [((), "usage"), (("--help",), "usage"), (("no-such-commit",), "there is no commit")],
    ids=["none", "option", "unknown"],
)
def test_a_wrong_call_starts_nothing(
    untouched: Site, arguments: tuple[str, ...], words: str
) -> None:
    run = untouched.switch(*arguments)
    assert run.code == 2
    assert words in run.said
    assert untouched.events == ["start blue"]


@on_a_site
@takes_long
def test_two_switches_at_a_time_are_one_too_many(untouched: Site) -> None:
    flock = shutil.which("flock")
    assert flock is not None
    lock = str(untouched.folder / "mcp" / "switch.lock")
    holder = subprocess.Popen(
        [flock, lock, "bash", "-c", "echo; read -r _"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        run = untouched.switch("HEAD")
        holder.communicate(b"\n", 10)
    assert run.code == 2
    assert "another switch is under way" in run.said
    assert untouched.events == ["start blue"]


# The files


def test_the_script_passes_shellcheck() -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run(
        [shellcheck, RECIPE / "switch.sh"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (0, "")


def seconds(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    assert found is not None
    return int(found[1])


def test_the_script_waits_longer_than_nginx_does() -> None:
    nginx = seconds(r"worker_shutdown_timeout (\d+)s", CONFIGURATION)
    script = seconds(r"drain_seconds=(\d+)", SCRIPT)
    assert nginx < script


def test_the_service_has_more_time_to_stop_than_calls_have_to_end() -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(RECIPE / "weather@.service", encoding="utf-8")
    nginx = seconds(r"worker_shutdown_timeout (\d+)s", CONFIGURATION)
    assert int(unit["Service"]["TimeoutStopSec"].removesuffix("s")) > nginx
    assert unit["Service"]["ExecStart"].endswith("python -m weather_server")


def test_the_script_and_nginx_agree_on_the_listeners() -> None:
    for color, port in re.findall(r"\[(\w+)\]=127\.0\.0\.1:(\d+)", SCRIPT):
        pattern = rf"listen 127\.0\.0\.1:{port} ssl;[^}}]*proxy_pass http://{color};"
        assert re.search(pattern, CONFIGURATION, re.DOTALL)


def test_a_switch_back_is_for_1_and_3_alone() -> None:
    watched = SCRIPT.partition("# 5.")[2].partition("# 6.")[0]
    assert re.findall(r"^  (\S.*)\)$", watched, re.MULTILINE) == ["1 | 3", "*"]


def test_links_in_the_document_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", DOCUMENT)
    assert {Path(each).name for each in links} >= {each.name for each in RECIPE.iterdir()}
    for each in links:
        assert (CHECKOUT / "docs" / each).exists(), each


def test_the_commands_in_the_document_are_understood() -> None:
    text = "".join(re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)).replace("\\\n", " ")
    lines = re.findall(r"^(mcpverify .*)", text, re.MULTILINE)
    assert {line.split()[1] for line in lines} == {"check", "diff"}
    for line in lines:
        invocation = Invocation.of(shlex.split(line)[1:])
        name, *arguments = invocation.arguments
        app: Any = typer.main.get_command(app_with(COMMANDS))
        app.commands[name].make_context(name, arguments, obj=invocation)
