"""Each expectation of a golden call, fulfilled and broken: one session, one call for each case."""

from typing import Any

import pytest

from mcpverify.facts.finding import Finding, Outcome
from mcpverify.facts.golden_call import Condition, GoldenCall
from tests.golden_calls.judging import answering, attempts, found_in, golden, reading, report, text
from tests.servers import honest
from tests.servers.honest import Call, dumps
from tests.servers.raw_http import response

WEATHER = {
    "type": "object",
    "properties": {"celsius": {"type": "number"}, "city": {"type": "string"}},
    "required": ["celsius"],
}
OSLO = text("-4", structuredContent={"celsius": -4, "city": "Oslo"})
NESTED: Any = "deep"
for _ in range(900):
    NESTED = [NESTED]

CELSIUS = "$.structuredContent.celsius"
CITY = "$.structuredContent.city"
# What is expected, what the tool answers, and what of it is told where it is not as expected.
CASES: dict[str, tuple[GoldenCall, Any, str]] = {}


def case(name: str, result: Any, told: str = "", *conditions: Condition, **members: Any) -> None:
    CASES[name] = (golden(name.replace(" ", "_"), *conditions, **members), result, told)


def error(code: int, message: str, status: int = 200) -> Any:
    return lambda call: call.error(code, message, status)


def wanting(**members: Any) -> Condition:
    return Condition(**members)


case("plain", text("fine"))
case("is error", text("no database", isError=True), 'it ends with isError: "no database"')
case("rpc error", error(-32000, "odd"), 'it ends with error -32000: "odd"')
case("bad arguments", error(-32602, "no 'town'"), "refuses the arguments, error -32602: \"no 'tow")
case("unknown method", error(-32601, "what?"), 'JSON-RPC error -32601: "what?"')
case("missing content", {}, "content is missing")
case("content is text", {"content": "fine"}, "content is no array")
case("content without type", {"content": [{}]}, "content[0] has no type")
case("text without text", {"content": [{"type": "text"}]}, "content[0] has no text")
case("is error is text", text("x", isError="false"), "isError is no boolean")
case("result is a list", [], "the result is no object")
case("a task", {"task": {"taskId": "1"}}, "it is answered with a task")
case("a marked task", text("", resultType="task"), "it is answered with a task")
case("unknown result type", text("x", resultType="later"), 'its resultType is "later"')

case("structured", OSLO)
case("structured missing", text("-4"), "structuredContent is missing, and the tool has an outpu")
case("structured null", text("-4", structuredContent=None), "structuredContent is null, and")
case(
    "structured null of now",
    text("-4", structuredContent=None, resultType="complete"),
    "structuredContent is not valid under the outputSchema: null is not",
)
case("structured wrong", text("", structuredContent={"celsius": "-4"}), "outputSchema: at /celsius")
case("structured error", text("down", isError=True), 'isError: "down"')

case("error expected", text("no such city", isError=True), "", expects_error=True)
case("error expected none", text("sunny"), 'it succeeds with "sunny", and an', expects_error=True)
case("rpc error expected", error(-32602, "no such city"), "", expects_error=True)
case("error 400 expected", error(-32602, "no such city", 400), "", expects_error=True)
case("gone expected", error(-32600, "no such session", 404), "HTTP 404", expects_error=True)
case("lost expected", error(-32000, "who are you?", 404), "HTTP 404", expects_error=True)
case("unknown expected", error(-32601, "no such method"), "error -32601", expects_error=True)
case(
    "error says", text("no such city", isError=True), "", wanting(matches="city$"),
    expects_error=True,
)  # fmt: skip
case(
    "error says else", text("boom", isError=True), 'text matching /city/; came "boom"',
    wanting(matches="city"), expects_error=True,
)  # fmt: skip
case(
    "rpc error says", error(-32602, "no city"), "", wanting(matches="^no city$"),
    wanting(path="$.error.code", equals=(-32602,)), expects_error=True,
)  # fmt: skip

case("path equal", OSLO, "", wanting(path=CITY, equals=("Oslo",)))
case(
    "path unequal", OSLO, 'city equal to "Rome"; came "Oslo"', wanting(path=CITY, equals=("Rome",))
)
case("one of several", text("x", a=[1, 2]), "", wanting(path="$.a[*]", equals=(2,)))
case(
    "none of several", text("x", a=[1, 2]), "came 1 and 1 more", wanting(path="$.a[*]", equals=(3,))
)
case("integer equals float", text("x", a=1), "", wanting(path="$.a", equals=(1.0,)))
case("true is not 1", text("x", a=True), "equal to 1; came true", wanting(path="$.a", equals=(1,)))
case("deep true is not 1", text("x", a=[True]), "came [true]", wanting(path="$.a", equals=([1],)))
case("null is there", text("x", a=None), "", wanting(path="$.a", equals=(None,)))
case("something there", OSLO, "", wanting(path=CELSIUS))
case("nothing there", text("x"), "something at $.a; came nothing there", wanting(path="$.a"))
case("absent", text("x"), "", wanting(path="$.a", absent=True))
case("not absent", text("x", a=1), "expected no $.a; came 1", wanting(path="$.a", absent=True))
case("no such text", text("fine"), "", wanting(matches="error", absent=True))
case(
    "such text", text("an error"), "no text matching /error/", wanting(matches="error", absent=True)
)
case("within bounds", OSLO, "", wanting(path=CELSIUS, least=-80, most=60))
case("on the bound", OSLO, "", wanting(path=CELSIUS, least=-4, most=-4))
case("below", OSLO, "celsius at least 0; came -4", wanting(path=CELSIUS, least=0))
case("above", OSLO, "celsius at most -10; came -4", wanting(path=CELSIUS, most=-10))
case("no number", OSLO, 'at least 0; came "Oslo"', wanting(path=CITY, least=0))
case("true is no number", text("x", a=True), "at least 0; came true", wanting(path="$.a", least=0))
case("text is number", text(" 21.5 "), "", wanting(least=20, most=22))
case("text equals", text("21.5"), "", wanting(equals=("21.5",)), wanting(equals=(21.5,)))
case("text matches", text("a\nbc"), "", wanting(matches="^a[^]bc$"))
case("end is the end", text("a\n"), "matching /^a$/", wanting(matches="^a$"))
case("digits of ascii", text("٣"), r"matching /\d/", wanting(matches=r"\d"))
case(
    "null is no text",
    text("x", a=None),
    "came null, null and no text",
    wanting(path="$.a", matches="l"),
)
case("true is no text", text("x", a=True), "true, a boolean and", wanting(path="$.a", matches="t"))
case("number is no text", OSLO, "-4, a number and no text", wanting(path=CELSIUS, matches="4"))
case("some text", text("x", a=[1, "b"]), "", wanting(path="$.a[*]", matches="^b$"))
case("no text", {"content": []}, "something at text; came no text", wanting())
case(
    "all conditions", OSLO, "equal to 3", wanting(path=CELSIUS), wanting(path=CELSIUS, equals=(3,))
)
case(
    "found by filter", OSLO, "", wanting(path="$.content[?@.type == 'text' && search(@.text, '4')]")
)
case("late", text("x"), "allowed are 0 ms", max_seconds=1e-6)
case("in time", text("x"), "", max_seconds=20)

case("hostile text", text("\x1b[31m" + "x" * 2**21), "came", wanting(matches="^y"))
case("hostile nesting", text("x", a=NESTED), "came [", wanting(path="$.a", equals=([1],)))
case(
    "hostile pattern", text("a" * 200_000), "matching", wanting(matches="^(a+)+$b"),
)  # fmt: skip
case("descends deep", text("x", a=NESTED), "", wanting(path="$..*", equals=("deep",)))
case("page of html", lambda call: response(200, b"<html>", "text/html"), "text/html, neither")
case("cut off", lambda call: call.body(b'{"jsonrpc"'), "not usable JSON")
case("server error", lambda call: response(500, b"boom", "text/plain"), "HTTP 500")


@pytest.fixture(scope="module")
def seen() -> Finding:
    """One finding about all calls."""
    answers = {call.tool: result for call, result, _ in CASES.values()}

    def answer(call: Call) -> bytes | None:
        result = answers[call.request.message["params"]["name"]]
        return result(call) if callable(result) else call.body(dumps(call.message(result=result)))

    tools = [
        reading(name, **({"outputSchema": WEATHER} if name.startswith("structured") else {}))
        for name in answers
    ]
    with honest.serve({"tools/call": answer}, tools=tools) as server:
        told = report(server.url, *(call for call, _, _ in CASES.values()))
    made = [each.call for each in attempts(told)]
    assert made == list(range(len(CASES)))
    return found_in(told)


@pytest.mark.parametrize("name", CASES)
def test_an_expectation_is_held_to(seen: Finding, name: str) -> None:
    call, _, told = CASES[name]
    lines = [each.text for each in seen.details if each.subject == call.label]
    assert len(lines) == bool(told)
    for line in lines:
        assert line.startswith(f"{call.tool}({{}}): ")
        assert told in line
        assert len(line) < 400


def test_the_finding_names_the_first_failure(seen: Finding) -> None:
    failing = sum(bool(told) for _, _, told in CASES.values())
    assert seen.outcome is Outcome.FAILED
    assert seen.message == (
        'is_error: it ends with isError: "no database"; '
        f"and {failing - 1} more of {len(CASES)} calls"
    )


def test_all_fulfilled_passes_and_names_the_slowest() -> None:
    calls = (golden("plain"), golden("other", arguments={"city": "Oslo"}, label="Oslo"))
    hook = answering(text("fine"), OSLO)
    with honest.serve({"tools/call": hook}, tools=[reading("plain"), reading("other")]) as server:
        found = found_in(report(server.url, *calls))

    assert found.outcome is Outcome.PASSED
    assert found.message.startswith("2 of 2 calls as expected; slowest ")
    assert [each.subject for each in found.details] == ["plain", "Oslo"]
    assert found.details[0].text.startswith('plain({}) -> "fine" (')
    assert 'other({"city": "Oslo"}) -> {"celsius": -4, "city": "Oslo"} (' in found.details[1].text


def test_no_calls_are_not_applicable() -> None:
    with honest.serve() as server:
        found = found_in(report(server.url))
        assert found.outcome is Outcome.NOT_APPLICABLE
        assert found.message == "no calls are configured"
