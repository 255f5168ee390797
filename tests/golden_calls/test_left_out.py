"""What is configured and left out by --skip or --only is told, and fails nothing."""

from pathlib import Path

import pytest

from tests.cli.reading import judged
from tests.conftest import Mcpverify
from tests.golden_calls.judging import reading
from tests.servers import honest

CONFIGURED = """
no-snapshot = true
expect-version = "1.2.3"
health = "/healthz"
liveness = "/livez"
[[targets.a.calls]]
tool = "forecast"
[[targets.a.calls]]
tool = "other"
"""
TOLD = {
    "golden-calls": "2 configured calls were not made",
    "readiness": "the readiness address was not asked",
    "liveness": "the liveness address was not asked",
    "server-identity": "the expected version was not compared",
}


@pytest.mark.parametrize(
    ("flags", "by"),
    [
        (("--skip", ",".join(TOLD), "--strict"), "skip"),
        (("--only", "handshake,tools-listed"), "only"),
    ],
    ids=["skip", "only"],
)
def test_what_is_configured_and_left_out_is_told_and_fails_nothing(
    mcpverify: Mcpverify, tmp_path: Path, flags: tuple[str, ...], by: str
) -> None:
    with honest.serve(tools=[reading()]) as server:
        (tmp_path / "mcpverify.toml").write_text(f'[targets.a]\nurl = "{server.url}"{CONFIGURED}')
        run = mcpverify("check", "a", *flags, "--report", "json=report.json")
        made = {each.step for each in server.requests}
        told = judged(mcpverify("check", "a", *flags, "--format", "json"))

    assert run.code == 0, run.output
    assert "tools/call" not in made
    for check, what in TOLD.items():
        found = told.finding(check)
        assert (found["outcome"], found["severity"]) == ("not-observed", "warning")
        assert found["message"] == f"it is left out by {by}, so {what}"
        assert f"? {check}" in run.words
        assert f"not observed: it is left out by {by}, so {what}" in run.words


def test_what_is_left_out_and_not_configured_is_not_told(mcpverify: Mcpverify) -> None:
    with honest.serve(tools=[reading()]) as server:
        run = mcpverify("check", server.url, "--no-snapshot", "--skip", ",".join(TOLD))
    assert run.code == 0
    assert "left out" not in run.output
