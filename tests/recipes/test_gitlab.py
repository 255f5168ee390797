"""The recipe for GitLab: valid, and lived through in a throw-away project with a real server."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from mcpverify import __version__
from mcpverify.demo.faults.fault import Fault
from mcpverify.demo.options import DemoOptions
from tests import running
from tests.recipes.gitlab import Pipeline, Project, Status
from tests.repositories import git

RECIPE = Path(__file__).parents[2] / "recipes" / "gitlab"
FILES = (".gitlab-ci.yml", "production.gitlab-ci.yml")
BIN = Path(sys.executable).parent
JOBS = [
    pytest.param(job, id=name)
    for file in FILES
    for name, job in yaml.safe_load((RECIPE / file).read_text()).items()
    if isinstance(job, dict) and "script" in job
]
SNAPSHOT = "snapshots/weather.json"
TOKEN = "glpat-of-the-reporter"
SERVER = str(Path(__file__).with_name("release.py"))

# Serves over stdio what the branch says it serves.
WEATHER = """
import os, pathlib, sys
release = pathlib.Path("release").read_text().split()[0]
tools = os.environ["RELEASES"] + f"/{release}.json"
os.execv(sys.executable, [sys.executable, os.environ["SERVER"], tools])
"""

# Brings up what COMMIT says it serves; `down` comes up and dies at once, `stuck` never comes up.
DEPLOY = """#!/usr/bin/env bash
set -euo pipefail
release=$(git show "$1:release")
[ "$release" != stuck ] || exit 1
if [ -e "$PRODUCTION/pid" ]; then
  pid=$(cat "$PRODUCTION/pid")
  kill -KILL "$pid"
  timeout 10 tail --pid="$pid" -f /dev/null
  rm "$PRODUCTION/pid"
fi
echo "$release" >> "$PRODUCTION/releases"
[ "$release" != down ] || exit 0
setsid python "$SERVER" "$RELEASES/$release.json" "$PORT" \\
  > "$PRODUCTION/log" 2>&1 < /dev/null &
echo $! > "$PRODUCTION/pid"
for _ in {1..400}; do
  if (: < "/dev/tcp/127.0.0.1/$PORT") 2> /dev/null; then exit 0; fi
  sleep 0.05
done
exit 1
"""

# Packages are here already: what would be installed is written down, to be looked at.
INSTALLER = """#!/usr/bin/env bash
echo "${0##*/} $*" >> "$PRODUCTION/installed"
exit "${INSTALLER_EXIT_CODE:-0}"
"""


@dataclass(slots=True)
class Forge:
    """The project on its GitLab, and the production that its pipelines deploy to."""

    project: Project
    clone: Path
    production: Path
    port: int

    def change(self, **files: str) -> str:
        """Commits to main and pushes; the commit."""
        return self._committed("main", files)

    def propose(self, **files: str) -> str:
        """Commits to the branch of a merge request; the commit."""
        git("checkout", "-q", "-B", "proposal", "main", cwd=self.clone)
        made = self._committed("proposal", files)
        git("checkout", "-q", "main", cwd=self.clone)
        return made

    def _committed(self, branch: str, files: Mapping[str, str]) -> str:
        for name, text in files.items():
            path = SNAPSHOT if name == "snapshot" else name
            (self.clone / path).parent.mkdir(exist_ok=True)
            (self.clone / path).write_text(text)
        git("add", "-A", cwd=self.clone)
        git("commit", "-q", "--allow-empty", "-m", f"to {branch}", cwd=self.clone)
        git("push", "-q", "-f", "origin", branch, cwd=self.clone)
        return git("rev-parse", branch, cwd=self.clone)

    def reviewed(self, proposed: str, api: str = "", **more: str) -> Pipeline:
        """The pipeline of a merge request for `proposed`."""
        base = git("merge-base", "main", proposed, cwd=self.clone)
        pipeline = self.project.pipeline(
            proposed,
            {
                **_always(proposed),
                "CI_PIPELINE_SOURCE": "merge_request_event",
                "CI_MERGE_REQUEST_PROJECT_ID": "7",
                "CI_MERGE_REQUEST_IID": "3",
                "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
                "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
                "CI_API_V4_URL": api,
                **more,
            },
        )
        assert pipeline is not None
        return pipeline

    def deployed(self, pushed: str, *, source: str = "push", **by_hand: str) -> Pipeline:
        """The pipeline that deploys `pushed`."""
        predefined = {
            **_always(pushed),
            "CI_PIPELINE_SOURCE": source,
            "CI_COMMIT_BRANCH": "main",
        }
        pipeline = self.project.pipeline(pushed, predefined, by_hand=by_hand)
        assert pipeline is not None
        assert list(pipeline.jobs) == ["production"]
        child = pipeline["production"].child
        assert child is not None
        assert pipeline.status == child.status
        return child

    def with_variables(self, **variables: str) -> "Forge":
        project = self.project
        changed = Project(
            project.origin,
            project.folder,
            project.home,
            project.path,
            {**project.variables, **variables},
        )
        return Forge(changed, self.clone, self.production, self.port)

    @property
    def tag(self) -> str | None:
        found = git("tag", "--list", "deployed", "--format=%(objectname)", cwd=self.project.origin)
        return found or None

    @property
    def releases(self) -> list[str]:
        """All that was brought into production, in order."""
        file = self.production / "releases"
        return file.read_text().split() if file.exists() else []

    @property
    def installed(self) -> list[str]:
        return (self.production / "installed").read_text().splitlines()

    def stop(self) -> None:
        file = self.production / "pid"
        if file.exists():
            with suppress(ProcessLookupError):  # a test may have stopped it
                os.killpg(int(file.read_text()), signal.SIGKILL)


def _always(sha: str) -> dict[str, str]:
    return {"CI": "true", "GITLAB_CI": "true", "CI_COMMIT_SHA": sha, "CI_DEFAULT_BRANCH": "main"}


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tools of each release are: those of the demo server with that fault."""
    folder = tmp_path_factory.mktemp("releases")
    for name in ("sound", "changed-schema", "evil-text"):
        with running.demo(DemoOptions(fault=None if name == "sound" else Fault(name))) as url:
            file = folder / f"{name}-demo.json"
            recorded = running.run(
                "snapshot", "--snapshot", str(file), url, cwd=folder, home=folder
            )
        assert recorded.code == 0, recorded.output
        tools = [
            {"name": each["name"], **each["definition"]}
            for each in json.loads(file.read_text())["tools"]
        ]
        (folder / f"{name}.json").write_text(json.dumps(tools))
    return folder


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory, releases: Path) -> dict[str, str]:
    """The snapshot of each release, by its name."""
    folder = tmp_path_factory.mktemp("snapshots")
    found = {}
    for release in ("sound", "changed-schema", "evil-text"):
        command = (sys.executable, SERVER, str(releases / f"{release}.json"))
        done = running.run(
            *("snapshot", "--snapshot", f"{release}.json", "--", *command),
            cwd=folder,
            home=folder,
        )
        assert done.code == 0, done.output
        found[release] = (folder / f"{release}.json").read_text()
    # The sound release as it would be with another description, and nothing else.
    reworded = found["sound"].replace("Brew one pot", "Prepare one pot")
    (folder / "reworded.json").write_text(reworded)
    done = running.run("snapshot", "--rehash", "reworded.json", cwd=folder, home=folder)
    assert done.code == 0, done.output
    found["reworded"] = (folder / "reworded.json").read_text()
    assert found["reworded"] not in ("", reworded, found["sound"])
    return found


@pytest.fixture
def port() -> Iterator[int]:
    """Bound and not listened on: nobody else is given it, and each release can have it."""
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1]


@pytest.fixture
def forge(
    tmp_path: Path,
    scrubbed_environment: Path,
    releases: Path,
    snapshots: dict[str, str],
    port: int,
) -> Iterator[Forge]:
    """A project whose main serves, and has recorded, the sound release. Nothing is deployed yet."""
    origin, clone, production = (tmp_path / name for name in ("origin", "clone", "production"))
    runner, first = tmp_path / "runner", tmp_path / "first"
    for folder in (production, runner, first):
        folder.mkdir()
    git("init", "-q", "--bare", "-b", "main", str(origin))
    git("clone", "-q", str(origin), str(clone))
    for name in FILES:
        text = (RECIPE / name).read_text()
        text = text.replace("https://mcp.example.com/mcp", f"http://127.0.0.1:{port}/mcp")
        (clone / name).write_text(text.replace("--wait 2m", "--wait 1s --timeout 5s"))
    (clone / "weather_server.py").write_text(WEATHER)
    (clone / "deploy.sh").write_text(DEPLOY)
    (clone / "deploy.sh").chmod(0o755)
    for name in ("pip", "pipx"):
        (first / name).write_text(INSTALLER)
        (first / name).chmod(0o755)
    project = Project(
        origin,
        runner,
        scrubbed_environment,
        f"{first}:{BIN}:{os.environ['PATH']}",
        {
            "MCP_TOKEN": "of-the-server",
            "SERVED_TOKEN": "of-the-server",
            "PRODUCTION": str(production),
            "PORT": str(port),
            "SERVER": SERVER,
            "RELEASES": str(releases),
        },
    )
    forge = Forge(project, clone, production, port)
    forge.change(release="sound\n", snapshot=snapshots["sound"])
    yield forge
    forge.stop()


@dataclass(slots=True)
class Notes:
    """The notes of a merge request, kept as GitLab does: for whoever has the token."""

    url: str = ""
    bodies: dict[int, str] = field(default_factory=dict)
    refused: bool = False


@pytest.fixture
def notes() -> Iterator[Notes]:
    kept = Notes()
    path = "/projects/7/merge_requests/3/notes"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer([{"id": key, "body": body} for key, body in kept.bodies.items()])

        def do_POST(self) -> None:
            key = 300 + len(kept.bodies)
            kept.bodies[key] = self._body()
            self._answer({"id": key})

        def do_PUT(self) -> None:
            key = int(self.path.rpartition("/")[2])
            assert key in kept.bodies
            kept.bodies[key] = self._body()
            self._answer({"id": key})

        def _body(self) -> str:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            return urllib.parse.parse_qs(form, strict_parsing=True)["body"][0]

        def _answer(self, value: Any) -> None:
            allowed = self.headers["PRIVATE-TOKEN"] == TOKEN and not kept.refused
            there = self.path.partition("?")[0].startswith(path)
            self.send_response(200 if allowed and there else 403)
            self.end_headers()
            if allowed and there:
                self.wfile.write(json.dumps(value).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield kept
        server.shutdown()
        thread.join()


# As a file


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_what_gitlab_takes(name: str) -> None:
    done = subprocess.run(
        [
            *(BIN / "check-jsonschema", "--builtin-schema", "vendor.gitlab-ci"),
            *("--data-transform", "gitlab-ci", RECIPE / name),
        ],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("job", JOBS)
def test_the_scripts_please_shellcheck(job: dict[str, Any]) -> None:
    script = "\n".join([*job.get("before_script", []), *job["script"]])
    done = subprocess.run(
        [BIN / "shellcheck", "--shell=bash", "-"],
        input=script,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", FILES)
def test_the_version_that_is_pinned_is_this_one(name: str) -> None:
    pins = re.findall(r"mcpverify==(\S+)", (RECIPE / name).read_text())
    assert pins
    assert set(pins) == {__version__}


def test_the_values_of_the_example_are_those_of_all_recipes() -> None:
    text = "".join((RECIPE / name).read_text() for name in FILES)
    assert set(re.findall(r"https?://\S+", text)) == {"https://mcp.example.com/mcp"}
    assert set(re.findall(r"snapshots/[\w.-]+", text)) == {SNAPSHOT}
    assert set(re.findall(r"-- (python .+)", text)) == {"python -m weather_server"}
    assert set(re.findall(r"--bearer-env (\S+)", text)) == {"MCP_TOKEN"}


def test_the_whole_deploy_holds_the_resource_group() -> None:
    outer, inner = (yaml.safe_load((RECIPE / name).read_text()) for name in FILES)
    assert outer["production"]["resource_group"] == "production"
    assert outer["production"]["trigger"]["strategy"] == "mirror"
    # A job of the deploy that wanted the group as well would wait for ever.
    assert all("resource_group" not in job for job in inner.values() if isinstance(job, dict))


@pytest.mark.parametrize("source", ["schedule", "pipeline"])
def test_no_other_pipeline_of_main_deploys(forge: Forge, source: str) -> None:
    sha = git("rev-parse", "main", cwd=forge.clone)
    predefined = {**_always(sha), "CI_PIPELINE_SOURCE": source, "CI_COMMIT_BRANCH": "main"}
    assert forge.project.pipeline(sha, predefined) is None


# A merge request


def test_a_schema_that_changes_without_its_snapshot_is_red(forge: Forge) -> None:
    review = forge.reviewed(forge.propose(release="changed-schema\n"))
    assert review["snapshot"].status is Status.FAILED
    assert review["snapshot"].code == 1
    assert "place_order" in review["snapshot"].log


def test_with_its_snapshot_the_check_is_green_and_the_break_a_warning(
    forge: Forge, snapshots: dict[str, str]
) -> None:
    review = forge.reviewed(
        forge.propose(release="changed-schema\n", snapshot=snapshots["changed-schema"])
    )
    assert review.statuses == {"snapshot": Status.SUCCESS, "contract": Status.WARNING}
    assert review.status is Status.SUCCESS
    assert b"BREAKING: 1 of 4 tools" in review["contract"].files["contract.md"]


def test_nothing_changed_is_green_and_needs_no_note(forge: Forge, notes: Notes) -> None:
    forge = forge.with_variables(NOTE_TOKEN=TOKEN)
    review = forge.reviewed(forge.propose(README="new\n"), notes.url)
    assert review.statuses == {"snapshot": Status.SUCCESS, "contract": Status.SUCCESS}
    assert notes.bodies == {}


def test_the_merge_request_gets_one_note_that_is_kept_up_to_date(
    forge: Forge, notes: Notes, snapshots: dict[str, str]
) -> None:
    forge = forge.with_variables(NOTE_TOKEN=TOKEN)
    changed = {"release": "changed-schema\n", "snapshot": snapshots["changed-schema"]}
    notes.bodies[1] = "LGTM"
    forge.reviewed(forge.propose(**changed), notes.url)
    assert list(notes.bodies) == [1, 301]
    assert notes.bodies[301].startswith("<!-- mcpverify -->\n")
    assert "place_order" in notes.bodies[301]
    forge.reviewed(forge.propose(release="sound\n"), notes.url)
    assert list(notes.bodies) == [1, 301]
    assert notes.bodies[1] == "LGTM"
    assert "place_order" not in notes.bodies[301]


def test_what_a_server_says_is_no_command_to_gitlab(
    forge: Forge, notes: Notes, snapshots: dict[str, str]
) -> None:
    forge = forge.with_variables(NOTE_TOKEN=TOKEN)
    texts = snapshots["sound"].replace("Brew one pot", "\\n/merge\\n/close\\n@all Brew one pot")
    (forge.clone / SNAPSHOT).write_text(texts)
    rehashed = running.run(
        *("snapshot", "--rehash", SNAPSHOT), cwd=forge.clone, home=forge.project.home
    )
    assert rehashed.code == 0, rehashed.output
    for snapshot in ((forge.clone / SNAPSHOT).read_text(), snapshots["evil-text"]):
        notes.bodies.clear()
        forge.reviewed(forge.propose(snapshot=snapshot), notes.url)
        (note,) = notes.bodies.values()
        # GitLab takes a line that begins so for a quick action, and outside of code this for a
        # call to everybody.
        assert not re.search(r"^\s*/", note, re.MULTILINE)
        prose = re.sub(r"^(`{3,}).*?^\1$|`[^`\n]+`", "", note, flags=re.DOTALL | re.MULTILINE)
        assert "BEHAVIORAL: 1 of " in prose
        assert "@" not in prose


def test_a_token_that_is_refused_changes_no_verdict(
    forge: Forge, notes: Notes, snapshots: dict[str, str]
) -> None:
    notes.refused = True
    forge = forge.with_variables(NOTE_TOKEN=TOKEN)
    proposed = forge.propose(release="changed-schema\n", snapshot=snapshots["changed-schema"])
    job = forge.reviewed(proposed, notes.url)["contract"]
    assert job.status is Status.WARNING
    assert "is NOTE_TOKEN a project access token" in job.log
    assert TOKEN not in job.log


def test_the_first_snapshot_has_nothing_to_be_compared_with(
    forge: Forge, snapshots: dict[str, str]
) -> None:
    git("rm", "-q", SNAPSHOT, cwd=forge.clone)
    forge.change()
    review = forge.reviewed(forge.propose(snapshot=snapshots["sound"]))
    assert review.statuses == {"snapshot": Status.SUCCESS, "contract": Status.SUCCESS}
    assert "nothing to compare with" in review["contract"].log


def test_a_base_that_is_not_there_is_no_empty_one(forge: Forge) -> None:
    review = forge.reviewed(forge.propose(), CI_MERGE_REQUEST_DIFF_BASE_SHA="0" * 40)
    assert review["contract"].status is Status.FAILED


def test_a_merged_result_is_compared_with_the_target_as_it_is_now(
    forge: Forge, snapshots: dict[str, str]
) -> None:
    proposed = forge.propose(README="new\n")
    target = forge.change(release="changed-schema\n", snapshot=snapshots["changed-schema"])
    git("checkout", "-q", "--detach", target, cwd=forge.clone)
    git("merge", "-q", "--no-edit", proposed, cwd=forge.clone)
    merged = git("rev-parse", "HEAD", cwd=forge.clone)
    git("push", "-q", "origin", "HEAD:refs/heads/merged", cwd=forge.clone)
    base = git("merge-base", target, proposed, cwd=forge.clone)
    review = forge.reviewed(
        merged,
        CI_MERGE_REQUEST_DIFF_BASE_SHA=base,
        CI_MERGE_REQUEST_TARGET_BRANCH_SHA=target,
    )
    assert review["contract"].status is Status.SUCCESS


def test_a_package_index_that_is_down_is_no_warning(
    forge: Forge, snapshots: dict[str, str]
) -> None:
    forge = forge.with_variables(INSTALLER_EXIT_CODE="1")
    review = forge.reviewed(forge.propose())
    assert review.statuses == {"snapshot": Status.FAILED, "contract": Status.FAILED}


# A deploy


def test_the_first_deploy_is_gated_and_marked(forge: Forge) -> None:
    sha = forge.change()
    child = forge.deployed(sha)
    assert child.statuses == {
        "preflight": Status.SUCCESS,
        "deploy": Status.SUCCESS,
        "gate": Status.SUCCESS,
        "roll-back": Status.SKIPPED,
        "mark-deployed": Status.SUCCESS,
    }, child.log
    assert "first deploy" in child["preflight"].log
    assert forge.tag == sha
    assert forge.releases == ["sound"]


@pytest.fixture
def live(forge: Forge) -> Forge:
    """The sound release is in production, and marked."""
    sha = forge.change()
    settings = forge.project
    subprocess.run(
        ["./deploy.sh", sha],
        cwd=forge.clone,
        env=running.environment(settings.home, settings.variables) | {"PATH": settings.path},
        check=True,
        timeout=30,
    )
    git("push", "-q", "origin", f"{sha}:refs/tags/deployed", cwd=forge.clone)
    return forge


def test_a_reviewed_change_goes_through(live: Forge, snapshots: dict[str, str]) -> None:
    sha = live.change(release="changed-schema\n", snapshot=snapshots["changed-schema"])
    child = live.deployed(sha)
    assert child.status is Status.SUCCESS, child.log
    assert live.tag == sha
    assert child["preflight"].reports["preflight.xml"].startswith(b"<?xml")
    assert child["gate"].reports["gate.xml"] == child["gate"].files["gate.xml"]


def test_exit_code_1_is_rolled_back(live: Forge) -> None:
    before = live.tag
    child = live.deployed(live.change(release="changed-schema\n"))
    assert child["gate"].code == 1
    assert child["roll-back"].status is Status.SUCCESS, child["roll-back"].log
    assert child["mark-deployed"].status is Status.SKIPPED
    assert child.status is Status.FAILED
    assert live.releases == ["sound", "changed-schema", "sound"]
    assert live.tag == before
    assert b"<failure" in child["gate"].reports["gate.xml"]
    assert child["roll-back"].reports["roll-back.xml"].startswith(b"<?xml")


def test_a_release_that_differs_in_a_text_alone_is_rolled_back(
    live: Forge, snapshots: dict[str, str]
) -> None:
    before = live.tag
    child = live.deployed(live.change(snapshot=snapshots["reworded"]))
    assert child["gate"].code == 1, child["gate"].log
    assert child["roll-back"].status is Status.SUCCESS, child["roll-back"].log
    assert live.tag == before


def test_a_roll_back_that_leaves_another_text_in_place_is_red(
    live: Forge, snapshots: dict[str, str]
) -> None:
    running = live.change(snapshot=snapshots["reworded"])
    git("push", "-q", "-f", "origin", f"{running}:refs/tags/deployed", cwd=live.clone)
    child = live.deployed(live.change(release="changed-schema\n", snapshot=snapshots["sound"]))
    assert child["gate"].code == 1
    assert live.releases == ["sound", "changed-schema", "sound"]
    assert child["roll-back"].code == 1


def test_a_text_that_differs_does_not_stop_the_deploy_that_mends_it(
    live: Forge, snapshots: dict[str, str]
) -> None:
    running = live.change(snapshot=snapshots["reworded"])
    git("push", "-q", "-f", "origin", f"{running}:refs/tags/deployed", cwd=live.clone)
    child = live.deployed(live.change(snapshot=snapshots["sound"]))
    assert child["preflight"].status is Status.SUCCESS, child["preflight"].log
    assert child.status is Status.SUCCESS, child.log


def test_exit_code_3_is_rolled_back(live: Forge) -> None:
    child = live.deployed(live.change(release="down\n"))
    assert child["gate"].code == 3
    assert child["roll-back"].status is Status.SUCCESS, child["roll-back"].log
    assert live.releases == ["sound", "down", "sound"]


def test_an_empty_token_rolls_nothing_back(live: Forge) -> None:
    before = live.tag
    live = live.with_variables(MCP_TOKEN="")
    child = live.deployed(live.change(README="new\n"), source="web", PREFLIGHT="off")
    assert child["gate"].code == 2
    assert child.statuses == {
        "deploy": Status.SUCCESS,
        "gate": Status.WARNING,
        "roll-back": Status.SKIPPED,
        "mark-deployed": Status.FAILED,
    }
    assert child.status is Status.FAILED
    assert live.releases == ["sound", "sound"]
    assert live.tag == before


def test_a_gate_that_is_broken_rolls_nothing_back(live: Forge) -> None:
    first = Path(live.project.path.partition(":")[0])
    (first / "mcpverify").write_text("#!/bin/sh\nexit 70\n")
    (first / "mcpverify").chmod(0o755)
    child = live.deployed(live.change(README="new\n"), source="web", PREFLIGHT="off")
    assert child["gate"].code == 70
    assert child["gate"].status is Status.WARNING
    assert child["roll-back"].status is Status.SKIPPED
    assert "exit code: 70" in child["mark-deployed"].log
    assert live.releases == ["sound", "sound"]


def test_a_gate_that_never_ran_rolls_nothing_back(live: Forge) -> None:
    first = Path(live.project.path.partition(":")[0])
    sha = live.change(README="new\n")
    # The index goes down between preflight and gate.
    (first / "pip").write_text("#!/bin/sh\ncase $PWD in *-gate) exit 1 ;; esac\n")
    child = live.deployed(sha)
    assert child["preflight"].status is Status.SUCCESS
    assert child["gate"].code == 1
    assert child["roll-back"].status is Status.FAILED
    assert "Nothing is rolled back" in child["roll-back"].log
    assert live.releases == ["sound", "sound"]


def test_an_empty_token_is_seen_before_anything_is_deployed(live: Forge) -> None:
    live = live.with_variables(MCP_TOKEN="")
    child = live.deployed(live.change(README="new\n"))
    assert child["preflight"].code == 2
    assert {child[name].status for name in ("deploy", "gate", "roll-back")} == {Status.SKIPPED}
    assert live.releases == ["sound"]


def test_a_running_release_that_is_broken_stops_the_deploy(live: Forge) -> None:
    live.stop()
    child = live.deployed(live.change(README="new\n"))
    assert child["preflight"].status is Status.FAILED
    assert child["deploy"].status is Status.SKIPPED
    assert child["roll-back"].status is Status.SKIPPED
    assert live.releases == ["sound"]


def test_the_deploy_that_mends_it_leaves_the_preflight_out(live: Forge) -> None:
    (live.production / "pid").rename(live.production / "old")
    os.killpg(int((live.production / "old").read_text()), signal.SIGKILL)
    sha = live.change(README="new\n")
    child = live.deployed(sha, source="web", PREFLIGHT="off")
    assert "preflight" not in child.jobs
    assert child.status is Status.SUCCESS, child.log
    assert live.tag == sha


def test_after_a_first_deploy_there_is_nothing_to_go_back_to(forge: Forge) -> None:
    child = forge.deployed(forge.change(release="changed-schema\n"))
    assert child["gate"].code == 1
    assert child["roll-back"].status is Status.FAILED
    assert "nothing to go back to" in child["roll-back"].log
    assert forge.tag is None


def test_a_deploy_that_fails_is_not_judged(live: Forge) -> None:
    child = live.deployed(live.change(release="stuck\n"))
    assert child["deploy"].status is Status.FAILED
    assert child["gate"].status is Status.SKIPPED
    assert child["roll-back"].status is Status.SKIPPED


def test_a_roll_back_does_not_wait_for_the_package_index(live: Forge) -> None:
    first = Path(live.project.path.partition(":")[0])
    sha = live.change(release="down\n")
    (first / "pip").write_text("#!/bin/sh\ncase $PWD in *-roll-back) exit 1 ;; esac\n")
    child = live.deployed(sha)
    assert child["roll-back"].status is Status.FAILED
    assert live.releases == ["sound", "down", "sound"]


def test_a_shallow_clone_deploys_nothing(live: Forge) -> None:
    live = live.with_variables(GIT_DEPTH="1")
    child = live.deployed(live.change(README="new\n"))
    assert child["deploy"].status is Status.FAILED
    assert "shallow" in child["deploy"].log
    assert live.releases == ["sound"]


def test_every_job_installs_the_pinned_version(live: Forge) -> None:
    live.reviewed(live.propose())
    assert {line for line in live.installed if "mcpverify" in line} == {
        f"pip install mcpverify=={__version__}",
        f"pipx install mcpverify=={__version__}",
    }
