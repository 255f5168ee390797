"""What tests of git's part share: a repository with a short history."""

from pathlib import Path

import pytest

from tests.repositories import commit, git

PATH = "snapshots/weather.json"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two commits of PATH, `one` and `two`; it is the working directory."""
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "-q", "-b", "main")
    commit("one", PATH)
    commit("two", PATH)
    return folder
