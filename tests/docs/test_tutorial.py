"""Whoever follows the tutorial to the letter gets what it shows."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.following import followed
from tests.docs.page import Commands, Edit, SavedFile, UnclearBlock, steps, with_outputs
from tests.docs.pages import TUTORIAL
from tests.docs.terminal import INSTALLED, Terminal, steadied

PAGE = TUTORIAL.read_text(encoding="utf-8")
STEPS = tuple(steps(PAGE))


@pytest.fixture
def terminal(tmp_path: Path, scrubbed_environment: Path) -> Iterator[Terminal]:
    here, scratch = tmp_path / "here", tmp_path / "scratch"
    here.mkdir()
    scratch.mkdir()
    with Terminal(here, scrubbed_environment, scratch) as terminal:
        yield terminal


@pytest.mark.timeout(300)
def test_the_page_goes_as_it_says(terminal: Terminal) -> None:
    for each in followed(STEPS, terminal):
        assert each.failures == each.wanted, f"{each.commands.text}\n{each.printed}"
        if each.commands.shown is not None:
            assert each.printed == each.commands.shown, "run python -m tests.docs.update"


def test_the_pipeline_is_red_for_a_breaking_change_and_for_an_old_release() -> None:
    red = [each for each in STEPS if isinstance(each, Commands) and each.code == 1]
    shown = [each.shown or "" for each in red if each.text == "bash pipeline.sh\n"]
    assert len(shown) == 2
    assert 'breaking    inputSchema /properties/units/enum: "kelvin" removed' in shown[0]
    assert "NOT DEPLOYED: an old release is serving" in shown[1]


def test_the_reader_is_told_what_each_file_is_called() -> None:
    written = [each for each in STEPS if isinstance(each, SavedFile | Edit)]
    assert len(written) >= 3
    for each in written:
        assert f"`{each.name}`" in each.told


def test_the_reader_has_no_mcpverify_at_first(terminal: Terminal) -> None:
    assert terminal.type("command -v mcpverify\npython3 -c 'import mcpverify' 2>&1\n")[0] == [1, 1]


def test_the_reader_is_unknown_to_git_at_first(terminal: Terminal) -> None:
    failures, printed = terminal.type("git init -q\ngit commit -q --allow-empty -m x\n")
    assert failures == [128]
    assert "tell me who you are" in printed


def test_nothing_is_installed_outside_a_virtual_environment(terminal: Terminal) -> None:
    failures, printed = terminal.type(f"python3 {INSTALLED} {sys.executable}\n")
    assert failures == [1]
    assert "no virtual environment is active" in printed


def test_a_command_that_fails_inside_a_block_is_noticed(terminal: Terminal) -> None:
    assert terminal.type("echo first\nfalse\necho last\n") == ([1], "first\nlast\n")


def test_a_block_that_does_not_end_is_given_up(terminal: Terminal) -> None:
    with pytest.raises(TimeoutError):
        terminal.type("while true; do echo on and on; done\n", seconds=0.5)


def test_an_edit_of_lines_that_are_not_there_is_refused(terminal: Terminal) -> None:
    terminal.save("a.txt", "one\ntwo\n")
    with pytest.raises(ValueError, match="0 times"):
        terminal.edit("a.txt", "three\n", "four\n")


@pytest.mark.parametrize("block", ["```sh\nls\n", "```yaml\na: 1\n```\n", "x\n\n```text\na\n```\n"])
def test_a_block_that_no_reader_could_follow_is_refused(block: str) -> None:
    with pytest.raises(UnclearBlock):
        tuple(steps(block))


def test_an_output_is_replaced_where_it_stands() -> None:
    page = "A.\n\n```sh\nls\n```\n\n```text\nold\n```\n\nB.\n"
    (step,) = steps(page)
    assert isinstance(step, Commands)
    assert step.shown == "old\n"
    assert with_outputs(page, {step.span: "new\n"}) == page.replace("old", "new")


def test_when_a_run_was_does_not_show() -> None:
    one = "PASS  x" + " " * 49 + "10:02:45Z  1.4 s  exit 0\nsha256:0123456789ab\n"
    other = "PASS  x" + " " * 48 + "11:59:01Z  912 ms  exit 0\nsha256:ba9876543210\n"
    assert steadied(one) == steadied(other) != steadied(one.replace("PASS", "FAIL"))
