"""git as a process of its own, without a shell, asked only to look things up.

It may fetch what a partial clone lacks, but never asks anyone anything, and its time is bounded.
"""

import math
import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from mcpverify.errors import UsageError

SECONDS: Final = 60.0  # for one question to git, which may have to fetch
# Paths are meant as they are: a `*` in one is no pattern. What people configure for their own
# eyes must not change what a log says.
_STEADY: Final = (
    *("--no-pager", "--literal-pathspecs"),
    *("-c", "log.showRoot=true", "-c", "log.diffMerges=separate"),
)
# They contradict the above.
_MEDDLING: Final = {f"GIT_{each}_PATHSPECS" for each in ("GLOB", "NOGLOB", "ICASE")}


@dataclass(frozen=True, slots=True)
class Answer:
    """What git said and how it ended."""

    code: int
    octets: bytes
    complaint: str

    @property
    def text(self) -> str:
        return self.octets.decode("utf-8", "surrogateescape")

    @property
    def failure(self) -> str:
        """Why git could not answer in full, as it says, or ""."""
        if not self.code:
            return ""
        words = self.complaint.strip().splitlines()
        said = words[0].removeprefix("fatal: ")[:200] if words else f"it ended with {self.code}"
        return f"git says: {said}"

    @property
    def is_outside(self) -> bool:
        """Whether git found no repository."""
        return "not a git repository" in self.complaint

    @property
    def is_distrust(self) -> bool:
        """Whether the checkout belongs to someone whom git does not trust."""
        return "dubious ownership" in self.complaint


@dataclass(frozen=True, slots=True)
class Git:
    """git in `folder`, by default the working directory.

    `seconds` bound each question; all of them end at `until`, by the monotonic clock.
    """

    seconds: float = SECONDS
    folder: str = "."
    until: float = math.inf

    @property
    def is_over(self) -> bool:
        """Whether the time for questions is spent."""
        return time.monotonic() >= self.until

    def asked(self, *arguments: str) -> Answer:
        """Raises UsageError where git cannot be started or does not come to an end."""
        seconds = max(min(self.seconds, self.until - time.monotonic()), 0.05)
        environment = {k: v for k, v in os.environ.items() if k not in _MEDDLING}
        environment |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
        try:
            process = subprocess.Popen(
                ["git", *_STEADY, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self.folder,
                env=environment,
                # Without a terminal nothing that git starts can ask for a passphrase.
                start_new_session=True,
            )
        except OSError as error:
            raise UsageError(
                f"git cannot be started: {error.strerror}", "Install git, or name a file instead."
            ) from None
        with process:
            try:
                octets, complaint = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                _kill(process)
                raise UsageError(
                    f"git {arguments[0]} did not end within {seconds:.3g} s",
                    "Fetch what it waits for first, or name a file instead.",
                ) from None
            except BaseException:  # Ctrl-C too
                _kill(process)
                raise
        return Answer(process.returncode, octets, complaint.decode("utf-8", "replace"))

    def commit(self, ref: str) -> str | None:
        """The full hash of the commit that `ref` names, None where git knows none."""
        answer = self.asked("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        return None if answer.code else answer.text.strip()


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Ends git and what it started, ssh for example."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
