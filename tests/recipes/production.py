"""A throw-away project with a bare origin, and the machine that its server runs on."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import running
from tests.recipes.workflow import Job, Machine, Trigger
from tests.repositories import git

CHECKOUT = Path(__file__).parents[2]
RECIPES = CHECKOUT / "recipes" / "github"
WEATHER = Path(__file__).parent / "weather"
SECRET = "the-token-of-production"
SNAPSHOT = "snapshots/weather.json"

# GitHub's side of a push: nobody gets in without the token of the run, by way of gh.
_DOOR = """#!/bin/sh
if [ -n "$PUSHED_AT_THE_DESK" ]; then exit 0; fi
if [ -e "$GIT_DIR/refuses" ]; then echo "refusing to move a tag" >&2; exit 1; fi
if [ -z "$GH_TOKEN" ] || ! git config --global --get-regexp '^credential' > /dev/null; then
  echo "could not read Username for 'https://github.com'" >&2
  exit 1
fi
"""


def recipe(name: str) -> str:
    return (RECIPES / name).read_text(encoding="utf-8")


@dataclass(slots=True)
class Project:
    """The weather project: `desk` is a clone to work in, `folder` is production."""

    root: Path
    port: int
    secrets: dict[str, str] = field(default_factory=lambda: {"MCP_TOKEN": SECRET})
    environment: dict[str, str] = field(default_factory=dict)
    patience: str = "20s"  # of the gate; a red one takes it all

    @property
    def desk(self) -> Path:
        return self.root / "desk"

    @property
    def origin(self) -> Path:
        return self.root / "origin.git"

    @property
    def folder(self) -> Path:
        return self.root / "production"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    @property
    def deploys(self) -> list[str]:
        """The commits that deploy.sh was called with, in their order."""
        file = self.folder / "deployed"
        return file.read_text().split() if file.exists() else []

    @property
    def names(self) -> list[str]:
        """The servers that deploy.sh was told to deploy, "" where it was told none."""
        return (self.folder / "named").read_text().splitlines()

    @property
    def tag(self) -> str:
        """The commit that the tag `deployed` of origin leads to, "" where there is none."""
        return self._git("for-each-ref", "--format=%(objectname)", "refs/tags/deployed", bare=True)

    @property
    def comments(self) -> list[str]:
        file = self.root / "comments.json"
        kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
        return [each["body"] for each in kept]

    def edit(self, old: str, new: str, file: str = "weather_server.py") -> None:
        path = self.desk / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def record(self) -> None:
        """`mcpverify snapshot`, as a developer runs it."""
        record(self.desk, self.root / "home")

    def release(self, commit: str) -> None:
        """Brings production to where a green deploy of `commit` leaves it."""
        self.switch(commit)
        self._git("push", "-q", "-f", "origin", f"{commit}:refs/tags/deployed")

    def annotate(self, tag: str, commit: str) -> None:
        """Makes `tag` an object of its own, as a person might who moves it by hand."""
        self._git("tag", "-f", "-a", "-m", "by hand", tag, commit)
        self._git("push", "-q", "-f", "origin", f"refs/tags/{tag}")

    def switch(self, commit: str) -> None:
        """deploy.sh by hand, and not counted among the deploys."""
        self._git("checkout", "-q", commit)
        home = running.environment(self.root / "home", self._settings)
        subprocess.run(["./deploy.sh", commit], cwd=self.desk, env=home, check=True, timeout=30)
        self._git("checkout", "-q", "main")
        (self.folder / "deployed").unlink()
        (self.folder / "named").unlink(missing_ok=True)  # some deploy.sh of a test write none

    @property
    def _settings(self) -> dict[str, str]:
        """What the machines of production are set up with."""
        return {
            "PRODUCTION": str(self.folder),
            "PORT": str(self.port),
            "SERVED_TOKEN": SECRET,
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        }

    def commit(self, branch: str = "main") -> str:
        """Commits all that the desk holds, on `branch`, and pushes it."""
        self._git("checkout", "-q", "-B", branch)
        self._git("add", "-A")
        self._git("commit", "-q", "--allow-empty", "-m", "a change")
        self._git("push", "-q", "-f", "origin", branch)
        return self._git("rev-parse", "HEAD")

    def merge(self, branch: str) -> str:
        self._git("checkout", "-q", "main")
        self._git("merge", "-q", "--no-ff", "-m", "merged", branch)
        self._git("push", "-q", "origin", "main")
        return self._git("rev-parse", "HEAD")

    def pushed(self) -> Trigger:
        """What GitHub starts a workflow with once main was pushed, with all the desk holds."""
        return Trigger("push", self.commit())

    def pull_request(self, branch: str, *, fork: bool = False) -> Trigger:
        """What GitHub starts a workflow with: a merge that it has made itself."""
        self._git("checkout", "-q", "--detach", "origin/main")
        self._git("merge", "-q", "--no-ff", "-m", "for the run", branch)
        sha = self._git("rev-parse", "HEAD")
        self._git("push", "-q", "-f", "origin", f"{sha}:refs/pull/7/merge")
        self._git("checkout", "-q", branch)
        head = {"repo": {"full_name": "someone/weather" if fork else "example-org/weather"}}
        request = {"number": 7, "head": head, "base": {"ref": "main"}}
        return Trigger("pull_request", sha, "refs/pull/7/merge", {"pull_request": request})

    def checked(self, branch: str, *, fork: bool = False) -> Job:
        """The recipe of the pull request, run."""
        return self.run(recipe("pull-request.yml"), self.pull_request(branch, fork=fork))

    def deployed(
        self, commit: str, *, by_hand: Mapping[str, Any] | None = None, workflow: str = ""
    ) -> Job:
        """The recipe of the deploy, run; or `workflow` in its place."""
        event = "push" if by_hand is None else "workflow_dispatch"
        trigger = Trigger(event, commit, inputs=by_hand or {})
        return self.run(workflow or recipe("deploy.yml"), trigger)

    def run(self, workflow: str, trigger: Trigger) -> Job:
        settings = self._settings
        del settings["PATH"]
        environment = {
            **settings,
            "GH_CALLS": str(self.root / "calls"),
            "GH_COMMENTS": str(self.root / "comments.json"),
            **self.environment,
        }
        machine = Machine(self.root / "machines", self.origin, self.secrets, environment)
        return machine.run(self.tailored(workflow), trigger)

    def tailored(self, workflow: str) -> str:
        """A recipe for this project: its URL, and waits that tests can afford."""
        text = workflow.replace("https://mcp.example.com/mcp", self.url)
        text = text.replace("--wait 2m", f"--wait {self.patience}", 1)
        return text.replace("--wait 2m", "--wait 20s")

    def _git(self, *arguments: str, bare: bool = False) -> str:
        return git(*arguments, cwd=self.origin if bare else self.desk)

    def stop(self) -> None:
        """Ends the server that deploy.sh has left running."""
        file = self.folder / "pid"
        if file.exists():
            with suppress(ProcessLookupError):
                os.kill(int(file.read_text()), signal.SIGKILL)


# The same server has the same snapshot: it is asked once. By its source.
_RECORDED: dict[str, str] = {}


def record(place: Path, home: Path) -> None:
    source = (place / "weather_server.py").read_text(encoding="utf-8")
    if source in _RECORDED:
        (place / SNAPSHOT).write_text(_RECORDED[source], encoding="utf-8")
        return
    command = ("--", sys.executable, "-m", "weather_server")
    done = running.run("snapshot", "--snapshot", SNAPSHOT, *command, cwd=place, home=home)
    assert done.code == 0, done.output
    _RECORDED[source] = (place / SNAPSHOT).read_text(encoding="utf-8")


@contextmanager
def project(root: Path, files: Path) -> Iterator[Project]:
    """A project whose first commit has `files`, a server and its snapshot; never deployed."""
    for name in ("production", "machines", "home"):
        (root / name).mkdir(exist_ok=True)
    git("init", "-q", "--bare", "-b", "main", str(root / "origin.git"))
    git("config", "uploadpack.allowAnySHA1InWant", "true", cwd=root / "origin.git")
    door = root / "origin.git" / "hooks" / "pre-receive"
    door.write_text(_DOOR)
    door.chmod(0o755)
    shutil.copytree(files, root / "desk", ignore=shutil.ignore_patterns("__pycache__"))
    git("init", "-q", "-b", "main", cwd=root / "desk")
    git("remote", "add", "origin", str(root / "origin.git"), cwd=root / "desk")
    (root / "desk" / ".gitignore").write_text("__pycache__/\n")
    # Bound and not listening: nobody else is given this port, and each server can have it.
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        made = Project(root, kept.getsockname()[1])
        made.commit()
        try:
            yield made
        finally:
            made.stop()
