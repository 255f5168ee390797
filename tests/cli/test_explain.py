"""`mcpverify explain`: whatever a report can say is explained, under a name that finds it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mcpverify.checks import check_ids
from mcpverify.cli.exit_codes import ExitCode
from mcpverify.cli.explanations import all_topics, found, listed_names
from mcpverify.cli.explanations.situations import SITUATIONS
from mcpverify.cli.explanations.topic import Kind, Topic
from mcpverify.demo.faults.fault import Fault
from mcpverify.demo.faults.shown import ENDED, SHOWN
from mcpverify.demo.options import DemoOptions
from mcpverify.facts.compatibility import Compatibility
from mcpverify.facts.drain import Shutdown
from mcpverify.facts.finding import Outcome
from mcpverify.facts.situation import Situation
from mcpverify.facts.verdict import Verdict
from mcpverify.rollout.points import point_ids
from tests import running
from tests.cli.reading import judged
from tests.cli.test_completion import in_bash
from tests.conftest import Mcpverify
from tests.test_architecture import loaded_after

PACKAGE = Path(__file__).parents[2] / "mcpverify"
CODES = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.INCONCLUSIVE: 3}
TOPICS = pytest.mark.parametrize("topic", all_topics(), ids=lambda topic: topic.full_name)


def _ids(kind: Kind) -> set[str]:
    return {topic.id for topic in all_topics() if topic.kind is kind}


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (Kind.CHECK, set(check_ids())),
        (Kind.OUTCOME, set(Outcome)),
        (Kind.DRIFT, set(Compatibility)),
        (Kind.VERDICT, set(Verdict)),
        (Kind.SITUATION, set(Situation)),
        (Kind.POINT, set(point_ids())),
        (Kind.SHUTDOWN, set(Shutdown)),
        (Kind.EXIT, {str(int(code)) for code in ExitCode}),
    ],
)
def test_every_member_is_explained(kind: Kind, wanted: set[str]) -> None:
    assert _ids(kind) == wanted


def test_all_that_can_be_explained_is_listed(mcpverify: Mcpverify) -> None:
    run = mcpverify("explain")
    assert run.code == 0, run.output
    listed = {line.split()[0] for line in run.stdout.splitlines() if line.startswith("  ")}
    assert listed >= set(listed_names().values())
    assert len(set(listed_names().values())) == len(all_topics())
    assert max(map(len, run.stdout.splitlines())) <= 80


def test_a_listed_name_means_one_thing(mcpverify: Mcpverify) -> None:
    names = listed_names()
    run = mcpverify("explain", *names.values())
    assert run.code == 0, run.output
    heads = [topic.title for topic in names]
    told = run.stdout.split("\n\n\n")
    assert len(told) == len(heads)
    for text, title in zip(told, heads, strict=True):
        assert " ".join(text.split("\n\n")[0].split()).endswith(title)


@TOPICS
def test_an_explanation_fits_a_terminal_and_is_plain(topic: Topic) -> None:
    from mcpverify.cli.explanations.topic import explained

    text = explained(topic)
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    for line in text.splitlines():
        assert len(line) <= 80 or line.split()[-1].startswith("https://"), line


@pytest.mark.parametrize(
    "name",
    [*(f"check-{each}" for each in check_ids()), *(f"point-{each}" for each in point_ids())],
)
def test_a_check_says_what_it_asks_and_how_to_mend_it(name: str) -> None:
    (topic,) = (each for each in all_topics() if each.full_name == name)
    asked, *why = topic.paragraphs
    assert asked.endswith("?")
    assert len(why) >= 2
    assert sum(each.startswith("To mend it: ") for each in why) == 1
    notes = dict(topic.notes)
    assert notes["severity"].startswith(("error: ", "warning: "))
    assert notes.get("rule", "https://").startswith("https://")


@pytest.mark.parametrize("situation", list(Situation))
def test_a_situation_says_what_happened_how_it_is_known_and_what_to_do(
    situation: Situation,
) -> None:
    (topic,) = (each for each in all_topics() if each.full_name == f"situation-{situation}")
    happened, known, todo, *rest = topic.paragraphs
    assert happened
    assert known.startswith("How it is known: ")
    assert todo.startswith("What to do: ")
    red = SITUATIONS[situation].verdict is not Verdict.PASSED
    assert len(rest) == red
    assert all("olling back" in each for each in rest)


def test_an_old_release_is_no_reason_to_roll_back(mcpverify: Mcpverify) -> None:
    run = mcpverify("explain", "old-release")
    assert "Rolling back does not help" in run.words
    assert "equals a version of the snapshot file that git keeps" in run.words


@pytest.mark.parametrize("asked", ["3", "exit-3", "EXIT-3", "exit code 3"])
def test_an_exit_code_is_found_by_its_number(mcpverify: Mcpverify, asked: str) -> None:
    run = mcpverify("explain", asked)
    assert run.code == 0, run.output
    assert run.stdout.startswith("exit-3  (an exit code)\nNo verdict: ")
    assert "In CI: after a deploy, roll back" in run.words


@pytest.mark.parametrize("code", list(ExitCode))
def test_an_exit_code_says_what_ci_should_do(code: ExitCode) -> None:
    (topic,) = (each for each in all_topics() if each.full_name == f"exit-{int(code)}")
    (todo,) = (each for each in topic.paragraphs if each.startswith("In CI: "))
    never = code in (ExitCode.USAGE, ExitCode.BUG)
    assert ("ever roll back" in todo) == never
    assert ("oll back" in todo and "nor roll back" not in todo and not never) == (
        code in (ExitCode.WRONG, ExitCode.NO_VERDICT)
    )


def test_a_word_that_is_two_things_is_explained_as_both(mcpverify: Mcpverify) -> None:
    run = mcpverify("explain", "failed")
    assert "failed  (an outcome of a check)" in run.stdout
    assert "failed  (a verdict of a run)" in run.stdout
    one = mcpverify("explain", "verdict-failed")
    assert "outcome" not in one.stdout
    assert one.stdout in run.stdout


@pytest.mark.parametrize(
    ("asked", "explained"),
    [
        ("NOT DEPLOYED: an old release is serving", ["old-release"]),
        ("NOT DEPLOYED: an old release is serving; 1 of 3 tools breaks callers", ["old-release"]),
        ("not deployed", ["old-release"]),
        ("old_release", ["old-release"]),
        ("BROKEN HANDSHAKE: no id", ["broken-server"]),
        ("NOT THIS RELEASE", ["newer-release", "other-release"]),
        ("Exit code 70", ["70"]),
    ],
)
def test_what_a_report_says_leads_to_its_explanation(asked: str, explained: list[str]) -> None:
    assert [topic.id for topic in found(asked)] == explained


def test_the_same_thing_is_explained_once(mcpverify: Mcpverify) -> None:
    assert mcpverify("explain", "3", "exit-3").stdout == mcpverify("explain", "3").stdout


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("matches-snapshop", "matches-snapshot"),
        ("oldrelease", "old-release"),
        ("braking", "breaking"),
        ("exit-70x", "exit-70"),
        ("137", "exit-130"),
    ],
)
def test_a_wrong_name_is_exit_2_with_the_nearest_ones(
    mcpverify: Mcpverify, asked: str, near: str
) -> None:
    run = mcpverify("explain", "handshake", asked)
    assert run.code == 2
    assert run.stdout == ""
    first, second = run.stderr.splitlines()
    assert first == f"mcpverify: {asked!r}: there is nothing of that name to explain"
    assert second.startswith("  Did you mean ")
    assert near in second


@pytest.mark.parametrize("asked", ["zzzzzzzz", "", "\x1b[2J"])
def test_a_name_that_resembles_nothing_is_answered_with_where_to_look(
    mcpverify: Mcpverify, asked: str
) -> None:
    run = mcpverify("explain", asked)
    assert run.code == 2
    assert run.stderr.endswith("  mcpverify explain lists all there is.\n")
    assert "\x1b" not in run.stderr


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("explain old-r", ["old-release"]), ("explain exit-1 exit-7", ["exit-70"])],
)
def test_a_shell_offers_the_names(typed: str, offered: list[str], tmp_path: Path) -> None:
    assert in_bash(["mcpverify", *typed.split()], tmp_path) == offered


def test_a_command_after_two_dashes_is_refused(mcpverify: Mcpverify) -> None:
    assert mcpverify("explain", "--", "python").code == 2


def test_a_reader_who_leaves_early_is_no_error(scrubbed_environment: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "mcpverify", "explain"],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
        timeout=30,
        env=running.environment(scrubbed_environment),
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_explaining_loads_neither_the_wire_nor_anything_heavy() -> None:
    loaded = loaded_after(
        "import contextlib, io\n"
        "from mcpverify.cli.app import main\n"
        "with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):\n"
        "    main(['explain']); main(['explain', 'handshake', 'old-release', '3'])"
    )
    assert "mcpverify.cli.explanations.situations" in loaded
    heavy = {"mcp", "httpx", "jsonschema", "rich", "pydantic", "asyncio", "starlette"}
    assert not loaded & heavy
    assert not {name for name in loaded if name.startswith("mcpverify.wire")}


_GATE_OF_THE_DEMO = """
[targets.demo]
url = "{url}"
snapshot = "demo.json"
[[targets.demo.calls]]
tool = "brewing_guide"
arguments = {{ tea = "sencha" }}
"""


@pytest.mark.parametrize("fault", list(SHOWN))
def test_a_fault_shows_what_it_is_said_to_show(
    fault: Fault, mcpverify: Mcpverify, tmp_path: Path
) -> None:
    shown = SHOWN[fault]
    # Outside of git, where nothing tells more than the snapshot does.
    snapshot = tmp_path / "demo.json"
    snapshot.write_bytes((PACKAGE.parent / "snapshots" / "demo.json").read_bytes())
    with running.demo(DemoOptions(fault=fault)) as url:
        (tmp_path / "mcpverify.toml").write_text(_GATE_OF_THE_DEMO.format(url=url))
        run = mcpverify("check", "demo", "--timeout", "2s", "--format", "json")
    report = judged(run)
    assert report.target["situation"] == shown.situation
    of = SITUATIONS[shown.situation]
    assert report.verdict == of.verdict
    assert run.code == CODES[of.verdict]
    assert report.headline.startswith(of.headline)
    if shown.check:
        assert report.outcome(shown.check) in {"failed", "warned", "not-observed"}


def test_every_fault_says_what_it_shows() -> None:
    assert [*SHOWN, *ENDED] == list(Fault)
    assert {shown.check for shown in SHOWN.values()} - {""} <= set(check_ids())


@pytest.mark.parametrize("situation", list(Situation))
def test_the_headline_that_is_explained_is_one_that_a_report_has(situation: Situation) -> None:
    sources = (PACKAGE / "verify").glob("*.py")
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    assert SITUATIONS[situation].headline in text.replace('"\n        "', "")
