"""What is taken for JSON, what is refused and why, and the one way to write it back."""

import json
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpverify.facts.json_text import (
    MAX_COMMAS,
    MAX_CONTAINERS,
    MAX_DEPTH,
    Json,
    NotJson,
    canonical_text,
    parse,
    pointer,
)
from tests.strategies import json_values, texts


def exactly(value: Json) -> str:
    """`value` with its types: in Python, 1 equals 1.0 and True."""
    return repr(value)


def test_utf8_is_read_with_and_without_a_byte_order_mark() -> None:
    assert parse('{"käse": "🧀"}'.encode()) == {"käse": "🧀"}
    assert parse(b"\xef\xbb\xbf[1]") == parse("\ufeff[1]") == [1]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.0", 1),
        ("1e0", 1),
        ("100E-2", 1),
        ("-0", 0),
        ("-0.0", 0),
        ("0e99999", 0),
        ("-1e3", -1000),
        ("9007199254740993", 9007199254740993),
        ("9007199254740993.0", 9007199254740993),
        ("9.007199254740993e15", 9007199254740993),
        ("0.5e401", 5 * 10**400),
        ("-12.5e1", -125),
        ("0.10", 0.1),
        ("1E-7", 1e-7),
        ("9" * 1000, int("9" * 1000)),
        ("-" + "9" * 1000, -int("9" * 1000)),
        ("-1e999", -(10**999)),
    ],
)
def test_the_spelling_of_a_number_makes_no_difference(text: str, value: int | float) -> None:
    assert exactly(parse(text)) == exactly(value)


def test_what_a_double_cannot_tell_apart_is_one_number() -> None:
    assert exactly(parse("9007199254740993.5")) == "9007199254740994"
    assert exactly(parse("1.00000000000000000001")) == "1"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("NaN", "NaN"),
        ("[Infinity]", "Infinity"),
        ('{"a": -Infinity}', "-Infinity"),
        ("1e1000", "digits"),
        ("-1e400000", "digits"),
        ("1" * 1001, "digits"),
        ("-" + "1" * 1001, "digits"),
        ("1" * 100_000, "digits"),
        ("0." + "1" * 100_000, "digits"),
        ("1" * 400 + ".5", "too large"),
        (r'"\ud800"', "surrogate"),
        (r'"\uDFFFx"', "surrogate"),
        (r'"\ude00\ud83d"', "surrogate"),
        (r'"\ud83d\ud83d\ude00"', "surrogate"),
        (r'"\ud83d\ude00\ude00"', "surrogate"),
        (r'{"\ud800": 1}', "surrogate"),
        ('"\ud800"', "surrogate"),
        ('{"same": 1, "same": 1}', '"same"'),
        (r'[{"a": {"b": 1, "\u0062": 2}}]', '"b"'),
        (b'"\xff"', "UTF-8"),
        (b'"\xed\xa0\x80"', "UTF-8"),
        ("[1]".encode("utf-16"), "UTF-8"),
        ("[1] [2]", "column 5"),
        ("[1],", "not JSON"),
        ("[1,]", "not JSON"),
        ("{'a': 1}", "not JSON"),
        ("[01]", "not JSON"),
        ("[.5]", "not JSON"),
        ("[+1]", "not JSON"),
        ("[1.]", "not JSON"),
        ("[١]", "not JSON"),
        ("[tru]", "not JSON"),
        ("[1\u00a0]", "not JSON"),
        ('["\t"]', "not JSON"),
        (r'["\x41"]', "not JSON"),
        ("// none\n1", "not JSON"),
        ('"', "not JSON"),
        ("", "empty"),
        (b" \r\n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
    ],
)
def test_what_cannot_be_held_without_loss_is_refused(text: bytes | str, reason: str) -> None:
    with pytest.raises(NotJson, match=reason) as refusal:
        parse(text)
    sentence = str(refusal.value)
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert len(sentence) < 200


def test_escapes_of_whole_characters_are_taken() -> None:
    assert parse(r'["\ud83d\ude00", "\\ud800", "\\\ud83d\uDE00"]') == ["😀", "\\ud800", "\\😀"]


def test_brackets_and_commas_in_strings_are_not_counted() -> None:
    many = "[{," * MAX_CONTAINERS
    for value in ([many], ['"' + many], ["\\", many], ['\\"' + many, {"\\\\": [many]}]):
        assert parse(json.dumps(value)) == value


def test_too_many_parts_are_refused_before_they_take_memory() -> None:
    with pytest.raises(NotJson, match="objects and arrays"):
        parse(b"[" + b"{}," * MAX_CONTAINERS + b"{}]")
    with pytest.raises(NotJson, match="commas"):
        parse(b"[" + b"0," * (MAX_COMMAS + 1) + b"0]")
    with pytest.raises(NotJson):
        parse(b'"",' * (MAX_COMMAS + 1))


def test_the_parts_of_a_trusted_text_are_not_counted() -> None:
    value = parse(b"[" + b"[]," * MAX_CONTAINERS + b"[]]", trusted=True)
    assert isinstance(value, list)
    assert len(value) == MAX_CONTAINERS + 1
    with pytest.raises(NotJson, match="deeper"):
        parse("[" * 1001 + "]" * 1001, trusted=True)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_nesting_is_taken_up_to_the_cap_and_refused_beyond_it(opening: str, closing: str) -> None:
    levels = MAX_DEPTH // opening.replace("{", "[").count("[")
    text = opening * levels + "1" + closing * levels
    assert canonical_text(parse(text)) == text
    with pytest.raises(NotJson, match="deeper"):
        parse(f"[{text}]")


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ("[[],", "]")])
def test_200_000_levels_are_refused_without_a_crash(opening: str, closing: str) -> None:
    program = (
        "import sys; from mcpverify.facts.json_text import NotJson, parse\n"
        "try: parse(sys.stdin.buffer.read())\n"
        "except NotJson as refusal: print(refusal)"
    )
    for text in (opening * 200_000, opening * 200_000 + "1" + closing * 200_000):
        done = subprocess.run(
            [sys.executable, "-c", program],
            input=text.encode(),
            capture_output=True,
            timeout=30,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert b"It is nested deeper" in done.stdout or b"objects and arrays" in done.stdout


@pytest.fixture
def default_limit() -> Iterator[int]:
    """The limit for calls as Python sets it, whatever set another one here."""
    found = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)
    yield 1_000
    sys.setrecursionlimit(found)


def test_deep_values_are_read_and_written_far_down_the_stack(default_limit: int) -> None:
    text = '{"a":' * 900 + "[]" + "}" * 900

    def down(levels: int) -> str:
        return down(levels - 1) if levels else canonical_text(parse(text))

    assert down(500) == text
    assert sys.getrecursionlimit() == default_limit


def test_deep_values_are_read_in_many_threads_at_once(default_limit: int) -> None:
    text = "[" * 990 + "]" * 990
    read: list[str] = []
    threads = [
        threading.Thread(target=lambda: read.append(canonical_text(parse(text)))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert read == [text] * 8
    assert sys.getrecursionlimit() == default_limit


@given(json_values)
def test_canonical_text_is_read_back_as_the_same_value(value: Json) -> None:
    text = canonical_text(value)
    assert exactly_sorted(parse(text)) == exactly_sorted(value)
    assert canonical_text(parse(text)) == text


@given(json_values, st.integers(0, 4), st.booleans())
def test_layout_and_escapes_make_no_difference(value: Json, indent: int, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert canonical_text(parse(text)) == canonical_text(value)


@given(st.dictionaries(texts, st.just(0), min_size=2, max_size=8))
def test_keys_stand_in_the_order_of_their_utf16_code_units(value: dict[str, Json]) -> None:
    read = json.loads(canonical_text(value), object_pairs_hook=lambda pairs: [k for k, _ in pairs])
    assert read == sorted(value, key=lambda key: key.encode("utf-16-be"))


@given(st.binary(max_size=40) | st.text(max_size=40))
def test_any_text_is_a_value_or_refused(text: bytes | str) -> None:
    try:
        value = parse(text)
    except NotJson:
        return
    assert parse(canonical_text(value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_is_read_as_its_own_value(number: float) -> None:
    value = parse(repr(number))
    assert float(value) == number  # type: ignore[arg-type]
    assert isinstance(value, int) == number.is_integer()


# RFC 8785, appendix B: https://www.rfc-editor.org/rfc/rfc8785#appendix-B
@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("ffefffffffffffff", "-1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("c340000000000000", "-9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555555", "333333333.3333333"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
    ],
)
def test_a_double_is_written_as_ecmascript_does(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical_text(number) == text
    assert canonical_text([{"a": number}, number]) == f'[{{"a":{text}}},{text}]'


def test_beyond_the_first_plane_the_order_is_not_that_of_code_points() -> None:
    value: Json = {"\uffff": 1, "\ue000": 2, "\U00010000": 3, "\ud7ff": 4, "a": 5}
    assert canonical_text(value) == ('{"a":5,"\ud7ff":4,"\U00010000":3,"\ue000":2,"\uffff":1}')


def test_integers_keep_all_their_digits() -> None:
    assert canonical_text(parse("[123456789012345678901234567890, 1e30]")) == (
        "[123456789012345678901234567890,1000000000000000000000000000000]"
    )


def test_strings_have_as_few_escapes_as_json_allows() -> None:
    value = '"\\/\b\f\n\r\t\x00\x1f\x7f\u2028é😀'
    assert canonical_text(value) == '"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\u2028é😀"'


@pytest.mark.parametrize("text", ["1e-5", ":1e-5", "[1.0,", "v1.0", "a-1e-07,", "\uffff\U00010000"])
def test_text_that_looks_like_a_number_stays_as_it_is(text: str) -> None:
    value: Json = {text: [text, 1e-5]}
    assert canonical_text(value) == f'{{"{text}":["{text}",0.00001]}}'


def test_a_pointer_escapes_what_rfc_6901_asks_for() -> None:
    assert pointer() == ""
    assert pointer("properties", "a/b~c", 0, "") == "/properties/a~1b~0c/0/"


def exactly_sorted(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{k!r}:{exactly_sorted(value[k])}" for k in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(exactly_sorted, value)) + "]"
    return exactly(value)
