"""Which release is serving: the live contract is looked for in the history of its snapshot."""

import os
import re
from pathlib import Path

import pytest

from tests.cli.reading import Judged, judged
from tests.conftest import Mcpverify
from tests.repositories import git
from tests.servers import honest
from tests.servers.dialog import schema, tool

PATH = "snapshots/weather.json"
MODES = ("fast", "full", "fuzzy", "deep", "wide")
DAY = 86_400


def release(number: int) -> list[object]:
    """The tools of a release; each takes one mode more than the one before."""
    return [tool("search", inputSchema=schema(mode={"enum": list(MODES[: number + 1])}))]


class Repository:
    """A checkout whose last commits each brought the snapshot of one release."""

    def __init__(self, folder: Path, mcpverify: Mcpverify) -> None:
        self.folder = folder
        self._mcpverify = mcpverify

    def record(self, tools: list[object], days_ago: int = 0, *flags: str) -> str:
        """Commits the snapshot of these tools, made anew, and returns the hash."""
        (self.folder / PATH).unlink(missing_ok=True)
        with honest.serve(tools=tools) as server:
            done = self._mcpverify(
                "snapshot", server.url, "--snapshot", PATH, *flags, cwd=self.folder
            )
        assert done.code == 0, done.output
        return self.commit(days_ago)

    def commit(self, days_ago: int = 0) -> str:
        now = int(os.stat(self.folder).st_atime)
        os.environ["GIT_COMMITTER_DATE"] = f"@{now - days_ago * DAY} +0000"
        git("add", "-A", cwd=self.folder)
        git("commit", "-q", "--allow-empty", "-m", "a release", cwd=self.folder)
        return git("rev-parse", "HEAD", cwd=self.folder)

    def check(self, tools: list[object], *flags: str, snapshot: str = PATH) -> Judged:
        with honest.serve(tools=tools) as server:
            run = self._mcpverify(
                *("check", server.url, "--snapshot", snapshot, "--format", "json", *flags),
                cwd=self.folder,
            )
        return judged(run)


@pytest.fixture
def repository(tmp_path: Path, mcpverify: Mcpverify, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "@0 +0000")  # restored at the end
    folder = tmp_path / "repository"
    folder.mkdir()
    git("init", "-q", "-b", "main", cwd=folder)
    return Repository(folder, mcpverify)


@pytest.fixture
def three(repository: Repository) -> tuple[Repository, list[str]]:
    """Three releases, 9, 6 and 0 days ago, and their commits."""
    return repository, [repository.record(release(n), ago) for n, ago in enumerate((9, 6, 0))]


def first_detail(report: Judged) -> str:
    return str(report.finding("matches-snapshot")["details"][0]["text"])


def test_an_old_release_is_named_by_its_commit(three: tuple[Repository, list[str]]) -> None:
    repository, commits = three

    report = repository.check(release(1))

    assert report.verdict == "failed"
    assert report.target["situation"] == "old-release"
    assert report.headline.startswith("NOT DEPLOYED: an old release is serving; 1 of 1 tool")
    said = f"live equals {PATH} at {commits[1][:7]} (6 days ago): an old release is serving"
    assert first_detail(report) == said
    assert report.target["release"]["commit"] == commits[1]
    assert report.target["release"]["descent"] == "older"


def test_an_old_release_is_not_to_be_accepted_but_compared_with(
    three: tuple[Repository, list[str]],
) -> None:
    repository, commits = three

    steps = repository.check(release(0))

    told = " ".join(steps.target["next"])
    assert "A roll-back harms nobody and mends nothing" in told
    assert "mcpverify snapshot" not in told
    command = f"--snapshot git:{commits[0][:12]}:{PATH}"
    assert command in told
    assert repository.check(release(0), snapshot=command.split()[1]).verdict == "passed"


def test_the_newest_of_equal_releases_is_named(repository: Repository) -> None:
    for number in (0, 1, 0):
        last = repository.record(release(number))
    repository.record(release(2))

    assert repository.check(release(0)).target["release"]["commit"] == last


def test_a_newer_release_than_the_snapshot_is_told_as_such(
    three: tuple[Repository, list[str]],
) -> None:
    repository, commits = three

    report = repository.check(release(2), snapshot=f"git:{commits[0]}:{PATH}")

    assert report.target["situation"] == "newer-release"
    assert report.target["snapshot_commit"] == commits[0]
    assert "it did not take" in " ".join(report.target["next"])


def test_a_release_of_another_branch_is_told_as_such(
    three: tuple[Repository, list[str]],
) -> None:
    repository, commits = three
    git("checkout", "-q", "-b", "feature", commits[0], cwd=repository.folder)
    elsewhere = repository.record(release(4))
    git("checkout", "-q", "main", cwd=repository.folder)

    report = repository.check(release(4))

    assert report.target["situation"] == "other-release"
    assert report.target["release"]["commit"] == elsewhere


def test_a_contract_that_no_release_had_is_an_unreviewed_change(
    three: tuple[Repository, list[str]],
) -> None:
    repository, _ = three

    report = repository.check(release(3))

    assert report.target["situation"] == "unreviewed-change"
    assert report.headline.startswith("UNREVIEWED CHANGE: ")
    assert first_detail(report) == f"live equals none of the 2 other versions of {PATH} in git"
    assert any("mcpverify snapshot" in step for step in report.target["next"])


def test_a_shallow_clone_is_named_as_the_reason(
    three: tuple[Repository, list[str]], tmp_path: Path, mcpverify: Mcpverify
) -> None:
    repository, _ = three
    clone = tmp_path / "clone"
    git("clone", "-q", "--depth", "1", repository.folder.as_uri(), str(clone))

    report = Repository(clone, mcpverify).check(release(1))

    assert report.target["situation"] == "contract-differs"
    assert "this clone is shallow (fetch-depth: 0" in first_detail(report)


def test_what_may_be_an_old_release_is_not_accepted_in_passing(
    three: tuple[Repository, list[str]], tmp_path: Path, mcpverify: Mcpverify
) -> None:
    repository, _ = three
    clone = tmp_path / "clone"
    git("clone", "-q", "--depth", "1", repository.folder.as_uri(), str(clone))

    told = " ".join(Repository(clone, mcpverify).check(release(1)).target["next"])

    assert "git fetch --unshallow" in told
    assert "mcpverify snapshot" not in told


def test_callers_of_what_nobody_reviewed_come_first(
    three: tuple[Repository, list[str]],
) -> None:
    repository, _ = three

    assert "roll back first" in repository.check(release(3)).target["next"][0]


def test_that_there_is_no_other_version_is_said(repository: Repository) -> None:
    repository.record(release(0))

    report = repository.check(release(1))

    assert report.target["situation"] == "contract-differs"
    assert "git has no other version" in first_detail(report)


def test_no_history_is_asked_for_where_nothing_differs(
    three: tuple[Repository, list[str]],
) -> None:
    repository, _ = three

    report = repository.check(release(2))

    assert report.verdict == "passed"
    assert report.target["release"] is None


def test_a_file_that_was_never_committed_has_no_history(repository: Repository) -> None:
    repository.commit()
    repository.record(release(1))
    git("rm", "-q", "--cached", PATH, cwd=repository.folder)
    git("commit", "-q", "--amend", "-m", "without it", "--allow-empty", cwd=repository.folder)

    report = repository.check(release(0))

    assert report.target["release"] is None
    assert report.target["situation"] == "contract-differs"


def test_outside_of_git_the_difference_is_all_that_is_told(
    tmp_path: Path, mcpverify: Mcpverify
) -> None:
    with honest.serve(tools=release(0)) as server:
        assert mcpverify("snapshot", server.url, "--snapshot", PATH).code == 0

    report = Repository(tmp_path, mcpverify).check(release(1))

    assert report.headline.startswith("NOT THE REVIEWED CONTRACT: ")


def test_without_git_the_difference_is_all_that_is_told(
    three: tuple[Repository, list[str]], tmp_path: Path, mcpverify: Mcpverify
) -> None:
    repository, _ = three
    with honest.serve(tools=release(0)) as server:
        run = mcpverify(
            *("check", server.url, "--snapshot", PATH, "--format", "json"),
            cwd=repository.folder,
            env={"PATH": str(tmp_path)},
        )

    assert run.code == 1, run.output
    assert judged(run).target["situation"] == "contract-differs"


@pytest.fixture
def reworded(repository: Repository) -> tuple[Repository, list[object]]:
    """Two releases that differ in a text, and the tools of the older one."""
    old: list[object] = [tool("search", description="Finds places.")]
    repository.record(old, 3)
    repository.record([tool("search", description="Finds places by name.")])
    return repository, old


def test_an_old_release_that_differs_in_text_alone_fails(
    reworded: tuple[Repository, list[object]],
) -> None:
    repository, old = reworded

    report = repository.check(old)

    assert report.verdict == "failed"
    assert report.target["situation"] == "old-release"


def test_another_text_that_no_release_had_warns(
    reworded: tuple[Repository, list[object]],
) -> None:
    repository, _ = reworded

    report = repository.check([tool("search", description="Finds them all.")])

    assert report.verdict == "passed"
    assert report.target["situation"] == "tolerated"


@pytest.mark.parametrize("fail_on", ["breaking", "none"])
def test_an_old_release_may_be_tolerated_by_name(
    reworded: tuple[Repository, list[object]], fail_on: str
) -> None:
    repository, old = reworded

    report = repository.check(old, "--fail-on", fail_on)

    assert report.verdict == "passed"
    assert report.headline.startswith("an old release is serving, which does not fail")


def test_an_old_snapshot_that_held_less_proves_nothing(repository: Repository) -> None:
    both = [*release(0), tool("export")]
    repository.record(both, 3, "--tool", "search")
    repository.record(both)

    report = repository.check([*release(0), tool("export", inputSchema=schema(a={}))])

    assert report.target["situation"] == "contract-differs"
    assert report.target["release"]["commit"] is None
    assert "hold less" in report.target["release"]["problem"]


def test_a_version_whose_digest_does_not_fit_is_not_believed(repository: Repository) -> None:
    repository.record(release(0), 5)
    repository.record(release(1), 4)
    file = repository.folder / PATH
    old = git("show", f"HEAD~1:{PATH}", cwd=repository.folder)
    # It claims the digests of release 0, and holds something else.
    file.write_text(re.sub(r'"(?=fast")', '"not so ', old) + "\n", encoding="utf-8")
    git("checkout", "-q", "--orphan", "other", cwd=repository.folder)
    git("branch", "-q", "-D", "main", cwd=repository.folder)
    repository.commit(3)
    repository.record(release(2))

    assert repository.check(release(0)).target["release"]["commit"] is None


def test_an_empty_listing_is_no_old_release(repository: Repository) -> None:
    with honest.serve(tools=[]) as server:
        flags = ("--snapshot", PATH)
        repository._mcpverify("snapshot", server.url, *flags, cwd=repository.folder)
    repository.commit(2)
    repository.record(release(0))

    assert repository.check([]).target["release"] is None


def test_only_the_last_fifty_versions_are_searched(repository: Repository) -> None:
    oldest = repository.record(release(0), 60)
    file = repository.folder / PATH
    for number in range(50):
        file.write_text(f"version {number}\n", encoding="utf-8")
        repository.commit(50 - number)
    repository.record(release(1))

    assert repository.check(release(0)).target["release"]["commit"] != oldest


def test_a_snapshot_is_not_written_where_git_keeps_it(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        run = mcpverify("snapshot", server.url, "--snapshot", f"git:HEAD:{PATH}")

    assert run.code == 2
    assert "Name the file itself" in run.words
