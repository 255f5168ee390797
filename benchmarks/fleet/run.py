"""A thousand targets in one run: `python run.py [TARGETS] [JOBS...]`.

Each target answers in half a second, and the run may take 1.3 times their work divided by jobs and
200 MiB. Two ratios are told: by that half second, and by the time that each target's own run took,
which a busy machine makes longer. Exits with 1 where a bound is not kept.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECONDS = 0.5
BOUND = 1.3
MEBIBYTES = 200.0
_BYTES = 1 if sys.platform == "darwin" else 1024
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds and bytes. `own` is the sum of what the targets say that each took."""

    targets: int
    jobs: int
    wall: float
    processor: float
    memory: int
    own: float

    @property
    def ratio(self) -> float:
        return self.wall / (self.targets * SECONDS / self.jobs)

    @property
    def ratio_of_own(self) -> float:
        return self.wall / (self.own / self.jobs)

    @property
    def mebibytes(self) -> float:
        return self.memory / 2**20

    @property
    def is_kept(self) -> bool:
        return self.ratio < BOUND and self.mebibytes < MEBIBYTES


@contextmanager
def served() -> Iterator[str]:
    command = [sys.executable, str(_HERE / "slow_server.py"), str(SECONDS)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def configuration(url: str, targets: int) -> str:
    """One listing for each target, in the era that takes its time: half a second in all."""
    lines = ["[defaults]", "no-snapshot = true", "samples = 1", 'protocol = "2025-11-25"']
    for number in range(targets):
        lines += [f"[targets.server-{number:04}]", f'url = "{url}"']
    return "\n".join([*lines, ""])


def measured(folder: Path, targets: int, jobs: int) -> Measured:
    command = [
        *(sys.executable, "-m", "mcpverify", "check", "--all", "--quiet"),
        *("--jobs", str(jobs), "--report", "json=report.json"),
    ]
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"the run ended with {process.returncode}")
    report = json.loads((folder / "report.json").read_text())
    if len(report["targets"]) != targets:
        raise SystemExit(f"the report has {len(report['targets'])} targets")
    return Measured(
        targets=targets,
        jobs=jobs,
        wall=wall,
        processor=usage.ru_utime + usage.ru_stime,
        memory=usage.ru_maxrss * _BYTES,
        own=sum(each["seconds"] for each in report["targets"]),
    )


def main(targets: int, jobs: list[int]) -> int:
    print("| targets | jobs | wall | of work / jobs | of own / jobs | processor each | memory |")
    print("|---|---|---|---|---|---|---|")
    kept = True
    with served() as url, tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "mcpverify.toml").write_text(configuration(url, targets))
        for each in jobs:
            found = measured(place, targets, each)
            kept &= found.is_kept
            print(
                f"| {targets:,} | {each} | {found.wall:.1f} s | {found.ratio:.2f} "
                f"| {found.ratio_of_own:.2f} | {found.processor / targets * 1000:.1f} ms "
                f"| {found.mebibytes:.0f} MiB |",
                flush=True,
            )
    return 0 if kept else 1


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(main(numbers[0] if numbers else 1_000, numbers[1:] or [16]))
