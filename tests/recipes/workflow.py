"""A small honest runner of GitHub jobs: it runs the steps of a workflow as they stand in the file.

`run:` steps run in bash as GitHub starts it, with its files for outputs, variables and summaries;
`actions/checkout` clones from a bare repository as the real one does, at its depth and with its
refs; `uses: ./` runs the composite action. What only matters on GitHub's machines (setup-python,
cache) is noted in `Job.noted` and does nothing; artifacts are kept in `Job.artifacts`. A key, an
action, an input or an expression that this runner does not know raises: nothing is passed over.
"""

import contextlib
import glob
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests import running
from tests.recipes import runner_files
from tests.recipes.expressions import Open, Scope, Unknown, text_of
from tests.recipes.runner_files import Annotation

TOOLS = Path(__file__).parent / "tools"
REPOSITORY = "example-org/weather"
TOKEN = "ghs_of_the_run"
_SHELLS = {
    None: ("bash", "-e"),
    "bash": ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail"),
}
# The pins say which release; the tests of the recipes hold them.
_NOTED = ("actions/setup-python", "actions/cache")
_OUTPUTS = {
    "actions/setup-python": {
        "python-path": str(TOOLS / "python-of-the-job"),
        "python-version": "3.13.9",
    }
}
_STEP_KEYS = {"id", "name", "if", "uses", "with", "run", "env", "shell", "working-directory"}
_JOB_KEYS = {
    *("name", "runs-on", "environment", "timeout-minutes", "permissions", "env", "steps", "if"),
}


@dataclass(frozen=True, slots=True)
class Trigger:
    """What started a workflow. `inputs` are those of workflow_dispatch."""

    event: str
    sha: str
    ref: str = "refs/heads/main"
    payload: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Step:
    """How a step ended: `outcome` is success, failure or skipped. `log` is all that it printed."""

    name: str
    id: str
    outcome: str
    outputs: dict[str, str] = field(default_factory=dict)
    log: str = ""
    code: int | None = None
    summary: str = ""
    annotations: list[Annotation] = field(default_factory=list)


@dataclass(slots=True)
class Job:
    """How a job went. `noted` are the actions that only GitHub's own machines can run."""

    workspace: Path
    status: str = "success"
    steps: list[Step] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    artifacts: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Step:
        """The step with this id or name."""
        (step,) = [each for each in self.steps if name in (each.id, each.name)]
        return step

    @property
    def log(self) -> str:
        return "".join(f"## {each.name}: {each.outcome}\n{each.log}" for each in self.steps)

    @property
    def summary(self) -> str:
        return "".join(each.summary for each in self.steps)

    @property
    def annotations(self) -> list[Annotation]:
        return [annotation for each in self.steps for annotation in each.annotations]

    @property
    def ran(self) -> list[str]:
        """The names of the steps that were not skipped, in their order."""
        return [each.name for each in self.steps if each.outcome != "skipped"]


@dataclass(frozen=True, slots=True)
class Machine:
    """Where jobs run: `root` is a folder of its own, `origin` a bare repository.

    `environment` is what whoever runs the machine has set. A step that takes longer than `bound`
    seconds is killed, and the test fails.
    """

    root: Path
    origin: Path
    secrets: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    bound: float = 90.0

    def run(self, workflow: str, trigger: Trigger) -> Job:
        """Runs the one job of a workflow, on a fresh machine."""
        document = yaml.safe_load(workflow)
        _refuse_unknown(document, {"name", True, "on", "permissions", "concurrency", "jobs", "env"})
        inputs = _inputs(document, trigger)
        ((_, job),) = document["jobs"].items()
        _refuse_unknown(job, _JOB_KEYS)
        number = sum(1 for each in self.root.glob("job-*"))
        fresh = self.root / f"job-{number}"
        for name in ("workspace", "temp", "home"):
            (fresh / name).mkdir(parents=True)
        run = _Run(self, fresh, trigger, inputs, Job(fresh / "workspace"))
        variables = {**document.get("env", {}), **job.get("env", {})}
        run.variables.update({name: run.scope({}).text(text) for name, text in variables.items()})
        if run.scope({}).holds(job.get("if")):
            run.steps(job["steps"], _State(run.job))
        return run.job


@dataclass(slots=True)
class _State:
    """What the steps of a job, or of a composite action, know of each other."""

    job: Job
    status: str = "success"
    done: dict[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] | None = None
    prefix: str = ""


@dataclass(slots=True)
class _Run:
    machine: Machine
    folder: Path
    trigger: Trigger
    inputs: Mapping[str, Any]
    job: Job
    variables: dict[str, str] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)

    def scope(self, env: Mapping[str, str], state: _State | None = None) -> Scope:
        state = state or _State(self.job)
        status = state.status
        contexts = {
            "github": self._github(),
            "runner": {
                "temp": str(self.folder / "temp"),
                "os": "Linux",
                "arch": "X64",
            },
            "env": Open(self.variables | dict(env)),
            "secrets": Open(self.machine.secrets),
            "inputs": self.inputs if state.inputs is None else state.inputs,
            "steps": state.done,
        }
        functions = {
            "success": lambda: status == "success",
            "failure": lambda: status == "failure",
            "always": lambda: True,
            "cancelled": lambda: False,
        }
        return Scope(contexts, functions)

    def _github(self) -> dict[str, Any]:
        trigger = self.trigger
        return {
            "event_name": trigger.event,
            "event": trigger.payload,
            "sha": trigger.sha,
            "ref": trigger.ref,
            "repository": REPOSITORY,
            "server_url": "https://github.com",
            "run_id": "4711",
            "run_attempt": "1",
            "token": TOKEN,
            "workspace": str(self.job.workspace),
        }

    def steps(self, steps: list[dict[str, Any]], state: _State) -> None:
        """Runs them in their order. `state` learns how they ended."""
        # A step that comes later can be named, and is empty, as on GitHub.
        for each in steps:
            if "id" in each:
                state.done[each["id"]] = {"outputs": Open(), "outcome": None, "conclusion": None}
        for each in steps:
            _refuse_unknown(each, _STEP_KEYS)
            name = each.get("name") or each.get("uses") or each["run"].splitlines()[0]
            done = Step(state.prefix + name, each.get("id", ""), "skipped")
            # Its place is that of its beginning, before the steps of an action that it uses.
            state.job.steps.append(done)
            if self.scope({}, state).holds(each.get("if")):
                self._one(each, done, state)
            if done.outcome == "failure":
                state.status = "failure"
                if not state.prefix:
                    state.job.status = "failure"
            if done.id:
                state.done[done.id] = {
                    "outputs": Open(done.outputs),
                    "outcome": done.outcome,
                    "conclusion": done.outcome,
                }

    def _one(self, step: dict[str, Any], done: Step, state: _State) -> None:
        own = self.scope({}, state)
        env = {name: own.text(text) for name, text in step.get("env", {}).items()}
        scope = self.scope(env, state)
        if "run" in step:
            if state.prefix and "shell" not in step:
                raise Unknown("a composite action has to say shell")
            place = scope.text(step.get("working-directory", "."))
            self._script(scope.text(step["run"]), step.get("shell"), env, place, done)
            return
        given = {name: scope.text(text) for name, text in step.get("with", {}).items()}
        self._action(step["uses"], given, env, done)

    def _script(
        self, script: str, shell: str | None, env: Mapping[str, str], place: str, done: Step
    ) -> None:
        file = self.folder / "temp" / "script.sh"
        file.write_text(script + "\n", encoding="utf-8")
        written = {name: self.folder / "temp" / f"file-{name}" for name in runner_files.FILES}
        for path in written.values():
            path.write_bytes(b"")
        command = [*_SHELLS[shell], str(file)]
        environment = self._environment(env, {name: str(path) for name, path in written.items()})
        done.code, done.log = self._ended(command, environment, self.job.workspace / place)
        done.outcome = "failure" if done.code else "success"
        done.annotations = list(runner_files.annotations(done.log))
        done.outputs = runner_files.pairs(written["GITHUB_OUTPUT"])
        self.variables.update(runner_files.pairs(written["GITHUB_ENV"]))
        self.paths += written["GITHUB_PATH"].read_text(encoding="utf-8").split()
        done.summary = runner_files.summary(written["GITHUB_STEP_SUMMARY"])

    def _environment(self, env: Mapping[str, str], files: Mapping[str, str]) -> dict[str, str]:
        ours = {f"GITHUB_{name.upper()}": value for name, value in self._github().items()}
        ours = {name: text_of(value) for name, value in ours.items() if isinstance(value, str)}
        del ours["GITHUB_TOKEN"]  # only an expression has it
        path = [*self.paths, str(TOOLS), str(Path(sys.executable).parent), "/usr/bin", "/bin"]
        return {
            **running.environment(self.folder / "home"),
            **ours,
            "PATH": ":".join(path),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "RUNNER_TEMP": str(self.folder / "temp"),
            "RUNNER_OS": "Linux",
            **self.machine.environment,
            **self.variables,
            **env,
            **files,
        }

    def _ended(
        self, command: list[str], environment: Mapping[str, str], place: Path
    ) -> tuple[int, str]:
        # Files, not pipes: a server that a step leaves running may hold on to them.
        streams = [self.folder / "temp" / name for name in ("stdout", "stderr")]
        with streams[0].open("wb") as stdout, streams[1].open("wb") as stderr:
            process = subprocess.Popen(
                command,
                cwd=place,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
            try:
                code = process.wait(self.machine.bound)
            except BaseException:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                raise
        texts = [each.read_text(encoding="utf-8", errors="replace") for each in streams]
        return code, "".join(texts)

    def _action(
        self, uses: str, given: Mapping[str, str], env: Mapping[str, str], done: Step
    ) -> None:
        name, _, _ = uses.partition("@")
        done.outcome = "success"
        if uses == "./":
            self._composite(given, env, done)
        elif name == "actions/checkout":
            self._checkout(given)
        elif name == "actions/upload-artifact":
            self._upload(given)
        elif name in _NOTED:
            self.job.noted.append(f"{uses} was not run")
            done.outputs = {
                "python-path": str(TOOLS / "python-of-the-job"),
                "python-version": "3.13",
            }
        else:
            raise Unknown(f"the action {uses}")

    def _composite(self, given: Mapping[str, str], env: Mapping[str, str], done: Step) -> None:
        action = yaml.safe_load((self.job.workspace / "action.yml").read_text(encoding="utf-8"))
        declared = action.get("inputs", {})
        if not given.keys() <= declared.keys():
            raise Unknown(f"inputs {given.keys() - declared.keys()}")
        own = self.scope({})
        inputs = {name: own.text(each.get("default", "")) for name, each in declared.items()}
        state = _State(self.job, inputs=inputs | dict(given), prefix=f"{done.name}: ")
        outer = dict(self.variables)
        self.variables.update(env)  # the env of the step is that of all steps inside
        self.steps(action["runs"]["steps"], state)
        self.variables = outer
        # GitHub sets the outputs after the steps, whether or not one of them failed.
        done.outcome = state.status
        scope = self.scope({}, state)
        outputs = action.get("outputs", {})
        done.outputs = {name: scope.text(each["value"]) for name, each in outputs.items()}

    def _checkout(self, given: Mapping[str, str]) -> None:
        _refuse_unknown(given, {"fetch-depth", "persist-credentials"})
        trigger = self.trigger
        kind, _, branch = trigger.ref.removeprefix("refs/").partition("/")
        local = {"heads": f"refs/remotes/origin/{branch}", "pull": f"refs/remotes/pull/{branch}"}
        exactly = f"+{trigger.sha}:{local[kind]}"
        depth = int(given.get("fetch-depth", "1"))
        self._git("init", "--quiet")
        self._git("remote", "add", "origin", self.machine.origin.as_uri())
        if depth:
            self._git("fetch", "--no-tags", f"--depth={depth}", "origin", exactly)
        else:
            everything = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
            self._git("fetch", "--no-tags", "origin", *everything)
            # The branch may have moved on since: the run is for this commit all the same.
            self._git("fetch", "--no-tags", "origin", exactly)
        if kind == "heads":
            self._git("checkout", "--quiet", "--force", "-B", branch, local[kind])
        else:
            self._git("checkout", "--quiet", "--force", local[kind])

    def _git(self, *arguments: str) -> None:
        environment = self._environment({}, {})
        code, log = self._ended(["git", *arguments], environment, self.job.workspace)
        if code:
            raise RuntimeError(f"git {arguments} ended with {code}:\n{log}")

    def _upload(self, given: Mapping[str, str]) -> None:
        _refuse_unknown(given, {"name", "path", "if-no-files-found"})
        if given["name"] in self.job.artifacts:
            raise RuntimeError(f"GitHub takes no second artifact of the name {given['name']}")
        found = {}
        for pattern in given["path"].split():
            for path in glob.glob(str(self.job.workspace / pattern)):
                found[Path(path).name] = Path(path).read_bytes()
        if not found and given.get("if-no-files-found") == "error":
            raise RuntimeError(f"there is nothing at {given['path']}")
        self.job.artifacts[given["name"]] = found


def _refuse_unknown(given: Mapping[Any, Any], known: set[Any]) -> None:
    if unknown := given.keys() - known:
        raise Unknown(f"keys {unknown}")


def _inputs(document: Mapping[Any, Any], trigger: Trigger) -> dict[str, Any]:
    """The context `inputs`: null for each where the workflow was not started by hand."""
    events = document.get("on", document.get(True))  # YAML 1.1 reads `on` as true
    if trigger.event not in events:
        raise Unknown(f"{trigger.event} does not start this workflow")
    branches = (events[trigger.event] or {}).get("branches")
    target = trigger.payload.get("pull_request", {}).get("base", {}).get("ref")
    branch = target or re.sub("^refs/heads/", "", trigger.ref)
    if branches is not None and branch not in branches:
        raise Unknown(f"{trigger.event} of {branch} does not start this workflow")
    declared = (events.get("workflow_dispatch") or {}).get("inputs", {})
    if not trigger.inputs.keys() <= declared.keys():
        raise Unknown(f"inputs {trigger.inputs.keys() - declared.keys()}")
    if trigger.event != "workflow_dispatch":
        return dict.fromkeys(declared)
    return {name: each.get("default") for name, each in declared.items()} | dict(trigger.inputs)
