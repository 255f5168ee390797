"""No credential leaves, however the server spells it."""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mcpverify.facts.change import Change, ChangeKind, Part, Subject
from mcpverify.facts.compatibility import Compatibility, EntryDrift, JudgedChange, Side, Witness
from mcpverify.facts.credentials import Credential
from mcpverify.facts.finding import Detail, Outcome
from mcpverify.facts.json_text import Json
from mcpverify.facts.redaction import Redactor, echoes
from mcpverify.facts.report import Report, ServerFacts, ToolReport
from mcpverify.facts.spellings import WORDS_OF_THE_PROTOCOL
from mcpverify.facts.transcript import Certificate, Failure, FailureKind, ProcessEnd, ReferenceTools
from tests.reporters.report_samples import PASSED, RULE, finding
from tests.strategies import json_values

SECRET = "s3cr3t/töken+42&<x>"
REDACTOR = Redactor((SECRET, "hunter2", "abc"))


@pytest.mark.parametrize(
    "spelled",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        quote(quote(SECRET, safe=""), safe=""),
        quote(quote(SECRET, safe="").lower(), safe=""),
        quote(quote(SECRET)),
        quote(quote(SECRET), safe=""),
        quote_plus(quote(SECRET)).lower(),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1].replace("/", "\\/"),
        SECRET.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"),
        SECRET.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        SECRET.encode().decode("latin-1"),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
    ],
)
def test_a_long_secret_is_replaced_anywhere_in_any_spelling(spelled: str) -> None:
    assert REDACTOR.text(f"a{spelled}b {spelled}") == "a***b ***"


@pytest.mark.parametrize("prefix", [b"u", b"us", b"usr", b"user"])
def test_a_secret_inside_longer_base64_is_replaced(prefix: bytes) -> None:
    token = b"0123456789abcdef"
    shown = Redactor((token.decode(),)).text(base64.b64encode(prefix + token + b"xyz").decode())
    assert "***" in shown
    assert len(shown) <= 15  # of 32


def test_a_percent_encoded_secret_is_replaced_where_it_is_decoded() -> None:
    assert Redactor(("top%2Fsecret%20key",)).text("I got top/secret key.") == "I got ***."


def test_a_short_secret_is_replaced_as_a_whole_word_only() -> None:
    assert REDACTOR.text("hunter2, hunter22 (hunter2) xhunter2 key=hunter2&") == (
        "***, hunter22 (***) xhunter2 key=***&"
    )


def test_a_tiny_secret_is_left_to_those_who_mask_by_structure() -> None:
    assert REDACTOR.text("abc") == "abc"


def test_overlapping_secrets_are_covered_by_one_mask() -> None:
    redactor = Redactor(("abcdefgh", "efghijkl", "abcdefghijklmnop"))
    assert redactor.text("-abcdefghijkl-") == "-***-"
    assert redactor.text("-abcdefghijklmnop-") == "-***-"
    assert redactor.text("-abcdefghabcdefgh-") == "-******-"


@given(st.text(max_size=30), st.text(max_size=30), st.text(min_size=8, max_size=20))
def test_no_secret_survives_in_any_text(before: str, after: str, secret: str) -> None:
    secret = secret.strip()
    assume(len(secret) >= 8)
    assume(secret not in WORDS_OF_THE_PROTOCOL)  # no secret, whoever chose it as one
    shown = Redactor((secret,)).text(before + secret + after)
    assert "***" in shown
    assert secret not in shown.replace("***", "\0")


@given(json_values)
def test_values_without_secrets_are_the_same_object(value: Json) -> None:
    assert Redactor(("nobody-says-this",)).value(value) is value


def test_values_are_redacted_at_any_depth_in_keys_too() -> None:
    deep: Json = [SECRET, 1, None, {f"x{SECRET}": f"{SECRET}y", "n": 1.5}]
    expected: Json = ["***", 1, None, {"x***": "***y", "n": 1.5}]
    assert REDACTOR.value(deep) == expected
    for _ in range(5_000):
        deep, expected = [deep], [expected]
    redacted = REDACTOR.value(deep)
    for _ in range(5_000):
        assert isinstance(redacted, list)
        redacted = redacted[0]
    assert redacted == ["***", 1, None, {"x***": "***y", "n": 1.5}]


def test_bodies_keep_every_other_byte() -> None:
    body = b"\xff\xfe" + SECRET.encode() + b"\x80\r\n"
    assert REDACTOR.body(body) == b"\xff\xfe***\x80\r\n"
    assert REDACTOR.body(b"\xff plain") == b"\xff plain"


def test_five_megabytes_take_a_moment() -> None:
    for text in ("s3cr3t/" * 700_000, "hunter2" * 700_000, SECRET * 250_000, "a" * 5_000_000):
        began = time.process_time()
        REDACTOR.text(text)
        REDACTOR.body(text.encode())
        assert time.process_time() - began < 5


def test_the_redactor_does_not_show_what_it_hides() -> None:
    assert SECRET not in repr(REDACTOR)


def test_a_report_is_redacted_everywhere_a_server_can_write() -> None:
    assert PASSED.recording is not None
    transcript = PASSED.recording.transcripts[0]
    exchange = replace(
        transcript.exchanges[0],
        url=SECRET,
        sent={"cursor": SECRET},
        headers=((SECRET, SECRET),),
        body=SECRET.encode(),
        answer={SECRET: SECRET},
        asides=({"x": SECRET},),
        failure=Failure(FailureKind.BAD_JSON, SECRET),
        redirects=(SECRET,),
    )
    transcript = replace(
        transcript,
        url=SECRET,
        exchanges=(exchange,),
        certificate=Certificate(SECRET, SECRET, None, False, SECRET),
        process=ProcessEnd(1, (SECRET,)),
        noise=(SECRET,),
    )
    change = Change(
        *(Subject.TOOL, SECRET, ChangeKind.CHANGED, Part.CONTRACT, SECRET, SECRET),
        {"a": SECRET},
        renamed_to=SECRET,
    )
    witness = Witness(Side.INPUT, {SECRET: [SECRET]}, SECRET)
    judged = JudgedChange(change, Compatibility.BREAKING, SECRET, witness)
    tool = ToolReport(
        *(SECRET, "changed", None, Compatibility.BREAKING, (judged,), SECRET, SECRET),
        *({"name": SECRET}, {SECRET: SECRET}),
    )
    details = Detail(SECRET, SECRET, SECRET, SECRET, SECRET)
    report = replace(
        PASSED,
        headline=SECRET,
        findings=(
            replace(finding("latency", Outcome.FAILED, SECRET, details, rule=RULE), hint=SECRET),
        ),
        server=ServerFacts(SECRET, SECRET, SECRET, (), "stdio", SECRET, SECRET, "h:1", 1, SECRET),
        tools=(tool,),
        others=(EntryDrift(Subject.PROMPT, SECRET, (judged,), SECRET, SECRET),),
        next_steps=(SECRET,),
        again=SECRET,
        recording=replace(
            PASSED.recording,
            transcripts=(transcript,),
            transport_reason=SECRET,
            reference=ReferenceTools("mcp 2.3.0", (SECRET,), SECRET, (SECRET,)),
        ),
    )
    redacted = REDACTOR.report(Report((report,)))
    assert SECRET in repr(report)
    for spelling in (SECRET, "töken", "\\xc3\\xb6ken"):
        assert spelling not in repr(redacted)
    assert redacted.targets[0].findings[0].rule == RULE
    assert redacted.targets[0].live == PASSED.live


def test_a_report_without_secrets_to_hide_is_the_same_object() -> None:
    assert Redactor(("abc",)).target_report(PASSED) is PASSED


def test_echoes_are_named_once_and_only_for_long_credentials() -> None:
    credentials = (
        Credential("header Authorization", f"Bearer {SECRET}"),
        Credential("header Authorization", SECRET),
        Credential("query value k of the URL", "hunter2"),
        Credential("argument --token", "nobody-says-this"),
    )
    assert echoes([f"hunter2 {SECRET}".encode()], credentials) == ("header Authorization",)
    assert echoes(["x", quote(SECRET)], credentials) == ("header Authorization",)
    assert echoes(["hunter2"], credentials) == ()


@pytest.mark.parametrize("text", [str, str.encode], ids=["text", "octets"])
def test_a_link_inside_a_link_echoes_what_it_holds(text: Callable[[str], str | bytes]) -> None:
    callback = f"https://mcp.example.com/callback?token={quote(SECRET, safe='')}"
    link = f"https://login.example.com/?next={quote(callback, safe='')}"
    credentials = (Credential("header Authorization", SECRET),)
    assert echoes([text(link)], credentials) == ("header Authorization",)
    assert REDACTOR.text(link).endswith("%3Ftoken%3D***")
    assert REDACTOR.body(link.encode()).endswith(b"%3Ftoken%3D***")
    assert REDACTOR.value({"link": link}) == {"link": REDACTOR.text(link)}
