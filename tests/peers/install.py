"""Installs the peers into a cache of their own: `python tests/peers/install.py [--cache DIR]`.

One virtual environment per package from PyPI and one folder per package from npm, by name,
through pip and npm. A stamp beside each holds the pins it was made from: what is up to date is
left alone, and what was made from other pins is made anew. The rivals that the benchmark of drift
is compared with come along; without one of them it says so. So do the gateways and the older
releases whose shutdown alone is tried.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

# Of a script only its own folder is on the path.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.peers.drain_roster import INSTALLATIONS, Installation
from tests.peers.rivals import RIVALS, Rival
from tests.peers.roster import EVERYTHING, PEERS, Peer

HERE = Path(__file__).resolve().parent
NODE_PINS = (HERE / "node" / "package.json", HERE / "node" / "package-lock.json")
AT_ONCE = 2
SECONDS = 600

Installable: TypeAlias = Peer | Installation | Rival


def default_cache() -> Path:
    """$MCPVERIFY_PEER_CACHE, or .cache/peers in the checkout."""
    named = os.environ.get("MCPVERIFY_PEER_CACHE")
    return Path(named).resolve() if named else HERE.parents[1] / ".cache" / "peers"


def python_of(cache: Path, peer: Installable) -> Path:
    """The interpreter that runs a Python peer."""
    inside = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return cache.joinpath(peer.name, *inside)


def script_of_everything(cache: Path) -> Path:
    """The entry script of the Node peer."""
    package = "node_modules/@modelcontextprotocol/server-everything"
    return cache / EVERYTHING.name / package / "dist" / "index.js"


def module_of(cache: Path, rival: Rival | Installation) -> Path:
    """The folder of a package from npm, to be required by its path."""
    return cache / rival.name / "node_modules" / rival.package


def is_installed(cache: Path, peer: Installable) -> bool:
    """Whether the cache holds this peer as the pins have it now."""
    stamp = _stamp(cache, peer)
    if not _is_of_node(peer):
        program = python_of(cache, peer)
    elif not isinstance(peer, Peer):
        program = module_of(cache, peer)
    else:
        program = script_of_everything(cache)
    return program.exists() and stamp.is_file() and stamp.read_text() == _pinned(peer)


def _stamp(cache: Path, peer: Installable) -> Path:
    return cache / peer.name / ".installed"


def _is_of_node(peer: Installable) -> bool:
    return peer.server is None if isinstance(peer, Peer) else peer.in_node


def _pins(peer: Installable) -> tuple[Path, ...]:
    if not isinstance(peer, Peer):
        return peer.pins
    if peer.server is None:
        return NODE_PINS
    return (HERE / "requirements" / f"{peer.name}.txt",)


def _pinned(peer: Installable) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in _pins(peer))).hexdigest()


class _InstallationError(Exception):
    """pip or npm ended with an error; the message is the end of its output."""


def _run(argv: list[str], cwd: Path) -> None:
    done = subprocess.run(
        argv,
        cwd=cwd,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=SECONDS,
    )
    if done.returncode:
        raise _InstallationError("\n".join(done.stdout.splitlines()[-12:]))


def _install(cache: Path, peer: Installable) -> None:
    folder = cache / peer.name
    shutil.rmtree(folder, ignore_errors=True)
    if _is_of_node(peer):
        folder.mkdir(parents=True)
        for file in _pins(peer):
            shutil.copy(file, folder)
        npm = shutil.which("npm") or "npm"
        _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
    else:
        venv.create(folder, with_pip=True, symlinks=os.name != "nt")
        (requirements,) = _pins(peer)
        pip = [str(python_of(cache, peer)), "-m", "pip", "--disable-pip-version-check"]
        _run([*pip, "install", "--quiet", "--requirement", str(requirements)], folder)
    _stamp(cache, peer).write_text(_pinned(peer))


def _installed_with_a_word(cache: Path, peer: Installable) -> bool:
    """Install a peer unless it is there; say what was done. False where it failed."""
    if is_installed(cache, peer):
        print(f"ready      {peer.name}", flush=True)
        return True
    began = time.monotonic()
    try:
        _install(cache, peer)
    except (_InstallationError, OSError, subprocess.SubprocessError) as problem:
        print(f"FAILED     {peer.name}\n{problem}", flush=True)
        return False
    print(f"installed  {peer.name} in {time.monotonic() - began:.0f} s", flush=True)
    return True


def main() -> int:
    """Install every peer and rival; 1 if one of the peers could not be installed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=default_cache(), help="where to install")
    cache: Path = parser.parse_args().cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    print(f"peers in   {cache}", flush=True)

    possible: list[Installable] = [*PEERS, *INSTALLATIONS, *RIVALS]
    if shutil.which("npm") is None or shutil.which("node") is None:
        for peer in filter(_is_of_node, list(possible)):
            possible.remove(peer)
            print(f"!!! SKIPPED {peer.name}: npm or node is not on the PATH !!!", flush=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        fine = list(pool.map(lambda peer: _installed_with_a_word(cache, peer), possible))
    needed = zip(possible, fine, strict=True)
    wanted = [done for peer, done in needed if not isinstance(peer, Rival)]
    return 0 if all(wanted) else 1


if __name__ == "__main__":
    sys.exit(main())
