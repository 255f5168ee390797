"""The runs that the documents show: real commands against real servers, with steady figures."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DOCS = Path(__file__).resolve().parent
EXAMPLES = DOCS / "examples"
PORT = 8000  # the one that README tells its readers to use
_WIDTH = 80
_SECONDS = 60
_DAY = 86_400
_SNAPSHOT = "snapshots/weather.json"
# What the commits of a made-up repository are called: their hashes hold the time.
_OLD = "4b1d0aa6c2f1703fe8f1d65a2be6c5cf1b7d9e60"
_DEPLOYED = "9f3c2e1a04d27e15b8a9d40c3f6e2b7a5d1c8e94"


def green_run() -> str:
    """What `check` prints about the server that was reviewed."""
    return _demo_run("", 0)


def red_run() -> str:
    """What `check` prints about a server whose schema is another one."""
    return _demo_run("changed-schema", 1)


def drift_run() -> str:
    """What `diff` prints about the two listings in docs/examples."""
    return fenced(steadied(run(1, EXAMPLES, "diff", "search-1.json", "search-2.json")))


def _demo_run(fault: str, wanted: int) -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with demo() as url:
            run(0, folder, "snapshot", url)
            text = run(0, folder, "check", url)
        if fault:
            with demo("--fault", fault) as url:
                text = run(wanted, folder, "check", url)
    return fenced(steadied(text))


def unreviewed_run() -> str:
    """What `check` prints about a release that changed what nobody reviewed."""
    return fenced(_unreviewed())


def unreviewed_comment() -> str:
    """The same in Markdown, with what is folded away left out."""
    text = _weather_run(3, "2.4.1", "--format", "markdown")
    folded = re.sub(r"(</summary>).*?(</details>)", r"\1 … \2", text, flags=re.DOTALL)
    return fenced(folded, "markdown", "````")


def old_release_run() -> str:
    """What `check` prints where the release before is still serving."""
    return fenced(_weather_run(1, "2.3.9"))


@cache
def _unreviewed() -> str:
    return _weather_run(3, "2.4.1")


def excerpt(name: str) -> str:
    """What the report on the unreviewed change says of one tool."""
    lines = _unreviewed().splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith(f"  {name} "))
    rest = enumerate(lines[first + 1 :], 1)
    length = next(at for at, line in rest if not line.startswith("   "))
    return fenced("".join(f"{line}\n" for line in lines[first : first + length]))


def fenced(text: str, language: str = "text", fence: str = "```") -> str:
    return f"{fence}{language}\n{text}{fence}"


@dataclass(frozen=True, slots=True)
class Repository:
    """A checkout whose snapshot has an old version and the one that was deployed."""

    folder: Path
    commits: tuple[str, str]

    def steadied(self, text: str) -> str:
        """`text` with the hashes that stand for these commits in the documents."""
        for real, shown in zip(self.commits, (_OLD, _DEPLOYED), strict=True):
            for digits in (40, 12, 7):
                text = text.replace(real[:digits], shown[:digits])
        return text


@contextmanager
def weather_repository() -> Iterator[Repository]:
    """The snapshots of weather 2.3.9, six days old, and 2.4.0, each in a commit."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _git(folder, 0, "init", "--quiet", "--initial-branch=main")
        commits = []
        for listing, version, age in ((1, "2.3.9", 6 * _DAY), (2, "2.4.0", _DAY / 4)):
            with weather(listing, version) as url:
                run(0, folder, "snapshot", url, "--snapshot", _SNAPSHOT)
            _git(folder, age, "add", _SNAPSHOT)
            _git(folder, age, "commit", "--quiet", f"--message=Release {version}")
            commits.append(_git(folder, age, "rev-parse", "HEAD").strip())
        yield Repository(folder, (commits[0], commits[1]))


def _weather_run(listing: int, version: str, *flags: str) -> str:
    """What `check` says of a release of weather, where 2.4.0 should be serving."""
    with weather_repository() as repository, weather(listing, version) as url:
        gate = ("check", url, "--snapshot", f"git:HEAD:{_SNAPSHOT}", *flags)
        text = repository.steadied(run(1, repository.folder, *gate))
    return steadied(text) if not flags else with_port(text)


@contextmanager
def demo(*flags: str) -> Iterator[str]:
    """The URL of a demo server, which ends with the block."""
    with _served("-m", "mcpverify", "demo", "--serve", *flags) as url:
        yield url


@contextmanager
def weather(listing: int, version: str) -> Iterator[str]:
    """The URL of a weather server that lists docs/examples/weather-{listing}.json."""
    file = str(EXAMPLES / f"weather-{listing}.json")
    with _served(str(DOCS / "weather.py"), file, version) as url:
        yield url


@contextmanager
def _served(*command: str) -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, text=True, env=_environment()
    ) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().split()[-1]
        finally:
            server.kill()  # it would drain first


def run(wanted: int, folder: Path, *arguments: str, **environment: str) -> str:
    """What mcpverify prints on stdout. Raises RuntimeError where it ends otherwise than wanted."""
    done = subprocess.run(
        [sys.executable, "-m", "mcpverify", *arguments],
        cwd=folder,
        env=_environment() | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    if done.returncode != wanted:
        raise RuntimeError(f"{arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def _git(folder: Path, age: float, *arguments: str) -> str:
    """Runs git as someone who commits `age` seconds ago, whatever the settings of this machine."""
    date = f"{time.time() - age:.0f} +0000"
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *identity, *arguments],
        cwd=folder,
        env=_environment() | {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date},
        capture_output=True,
        text=True,
        check=True,
        timeout=_SECONDS,
    )
    return done.stdout


def _environment() -> dict[str, str]:
    """Without what would make a run tell a runner of CI about itself, too."""
    told = ("GITHUB_", "GITLAB_", "GIT_")
    return {
        name: value
        for name, value in os.environ.items()
        if name != "CI" and not name.startswith(told)
    }


def steadied(text: str) -> str:
    """A report with what differs from run to run made the same: port, time of day, durations."""
    text = with_port(text)
    text = re.sub(r"slowest \S+ [\d.]+ m?s\b", "slowest initialize 7 ms", text)
    first, rest = text.split("\n", 1)
    left, right = re.split(r" {2,}(?=\d\d:\d\d:\d\dZ)", first)
    right = re.sub(r"^\S+  [\d.]+ m?s\b", "03:12:44Z  86 ms", right)
    return f"{left}{right:>{_WIDTH - len(left)}}\n{rest}"


def with_port(text: str) -> str:
    """`text` with the port that the documents tell their readers to use."""
    return re.sub(r"(127\.0\.0\.1):\d+", rf"\1:{PORT}", text)
