"""Golden calls as a team has them: in mcpverify.toml, run by the command, judged again."""

from pathlib import Path

import pytest

from mcpverify.facts.transcript import Role, Step
from mcpverify.facts.transcript_text import recording_of, transcript_text
from mcpverify.verify.check import check, replay
from tests.cli.reading import judged
from tests.conftest import Mcpverify
from tests.golden_calls.judging import answering, found_in, gate, golden, reading, text
from tests.servers import honest
from tests.servers.dialog import tool
from tests.servers.honest import Call

SECRET = "Zx81-very-secret-value"
EXPECTING = """
[[targets.weather.calls]]
tool = "forecast"
arguments = { city = "Oslo", user = "${WEATHER_USER}" }
max-latency = "20s"
expect = [{ path = "$.structuredContent.celsius", at-least = -80 }, { matches = "Oslo" }]

[[targets.weather.calls]]
tool = "forecast"
label = "no such city"
arguments = { city = "Nowhere" }
expect-error = true
"""


def configured(folder: Path, url: str, calls: str = EXPECTING) -> None:
    head = f'[targets.weather]\nurl = "{url}"\nno-snapshot = true\n'
    (folder / "mcpverify.toml").write_text(head + calls, encoding="utf-8")


def forecast(call: Call) -> bytes | None:
    """Repeats what it was asked, as many servers do."""
    asked = call.request.message["params"]["arguments"]
    if asked["city"] == "Nowhere":
        return call.answer(text("no such city", isError=True))
    said = f"{asked['city']} for {asked['user']}"
    return call.answer(text(said, structuredContent={"celsius": 4, "user": asked["user"]}))


def test_what_the_environment_gives_to_a_call_is_in_no_output(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    env = {"WEATHER_USER": SECRET}
    with honest.serve({"tools/call": forecast}, tools=[reading()]) as server:
        configured(tmp_path, server.url)
        options = ("-v", "--transcript", "seen.json", "--report", "json=report.json")
        run = mcpverify("check", "weather", *options, env=env)
        sent = [e.message["params"] for e in server.requests if e.step == "tools/call"]
        failing = EXPECTING.replace('matches = "Oslo"', 'matches = "^${WEATHER_USER}"')
        configured(tmp_path, server.url, failing.replace("matches", "equals"))
        failed = mcpverify("check", "weather", env=env)

    assert run.code == 0, run.output
    assert sent[0] == {"name": "forecast", "arguments": {"city": "Oslo", "user": SECRET}}
    assert "2 of 2 calls as expected" in run.words
    assert 'forecast({"city": "Oslo", "user": "***"}) -> {"celsius": 4, "user": "***"}' in run.words
    written = "".join(
        (tmp_path / name).read_text(encoding="utf-8") for name in ("seen.json", "report.json")
    )
    assert '"celsius"' in written
    assert SECRET not in run.output + written
    assert failed.code == 1
    assert 'A CALL FAILS: forecast: expected text equal to "^***"' in failed.words
    assert SECRET not in failed.output


def test_an_argument_that_is_a_secret_by_its_name_is_masked(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    def echo(call: Call) -> bytes | None:
        return call.answer(text(str(call.request.message["params"]["arguments"])))

    calls = (
        '[[targets.weather.calls]]\ntool = "forecast"\n'
        f'arguments = {{ password = "{SECRET}" }}\nexpect = [{{ matches = "nothing" }}]\n'
    )
    with honest.serve({"tools/call": echo}, tools=[reading()]) as server:
        configured(tmp_path, server.url, calls)
        run = mcpverify("check", "weather", "-v", "--transcript", "seen.json")
    assert run.code == 1
    assert 'forecast({"password": "***"}): expected text matching /nothing/' in run.words
    assert SECRET not in run.output + (tmp_path / "seen.json").read_text(encoding="utf-8")


def test_a_failing_call_is_named_first(mcpverify: Mcpverify, tmp_path: Path) -> None:
    hook = answering(text("\x1b[31mno [bold]database", isError=True))
    with honest.serve({"tools/call": hook}, tools=[reading()]) as server:
        configured(tmp_path, server.url)
        run = mcpverify("check", "weather", env={"WEATHER_USER": "u"})
        told = judged(mcpverify("check", "weather", "--format", "json", env={"WEATHER_USER": "u"}))

    assert run.code == 1
    said = r'it ends with isError: "\u001b[31mno [bold]database"'
    assert f"A CALL FAILS: forecast: {said}" in " ".join(run.stdout.split())
    assert run.stdout.splitlines()[1].startswith("A CALL FAILS: forecast: it ends")
    assert told.target["situation"] == "golden-call-failed"
    assert [each["subject"] for each in told.finding("golden-calls")["details"]] == ["forecast"]


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ('{ path = "$.a[" }', "call forecast: $.a[ is no JSONPath"),
        ("{ path = \"$.a[?match(@, '(a')]\" }", "is no JSONPath: a pattern in it"),
        ('{ matches = "(a" }', "call forecast: the pattern (a is not understood"),
        ('{ matches = "^(a)\\\\1$" }', "is not understood: it refers back to a group"),
    ],
)
def test_what_cannot_be_judged_is_refused_before_the_run(
    mcpverify: Mcpverify, tmp_path: Path, condition: str, told: str
) -> None:
    calls = f'[[targets.weather.calls]]\ntool = "forecast"\nexpect = [{condition}]\n'
    configured(tmp_path, "http://127.0.0.1:1/mcp", calls)
    run = mcpverify("check", "weather")
    assert (run.code, run.stdout) == (2, "")
    assert told in run.words
    assert "mcpverify.toml" in run.words


def test_a_call_is_made_once_whatever_era_the_snapshot_records(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    calls = '[[targets.weather.calls]]\ntool = "sow"\nmutates = true\n'
    hooks = {"tools/call": answering(text("sown"))}
    with honest.serve(hooks, tools=[tool("sow")], eras=("handshake", "stateless")) as server:
        head = f'[targets.weather]\nurl = "{server.url}"\n'
        (tmp_path / "mcpverify.toml").write_text(head + calls, encoding="utf-8")
        recorded = mcpverify("snapshot", "weather", "--protocol", "2026-07-28")
        run = mcpverify("check", "weather")
        made = [each for each in server.requests if each.step == "tools/call"]
        (tmp_path / "snapshots" / "weather.json").unlink()
        unusable = mcpverify("check", "weather", env={"CI": "true"})
        made_without = [each for each in server.requests if each.step == "tools/call"]

    assert (recorded.code, run.code, unusable.code) == (0, 0, 2), recorded.output + run.output
    assert [each.header("MCP-Protocol-Version") for each in made] == ["2026-07-28"]
    assert made_without == made


def test_a_recording_is_judged_again_as_it_was() -> None:
    calls = (
        golden(arguments={"city": "Oslo", "user": "me"}),
        golden(label="no such city", arguments={"city": "Nowhere"}, expects_error=True),
        golden(label="fails", arguments={"city": "Nowhere"}),
        golden("gone"),
        golden("sow"),
    )
    with honest.serve({"tools/call": forecast}, tools=[reading(), tool("sow")]) as server:
        asked = gate(server.url, *calls)
        first = check(asked).targets[0]
        requests = len(server.requests)
        assert first.recording is not None
        read_back = recording_of(transcript_text(first.recording).encode())
        again = replay(asked, read_back).targets[0]
        assert len(server.requests) == requests

    assert found_in(first).details
    assert found_in(again) == found_in(first)
    assert again.headline == first.headline
    numbers = [e.call for e in read_back.of(Role.PRIMARY)[0].exchanges if e.step is Step.CALL]
    assert numbers == [0, 1, 2]
