"""The blue-green recipe on this machine: its files, a real nginx, a demo server for each color."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import running
from tests.repositories import commit, git
from tests.servers.certificates import Authority

CHECKOUT = Path(__file__).parents[2]
RECIPE = CHECKOUT / "recipes" / "blue-green"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
NEEDED = ("bash", "flock", "pgrep", "ps")

# Not among the addresses at which the demo server insists on its own name as Host.
_ADDRESS = "127.0.0.2"

# In place of systemd: as there, `enable --now` leaves alone what runs. A start waits for the port.
_SYSTEMCTL = """#!/bin/bash
set -eu
verb=$1
now=$2
color=${{!#}}
color=${{color#weather@}}
cd {folder}
start() {{
  if [ -e "$color.pid" ]; then return; fi
  read -ra words < "$color.release"
  : > "$color.out"
  setsid {python} -m mcpverify demo --serve --lame-duck 100ms --host {address} "${{words[@]}}" \\
    > "$color.out" 2>&1 < /dev/null &
  echo $! > "$color.pid"
  for _ in {{1..200}}; do if grep -q http "$color.out"; then break; fi; sleep 0.1; done
  echo "start $color" >> events
}}
stop() {{
  if [ ! -e "$color.pid" ]; then return; fi
  kill "$(cat "$color.pid")"
  for _ in {{1..100}}; do
    if ! kill -0 "$(cat "$color.pid")" 2>/dev/null; then break; fi
    sleep 0.1
  done
  rm "$color.pid"
  echo "stop $color" >> events
}}
case $verb in
enable)
  : > "$color.enabled"
  if [ "$now" = --now ]; then start; fi
  ;;
disable)
  rm -f "$color.enabled"
  if [ "$now" = --now ]; then stop; fi
  ;;
restart)
  stop
  start
  ;;
esac
"""
_ON_PATH = """#!/bin/bash
exec {nginx} -p {folder} -c {folder}/nginx.conf "$@"
"""


@dataclass(frozen=True, slots=True)
class Switch:
    """How a run of switch.sh ended."""

    code: int
    stdout: str
    said: str


@dataclass(frozen=True, slots=True)
class Site:
    """One machine with nginx and two colors. `port` is the public one."""

    folder: Path
    repository: Path
    port: int
    ports: dict[str, int]
    environment: dict[str, str]

    def release(self, color: str, *arguments: str) -> None:
        """What starts as this color: a demo server with these arguments."""
        words = ["--port", str(self.ports[color]), *arguments]
        (self.folder / f"{color}.release").write_text(" ".join(words) + "\n")

    def systemctl(self, verb: str, color: str) -> None:
        command = [str(self.folder / "bin" / "systemctl"), verb, "--now", f"weather@{color}"]
        subprocess.run(command, env=self.environment, check=True, timeout=30)

    @contextmanager
    def switching(self, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
        """A run of the script of the recipe, in the clone."""
        with (
            (self.folder / "stdout").open("w") as stdout,
            subprocess.Popen(
                ["bash", str(self.folder / "switch.sh"), *arguments],
                cwd=self.repository,
                env=self.environment | environment,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=subprocess.PIPE,
                text=True,
            ) as process,
        ):
            watchdog = threading.Timer(90, process.kill)
            watchdog.start()
            try:
                yield process
            finally:
                watchdog.cancel()
                watchdog.join()

    def switch(self, *arguments: str, **environment: str) -> Switch:
        """The same, to its end."""
        with self.switching(*arguments, **environment) as process:
            assert process.stderr is not None
            said = process.stderr.read()
            code = process.wait(30)
        return Switch(code, (self.folder / "stdout").read_text(), said)

    @property
    def live(self) -> str:
        return os.readlink(self.folder / "mcp" / "live.conf").removesuffix(".conf")

    @property
    def events(self) -> list[str]:
        """What was started and stopped, in order."""
        return (self.folder / "events").read_text().splitlines()

    @property
    def enabled(self) -> set[str]:
        """The colors that a reboot starts."""
        return {each.stem for each in self.folder.glob("*.enabled")}

    @property
    def deployed(self) -> str:
        return git("rev-parse", "deployed^{commit}", cwd=self.repository)


@contextmanager
def site(folder: Path, home: Path, authority: Authority) -> Iterator[Site]:
    """Blue serves the reviewed contract, and has the traffic; green is idle."""
    assert NGINX is not None
    (folder / "mcp").mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "tmp").mkdir()
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    with contextlib.ExitStack() as stack:
        for each in listeners:
            stack.enter_context(each)
            # Of several workers that wake for one connection, all but one would wait in accept.
            each.setblocking(False)
        public, blue, green = (each.getsockname()[1] for each in listeners)
        ports = {color: _free_port() for color in ("blue", "green")}
        instead = {
            "/run/nginx.pid": f"{folder}/nginx.pid",
            "/var/log/nginx/": f"{folder}/",
            "/etc/nginx/mcp": f"{folder}/mcp",
            "127.0.0.1:8441": f"127.0.0.1:{blue}",
            "127.0.0.1:8442": f"127.0.0.1:{green}",
            "listen 443": f"listen 127.0.0.1:{public}",
            "127.0.0.1:443": f"127.0.0.1:{public}",
            "127.0.0.1:8001": f"{_ADDRESS}:{ports['blue']}",
            "127.0.0.1:8002": f"{_ADDRESS}:{ports['green']}",
            # Only the patience is less than in the recipe, and the folders for bodies are ours.
            "http {": "http {" + _temporary(folder),
            "worker_shutdown_timeout 60s": "worker_shutdown_timeout 30s",
            "drain_seconds=75": "drain_seconds=45",
            "--wait 1m": "--wait 3s",
        }
        _copy(folder, instead)
        certificate, key = authority.issue("mcp.example.com")
        shutil.copy(certificate, folder / "mcp" / "mcp.example.com.pem")
        shutil.copy(key, folder / "mcp" / "mcp.example.com.key")
        (folder / "mcp" / "live.conf").symlink_to("blue.conf")
        _program(folder / "bin" / "nginx", _ON_PATH.format(nginx=NGINX, folder=folder))
        words = {"folder": folder, "python": sys.executable, "address": _ADDRESS}
        _program(folder / "bin" / "systemctl", _SYSTEMCTL.format_map(words))
        paths = f"{folder / 'bin'}:{Path(sys.executable).parent}:/usr/bin:/bin"
        extra = {"PATH": paths, "MCP_TOKEN": "secret", "SSL_CERT_FILE": str(authority.bundle)}
        found = Site(
            folder,
            _repository(folder / "clone"),
            public,
            ports,
            running.environment(home, extra),
        )
        stack.callback(_end, found)
        found.release("blue")
        found.systemctl("enable", "blue")
        stack.enter_context(_nginx(folder, listeners))
        yield found


def _free_port() -> int:
    with socket.create_server((_ADDRESS, 0)) as listener:
        return int(listener.getsockname()[1])


def _temporary(folder: Path) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return "".join(f"\n    {kind}_temp_path {folder}/tmp/{kind};" for kind in kinds)


def _copy(folder: Path, instead: dict[str, str]) -> None:
    """The files of the recipe, where they belong, with the addresses of this machine."""
    # All at once: else a port that begins like one of the recipe's would be replaced again.
    known = re.compile("|".join(rf"{re.escape(each)}(?!\d)" for each in instead))
    for name in ("nginx.conf", "switch.sh", "mcp/proxy.conf", "mcp/blue.conf", "mcp/green.conf"):
        text = (RECIPE / Path(name).name).read_text(encoding="utf-8")
        text = known.sub(lambda found: instead[found[0]], text)
        (folder / name).write_text(text, encoding="utf-8")


def _program(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def _repository(folder: Path) -> Path:
    """A clone whose only commit holds the reviewed snapshot, and is deployed."""
    folder.mkdir()
    git("init", "-q", cwd=folder)
    reviewed = (CHECKOUT / "snapshots" / "demo.json").read_bytes()
    commit(reviewed, "snapshots/weather.json", folder)
    git("tag", "deployed", cwd=folder)
    commit("2", "release", folder)
    return folder


@contextmanager
def _nginx(folder: Path, listeners: list[socket.socket]) -> Iterator[None]:
    assert NGINX is not None
    tried = subprocess.run(
        [NGINX, "-p", str(folder), "-c", f"{folder}/nginx.conf", "-t"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert tried.returncode == 0, tried.stderr
    numbers = [each.fileno() for each in listeners]
    with (folder / "nginx.out").open("wb") as out:
        process = subprocess.Popen(
            [NGINX, "-p", str(folder), "-c", f"{folder}/nginx.conf", "-g", "daemon off;"],
            # The sockets are made here and handed down, so that the ports are ours.
            env=os.environ | {"NGINX": "".join(f"{each};" for each in numbers)},
            pass_fds=numbers,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        _wait_for_workers(process)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _wait_for_workers(nginx: subprocess.Popen[bytes]) -> None:
    """The sockets accept from the start, so that only the processes tell."""
    end = time.monotonic() + 30
    command = ["pgrep", "-P", str(nginx.pid), "-f", "nginx: worker process"]
    while subprocess.run(command, capture_output=True, check=False, timeout=10).returncode != 0:
        assert nginx.poll() is None, "nginx has ended"
        assert time.monotonic() < end
        time.sleep(0.02)


def _end(found: Site) -> None:
    for color in found.ports:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int((found.folder / f"{color}.pid").read_text()), signal.SIGKILL)
