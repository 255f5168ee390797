"""The history of a file: what people configure changes nothing, and a slow git ends in time."""

import os
import shutil
from pathlib import Path

import pytest

from mcpverify.facts.release import Descent
from mcpverify.snapshots import history
from mcpverify.snapshots.history import History, history_of
from tests.repositories import commit, git
from tests.snapshots.conftest import PATH


def told(path: str = PATH, at: str | None = None) -> History:
    found = history_of(path, at)
    assert found is not None
    return found


def contents(found: History) -> list[bytes | None]:
    return [found.octets(version) for version in found.versions]


def test_versions_come_newest_first(repository: Path) -> None:
    assert contents(told()) == [b"two", b"one"]


def test_a_content_that_came_back_is_told_once_where_it_came_last(repository: Path) -> None:
    last = commit("one", PATH)

    found = told()

    assert contents(found) == [b"one", b"two"]
    assert found.versions[0].commit == last


@pytest.mark.parametrize(
    "setting",
    ["log.showRoot=false", "log.showSignature=true", "log.follow=true", "log.date=relative"],
)
def test_what_people_configure_changes_nothing(repository: Path, setting: str) -> None:
    git("config", *setting.split("="))

    assert contents(told()) == [b"two", b"one"]


def test_what_a_merge_brought_is_a_version(repository: Path) -> None:
    git("checkout", "-q", "-b", "feature", "HEAD~1")
    commit("three", "other.txt")
    commit("from the feature", PATH)
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-ff", "-X", "theirs", "-m", "a merge", "feature")
    commit("last", PATH)

    found = told()

    assert b"from the feature" in contents(found)
    assert all(found.descent(version) is Descent.OLDER for version in found.versions)


def test_a_stash_is_no_release(repository: Path) -> None:
    (repository / PATH).write_text("not committed")
    git("stash", "-q")

    assert contents(told()) == [b"two", b"one"]


def test_a_removal_is_no_version(repository: Path) -> None:
    git("rm", "-q", PATH)
    git("commit", "-q", "-m", "removed")
    commit("again", PATH)

    assert contents(told()) == [b"again", b"two", b"one"]


def test_a_path_is_no_pattern(repository: Path) -> None:
    commit("a star", "snapshots/*.json")

    assert contents(told("snapshots/*.json")) == [b"a star"]


def test_a_file_may_be_named_from_elsewhere(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    assert contents(told(str(repository / PATH))) == [b"two", b"one"]


def test_a_version_is_seen_from_the_working_directory(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = git("rev-parse", "HEAD~1")
    monkeypatch.chdir(repository / "snapshots")

    found = told("weather.json", head)

    assert found.base == head
    assert [found.descent(each) for each in found.versions] == [Descent.OLDER, Descent.NEWER]


def test_a_slow_git_is_given_up(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("git")
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text(f'#!/bin/sh\ncase "$*" in *" log "*) exec sleep 30;; esac\nexec {real} "$@"\n')
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(history, "SECONDS", 0.5)

    found = told()

    assert found.versions == ()
    assert found.problem == history.SLOW
