"""The two gates side by side: docs/examples/gate.sh and mcpverify, over the same servers."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests import running
from tests.docs.pages import DOCS
from tests.repositories import git

SCRIPT = DOCS / "examples" / "gate.sh"
MISSING = [each for each in ("bash", "curl", "jq", "diff") if shutil.which(each) is None]
TOKEN = "s3cr3t-t0ken-of-a-pipeline"
TOOLS, SNAPSHOT = "tools.json", "snapshots/weather.json"
_SPEAKS = "gate.sh: "
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Said:
    """How a run ended, and the one line in which it says what that means."""

    code: int
    headline: str
    output: str

    def __str__(self) -> str:
        told = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8000", self.headline).replace("|", "\\|")
        return f"exit {self.code}: {told}"


@dataclass
class Stage:
    """An empty folder in which both gates record what is right, and then judge a server.

    `script` and `ours` hold what they said, in order; what was only recorded is left out.
    """

    folder: Path
    home: Path
    script: list[Said] = field(default_factory=list)
    ours: list[Said] = field(default_factory=list)

    @property
    def script_codes(self) -> tuple[int, ...]:
        return tuple(said.code for said in self.script)

    @property
    def our_codes(self) -> tuple[int, ...]:
        return tuple(said.code for said in self.ours)

    def record(self, url: str) -> None:
        """What this server offers is what was reviewed. Raises RuntimeError where one refuses."""
        self.record_by_script(url)
        _demanded(self._by_us("snapshot", url))

    def record_by_script(self, url: str) -> None:
        _demanded(self._by_script("--record", url))

    def judge(self, url: str, *options: str, seconds: int = 20) -> None:
        """Both look at the server at `url`; `options` are for mcpverify."""
        self.judge_by_script(url, seconds=seconds)
        self.judge_by_us(url, *options, "--timeout", str(seconds))

    def judge_by_script(self, url: str, seconds: int = 20) -> None:
        self.script.append(self._by_script(url, GATE_SECONDS=str(seconds)))

    def judge_by_us(self, url: str, *options: str) -> None:
        self.ours.append(self._by_us("check", url, *options))

    def record_with_token(self, url: str) -> None:
        """Both record a server that wants a token; what they say of that is kept."""
        self.script.append(self._by_script("--record", url, MCP_TOKEN=TOKEN))
        self.ours.append(self._by_us("snapshot", url, "--bearer-env", "MCP_TOKEN", MCP_TOKEN=TOKEN))

    def git(self, *arguments: str) -> str:
        return git(*arguments, cwd=self.folder)

    def _by_script(self, *arguments: str, **environment: str) -> Said:
        done = self._run(("bash", str(SCRIPT), *arguments, TOOLS), environment)
        lines = (done.stdout + done.stderr).splitlines()
        told = [line for line in lines if line.startswith(_SPEAKS)] or ["recorded"]
        return Said(done.returncode, told[-1].removeprefix(_SPEAKS), "\n".join(lines))

    def _by_us(self, *arguments: str, **environment: str) -> Said:
        options = () if "--no-snapshot" in arguments else ("--snapshot", SNAPSHOT)
        command = (sys.executable, "-m", "mcpverify", *arguments, *options)
        done = self._run(command, environment)
        told = done.stdout.partition("\n\n")[0].partition("\n")[2]
        return Said(done.returncode, " ".join(told.split()), done.stdout + done.stderr)

    def _run(
        self, command: tuple[str, ...], extra: Mapping[str, str]
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            cwd=self.folder,
            env=running.environment(self.home, {"PATH": os.environ["PATH"], **extra}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )


def _demanded(said: Said) -> None:
    if said.code:
        raise RuntimeError(said.output)
