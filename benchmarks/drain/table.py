"""`make drain-table`: how servers that nobody here wrote shut down, into benchmarks/DRAIN.md.

Runs `mcpverify drain` on every row of tests/peers/drain_roster.py that is installed. Exits with 1
where a row ends otherwise than it is known to, or cannot be tried. Needs the peers that
tests/peers/install.py installs, and a Unix.
"""

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Of a script only its own folder is on the path.
sys.path.insert(0, str(HERE.parents[1]))

from benchmarks.drain.markdown import Measured, machine, markdown  # noqa: E402
from tests.peers.drain_roster import ROWS, Row  # noqa: E402
from tests.peers.draining import absent, tried, unexpected, versions  # noqa: E402
from tests.peers.install import default_cache  # noqa: E402

AT_ONCE = 2


def main() -> int:
    """Try all rows, write and print; 1 where one of them surprises."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, help="what to write, benchmarks/DRAIN.md by default")
    parser.add_argument(
        "rows", nargs="*", metavar="ROW", help="these only, such as mcp-2-default: with --output"
    )
    asked = parser.parse_args()
    if asked.rows and asked.output is None:
        parser.error("some rows are not the table: say with --output where they go")
    output: Path = (asked.output or HERE.parent / "DRAIN.md").resolve()
    cache = default_cache()
    unknown = sorted(set(asked.rows) - {row.slug for row in ROWS})
    if unknown:
        print(f"no such row: {', '.join(unknown)}")
        return 1
    rows = [row for row in ROWS if not asked.rows or row.slug in asked.rows]
    missing = [(row, reason) for row in rows if (reason := absent(row, cache))]
    there = [row for row in rows if not absent(row, cache)]
    if not there:
        print("\n".join(reason for _, reason in missing))
        return 1
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="mcpverify-drain-") as folder,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        measured = list(pool.map(lambda row: _measured(row, cache, Path(folder)), there))
    output.write_text(markdown(measured, missing, machine()), "utf-8")
    surprises = [f"{each.row}: {word}" for each in measured for word in each.surprises]
    for line in (*(reason for _, reason in missing), *surprises):
        print(line)
    print(f"{len(there)} rows in {time.monotonic() - began:.0f} s, to {os.path.relpath(output)}")
    return 1 if surprises or missing else 0


def _measured(row: Row, cache: Path, folder: Path) -> Measured:
    began = time.monotonic()
    try:
        seen = tried(row, cache, folder)
    except (AssertionError, OSError, ValueError) as problem:
        print(f"FAILED  {row}", flush=True)
        return Measured(row, versions(row, cache), None, (f"it could not be tried: {problem}",))
    print(f"{seen.shutdown or 'none':<9} {row} in {time.monotonic() - began:.0f} s", flush=True)
    return Measured(row, versions(row, cache), seen, tuple(unexpected(seen)))


if __name__ == "__main__":
    sys.exit(main())
