"""Each claim of the page holds, both ways: what the script says, and what mcpverify says."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from mcpverify.demo.faults.fault import Fault
from tests.docs import claims
from tests.docs.claims import CLAIMS, Claim, Kind, Play
from tests.docs.comparison import TABLES, anchor, row, with_rows
from tests.docs.pages import WHY_NOT_CURL
from tests.docs.stage import MISSING, SCRIPT, SNAPSHOT, TOKEN, TOOLS, Stage

PAGE = WHY_NOT_CURL.read_text(encoding="utf-8")
WITH_SECTION = [each for each in CLAIMS if each.kind is not Kind.RIGHT]

needs_tools = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")


@pytest.fixture
def stage(tmp_path: Path, scrubbed_environment: Path) -> Stage:
    folder = tmp_path / "stage"
    folder.mkdir()
    return Stage(folder, scrubbed_environment)


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Play], Stage]:
    """The stage after a claim was played on it: once for all tests that look at it."""

    @cache
    def stage_after(play: Play) -> Stage:
        stage = Stage(tmp_path_factory.mktemp("stage"), tmp_path_factory.mktemp("home"))
        play(stage)
        return stage

    return stage_after


@needs_tools
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: anchor(claim.title))
def test_a_claim_is_so(claim: Claim, played: Callable[[Play], Stage]) -> None:
    stage = played(claim.play)
    assert stage.script_codes == claim.script, stage.script
    assert stage.our_codes == (claim.ours,), stage.ours
    assert row(claim, stage) in PAGE, "run python -m tests.docs.update"


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: anchor(claim.title))
def test_a_claim_is_of_its_kind(claim: Claim) -> None:
    script, ours = claim.script[0] == 0, claim.ours == 0
    match claim.kind:
        case Kind.WRONGLY_GREEN:
            assert (script, ours) == (True, False)
        case Kind.WRONGLY_RED:
            assert (script, ours) == (False, True)
        case Kind.MUTE:
            assert (script, ours) == (False, False)
        case Kind.RIGHT:
            assert script == ours


def test_every_section_is_a_claim_that_is_tried() -> None:
    assert re.findall(r"^### (.+)$", PAGE, re.MULTILINE) == [each.title for each in WITH_SECTION]


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_a_claim_that_is_tried(name: str) -> None:
    table = PAGE.partition(f"<!-- generated: {name} -->")[2].partition("<!-- end of")[0]
    titles = re.findall(r"^\| \[?([^|\]]+?)(?:\]\(#[\w-]+\))? \|", table, re.MULTILINE)
    assert titles[1:] == [each.title for each in CLAIMS if each.kind in TABLES[name]]


def test_rows_lead_to_their_sections() -> None:
    headings = {anchor(each) for each in re.findall(r"^##+ (.+)$", PAGE, re.MULTILINE)}
    links = re.findall(r"\]\(#([\w-]+)\)", PAGE)
    assert len(links) > len(WITH_SECTION)
    assert set(links) <= headings


def test_the_faults_that_the_page_names_are_those_of_its_claims() -> None:
    named = set(re.findall(r"mcpverify demo --serve --fault ([\w-]+)", PAGE))
    source = Path(claims.__file__).read_text(encoding="utf-8")
    assert named
    assert named <= {each.value for each in Fault if f"fault=Fault.{each.name}" in source}


def test_the_tables_are_written_from_rows() -> None:
    claim = WITH_SECTION[0]
    written = with_rows(PAGE, {claim: "| this row |\n"})
    assert written.count("| this row |\n") == 1
    assert claim.title not in written.partition("## ")[0]


def test_the_script_has_sixty_lines() -> None:
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) <= 60


def test_the_script_has_no_flaw_that_shellcheck_knows() -> None:
    checker = Path(sys.executable).parent / "shellcheck"
    done = subprocess.run([checker, SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@needs_tools
def test_the_token_is_written_by_the_script_and_not_by_us(played: Callable[[Play], Stage]) -> None:
    stage = played(claims.token_comes_back)
    assert TOKEN in (stage.folder / TOOLS).read_text(encoding="utf-8")
    assert not (stage.folder / SNAPSHOT).exists()
    assert TOKEN not in stage.ours[0].output


@needs_tools
def test_a_compatible_change_is_red_by_default_and_named_as_compatible(stage: Stage) -> None:
    claims.breaks_nobody(stage, options=())
    assert stage.our_codes == (1,)
    assert "changes compatibly" in stage.ours[0].headline
    assert "proven to refuse no call that was valid" in stage.ours[0].output


@needs_tools
def test_a_breaking_change_is_shown_by_a_call_and_by_the_script_as_a_diff(
    played: Callable[[Play], Stage],
) -> None:
    stage = played(claims.breaks_callers)
    assert re.search(r'^- +"broken",$', stage.script[0].output, re.MULTILINE)
    assert "live refuses" in stage.ours[0].output
    assert "place_order(" in stage.ours[0].output


@needs_tools
def test_the_commit_of_an_old_release_is_named(played: Callable[[Play], Stage]) -> None:
    stage = played(claims.old_release)
    commit = stage.git("rev-parse", "HEAD~1")
    assert f"live equals {SNAPSHOT} at {commit[:7]}" in " ".join(stage.ours[0].output.split())


@needs_tools
def test_a_limit_that_is_no_number_is_null_to_the_script(played: Callable[[Play], Stage]) -> None:
    stage = played(claims.no_json)
    assert json.dumps(float("nan")) == "NaN"
    assert "It holds NaN, which" in stage.ours[0].headline
    assert json.loads((stage.folder / TOOLS).read_text(encoding="utf-8")) == [
        {
            "name": "add",
            "inputSchema": {
                "type": "object",
                "properties": {"a": {"type": "number", "maximum": None}},
            },
        }
    ]


@needs_tools
def test_the_script_keeps_its_token_off_the_command_line(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    curl, seen = shutil.which("curl"), stage.home / "seen"
    watching = stage.home / "curl"
    watching.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {seen}\nexec {curl} "$@"\n')
    watching.chmod(0o755)
    monkeypatch.setenv("PATH", f"{stage.home}:{os.environ['PATH']}")
    claims.token_comes_back(stage)
    assert "--max-time\n" in seen.read_text()
    assert TOKEN not in seen.read_text()


@needs_tools
@pytest.mark.parametrize("arguments", [(), ("one",), ("--record", "one"), ("a", "b", "c")])
def test_the_script_says_how_it_is_called(arguments: tuple[str, ...]) -> None:
    command = ["bash", str(SCRIPT), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2
    assert done.stderr == "usage: gate.sh [--record] URL FILE\n"
