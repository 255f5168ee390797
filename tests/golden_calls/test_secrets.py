"""What a call sends in confidence is in no report, in whole, in half, or in another spelling."""

from pathlib import Path
from typing import Any

import pytest

from mcpverify.facts.credentials import Credential, of_variable
from mcpverify.facts.finding import Finding, Outcome
from mcpverify.facts.golden_call import Condition
from mcpverify.verify.gate import Selection
from tests.conftest import Mcpverify
from tests.golden_calls.judging import answering, golden, reading, report, text
from tests.servers import honest
from tests.servers.honest import Call

SECRET = "sk-live-9f8e7d6c5b4a39281706f5e4d3c2b1a0"
# Characters of it that may stand in an address by chance.
HARMLESS = 4
FAR = "https://api.example.com/v1/forecast?city=Bern&days=1&key="
KEY = Credential("environment variable WEATHER_KEY", SECRET)
CONSTANT = {"type": "object", "properties": {"key": {"const": "x" * 90}}}


def shown(finding: Finding) -> str:
    return "\n".join((finding.message, *(each.text for each in finding.details)))


def longest_part(secret: str, told: str) -> int:
    parts = range(len(secret) + 1)
    return max(
        n for n in parts if any(secret[at : at + n] in told for at in range(len(secret) - n + 1))
    )


@pytest.mark.parametrize("padding", [5, 20, 50, 65])
def test_no_half_of_a_secret_is_left_of_a_cut(padding: int) -> None:
    said = "p" * padding + "=" + SECRET + "/" + FAR + SECRET
    content = {"key": said, "list": [said]}

    def refuse(call: Call) -> bytes | None:
        return call.error(-32000, said)

    answers: dict[str, Any] = {
        "error": refuse,
        "is_error": text(said, isError=True),
        "text": text(said),
        "schema": text("", structuredContent=content),
        "came": text("", structuredContent=content),
        "passed": text("", structuredContent=content),
        "method": {
            "resultType": "input_required",
            "inputRequests": {"a": {"method": said}},
        },
    }

    def answer(call: Call) -> bytes | None:
        result = answers[call.request.message["params"]["name"]]
        return result(call) if callable(result) else call.answer(result)

    arguments = {"city": "p" * padding, "key": SECRET}
    conditions = {
        "text": [Condition(equals=(f"{said}!",))],
        "came": [Condition(path="$.structuredContent", equals=([said],))],
    }
    calls = [
        golden(name, *conditions.get(name, []), arguments=arguments, secrets=(KEY,))
        for name in answers
    ]
    tools = [
        reading(name, **({"outputSchema": CONSTANT} if name == "schema" else {}))
        for name in answers
    ]
    with honest.serve({"tools/call": answer}, tools=tools) as server:
        told = [next(each for each in report(server.url, call).findings) for call in calls]
    for finding in told:
        assert longest_part(SECRET, shown(finding)) <= HARMLESS, shown(finding)
    assert [each.outcome for each in told].count(Outcome.PASSED) == 1


def test_the_secret_of_one_call_is_hidden_in_another(mcpverify: Mcpverify) -> None:
    calls = (golden("one", secrets=(KEY,)), golden("two"))
    hooks = {"tools/call": answering(text("fine"), text(FAR + SECRET, isError=True))}
    with honest.serve(hooks, tools=[reading("one"), reading("two")]) as server:
        (found,) = report(server.url, *calls).findings
    assert found.message.startswith("two: it ends with isError: ")
    assert longest_part(SECRET, shown(found)) <= HARMLESS


def test_what_is_judged_is_what_came() -> None:
    """A value that comes back has to fit its schema, though it is hidden."""
    schema = {"type": "object", "properties": {"id": {"pattern": "^sk-[a-z0-9-]{37}$"}}}
    conditions = (
        Condition(path="$.structuredContent.id", equals=(SECRET,)),
        Condition(path="$.structuredContent.id", matches="^sk-live"),
    )
    hooks = {"tools/call": answering(text("", structuredContent={"id": SECRET}))}
    with honest.serve(hooks, tools=[reading(outputSchema=schema)]) as server:
        call = golden("forecast", *conditions, arguments={"id": SECRET}, secrets=(KEY,))
        (found,) = report(server.url, call).findings
    assert found.outcome is Outcome.PASSED
    assert 'forecast({"id": "***"}) -> {"id": "***"}' in found.details[0].text


@pytest.mark.parametrize("expected", [False, True])
def test_a_credential_that_comes_back_unasked_is_told(expected: bool) -> None:
    conditions = [Condition(equals=(SECRET,))] if expected else []
    user = Credential("environment variable USER_ID", "account-4711-0815", certain=False)
    hooks = {"tools/call": answering(text(SECRET, user=user.value))}
    both = Selection(only=("golden-calls", "credentials-echoed"))
    with honest.serve(hooks, tools=[reading()]) as server:
        call = golden("forecast", *conditions, secrets=(KEY, user))
        told = {each.check: each for each in report(server.url, call, selection=both).findings}
    echoed = told["credentials-echoed"]
    assert echoed.outcome is (Outcome.PASSED if expected else Outcome.WARNED)
    if not expected:
        assert [(each.text, each.subject) for each in echoed.details] == [
            ("the answer holds the value of environment variable WEATHER_KEY", "tools/call")
        ]


def test_other_spellings_are_in_no_output(mcpverify: Mcpverify, tmp_path: Path) -> None:
    said = " ".join((SECRET.encode().hex(), SECRET.encode().hex().upper(), SECRET.upper()))
    calls = (
        '[[targets.a.calls]]\ntool = "forecast"\narguments = { key = "${WEATHER_KEY}" }\n'
        '[[targets.a.calls]]\ntool = "forecast"\nlabel = "fails"\nexpect-error = true\n'
    )
    with honest.serve({"tools/call": answering(text(said))}, tools=[reading()]) as server:
        head = f'[targets.a]\nurl = "{server.url}"\nno-snapshot = true\n'
        (tmp_path / "mcpverify.toml").write_text(head + calls, encoding="utf-8")
        options = ("-v", "--transcript", "seen.json", "--report", "json=report.json")
        run = mcpverify("check", "a", *options, env={"WEATHER_KEY": SECRET})
    assert run.code == 1
    written = [
        (tmp_path / name).read_text(encoding="utf-8") for name in ("seen.json", "report.json")
    ]
    for told in (run.words, *written):
        for spelled in said.split():
            assert longest_part(spelled, told) <= 2 * HARMLESS


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RELEASE", "2026-summer"),
        ("GITHUB_SHA", "4f0e1d2c3b4a59687766554433221100ffeeddcc"),
        ("GITHUB_REF_NAME", "main"),
        ("CI_PIPELINE_ID", "81726354"),
        ("WANTED", "2.4.1"),
        ("WANTED", "v2.4.1-rc.1"),
    ],
)
def test_what_is_plainly_no_secret_is_not_hidden(name: str, value: str) -> None:
    assert of_variable(name, value) == ()


@pytest.mark.parametrize(
    ("name", "value", "certain"),
    [
        ("RELEASE_TOKEN", "2.4.1", True),
        ("WEATHER_KEY", "k", True),
        ("WEATHER_USER", "someone", False),
        ("STAGE_PIN", "4711", False),
        ("ACCOUNT", "1234-5678-1234-5678", False),
    ],
)
def test_what_may_be_a_secret_is_hidden(name: str, value: str, certain: bool) -> None:
    (found,) = of_variable(name, value)
    assert (found.value, found.certain) == (value, certain)
