"""Whatever is wrong with a configuration is told with file, line, key, and what would be right."""

import sys
from pathlib import Path

import pytest

from mcpverify.checks import check_ids
from mcpverify.errors import ConfigurationInvalid, FileUnusable, UsageError
from mcpverify.facts.golden_call import RetryReason
from mcpverify.settings.discovery import configuration_at
from tests.conftest import Mcpverify
from tests.settings.reading import URL, configured, refused, refused_target, written

# What stands on line 2 of the file, in the table of a target; the key; and what is told of it.
WRONG = [
    ("fail-onn = 1", "fail-onn", "no such key; did you mean fail-on?"),
    ("header = {}", "header", "no such key; did you mean headers?"),
    ('cacert = "a"', "cacert", "no such key; did you mean tls?"),
    ('fail-on = "brekaing"', "fail-on", "did you mean breaking?"),
    ('fail-on = "brekaing"', "fail-on", '"brekaing" is none of any, contract, breaking, none'),
    ("fail-on = 1", "fail-on", "must be one of any, contract, breaking, none, not a number"),
    ('transport = "stdoi"', "transport", "did you mean stdio?"),
    ('protocol = "2025-06-19"', "protocol", "2025-06-18, 2025-11-25, 2026-07-28"),
    ('only = ["latensy"]', "only[0]", "did you mean latency?"),
    ('skip = "latency"', "skip", "must be a list of ids of checks, not a text"),
    ("samples = 0", "samples", "must be a number from 1 to 1000, not 0"),
    ("samples = 1001", "samples", "must be a number from 1 to 1000, not 1001"),
    ("samples = true", "samples", "must be a number from 1 to 1000, not true"),
    ("replicas = 101", "replicas", "a number from 1 to 100, or a list of URLs"),
    ("consecutive = 0", "consecutive", "must be a number from 1 to 100, not 0"),
    ("min-tools = -1", "min-tools", "must be a number from 0, not -1"),
    ("strict = 1", "strict", "must be true or false, not a number"),
    ('timeout = "5 weeks"', "timeout", 'such as "500ms", "30s" or "2m"'),
    ('timeout = "25h"', "timeout", '"25h" is not between 0 and 24 hours'),
    ('wait = "0s"', "wait", '"0s" is not between 0 and 24 hours'),
    ("wait = 0", "wait", "or a number of seconds, not 0"),
    ("deadline = nan", "deadline", "it is no number"),
    ('max-latency = { "tool/list" = 1 }', 'max-latency."tool/list"', "did you mean tools/list?"),
    ('max-latency = { reply = "x" }', "max-latency.reply", "must be a duration"),
    ('headers = { "a b" = "x" }', "headers", "each name must be the name of a header"),
    ("headers = { a = 3 }", "headers.a", "must be a text, not a number"),
    ("headers = []", "headers", "must be a table of headers by their names"),
    ('bearer-env = "$TOKEN"', "bearer-env", "an environment variable, without $, not a text"),
    ('expect-digest = "md5"', "expect-digest", "must be sha256: and 64 hex digits"),
    ('expect-name = ""', "expect-name", "must be a text, not an empty one"),
    ("expect-version = 1.2", "expect-version", "must be a text, not a number"),
    ("expect-version = 2026-11-21", "expect-version", "must be a text, not a date"),
    ('version-from = "body"', "version-from", "header:NAME, health:URL#/pointer or tool:NAME"),
    ('ignore = ["title"]', "ignore[0]", "must be TOOLGLOB:/pointer"),
    ('severity = { latensy = { level = "error", reason = "x" } }', "severity.latensy", "latency?"),
    ('severity = { latency = { level = "error" } }', "severity.latency", "reason is missing"),
    (
        'severity = { latency = { level = "error", reason = "  " } }',
        "severity.latency.reason",
        "must be a reason in words",
    ),
    (
        'severity = { latency = { level = "warn", reason = "x" } }',
        "severity.latency.level",
        "is none of error, warning; did you mean warning?",
    ),
    ('tls = { key = "k.pem" }', "tls.key", "it needs cert"),
    ("tls = { insecur = true }", "tls.insecur", "did you mean insecure?"),
    ('oauth = { client-id = "a", key = "k" }', "oauth", "issuer is missing"),
    (
        'oauth = { client-id = "a", issuer = "b" }',
        "oauth",
        "it has neither secret-env nor key: give one",
    ),
    (
        'oauth = { client-id = "a", issuer = "b", key = "k", secret-env = "S" }',
        "oauth.key",
        "secret-env and key exclude each other",
    ),
    ('health = "healthz"', "health", "must be an http or https URL, or a path such as /healthz"),
    ("health = { status = 200 }", "health", "url is missing"),
    ('health = { url = "/h", status = 99 }', "health.status", "must be an HTTP status, not 99"),
    ('health = { url = "/h", json = { status = 1 } }', "health.json", "must be a JSON pointer"),
    ("command = []", "command", "must be a command: a list of texts, or one line"),
    ('environment = { A = "b" }', "environment", "it means nothing to a target with a url"),
    ('directory = "d"', "directory", "it means nothing to a target with a url"),
    ('transport = "stdio"', "transport", "stdio needs a command"),
    ('require = ["latency"]\nskip = ["latency"]', "require[0]", "skip leaves latency out"),
    ('require = ["latency"]\nonly = ["reachable"]', "require[0]", "only leaves latency out"),
    ('only = ["latency"]\nskip = ["latency"]', "only", "skip leaves out all of these checks"),
    ('expect-version = "${}"', "expect-version", "only ${NAME} is read"),
    ('snapshot = "${A-b}"', "snapshot", "only ${NAME} is read"),
    ('headers = { A = "${B:-c}" }', "headers.A", "only ${NAME} is read"),
    ('no-snapshot = true\nsnapshot = "a"', "no-snapshot", "exclude each other"),
    ('no-token = true\nbearer-env = "A"', "no-token", "bearer-env asks for one"),
    ("calls = [{}]", "calls[0]", "tool is missing"),
    ("calls = {}", "calls", "must be a list of golden calls, each a [[...calls]]"),
]

# The same for the table of a call, which begins on line 3: line 5 and what follows it.
WRONG_CALLS = [
    ("lable = 1", "lable", "no such key; did you mean label?"),
    ('retry-on = ["tiemout"]', "retry-on[0]", "did you mean timeout?"),
    ('retry-on = ["slow"]', "retry-on", "it needs retries"),
    ("retries = 2", "retries", "it needs retry-on"),
    ("retries = 11", "retries", "must be a number from 0 to 10, not 11"),
    ("expect = [{}]", "expect[0]", "it is empty"),
    ("expect = [{ absent = false }]", "expect[0]", "it wants nothing"),
    ("expect = [{ absent = true }]", "expect[0]", "absent needs a path"),
    (
        'expect = [{ path = "$.a", absent = true, equals = 1 }]',
        "expect[0].equals",
        "absent and equals exclude each other",
    ),
    ("expect = [{ at-least = 2, at-most = 1 }]", "expect[0].at-least", "it is more than at-most"),
    ("expect = [{ at-least = inf }]", "expect[0].at-least", "JSON has no such number"),
    ("expect = [{ equals = 1979-05-27 }]", "expect[0].equals", "JSON has no dates"),
    ("expect = [{ regex = 1 }]", "expect[0].regex", "allowed are path, equals, matches"),
    ("arguments = { day = [07:32:00] }", "arguments.day[0]", "put it in quotes"),
    ("arguments = { limit = nan }", "arguments.limit", "JSON has no such number"),
    ('arguments = { a = { b = "${x y}" } }', "arguments.a.b", "$${ stands for ${ itself"),
    ('max-latency = "2d"', "max-latency", "must be a duration"),
]


@pytest.mark.parametrize(("line", "key", "told"), WRONG, ids=[line for line, *_ in WRONG])
def test_a_wrong_key_of_a_target_is_told(line: str, key: str, told: str) -> None:
    found = refused_target(f"{line}\n{URL}" if "command" not in line else line)
    place = f"2: targets.weather.{key}: "
    assert any(each.startswith(place) and told in each for each in found)


@pytest.mark.parametrize(
    ("line", "key", "told"), WRONG_CALLS, ids=[line for line, *_ in WRONG_CALLS]
)
def test_a_wrong_key_of_a_call_is_told(line: str, key: str, told: str) -> None:
    found = refused_target(f'{URL}[[targets.weather.calls]]\ntool = "search"\n{line}')
    assert [each for each in found if each.startswith(f"5: targets.weather.calls[0].{key}: ")]
    assert told in found[0]
    assert len(found) == 1


def test_every_reason_to_retry_is_listed() -> None:
    (told,) = refused_target(
        f'{URL}[[targets.weather.calls]]\ntool = "a"\nretries = 1\nretry-on = ["x"]'
    )
    assert f'"x" is none of {", ".join(RetryReason)}' in told


def test_an_unknown_key_that_is_near_to_none_has_all_listed() -> None:
    (told,) = refused_target(f"{URL}zzz = 1")
    assert told.startswith("3: targets.weather.zzz: no such key; allowed are url, command, env")
    assert told.endswith("liveness, calls")


def test_a_table_of_a_wrong_name_is_told() -> None:
    assert refused(f"[target.weather]\n{URL}") == ["1: target: no such key; did you mean targets?"]


def test_a_key_that_belongs_into_a_table_is_sent_there() -> None:
    (told,) = refused(URL)
    assert told == "1: url: no such key here: it goes into a [targets.NAME], or into [defaults]"


@pytest.mark.parametrize("key", ["url", "snapshot", "calls", "expect-name", "expect-digest"])
def test_what_only_a_target_has_is_no_default(key: str) -> None:
    (told,) = refused(f'[defaults]\n{key} = "x"')
    assert told == f"2: defaults.{key}: no such key here: only a target of its own has it"


@pytest.mark.parametrize("name", ["a:1", "a b", "-a", ".a", "ä", "a/b"])
def test_a_name_of_a_target_is_plain(name: str) -> None:
    (told,) = refused(f'\n[targets."{name}"]\n{URL}')
    shown = name if name == "-a" else f'"{name}"'
    assert told.startswith(f"2: targets.{shown}: must be a name of letters, digits")


def test_a_target_needs_an_address_or_a_command() -> None:
    assert refused_target('fail-on = "any"') == [
        "1: targets.weather: it has neither url nor command: give one"
    ]


def test_a_target_has_not_both_an_address_and_a_command() -> None:
    assert refused_target(f'{URL}command = "x"') == [
        "3: targets.weather.command: url and command exclude each other"
    ]


@pytest.mark.parametrize(
    "line",
    [
        'headers = { A = "b" }',
        'bearer-env = "T"',
        'bearer-file = "t"',
        "tls = { insecure = true }",
        "no-proxy = true",
        'resolve = ["a:1:127.0.0.1"]',
        'connect-to = ["::b:"]',
        "replicas = 3",
        "resolve-all = true",
        "expect-auth = true",
    ],
)
def test_a_command_has_nothing_that_only_a_url_has(line: str) -> None:
    key = line.partition(" ")[0]
    assert refused_target(f'command = "run"\n{line}') == [
        f"3: targets.weather.{key}: it means nothing to a target with a command: drop it"
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('transport = "sse"', "transport: sse needs a url"),
        ('health = "/h"', "health: a command has no paths: write a whole URL"),
        ('liveness = { url = "/h" }', "liveness: a command has no paths: write a whole URL"),
        ('version-from = "header:X"', "version-from: a command has neither headers nor paths"),
        ('version-from = "health:/h#/v"', "version-from: a command has neither headers nor paths"),
    ],
)
def test_a_command_has_no_addresses(line: str, told: str) -> None:
    assert refused_target(f'command = "run"\n{line}') == [f"3: targets.weather.{told}"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('command = "a \'b"', "a quote in it is not closed"),
        ('command = " "', "its first word, the program, is empty"),
        ('command = ["", "a"]', "its first word, the program, is empty"),
        ('command = ["a", "${b c}"]', "only ${NAME} is read"),
    ],
)
def test_a_command_that_cannot_be_one_is_told(line: str, told: str) -> None:
    (found,) = refused_target(line)
    assert found.startswith(f"2: targets.weather.command: {told}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('bearer-env = "T"', 'bearer-file = "t"'),
        ('bearer-env = "T"', 'oauth = { client-id = "a", issuer = "b", key = "c" }'),
        ('snapshot = "a.json"', "no-snapshot = true"),
        ("samples = 2", "replicas = 3"),
        ('replicas = ["http://a.example.com"]', "resolve-all = true"),
        ("reference-client = true", 'resolve = ["a:1:127.0.0.1"]'),
        ("reference-client = true", 'connect-to = ["::b:"]'),
    ],
)
def test_keys_that_exclude_each_other_are_told(one: str, other: str) -> None:
    key, second = one.partition(" ")[0], other.partition(" ")[0]
    assert refused_target(f"{URL}{one}\n{other}") == [
        f"4: targets.weather.{second}: {key} and {second} exclude each other"
    ]


def test_a_header_with_a_token_excludes_another_token() -> None:
    (told,) = refused_target(f'{URL}bearer-env = "T"\nheaders = {{ authorization = "Bearer x" }}')
    assert told == "3: targets.weather.bearer-env: headers has an Authorization, too: drop one"


def test_two_calls_of_one_label_are_told() -> None:
    call = '[[targets.weather.calls]]\ntool = "a"\nlabel = "same"\n'
    (told,) = refused_target(URL + call + call)
    assert told == "8: targets.weather.calls[1].label: another call is named same, too"


def test_a_key_in_both_spellings_is_told() -> None:
    (told,) = refused_target(f'{URL}fail-on = "any"\nfail_on = "none"')
    assert told.endswith("targets.weather.fail-on: it stands there twice, with - and with _")


def test_two_names_that_make_one_snapshot_are_told() -> None:
    (told,) = refused(f"[targets.Weather]\n{URL}\n[targets.weather]\n{URL}")
    assert told.startswith("4: targets.weather: shares snapshots")
    assert told.endswith("weather.json with Weather: set snapshot")


def test_names_alike_may_have_snapshots_of_their_own() -> None:
    text = f'[targets.Weather]\n{URL}snapshot = "a.json"\n[targets.weather]\n{URL}'
    assert configured(text).names == ("Weather", "weather")


def test_an_error_of_the_defaults_is_blamed_on_them_and_told_once() -> None:
    targets = "".join(f"[targets.t{at}]\n{URL}" for at in range(3))
    assert refused(f"{targets}\n[defaults]\ntls = {{ key = 'k.pem' }}") == [
        "9: defaults.tls.key: it needs cert, the client certificate, too"
    ]


def test_errors_are_told_all_at_once_in_the_order_of_the_file() -> None:
    text = f"""
[targets.a]
{URL}
samples = 0

[targets.b]
fail-onn = 1

[targets.c]
wait = "25h"

[defaults]
strict = 3
"""
    assert [told.partition(":")[0] for told in refused(text)] == ["5", "8", "14"]
    assert [told.partition(":")[0] for told in refused(text.replace("strict = 3", ""))] == [
        "5",
        "8",
        "10",
        "11",
    ]


def test_ten_errors_are_told_and_the_rest_counted() -> None:
    written("".join(f"[targets.t{at}]\n{URL}sampels = 1\n" for at in range(25)))
    with pytest.raises(ConfigurationInvalid) as error:
        configuration_at(None, check_ids())
    lines = error.value.message.split("\n")
    assert [line.split(":")[1] for line in lines] == [str(3 * at + 3) for at in range(10)]
    assert error.value.hint == "There are 15 more."


SECRET = "hunter2-swordfish"


@pytest.mark.parametrize(
    "text",
    [
        f'headers = {{ A = ["{SECRET}"] }}',
        f'headers = {{ "Bearer {SECRET}" = "x" }}',
        f'headers = {{ A = "${{{SECRET}}}" }}',
        f'environment = {{ A = ["{SECRET}"] }}',
        f'environment = {{ "A={SECRET}" = "x" }}',
        f'url = ["https://mcp.example.com/?key={SECRET}"]',
        f'health = "ftp://me:{SECRET}@mcp.example.com/"',
        f'command = "run --token {SECRET} \'"',
        f'bearer-env = "{SECRET}"',
        f'bearer-file = ["{SECRET}"]',
        f'oauth = {{ secret-env = "{SECRET}" }}',
        f'tls = "{SECRET}"',
        f'replicas = "https://mcp.example.com/?key={SECRET}"',
        f'version-from = "{SECRET}"',
        f'[[targets.weather.calls]]\ntool = "a"\narguments = "{SECRET}"',
        f'[[targets.weather.calls]]\ntool = "a"\narguments = {{ a = ["${{{SECRET}}}"] }}',
    ],
)
def test_no_error_repeats_what_may_be_a_credential(text: str) -> None:
    own = "" if text.startswith(("url", "command")) else URL
    assert SECRET not in "\n".join(refused_target(own + text))


def test_a_number_that_was_to_be_a_text_may_be_a_credential() -> None:
    assert "4711" not in "\n".join(refused_target(f"{URL}headers = {{ X-Pin = 4711 }}"))


# -- files that are no TOML

SYNTAX = [
    ("a = \n", "1:5"),
    ("[targets.a]\nurl = 'x'\n[targets.a]\n", "3:11"),
    ("[targets.a]\nurl = 'x'\nurl = 'y'\n", "3:10"),
    ("# fine\nonly = [\n", "2:9"),
    ('url = "a\n', "1:9"),
    ("wait = 30s\n", "1:10"),
]


@pytest.mark.parametrize(("text", "place"), SYNTAX)
def test_a_syntax_error_is_told_with_line_and_column(text: str, place: str) -> None:
    written(text)
    with pytest.raises(ConfigurationInvalid) as error:
        configuration_at(None)
    assert error.value.message.startswith(f"mcpverify.toml:{place}: ")
    assert "\n" not in error.value.message
    assert error.value.hint


def test_what_is_nested_without_end_is_no_bug_of_ours() -> None:
    written(f"a = {'[' * 50_000}")
    with pytest.raises(ConfigurationInvalid, match=r"mcpverify.toml:\d+:\d+: "):
        configuration_at(None)


def test_what_is_not_utf_8_is_told_with_its_place() -> None:
    Path("mcpverify.toml").write_bytes(b"# a\nname = 'caf\xe9'\n")
    with pytest.raises(ConfigurationInvalid, match=r"^mcpverify\.toml:2:12: it is not UTF-8$"):
        configuration_at(None)


def test_a_byte_order_mark_and_line_ends_of_windows_are_taken() -> None:
    text = f"[targets.weather]\n{URL}".replace("\n", "\r\n")
    Path("mcpverify.toml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    found = configuration_at(None)
    assert found is not None
    assert found.target("weather", {}).where == "mcpverify.toml:1"
    Path("mcpverify.toml").write_bytes(text.encode() + b"wait = 1\r\nwiat = 1\r\n")
    with pytest.raises(ConfigurationInvalid, match=r"^mcpverify\.toml:4: targets\.weather\.wiat: "):
        configuration_at(None)


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(FileUnusable, match=r"^elsewhere\.toml: No such file"):
        configuration_at("elsewhere.toml")


def test_a_directory_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(FileUnusable):
        configuration_at(str(tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such devices")
def test_a_file_without_end_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^/dev/zero: it is a device, and no file$"):
        configuration_at("/dev/zero")


def test_each_error_is_a_line_of_its_own_and_the_exit_code_is_2(mcpverify: Mcpverify) -> None:
    written(f"[targets.weather]\n{URL}fail-on = 1\nwiat = 2\n")
    run = mcpverify("check", "weather")
    assert run.code == 2
    first, second = run.stderr.splitlines()
    assert first.startswith("mcpverify: mcpverify.toml:3: targets.weather.fail-on: must be one of")
    assert second.endswith(
        "mcpverify.toml:4: targets.weather.wiat: no such key; did you mean wait?"
    )
