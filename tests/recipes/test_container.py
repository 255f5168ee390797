"""recipes/container/Containerfile, as far as can be seen without an engine that builds it."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mcpverify import __version__
from tests import running

CHECKOUT = Path(__file__).parents[2]
FILE = CHECKOUT / "recipes" / "container" / "Containerfile"
BIN = Path(sys.executable).parent
_PREFIX = "/opt/mcpverify"
# A uid that nobody has. It may read what is root's, since Python itself may lie there, and write
# nothing. Whoever is not root is a stranger already.
_AS_A_STRANGER = [
    *("setpriv", "--reuid=65532", "--regid=65532", "--clear-groups"),
    *("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"),
] * (os.geteuid() == 0)


@dataclass(frozen=True, slots=True)
class Instruction:
    name: str
    text: str


def _instructions(text: str) -> Iterator[Instruction]:
    """What the file says, without comments and with continued lines joined."""
    kept = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in kept.replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield Instruction(name, " ".join(rest.split()))


def _stages() -> dict[str, list[Instruction]]:
    """The instructions of each stage, by its name; those before the first under ""."""
    found: dict[str, list[Instruction]] = {"": []}
    name = ""
    for each in _instructions(FILE.read_text(encoding="utf-8")):
        if each.name == "FROM":
            name = each.text.rpartition(" AS ")[2] if " AS " in each.text else "last"
            found[name] = []
        found[name].append(each)
    return found


STAGES = _stages()


def _all(name: str, stage: str) -> list[str]:
    return [each.text for each in STAGES[stage] if each.name == name]


def test_the_linter_finds_nothing_and_is_told_to_ignore_nothing() -> None:
    done = subprocess.run(
        [BIN / "hadolint", "--disable-ignore-pragma", "--failure-threshold=style", FILE],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stdout
    assert "hadolint" not in FILE.read_text()


def test_every_stage_stands_on_the_pinned_image() -> None:
    (python,) = _all("ARG", "")
    assert re.fullmatch(r"PYTHON=python:\d+\.\d+\.\d+-slim-\w+@sha256:[0-9a-f]{64}", python)
    assert [_all("FROM", stage)[0] for stage in list(STAGES)[1:]] == [
        "${PYTHON} AS build",
        "${PYTHON} AS plain",
        "plain AS with-git",
        "plain",
    ]


@pytest.mark.parametrize("stage", ["build", "plain"])
def test_the_version_is_this_one_unless_told_otherwise(stage: str) -> None:
    assert f"VERSION={__version__}" in _all("ARG", stage)


def test_nothing_of_the_build_context_goes_in() -> None:
    copies = [each.text for stage in STAGES for each in STAGES[stage] if each.name == "COPY"]
    assert copies == [f"--from=build {_PREFIX} {_PREFIX}"]
    assert not [each for stage in STAGES for each in STAGES[stage] if each.name == "ADD"]


@pytest.mark.parametrize("stage", ["plain", "with-git"])
def test_it_ends_as_a_number_that_is_not_root(stage: str) -> None:
    assert _all("USER", stage)[-1] == "65532:65532"


def test_signals_reach_the_gate_and_arguments_follow_its_name() -> None:
    assert _all("ENTRYPOINT", "plain") == ['["mcpverify"]']
    assert not [stage for stage in ("with-git", "last") if _all("ENTRYPOINT", stage)]


def test_the_image_says_what_it_is() -> None:
    (label,) = _all("LABEL", "plain")
    keys = re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', label)
    assert dict(keys) == {
        "title": "mcpverify",
        "description": "The deploy gate for MCP servers",
        "licenses": "MIT",
        "version": "${VERSION}",
        "revision": "${REVISION}",
    }


@dataclass(frozen=True, slots=True)
class Image:
    """What the stage `build` leaves, in a folder that nobody can write."""

    root: Path

    @property
    def prefix(self) -> Path:
        return self.root / "opt"

    def files(self) -> set[Path]:
        return set(self.root.rglob("*"))

    def run(self, *arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
        """The entry point, with the variables of the image, as a uid that nobody has."""
        pairs = re.findall(r"(\w+)=(\S+)", _all("ENV", "plain")[0])
        variables = {name: value.replace(_PREFIX, str(self.prefix)) for name, value in pairs}
        variables["PATH"] = variables["PATH"].replace("$PATH", os.environ["PATH"])
        # Where a write outside the image's /tmp would go, and be refused.
        variables |= {"HOME": str(self.root), "TMPDIR": str(self.root)}
        return subprocess.run(
            [*_AS_A_STRANGER, "mcpverify", *arguments],
            cwd=cwd,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
        )


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """Runs the line that installs, on a wheel of this checkout. Its dependencies are borrowed."""
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root, and no setpriv to be anyone else")
    root = Path(tempfile.mkdtemp(prefix="image-"))
    try:
        wheels = root / "wheels"
        environment = running.environment(root) | {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "PIP_NO_INDEX": "1",
            "PIP_NO_DEPS": "1",
            "PIP_FIND_LINKS": str(wheels),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "VERSION": __version__,
        }
        wheel = ["pip", "wheel", "-q", "--no-build-isolation", "-w", str(wheels), str(CHECKOUT)]
        made = Image(root)
        (script,) = _all("RUN", "build")
        line = ["sh", "-c", script.replace(_PREFIX, str(made.prefix))]
        for command in (wheel, line):
            done = subprocess.run(
                command, cwd=root, env=environment, capture_output=True, text=True, timeout=50
            )
            assert done.returncode == 0, done.stdout + done.stderr
        (site,) = made.prefix.glob("lib/python*/site-packages")
        (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
        root.chmod(0o555)
        yield made
    finally:
        root.chmod(0o755)
        shutil.rmtree(root)


def test_what_is_installed_is_the_gate_and_no_installer(image: Image) -> None:
    done = image.run("--version", cwd=image.root)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == __version__
    assert not list(image.prefix.rglob("pip"))
    assert (image.prefix / "bin" / "mcpverify").exists()


def test_it_is_compiled_and_stays_valid_under_other_time_stamps(image: Image) -> None:
    (main,) = image.prefix.glob("lib/python*/site-packages/mcpverify/__pycache__/__main__.*.pyc")
    assert int.from_bytes(main.read_bytes()[4:8], "little") == 0b01  # by hash, and not checked


def test_a_stranger_on_a_file_system_that_is_read_only_gets_a_verdict(
    image: Image, scrubbed_environment: Path, tmp_path: Path
) -> None:
    before = image.files()
    with running.started("demo", "--serve", cwd=tmp_path, home=scrubbed_environment) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        snapshot = CHECKOUT / "snapshots" / "demo.json"
        done = image.run("check", url, "--snapshot", str(snapshot), cwd=image.root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert image.files() == before
