"""Pipelines as GitLab and its runner run them, as far as our recipes use them.

A keyword, a rule or a setting that is not known raises: nothing of a recipe goes by unseen.

Which jobs start follows GitLab's `Ci::ProcessBuildService` and `Gitlab::Ci::Status::Composite`, the
shell follows the runner's `shells/bash.go`: all commands of a job in one shell that stops at the
first failure, standard input closed.
"""

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from tests import running
from tests.repositories import git

_DEFAULT_DEPTH = "20"  # of a new project
_TOP = {"stages", "workflow", "variables", "default"}
_DEFAULTS = {"image", "before_script"}
_JOB = {
    "stage",
    "image",
    "rules",
    "when",
    "needs",
    "variables",
    "before_script",
    "script",
    "allow_failure",
    "artifacts",
    "resource_group",
    "trigger",
}
_ARTIFACTS = {"when", "paths", "reports", "expose_as"}
_TERM = re.compile(r'\$(\w+)\s*(==|!=)\s*(?:"([^"]*)"|\$(\w+))')
_DOTENV = re.compile(r"([A-Za-z0-9_]+)=(.*)")


class Status(StrEnum):
    SUCCESS = "success"
    WARNING = "success with warnings"  # failed, and allowed to
    FAILED = "failed"
    SKIPPED = "skipped"


class Unsupported(Exception):
    """What GitLab may understand, but we do not."""


@dataclass(frozen=True, slots=True)
class Job:
    """How a job ended. `code` is None where no shell ran."""

    name: str
    status: Status
    code: int | None = None
    log: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    reports: Mapping[str, bytes] = field(default_factory=dict)
    dotenv: Mapping[str, str] = field(default_factory=dict)
    child: "Pipeline | None" = None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The jobs that were created, in the order of their stages."""

    jobs: Mapping[str, Job]

    @property
    def status(self) -> Status:
        return _composite((job.status for job in self.jobs.values()), dag=False)

    @property
    def statuses(self) -> dict[str, Status]:
        return {name: job.status for name, job in self.jobs.items()}

    @property
    def log(self) -> str:
        return "".join(f"--- {job.name}: {job.status}\n{job.log}" for job in self.jobs.values())

    def __getitem__(self, name: str) -> Job:
        return self.jobs[name]


@dataclass(frozen=True, slots=True)
class Project:
    """A project of a GitLab: a bare repository, the variables of its settings, and a runner.

    Jobs run in folders of their own in `folder`, with `path` as their PATH.
    """

    origin: Path
    folder: Path
    home: Path
    path: str
    variables: Mapping[str, str]

    def pipeline(
        self,
        commit: str,
        predefined: Mapping[str, str],
        *,
        by_hand: Mapping[str, str] | None = None,
        config: str = ".gitlab-ci.yml",
    ) -> Pipeline | None:
        """Runs the pipeline of `commit` to its end. None where its rules want none.

        `by_hand` are the variables that somebody typed in to start it.
        """
        document = yaml.safe_load(git("show", f"{commit}:{config}", cwd=self.origin))
        return _Run(self, commit, predefined, by_hand or {}, document).pipeline()


@dataclass(frozen=True, slots=True)
class _Run:
    project: Project
    commit: str
    predefined: Mapping[str, str]
    by_hand: Mapping[str, str]
    document: Mapping[str, Any]

    def pipeline(self) -> Pipeline | None:
        top = {key: value for key, value in self.document.items() if key in _TOP}
        _known(top.get("workflow", {}), {"rules", "auto_cancel"}, "workflow")
        _known(top.get("default", {}), _DEFAULTS, "default")
        rules = top.get("workflow", {}).get("rules")
        if rules is not None and self._when(rules, {"auto_cancel"}) is None:
            return None
        jobs = {
            name: {**top.get("default", {}), **job}
            for name, job in self.document.items()
            if name not in _TOP
        }
        done: dict[str, Job] = {}
        for stage in top["stages"]:
            earlier = dict(done)
            for name, job in jobs.items():
                _known(job, _JOB, name)
                if job["stage"] != stage:
                    continue
                when = job.get("when", "on_success")
                if "rules" in job:
                    when = self._when(job["rules"], set())
                if when is not None:
                    done[name] = self._job(name, job, when, earlier)
        assert set(jobs) >= set(done)
        assert {job["stage"] for job in jobs.values()} <= set(top["stages"])
        return Pipeline(done) if done else None

    def _settings(self) -> dict[str, str]:
        """The variables that rules see, later ones taking precedence."""
        shared = self.document.get("variables", {})
        return {**self.predefined, **shared, **self.project.variables, **self.by_hand}

    def _when(self, rules: Iterable[Mapping[str, Any]], extra: set[str]) -> str | None:
        for rule in rules:
            _known(rule, {"if", "when"} | extra, "a rule")
            if "if" not in rule or _holds(rule["if"], self._settings()):
                when = rule.get("when", "on_success")
                return None if when == "never" else when
        return None

    def _job(self, name: str, job: Mapping[str, Any], when: str, earlier: Mapping[str, Job]) -> Job:
        dag = "needs" in job
        waited = {need: earlier[need] for need in job["needs"]} if dag else earlier
        valid = {
            "on_success": {Status.SUCCESS} if dag else {Status.SUCCESS, Status.SKIPPED},
            "on_failure": {Status.FAILED},
        }[when]
        before = _composite((each.status for each in waited.values()), dag=dag)
        if waited and before not in valid:
            return Job(name, Status.SKIPPED)
        if "trigger" in job:
            return self._downstream(name, job["trigger"])
        received: dict[str, str] = {}
        for each in waited.values():
            received |= each.dotenv
        return self._ran(name, job, received)

    def _downstream(self, name: str, trigger: Mapping[str, Any]) -> Job:
        _known(trigger, {"include", "strategy", "forward"}, name)
        forward = trigger.get("forward", {})
        _known(forward, {"pipeline_variables", "yaml_variables"}, name)
        if trigger.get("strategy") != "mirror":
            raise Unsupported("a trigger that does not wait")
        child = self.project.pipeline(
            self.commit,
            {**self.predefined, "CI_PIPELINE_SOURCE": "parent_pipeline"},
            by_hand={
                **(
                    self.document.get("variables", {})
                    if forward.get("yaml_variables", True)
                    else {}
                ),
                **(self.by_hand if forward.get("pipeline_variables", False) else {}),
            },
            config=trigger["include"],
        )
        assert child is not None, "GitLab fails a trigger job whose pipeline is empty"
        return Job(name, child.status, child=child)

    def _ran(self, name: str, job: Mapping[str, Any], received: Mapping[str, str]) -> Job:
        shared = self.document.get("variables", {})
        written = {**shared, **job.get("variables", {})}
        for value in written.values():
            if not isinstance(value, str) or "$" in value:
                raise Unsupported(f"the variable {value!r}")
        variables = {
            **self.predefined,
            **written,
            **received,
            **self.project.variables,
            **self.by_hand,
        }
        folder = self.project.folder / f"{len(list(self.project.folder.iterdir()))}-{name}"
        depth = variables.get("GIT_DEPTH", _DEFAULT_DEPTH)
        _check_out(self.project.origin, self.commit, depth, folder)
        commands = [*job.get("before_script", []), *job["script"]]
        done = subprocess.run(
            ["bash"],
            input=_bash(commands),
            cwd=folder,
            env=running.environment(self.project.home, variables) | {"PATH": self.project.path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=50,
        )
        status = Status.SUCCESS if done.returncode == 0 else Status.FAILED
        if status is Status.FAILED and done.returncode in _allowed(job):
            status = Status.WARNING
        kept = _artifacts(job.get("artifacts", {}), folder, status)
        return Job(name, status, done.returncode, done.stdout, *kept)


def _known(found: Mapping[str, Any], known: set[str], where: str) -> None:
    if not set(found) <= known:
        raise Unsupported(f"{sorted(set(found) - known)} in {where}")


def _holds(condition: str, variables: Mapping[str, str]) -> bool:
    return any(
        all(_term(term.strip(), variables) for term in alternative.split("&&"))
        for alternative in condition.split("||")
    )


def _term(term: str, variables: Mapping[str, str]) -> bool:
    match = _TERM.fullmatch(term)
    if match is None:
        raise Unsupported(f"the condition {term!r}")
    name, operator, text, other = match.groups()
    equal = variables.get(name) == (text if other is None else variables.get(other))
    return equal if operator == "==" else not equal


def _composite(statuses: Iterable[Status], *, dag: bool) -> Status:
    found = set(statuses)
    if dag and Status.SKIPPED in found:
        return Status.SKIPPED
    if found == {Status.SKIPPED}:
        return Status.SKIPPED
    return Status.FAILED if Status.FAILED in found else Status.SUCCESS


def _allowed(job: Mapping[str, Any]) -> list[int]:
    allowed = job.get("allow_failure", {"exit_codes": []})
    if not isinstance(allowed, dict):
        raise Unsupported(f"allow_failure: {allowed}")
    codes: list[int] = allowed["exit_codes"]
    return codes


def _check_out(origin: Path, commit: str, depth: str, folder: Path) -> None:
    """With a depth of 0 the runner fetches all branches and tags, else the commit alone."""
    git("init", "-q", str(folder))
    git("remote", "add", "origin", str(origin), cwd=folder)
    if depth == "0":
        all_refs = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
        git("fetch", "-q", "origin", *all_refs, cwd=folder)
    else:
        only = (f"--depth={depth}", "--no-tags")
        git("fetch", "-q", *only, f"file://{origin}", commit, cwd=folder)
    git("checkout", "-q", "--detach", commit, cwd=folder)


def _bash(commands: Iterable[str]) -> str:
    text = "\n".join(command.strip() for command in commands) + "\n"
    quoted = "'" + text.replace("'", "'\\''") + "'"
    return (
        "set -o pipefail\nset -o errexit\nset +o noclobber\n"
        f"(trap 'exit 1' TERM; eval {quoted}) < /dev/null\nexit 0\n"
    )


def _artifacts(
    wanted: Mapping[str, Any], folder: Path, status: Status
) -> tuple[dict[str, bytes], dict[str, bytes], dict[str, str]]:
    """What is uploaded: files as `when` says, reports always. A missing one is only a warning."""
    _known(wanted, _ARTIFACTS, "artifacts")
    reports = wanted.get("reports", {})
    _known(reports, {"junit", "dotenv"}, "reports")
    keep = wanted.get("when", "on_success")
    files = dict(_read(folder, wanted.get("paths", [])))
    if keep != "always" and (status is not Status.SUCCESS or keep != "on_success"):
        files = {}
    found = dict(_read(folder, reports.values()))
    variables: dict[str, str] = {}
    for line in found.pop(reports.get("dotenv", ""), b"").decode().splitlines():
        match = _DOTENV.fullmatch(line)
        if match is None:
            raise Unsupported(f"GitLab refuses a dotenv file with {line!r}")
        variables[match[1]] = match[2]
    return files, found, variables


def _read(folder: Path, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for name in names:
        if "*" in name:
            raise Unsupported(f"the pattern {name!r}")
        if (folder / name).is_file():
            yield name, (folder / name).read_bytes()
