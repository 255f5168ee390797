"""What `drain` prints for a server in Node runs as it stands, and mends what it was printed for."""

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import Mcpverify
from tests.documents import blocks, text_of

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="there are no signals here"),
    pytest.mark.skipif(shutil.which("node") is None, reason="there is no node here"),
    pytest.mark.timeout(90),
]

SERVER = """\
const http = require("node:http");

const RESULTS = {
  initialize: {
    protocolVersion: "2025-11-25",
    capabilities: { tools: {} },
    serverInfo: { name: "weather", version: "1.0" },
  },
  "tools/list": { tools: [{ name: "forecast", inputSchema: { type: "object" } }] },
  ping: {},
};

function answer(req, res, text) {
  if (req.url !== "/mcp") return res.writeHead(404).end();
  if (req.method === "GET") {
    res.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders();
    return res.write(": open\\n\\n");
  }
  if (req.method !== "POST") return res.writeHead(405).end();
  const { id, method } = JSON.parse(text);
  const old = req.headers["mcp-session-id"];
  if (method !== "initialize" && old !== String(process.pid)) {
    return res.writeHead(old ? 404 : 400).end();
  }
  if (id === undefined) return res.writeHead(202).end();
  const error = { code: -32601, message: "no such method" };
  const body = RESULTS[method] ? { result: RESULTS[method] } : { error };
  const headers = { "Content-Type": "application/json", "Mcp-Session-Id": String(process.pid) };
  res.writeHead(200, headers).end(JSON.stringify({ jsonrpc: "2.0", id, ...body }));
}

const server = http.createServer((req, res) => {
  let text = "";
  req.on("data", (data) => (text += data));
  req.on("end", () => answer(req, res, text));
});
server.listen(0, "127.0.0.1");
"""


def code_of(steps: list[str]) -> str:
    """The lines of a remedy that are to be copied."""
    return "".join(f"{step[2:]}\n" for step in steps if step.startswith("  "))


def test_the_handler_that_is_printed_for_node_mends_what_it_was_printed_for(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    script = tmp_path / "server.js"
    script.write_text(SERVER)
    drain = ("drain", "--format", "json", "--grace", "12s", "--", "node", "server.js")
    before = mcpverify(*drain, timeout=40)
    assert before.report["shutdown"] == "abrupt", before.output
    (remedy,) = (each for each in before.report["remedies"] if "Node ends at once" in each["cause"])
    script.write_text(SERVER + code_of(remedy["steps"]))
    after = mcpverify(*drain, timeout=40)
    assert (after.report["shutdown"], after.code) == ("graceful", 0), after.output
    assert "ReferenceError" not in after.output


def test_its_lines_are_whole_on_a_terminal_of_80_columns(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    (tmp_path / "server.js").write_text(SERVER)
    run = mcpverify("drain", "--", "node", "server.js", timeout=40)
    page = blocks(text_of("docs/draining.md"), "js")[0].splitlines()
    printed = [line.strip() for line in run.stdout.splitlines()]
    at = printed.index(page[0])
    assert printed[at : at + len(page)] == [line.strip() for line in page]


def test_a_shell_that_ends_before_its_server_is_what_is_told(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    (tmp_path / "server.js").write_text(SERVER)
    run = mcpverify("drain", "--", "sh", "-c", "node server.js; true", timeout=40)
    assert run.code == 1, run.output
    mend = re.search(r"^mend +(.+)$", run.stdout, re.MULTILINE)
    assert mend is not None
    assert mend[1].startswith("the signal ended the process that was started")
    assert "Node ends at once" not in run.words
    assert "the one process" not in run.words.partition(" next ")[2]
    assert run.stdout.splitlines()[-1].startswith("FAIL  ")
