"""Reading what a run printed with `--format json`."""

import json
from typing import Any

from tests.running import Run


class Judged:
    """The report of one run on one target."""

    def __init__(self, text: str) -> None:
        self.whole: Any = json.loads(text)
        (self.target,) = self.whole["targets"]

    @property
    def verdict(self) -> str:
        return str(self.whole["verdict"])

    @property
    def headline(self) -> str:
        return str(self.target["headline"])

    def finding(self, check: str) -> Any:
        return next(each for each in self.target["checks"] if each["id"] == check)

    def outcome(self, check: str) -> str:
        return str(self.finding(check)["outcome"])

    def message(self, check: str) -> str:
        return str(self.finding(check)["message"])


def judged(run: Run) -> Judged:
    """What a run with `--format json` printed."""
    assert run.stdout, run.output
    return Judged(run.stdout)
