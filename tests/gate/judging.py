"""What a run of `check` said, and whether it is safe to show."""

import json
import re
from pathlib import Path
from typing import Any

from tests.conftest import Mcpverify
from tests.running import Run


class JsonReport:
    """The first target of a report that was written with `--report json=...`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.whole: Any = json.loads(text)
        self.target: Any = self.whole["targets"][0]

    def outcomes(self, outcome: str) -> list[str]:
        return [check["id"] for check in self.target["checks"] if check["outcome"] == outcome]

    @property
    def failed(self) -> list[str]:
        return self.outcomes("failed")

    @property
    def warned(self) -> list[str]:
        return self.outcomes("warned")

    @property
    def not_observed(self) -> list[str]:
        return self.outcomes("not-observed")


def checked(mcpverify: Mcpverify, *arguments: str, **options: Any) -> tuple[Run, JsonReport]:
    """A run of `check` without a snapshot, as people and as machines see it."""
    run = mcpverify("check", "--no-snapshot", "--report", "json=report.json", *arguments, **options)
    assert "Traceback" not in run.output, run.output
    path = Path("report.json")
    assert path.exists(), run.output
    report = JsonReport(path.read_text(encoding="utf-8"))
    assert report.whole["exit_code"] == run.code
    assert_inert(report.text)
    return run, report


# Controls (C0 but for the line feed, DEL, C1), soft hyphens, everything that is invisible or
# turns the direction of writing, tags and non-characters.
_UNSAFE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\uffff\U000e0000-\U000e0fff\U0010fffe\U0010ffff\udc80-\udcff]"
)
# GitHub trims a line before it looks for its own commands; the others look anywhere in it.
_COMMAND = re.compile(r"^\s*::|##\[|##vso\[|##teamcity\[", re.MULTILINE)


def assert_inert(text: str) -> None:
    """Nothing in `text` does anything to a terminal, a reader or a CI runner."""
    for pattern in (_UNSAFE, _COMMAND):
        found = pattern.search(text)
        assert found is None, f"{found.group()!r} in {text[max(0, found.start() - 200) :][:400]!r}"
