"""What all tests share: a scrubbed environment, and mcpverify as a process."""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import settings

from tests import running
from tests.running import Run
from tests.servers.certificates import Authority

# A loaded machine is slow now and then: that says nothing. Where a run decides whether a change
# lands, it draws the same examples each time; new ones are for the desk.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

_MEDDLING = (
    "CI",
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "LINES",
    "TERM",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
)
_MEDDLING_PREFIXES = ("GITHUB_", "GITLAB_", "MCPVERIFY_", "XDG_", "GIT_", "PYTHON")


class Mcpverify(Protocol):
    def __call__(
        self,
        *arguments: str,
        cwd: Path = ...,
        env: Mapping[str, str] | None = None,
        timeout: float = 30.0,
    ) -> Run: ...


@pytest.fixture(autouse=True)
def scrubbed_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No proxy, CI or color setting reaches a test; home and working directory are its own."""
    for name in list(os.environ):
        if name.upper() in _MEDDLING or name.startswith(_MEDDLING_PREFIXES):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.chdir(tmp_path)
    return home


@pytest.fixture
def mcpverify(scrubbed_environment: Path, tmp_path: Path) -> Mcpverify:
    """Runs the installed command: `mcpverify("check", server.url).code`."""
    return partial(running.run, cwd=tmp_path, home=scrubbed_environment)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority that only `--cacert authority.bundle` trusts."""
    return Authority(tmp_path_factory.mktemp("certificates"))
