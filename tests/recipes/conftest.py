"""The weather project, for what happens to it in pull requests and deploys."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recipes import production
from tests.recipes.production import Project


@pytest.fixture(scope="session")
def weather_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first commit holds. The snapshot is recorded once."""
    root = tmp_path_factory.mktemp("weather")
    files = root / "files"
    shutil.copytree(production.WEATHER, files, ignore=shutil.ignore_patterns("__pycache__"))
    (files / "snapshots").mkdir()
    (root / "home").mkdir()
    production.record(files, root / "home")
    return files


@pytest.fixture
def weather(
    tmp_path: Path, weather_files: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Project]:
    monkeypatch.setenv("PUSHED_AT_THE_DESK", "yes")
    with production.project(tmp_path, weather_files) as project:
        yield project
