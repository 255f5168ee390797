"""Whether a deploy of many targets is rolled back, as a runner of GitHub Actions is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from mcpverify.cli.exit_codes import ExitCode, exit_code, is_to_roll_back
from mcpverify.facts.report import Report
from mcpverify.facts.situation import Situation
from tests.conftest import Mcpverify
from tests.fleet.test_command_line import configured
from tests.fleet.test_merging import named
from tests.reporters.actions_runner import outputs
from tests.reporters.report_samples import CHANGED, PASSED, REFUSED
from tests.servers import is_no_mcp_server

NO_PROGRAM = ("/no/such/program",)


def test_a_target_that_failed_is_rolled_back_though_another_could_not_be_asked(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    with is_no_mcp_server.serve() as page:
        configured(tmp_path, page=page.url, odd=NO_PROGRAM)
        files = {"GITHUB_OUTPUT": str(tmp_path / "out"), "GITHUB_STEP_SUMMARY": str(tmp_path / "s")}
        env = {"GITHUB_ACTIONS": "true", **files}
        run = mcpverify("check", "--all", "--report", "json=a.json", env=env)
        assert run.code == 2
        assert outputs((tmp_path / "out").read_text())["rollback"] == "true"

        assert mcpverify("merge", "a.json", env=env).code == 2
        assert outputs((tmp_path / "out").read_text())["rollback"] == "true"


@pytest.mark.parametrize(
    ("situation", "code"), [(Situation.CALLED_WRONGLY, 2), (Situation.OUR_BUG, 70)]
)
def test_only_what_failed_speaks_beside_our_own_mistakes(situation: Situation, code: int) -> None:
    unasked = replace(REFUSED, situation=situation, findings=())
    for other, rolls_back in ((CHANGED, True), (REFUSED, False), (PASSED, False)):
        report = Report((unasked, *named(other, "other")))
        assert exit_code(report) == code
        assert is_to_roll_back(report.verdict, ExitCode(code)) is rolls_back


def test_without_our_own_mistakes_the_exit_code_decides() -> None:
    for targets, rolls_back in (((PASSED,), False), ((REFUSED,), True), ((CHANGED, PASSED), True)):
        report = Report(targets)
        assert is_to_roll_back(report.verdict, exit_code(report)) is rolls_back
