"""What it takes to install mcpverify: seconds in a new virtual environment, and mebibytes there."""

import json
import os
import subprocess
import time
import venv
from dataclasses import dataclass
from pathlib import Path

from measuring import BenchmarkError

CHECKOUT = Path(__file__).resolve().parents[1]
SECONDS = 600

_SIZES = """
import json, os
from importlib.metadata import distributions
found = {}
for each in distributions():
    files = [each.locate_file(file) for file in each.files or ()]
    size = sum(os.path.getsize(file) for file in files if os.path.isfile(file))
    found[each.metadata["Name"]] = [each.version, size]
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class Package:
    """One installed distribution, with its compiled modules."""

    name: str
    version: str
    mebibytes: float


@dataclass(frozen=True, slots=True)
class Installation:
    """A virtual environment with mcpverify in it. `seconds` is pip's time, nothing cached."""

    folder: Path
    seconds: float
    packages: tuple[Package, ...]

    @property
    def mebibytes(self) -> float:
        return sum(package.mebibytes for package in self.packages)

    def program(self, name: str) -> str:
        return str(self.folder / "bin" / name)

    def version(self, name: str) -> str:
        return next(package.version for package in self.packages if package.name == name)


def installed(folder: Path) -> Installation:
    """Make a virtual environment in `folder` and install this checkout there, as a user would."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    environment = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1"}
    began = time.perf_counter()
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", str(CHECKOUT)],
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        raise BenchmarkError(f"pip could not install the checkout:\n{done.stderr}")
    listed = subprocess.run(
        [python, "-I", "-c", _SIZES], check=True, capture_output=True, text=True, timeout=60
    )
    found = json.loads(listed.stdout)
    packages = [
        Package(name, version, size / 2**20)
        for name, (version, size) in found.items()
        if name not in ("pip", "setuptools")
    ]
    packages.sort(key=lambda package: -package.mebibytes)
    return Installation(folder, seconds, tuple(packages))
