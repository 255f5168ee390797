"""One row of the drain roster under `mcpverify drain`, for the tests and for benchmarks/DRAIN.md.

What the servers inherit, a home of their own, tells them from all other processes: none of them
may be there afterwards. A run that has to be cut off takes them along.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

import psutil

from mcpverify.facts.drain import Shutdown
from mcpverify.facts.revision import Era
from mcpverify.facts.timeline import Purpose, Request, RequestOutcome, Timeline
from mcpverify.facts.timeline_text import timelines_of
from tests import running
from tests.peers.drain_roster import INSTALLATIONS, NEVER, NODE, REFUSED, Row
from tests.peers.install import HERE, Installable, is_installed, script_of_everything
from tests.peers.roster import PEERS
from tests.running import Run

SECONDS = 90
# What is accepted so soon after the signal may be dropped: a race, and told apart as one.
_RACE_SECONDS = 0.2
# Of a process that is about to end, nobody can say what it still accepts.
_LAST_SECONDS = 0.15
_INSTALLED: dict[str, Installable] = {each.name: each for each in (*PEERS, *INSTALLATIONS)}

_KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "users": [{"name": "user", "user": {"token": "token"}}],
    "contexts": [{"name": "context", "context": {"cluster": "cluster", "user": "user"}}],
    "current-context": "context",
}


@dataclass(frozen=True, slots=True)
class Tried:
    """A row that was tried. `left` are the command lines of what it left behind."""

    row: Row
    run: Run
    timeline: Timeline
    left: tuple[str, ...]

    def calls(self, era: Era) -> tuple[Request, ...]:
        return tuple(each for each in self.timeline.of(Purpose.CALL) if each.era is era)

    @property
    def eras(self) -> frozenset[Era]:
        return frozenset(each.era for each in self.timeline.of(Purpose.CALL) if each.era)

    def new_sessions(self, racing: bool) -> frozenset[RequestOutcome]:
        """How new ones ended while the process lived: in the accept race, or after it."""
        until = (self.timeline.end.ended or self.timeline.setting.grace) - _LAST_SECONDS
        return frozenset(
            each.outcome
            for each in self.timeline.of(Purpose.NEW_SESSION)
            if each.began < until and (each.began < _RACE_SECONDS) is racing
        )

    @property
    def old_session(self) -> int | str | None:
        """How old sessions were answered; None where they were not asked, or not alike."""
        answers = {
            NEVER if each.outcome is RequestOutcome.TIMEOUT else each.status
            for each in self.timeline.aftermath.old_sessions
        }
        return answers.pop() if len(answers) == 1 else None

    @property
    def exit_code(self) -> int | None:
        """None where it had to be killed."""
        end = self.timeline.end
        return None if end.killed else end.exit_code

    @property
    def shutdown(self) -> Shutdown | None:
        """What mcpverify calls it, None where it made no trial."""
        word = self.run.report["shutdown"]
        return None if word is None else Shutdown(word)

    @property
    def failed(self) -> frozenset[str]:
        """The ids of the points that failed."""
        (trial,) = self.run.report["trials"]
        return frozenset(each["id"] for each in trial["checks"] if each["outcome"] == "failed")


def unexpected(seen: Tried) -> Iterator[str]:
    """Where a row ended otherwise than it is known to."""
    ending = seen.row.ending
    for era in Era:
        known = ending.calls.get(era, frozenset())
        ended = frozenset(call.outcome for call in seen.calls(era))
        if not ended <= known or bool(ended) is not bool(known):
            yield f"calls of the {era} era ended {_words(ended)}, not {_words(known)}"
    # Any server may refuse in the end, and one that ends at once is not asked at all.
    met = seen.new_sessions(racing=False)
    if met | REFUSED != ending.new_sessions | REFUSED:
        yield f"new sessions were {_words(met)}, not {_words(ending.new_sessions)}"
    if seen.exit_code != ending.exit_code:
        yield f"its exit code was {seen.exit_code}, not {ending.exit_code}"
    if seen.old_session != ending.old_session:
        yield f"old sessions were answered {seen.old_session}, not {ending.old_session}"
    if seen.shutdown not in ending.shutdown:
        yield f"it was {seen.shutdown}, not {_words(ending.shutdown)}"
    if seen.failed - ending.may_fail != ending.failed:
        yield f"what failed was {_words(seen.failed)}, not {_words(ending.failed)}"
    if seen.left:
        yield f"it left {', '.join(seen.left)} behind"


def _words(values: Iterable[str]) -> str:
    return " or ".join(sorted(values)) or "nothing"


def absent(row: Row, cache: Path) -> str:
    """Why a row cannot be tried here, or "" where it can."""
    if os.name != "posix":
        return f"{row}: there are no signals here"
    if row.in_node and shutil.which("node") is None:
        return f"{row} needs node on the PATH"
    for name in row.needs:
        if not is_installed(cache, _INSTALLED[name]):
            return f"{name} is not installed in {cache}: run python tests/peers/install.py"
    program = Path(_placed(row, cache)[0])
    if program.is_absolute() and not program.exists():
        return f"{row} is not to be had for this platform"
    return ""


def tried(row: Row, cache: Path, folder: Path) -> Tried:
    """Run `mcpverify drain` on a row. `folder` is new. Raises TimeoutError."""
    home = folder / row.slug
    home.mkdir(parents=True)
    record = home / "timeline.json"
    tool, arguments = row.slow
    try:
        with _cluster(home) if row.cluster else contextlib.nullcontext(Path()) as kubeconfig:
            run = running.run(
                "drain",
                *("--format", "json", "--record", str(record)),
                *("--call", tool, "--args", arguments, *row.options),
                *("--", *_placed(row, cache, kubeconfig)),
                cwd=home,
                home=home,
                timeout=SECONDS,
            )
    finally:
        left = ended(home)
    assert record.exists(), run.output
    (timeline,) = timelines_of(record.read_bytes())
    return Tried(row, run, timeline, left)


def versions(row: Row, cache: Path) -> tuple[tuple[str, str], ...]:
    """The packages that decide, each with its release."""
    return tuple((package, _version(row, package, cache)) for package in row.packages)


def _version(row: Row, package: str, cache: Path) -> str:
    for name in row.needs:
        modules = cache / name / "node_modules"
        manifest = modules / package / "package.json"
        if manifest.exists():
            return str(json.loads(manifest.read_text())["version"])
        sites = [str(each) for each in (cache / name).glob("lib/python*/site-packages")]
        for found in distributions(name=package, path=sites):
            return found.version
    raise AssertionError(f"{package} is in none of {', '.join(row.needs)}")


def _placed(row: Row, cache: Path, kubeconfig: Path = Path()) -> tuple[str, ...]:
    places = {
        "cache": cache,
        "servers": HERE / "servers",
        "modules": cache / NODE.name / "node_modules",
        "everything": script_of_everything(cache),
        "kubeconfig": kubeconfig,
    }
    return tuple(word.format_map(places) for word in row.command)


@contextlib.contextmanager
def _cluster(home: Path) -> Iterator[Path]:
    """What kubernetes-mcp-server takes for a cluster; yields the file that says where it is."""
    with subprocess.Popen(
        [sys.executable, str(HERE / "servers" / "drain_cluster.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            url = f"http://127.0.0.1:{int(process.stdout.readline())}"
            file = home / "kubeconfig"
            cluster = [{"name": "cluster", "cluster": {"server": url}}]
            file.write_text(json.dumps(_KUBECONFIG | {"clusters": cluster}))
            yield file
        finally:
            process.kill()


def ended(home: Path) -> tuple[str, ...]:
    """End what was left behind; returns the command lines."""
    left = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("HOME") == str(home):
                left.append(" ".join(process.cmdline()))
                process.kill()
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            pass
    return tuple(left)
