"""`make bench`: is the gate fast enough to run on every deploy?

Measures cold processes against server-everything, the probe, a listing of 5,000 tools, the
installation, and the verdicts on single edits of real tools beside those of other libraries.
Prints the targets and writes RESULTS.md. Exits with 1 where one of them is missed. Needs the peers
that tests/peers/install.py installs, and a Unix.
"""

import argparse
import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drift.comparing import Drift

HERE = Path(__file__).resolve().parent
CLIENTS = HERE / "clients"
sys.path.insert(0, str(HERE.parent))

from installation import Installation, installed  # noqa: E402
from measuring import BenchmarkError, Contender, Summary, measured  # noqa: E402
from results import (  # noqa: E402
    Machine,
    Scale,
    markdown,
    targets,
    targets_of_drift,
    targets_of_probe,
)

from tests.peers.install import default_cache, is_installed, python_of  # noqa: E402
from tests.peers.rivals import RIVALS  # noqa: E402
from tests.peers.roster import EVERYTHING, PEERS, Mode  # noqa: E402
from tests.peers.serving import serving  # noqa: E402

REFERENCE = next(peer for peer in PEERS if peer.name.startswith("mcp-2."))
SIZES = (1, 500, 5_000)
SCALE_PROCESSES = 5

# Proxies, colors and the like would be measured too.
ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}


def main() -> int:
    """Measure, write and print; 1 where a target is missed or nothing could be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=15, help="of each contender")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md", help="what to write")
    asked = parser.parse_args()
    output: Path = asked.output.resolve()
    cache = default_cache()
    node = shutil.which("node")
    for peer in (EVERYTHING, REFERENCE):
        if node is None or not is_installed(cache, peer):
            print(f"{peer.name} is not installed: run python tests/peers/install.py")
            return 1
    assert node is not None
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="mcpverify-bench-") as folder:
        scratch = Path(folder)
        try:
            _say("installing into a new virtual environment")
            installation = installed(scratch / "venv")
            _say(f"{asked.processes} processes each against server-everything")
            with serving(cache, EVERYTHING, Mode.STATEFUL, scratch) as endpoint:
                contenders = _contenders(installation, cache, node, endpoint.url, scratch)
                summaries = measured(contenders, asked.processes, scratch)
                probes = _probes(installation, endpoint.url, asked.processes, scratch)
            scales = [_scale(installation, count, scratch) for count in SIZES]
            drift = _drift(cache)
        except (BenchmarkError, AssertionError, subprocess.SubprocessError) as problem:
            print(f"nothing was written: {problem}")
            return 1
    gate, reference, in_node, _ = summaries
    promised = (
        *targets(gate, reference, in_node, scales),
        *targets_of_probe(*probes),
        *targets_of_drift(drift),
    )
    machine = _machine(node, cache, installation, load)
    text = markdown(machine, summaries, probes, scales, installation, drift, promised)
    output.write_text(text, "utf-8")
    for target in promised:
        print(f"{target.told():<28} {target.promise}")
    print(f"written to {os.path.relpath(output)}")
    return 0 if all(target.met for target in promised) else 1


def _drift(cache: Path) -> "Drift":
    """Last, and loaded now only: it makes this process larger than those measured before."""
    from drift.comparing import compared

    return compared(cache, _say)


def _say(text: str) -> None:
    print(f"{text} ...", flush=True)


def _contenders(
    installation: Installation, cache: Path, node: str, url: str, scratch: Path
) -> tuple[Contender, ...]:
    snapshot = _recorded(installation, url, scratch / "everything.json")
    python = str(python_of(cache, REFERENCE))
    modules = {"NODE_PATH": str(cache / EVERYTHING.name / "node_modules")}
    # The count that the reference client prints is what the others have to see.
    listed = subprocess.run(
        [python, str(CLIENTS / "reference_client.py"), url],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    count = listed.stdout.strip()
    return (
        Contender(
            "mcpverify check",
            "`mcpverify check URL --snapshot FILE`, as installed: probes both eras, lists tools, "
            "prompts, resources and templates, the tools again on a fresh connection, tries a "
            "made-up and an ended session, ends its sessions, and judges all of it",
            (installation.program("mcpverify"), "check", url, "--snapshot", snapshot),
            f"{count} tools as in the snapshot",
            ENVIRONMENT,
        ),
        Contender(
            "mcp client",
            "`Client` of the mcp package, straight to initialize (no probe for the newer era): "
            "initialize, list the tools, DELETE",
            (python, str(CLIENTS / "reference_client.py"), url),
            f"{count}\n",
            ENVIRONMENT,
        ),
        Contender(
            "Node client",
            "`Client` of @modelcontextprotocol/sdk: connect, list the tools, close",
            (node, str(CLIENTS / "node_client.cjs"), url),
            f"{count}\n",
            ENVIRONMENT | modules,
        ),
        Contender(
            "bare httpx",
            "a script on httpx that sends the four requests and believes every answer: "
            "initialize, initialized, tools/list, DELETE",
            (installation.program("python"), str(CLIENTS / "bare_httpx.py"), url),
            f"{count}\n",
            ENVIRONMENT,
        ),
    )


def _probes(
    installation: Installation, url: str, processes: int, scratch: Path
) -> tuple[Summary, Summary]:
    """`ready` and the least that it could be, in the same environment."""
    _say(f"{processes} processes each of the probe and of a bare script")
    probe, bare = measured(
        (
            Contender(
                "mcpverify ready",
                "`mcpverify ready URL`, as installed: asks for the newer era, opens a session in "
                "the older one where it is refused, and ends it",
                (installation.program("mcpverify"), "ready", url),
                "",
                ENVIRONMENT,
            ),
            Contender(
                "bare httpx",
                "a script on httpx that POSTs initialize, and leaves the session open",
                (
                    installation.program("python"),
                    str(HERE / "ready" / "bare_initialize.py"),
                    url,
                ),
                "",
                ENVIRONMENT,
            ),
        ),
        processes,
        scratch,
    )
    return probe, bare


def _scale(installation: Installation, count: int, scratch: Path) -> Scale:
    _say(f"{SCALE_PROCESSES} processes each against a listing of {count:,}")
    program = installation.program("mcpverify")
    with _many_tools(count) as url:
        snapshot = _recorded(installation, url, scratch / f"{count}.json")
        compared, alone = measured(
            (
                Contender(
                    "with a snapshot",
                    "",
                    (program, "check", url, "--snapshot", snapshot),
                    "as in the snapshot",
                    ENVIRONMENT,
                ),
                Contender(
                    "without one",
                    "",
                    (program, "check", url, "--no-snapshot"),
                    "no snapshot was compared",
                    ENVIRONMENT,
                ),
            ),
            SCALE_PROCESSES,
            scratch,
        )
    return Scale(count, compared, alone)


@contextlib.contextmanager
def _many_tools(count: int) -> Iterator[str]:
    """The URL of a server with that many tools, until the block ends."""
    with subprocess.Popen(
        [sys.executable, str(HERE / "many_tools.py"), str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


def _recorded(installation: Installation, url: str, path: Path) -> str:
    """The path of a snapshot that was recorded now."""
    subprocess.run(
        [installation.program("mcpverify"), "snapshot", url, "--snapshot", str(path), "--quiet"],
        check=True,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        timeout=120,
    )
    return str(path)


def _machine(node: str, cache: Path, installation: Installation, load: float) -> Machine:
    asked = subprocess.run([node, "--version"], check=True, capture_output=True, text=True)
    modules = cache / EVERYTHING.name / "node_modules" / "@modelcontextprotocol"
    reference = subprocess.run(
        [
            str(python_of(cache, REFERENCE)),
            "-c",
            "from importlib.metadata import version; print(version('mcp'))",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return Machine(
        date=time.strftime("%Y-%m-%d", time.gmtime()),
        system=f"{platform.system()} {platform.machine()}",
        cores=os.cpu_count() or 1,
        load=load,
        versions=(
            ("mcpverify", installation.version("mcpverify")),
            ("Python", platform.python_version()),
            ("httpx", installation.version("httpx")),
            ("mcp", reference.stdout.strip()),
            ("Node", asked.stdout.strip().removeprefix("v")),
            ("@modelcontextprotocol/sdk", _npm_version(modules / "sdk")),
            ("server-everything", _npm_version(modules / "server-everything")),
            *((rival.package, rival.version) for rival in RIVALS),
        ),
    )


def _npm_version(package: Path) -> str:
    text = (package / "package.json").read_text(encoding="utf-8")
    return str(json.loads(text)["version"])


if __name__ == "__main__":
    sys.exit(main())
