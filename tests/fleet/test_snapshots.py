"""`snapshot` of several targets: what is wrong with one costs no other its file."""

import json
from pathlib import Path

import pytest

from tests.conftest import Mcpverify
from tests.servers import honest
from tests.servers.dialog import tool


def test_each_target_has_its_file_whatever_is_wrong_with_another(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "broken.json").write_text("<<<<<<< ours")
    with honest.serve(tools=[tool("add")]) as server:
        lines = [f'[targets.{name}]\nurl = "{server.url}"' for name in ("broken", "first", "last")]
        gone = '[targets.gone]\nurl = "http://127.0.0.1:9/mcp"'
        (tmp_path / "mcpverify.toml").write_text("\n".join([*lines[:2], gone, lines[2]]))
        run = mcpverify("snapshot", "--all", "--format", "json")

    situations = {each["target"]: each["situation"] for each in run.report["targets"]}
    assert run.code == 2
    assert situations == {
        "broken": "called-wrongly",
        "first": "recorded",
        "gone": "unreachable",
        "last": "recorded",
    }
    assert (tmp_path / "snapshots" / "first.json").exists()
    assert (tmp_path / "snapshots" / "last.json").exists()


def test_servers_that_share_a_file_have_to_offer_the_same(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    with (
        honest.serve(tools=[tool("add")]) as one,
        honest.serve(tools=[tool("add")]) as same,
        honest.serve(tools=[tool("sum")]) as other,
    ):
        (tmp_path / "mcpverify.toml").write_text(
            "\n".join(
                f'[targets.{name}]\nurl = "{server.url}"\nsnapshot = "one.json"'
                for name, server in (("one", one), ("same", same), ("other", other))
            )
        )
        run = mcpverify("snapshot", "--all", "--format", "json")
        named = mcpverify("snapshot", "one", "same", "--snapshot", "x.json")

    headlines = {each["target"]: each["headline"] for each in run.report["targets"]}
    assert run.code == 1
    assert headlines["same"] == "one.json is up to date: 1 tool"
    assert headlines["other"] == "one.json holds one, which offers something else"
    recorded = json.loads((tmp_path / "one.json").read_text())
    assert [each["name"] for each in recorded["tools"]] == ["add"]
    assert named.code == 2
    assert "--snapshot is one file" in named.stderr


@pytest.mark.parametrize("form", ["terminal", "markdown"])
def test_what_is_accepted_in_each_file_is_told(
    mcpverify: Mcpverify, tmp_path: Path, form: str
) -> None:
    def recording(*tools: str) -> str:
        with (
            honest.serve(tools=[tool("add")]) as kept,
            honest.serve(tools=[tool(name) for name in tools]) as changed,
        ):
            (tmp_path / "mcpverify.toml").write_text(
                f'[targets.kept]\nurl = "{kept.url}"\n[targets.changed]\nurl = "{changed.url}"\n'
            )
            run = mcpverify("snapshot", "--all", "--format", form)
        assert run.code == 0, run.output
        return " ".join(run.stdout.replace("`", "").split())

    first, second = recording("add", "sum"), recording("add")
    assert "snapshots/changed.json recorded: 2 tools" in first
    assert "snapshots/kept.json is up to date: 1 tool" in second
    assert "snapshots/changed.json updated: 1 tool; 1 of 2 tools breaks callers" in second
