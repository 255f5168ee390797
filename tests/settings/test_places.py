"""The line of a key is that of its statement, wherever and however it is written."""

import pytest

from mcpverify.settings.places import Key, lines_of

TEXT = '''\
# a comment

[defaults]  # 3
timeout = 1
"quoted.key" = 2  # 5
headers = { A = "1", B = "2" }

[targets]  # 8
inline.url = "x"
other = { url = "y", calls = [
  { tool = "a" },
  { tool = "b" },
] }

[targets.weather]  # 15
url = """
[targets.trap]
wait = 3
"""
fail_on = "any"  # 20
only = [
  # [not.a.header]
  "a",
]

  [[targets.weather.calls]]  # 26
  tool = "a"
[[targets.weather.calls]]
tool = "b"  # 29
[targets.weather.calls.arguments]
city.name = "Bern"  # 31

[targets.last]
url = "z"'''

KEYS: list[tuple[Key, int]] = [
    ((), 1),
    (("defaults",), 3),
    (("defaults", "timeout"), 4),
    (("defaults", "quoted.key"), 5),
    (("defaults", "headers", "B"), 6),
    (("targets",), 8),
    (("targets", "inline"), 9),
    (("targets", "inline", "url"), 9),
    (("targets", "other", "calls", 1, "tool"), 10),
    (("targets", "weather"), 15),
    (("targets", "weather", "url"), 16),
    (("targets", "weather", "fail-on"), 20),
    (("targets", "weather", "only", 0), 21),
    (("targets", "weather", "calls"), 26),
    (("targets", "weather", "calls", 0, "tool"), 27),
    (("targets", "weather", "calls", 1), 28),
    (("targets", "weather", "calls", 1, "tool"), 29),
    (("targets", "weather", "calls", 1, "arguments", "city", "name"), 31),
    (("targets", "last", "url"), 34),
    # of what is missing, the nearest that is there
    (("targets", "weather", "command"), 15),
    (("targets", "weather", "calls", 7, "tool"), 26),
    (("nothing", "of", "it"), 1),
]


@pytest.mark.parametrize(("key", "line"), KEYS, ids=[str(key) for key, _ in KEYS])
def test_a_key_is_found_on_its_line(key: Key, line: int) -> None:
    assert lines_of(TEXT, [key]) == [line]


def test_many_keys_are_found_at_once() -> None:
    assert lines_of(TEXT, [key for key, _ in KEYS]) == [line for _, line in KEYS]


def test_a_table_that_comes_in_two_places_is_found_in_each() -> None:
    text = '[targets.a.tls]\ncert = "c"\n[targets.b]\nurl = "x"\n[targets.a]\nurl = "y"\n'
    keys: list[Key] = [("targets", "a"), ("targets", "a", "url"), ("targets", "b", "url")]
    assert lines_of(text, keys) == [1, 6, 4]


def test_calls_that_come_in_two_places_are_counted_on() -> None:
    call = '[[targets.a.calls]]\ntool = "x"\n'
    text = f'{call}[targets.b]\nurl = "x"\n{call}'
    keys: list[Key] = [("targets", "a", "calls", at, "tool") for at in range(2)]
    assert lines_of(text, keys) == [2, 6]


def test_keys_under_a_table_of_a_tool_are_found() -> None:
    text = (
        '[tool.a]\nx = 1\n[tool.mcpverify.targets.b]\nurl = "x"\n[tool.mcpverify.targets.c]\nu = 1'
    )
    keys: list[Key] = [
        ("tool", "mcpverify", "targets", "b", "url"),
        ("tool", "mcpverify", "targets", "c", "u"),
        ("tool", "mcpverify"),
    ]
    assert lines_of(text, keys) == [4, 6, 3]
