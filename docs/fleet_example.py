"""The fleet that README shows: its configuration, and what `check --all` says of it first."""

import re
import tempfile
from contextlib import ExitStack
from pathlib import Path

from runs import DOCS, EXAMPLES, demo, fenced, run, with_port

CONFIGURATION = EXAMPLES / "fleet.toml"
_REVIEWED = DOCS.parent / "snapshots" / "demo.json"
# By host: how the demo server that stands in for it misbehaves.
_FAULTS = {
    "menu": (),
    "orders": (),
    "orders-0": (),
    "orders-1": ("--fault", "changed-schema"),
    "stock": (),
    "guide": ("--fault", "broken-tool"),
    "accounts": ("--fault", "unauthorized"),
}


def fleet_configuration() -> str:
    """The file as it stands."""
    return fenced(CONFIGURATION.read_text(encoding="utf-8"), "toml")


def fleet_run() -> str:
    """The lines of the report before the first target is told in full."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        text = CONFIGURATION.read_text(encoding="utf-8")
        for host, flags in _FAULTS.items():
            url = stack.enter_context(demo(*flags))
            text = text.replace(f"https://{host}.example.com/mcp", url)
        (folder / "mcpverify.toml").write_text(text, encoding="utf-8")
        (folder / "snapshots").mkdir()
        for target in re.findall(r"^\[targets\.(\w+)\]", text, re.MULTILINE):
            (folder / "snapshots" / f"{target}.json").write_bytes(_REVIEWED.read_bytes())
        printed = run(1, folder, "check", "--all", MCP_TOKEN="a-token-of-the-demo")
    first, _, _ = with_port(printed).partition("\n\n")
    return fenced(f"{first}\n")
