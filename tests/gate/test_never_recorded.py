"""`snapshot` writes nothing that it did not fully see, and leaves a present snapshot alone."""

from pathlib import Path

import pytest

from tests.conftest import Mcpverify
from tests.gate.judging import assert_inert
from tests.servers import honest
from tests.servers.registry import NEVER_GREEN, Case

# One of each way in which a listing is incomplete, malformed, or not there at all.
NAMES = {
    "hangs-at-tools-list",
    "hangs-inside-tools-list",
    "hangs-at-prompts-list",
    "stateless-hangs-at-tools-list",
    "endless-body",
    "bomb-gzip",
    "pages-loop",
    "pages-endless",
    "cursor-is-number",
    "json-deep",
    "json-nan",
    "json-duplicate-keys",
    "json-two-lists-of-tools",
    "cuts-body",
    "cuts-empty-body",
    "cuts-stream-before-answer",
    "answers-other-id",
    "answers-result-and-error",
    "redirects-tools-away",
    "tools-not-objects",
    "tools-without-name",
    "tools-equal-names",
    "tools-null",
    "tools-no-key",
    "tools-empty",
    "loses-session",
    "loses-session-after-tools",
    "fails-tools-list",
    "fails-prompts-list",
    "html-page",
    "status-401",
    "status-503",
    "stdio-exits-at-tools-list",
}
CASES = [case for case in NEVER_GREEN if case.name in NAMES]


def test_all_names_are_known() -> None:
    assert {case.name for case in CASES} == NAMES


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_incomplete_observation_is_not_recorded(
    case: Case, mcpverify: Mcpverify, tmp_path: Path
) -> None:
    with honest.serve() as server:
        before = mcpverify("snapshot", "--snapshot", "kept.json", server.url)
    assert before.code == 0, before.output
    kept = Path("kept.json").read_bytes()
    present = {path.name for path in tmp_path.iterdir()}
    with case.serve() as bad:
        target = case.target(bad)
        limits = ("--timeout", case.timeout, "--deadline", "10s")
        first = mcpverify("snapshot", "--snapshot", "new.json", *limits, *target)
        over = mcpverify("snapshot", "--snapshot", "kept.json", *limits, *target)
    assert first.code == over.code == case.code, first.output
    assert "Traceback" not in first.output + over.output
    assert_inert(first.output + over.output)
    assert Path("kept.json").read_bytes() == kept
    assert {path.name for path in tmp_path.iterdir()} == present
