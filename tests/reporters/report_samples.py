"""Reports as the gate makes them, from a plain pass to a server that wants to do harm."""

from dataclasses import replace

from mcpverify.drift.changes import changes
from mcpverify.drift.verdicts.judgement import judged as drift_between
from mcpverify.facts.change import Subject
from mcpverify.facts.comparison import Comparison, Source, SourceKind
from mcpverify.facts.contract import Contract, Digests, contract_of
from mcpverify.facts.finding import Detail, Finding, Outcome, Severity
from mcpverify.facts.json_text import Json
from mcpverify.facts.report import Report, ServerFacts, TargetReport, ToolReport
from mcpverify.facts.revision import Era
from mcpverify.facts.situation import Situation
from mcpverify.facts.target import Transport
from mcpverify.facts.transcript import (
    Certificate,
    Exchange,
    Failure,
    FailureKind,
    ProcessEnd,
    Recording,
    ReferenceTools,
    Role,
    Step,
    Timing,
    Transcript,
)
from mcpverify.facts.verdict import Verdict, verdict_of
from mcpverify.verify.tool_reports import tool_reports

URL = "https://mcp.example.com/mcp"
STARTED = 1_795_230_764.25
RULE = "https://modelcontextprotocol.io/specification/2025-11-25/server/tools"
IDS = (
    "reachable",
    "tls-certificate",
    "handshake",
    "protocol-version",
    "server-identity",
    "capabilities",
    "tools-listed",
    "pagination-terminates",
    "tool-names",
    "tool-schemas-valid",
    "replicas-agree",
    "eras-agree",
    "matches-snapshot",
    "session-lifecycle",
    "latency",
)
HOSTILE = (
    "\x1b[2J\x1b]8;;https://evil.example\x07click\x1b]8;;\x07[bold red]PASS[/]\r\n"
    "::error file=a::owned\n##[error]x ##vso[task.setvariable variable=a]b\n"
    "\u202egnp.exe\u2066\u200b\u00ad\ufeff e"
    + "\u0301"
    * 200
    + " \x00\x7f\x9b31m </system-out> ]]> "
    "\ud800 漢字 "
)
# A listing with half of a surrogate pair is no contract: this is as bad as one can be.
SENT = HOSTILE.replace("\ud800", "")


def digests(letter: str) -> Digests:
    return Digests(*(f"sha256:{(letter + role) * 32}" for role in "123"))


def finding(
    check: str,
    outcome: Outcome = Outcome.PASSED,
    message: str = "",
    *details: Detail,
    severity: Severity = Severity.ERROR,
    hint: str = "",
    rule: str = "",
) -> Finding:
    return Finding(check, outcome, severity, message, details, hint, rule)


def findings(*special: Finding) -> tuple[Finding, ...]:
    """One finding for each id: those given, the others passed."""
    given = {each.check: each for each in special}
    return tuple(given.get(check, finding(check, message=f"{check} is fine.")) for check in IDS)


def exchange(step: Step, body: bytes = b'{"jsonrpc":"2.0","id":1,"result":{}}') -> Exchange:
    return Exchange(
        step=step,
        method="POST",
        url=URL,
        sent={"jsonrpc": "2.0", "id": 1, "method": str(step), "params": {}},
        status=200,
        headers=(("content-type", "application/json"), ("x-request-id", "7f2c19")),
        body=body,
        answer={"jsonrpc": "2.0", "id": 1, "result": {}},
        asides=(),
        failure=None,
        timing=Timing(0.012, 0.021, 0.034, 0.036),
        peer="203.0.113.7:443",
    )


def recording(*exchanges: Exchange) -> Recording:
    transcript = Transcript(
        role=Role.PRIMARY,
        era=Era.HANDSHAKE,
        transport=Transport.STREAMABLE_HTTP,
        url=URL,
        exchanges=exchanges,
        certificate=Certificate("mcp.example.com", "Example CA", STARTED + 61 * 86_400, True),
    )
    return Recording((transcript,), "the server answered a POST", STARTED, 0.8, {})


SERVER = ServerFacts(
    name="weather",
    version="2.3.9",
    revision="2025-11-25",
    eras=("handshake", "stateless"),
    transport="streamable-http",
    transport_reason="the server answered a POST",
    url=URL,
    address="203.0.113.7:443",
    certificate_days=61,
    request_id="7f2c19",
    slowest_step="tools/list",
    slowest_seconds=0.212,
)


def tool(name: str, description: str = "", **properties: Json) -> dict[str, Json]:
    """A definition as a server sends it."""
    schema: Json = {"type": "object", "properties": properties}
    told: dict[str, Json] = {"description": description} if description else {}
    return {"name": name, "inputSchema": schema, **told}


def compared(snapshot: list[Json], live: list[Json]) -> tuple[ToolReport, ...]:
    """What the gate reports of the tools of two listings."""
    old, new = contract_of(snapshot), contract_of(live)
    return tool_reports(old, new, drift_between(old, new, changes(old, new)))


def listed(*names: str) -> tuple[ToolReport, ...]:
    """Tools that are the same on both sides."""
    return compared([tool(name) for name in names], [tool(name) for name in names])


TOOLS = listed("alerts", "export", "forecast", "search")

PASSED = TargetReport(
    target="weather prod",
    verdict=verdict_of(()),
    situation=Situation.REVIEWED,
    headline="The server is the one that was reviewed: 4 tools as in snapshots/weather.json.",
    findings=findings(
        finding("eras-agree", Outcome.NOT_APPLICABLE, "the server speaks one era only")
    ),
    server=SERVER,
    live=digests("a"),
    expected=digests("a"),
    snapshot="snapshots/weather.json",
    tools=TOOLS,
    next_steps=(),
    again=f"mcpverify check {URL} --snapshot snapshots/weather.json",
    attempts=1,
    started=STARTED,
    seconds=0.8,
    recording=recording(
        exchange(Step.INITIALIZE), exchange(Step.INITIALIZED, b""), exchange(Step.TOOLS)
    ),
)


def judged(report: TargetReport, *special: Finding, **others: object) -> TargetReport:
    found = findings(*special)
    verdict = verdict_of(found)
    situation = report.situation if verdict is report.verdict else Situation.CONTRACT_DIFFERS
    changed = replace(report, findings=found, verdict=verdict, situation=situation)
    return replace(changed, **others)  # type: ignore[arg-type]


LONG_TEXT = (
    "Finds places by name. Give a city, a region or a country, and it returns the best "
    "matches with their coordinates, worst last. Use it before forecast when {} "
    "and mind that names are not unique: ask the user which one is meant."
)

SEARCHES: Json = {"type": "integer", "minimum": 1, "maximum": 100}
OLD_TOOLS: list[Json] = [
    tool("alerts"),
    tool("export", format={"enum": ["csv", "json"]}),
    tool("forecast", LONG_TEXT.format("the user names a place,"), place={"type": "string"}),
    tool("search", "", mode={"enum": ["fast", "full", "fuzzy"]}, limit=SEARCHES),
]
NEW_TOOLS: list[Json] = [
    tool("alerts"),
    tool("find_places", query={"type": "string"}),
    tool("forecast", LONG_TEXT.format("a place is named,"), place={"type": "string"}),
    {
        **tool("search", "", mode={"enum": ["fast", "full"]}),
        "annotations": {"destructiveHint": True},
    },
]

CHANGED = judged(
    PASSED,
    finding(
        "matches-snapshot",
        Outcome.FAILED,
        "4 of 5 tools differ from snapshots/weather.json.",
        Detail("the arguments changed", subject="search"),
        Detail("the list of prompts differs", subject="greet", pointer="/arguments"),
        hint="Deploy the reviewed release, or review the change and run mcpverify snapshot.",
        rule=RULE,
    ),
    finding(
        "replicas-agree",
        Outcome.WARNED,
        "2 of 2 connections agree; more replicas may stand behind this address.",
        severity=Severity.WARNING,
    ),
    finding("eras-agree", Outcome.NOT_APPLICABLE, "the server speaks 2025-11-25 only"),
    headline="NOT AS REVIEWED: 1 tool is missing, 1 changed, 1 is new; 1 reads differently.",
    live=digests("b"),
    tools=compared(OLD_TOOLS, NEW_TOOLS),
    next_steps=(
        "See which image is running: the live contract may be that of an older release.",
        f"mcpverify diff git:HEAD~1:snapshots/weather.json {URL} --fail-on any --format terminal",
    ),
    again=(
        f"mcpverify check {URL} --snapshot snapshots/weather.json "
        "-H 'Authorization: Bearer ${TOKEN}' --wait 2m --max-latency 500ms"
    ),
)

NO_ANSWER = "there was no answer to look at"
REFUSED = TargetReport(
    target="http://127.0.0.1:9/mcp",
    verdict=verdict_of(()),
    situation=Situation.UNREACHABLE,
    headline="UNREACHABLE: nothing listens at 127.0.0.1:9, so nothing was verified.",
    findings=(
        finding(
            "reachable",
            Outcome.NOT_OBSERVED,
            "connection refused by 127.0.0.1:9.",
            hint="See whether the server runs and listens on this address and port.",
        ),
        finding("tls-certificate", Outcome.NOT_APPLICABLE, "the URL is not https"),
        *(finding(check, Outcome.NOT_OBSERVED, NO_ANSWER) for check in IDS[2:11]),
        finding("eras-agree", Outcome.NOT_OBSERVED, NO_ANSWER, severity=Severity.WARNING),
        finding("matches-snapshot", Outcome.NOT_OBSERVED, NO_ANSWER),
        finding("session-lifecycle", Outcome.NOT_APPLICABLE, "no session was opened"),
        finding("latency", Outcome.NOT_OBSERVED, NO_ANSWER, severity=Severity.WARNING),
    ),
    server=ServerFacts(url="http://127.0.0.1:9/mcp"),
    live=None,
    expected=digests("a"),
    snapshot="snapshots/weather.json",
    tools=(),
    next_steps=("Roll back if this is the new release: nobody can reach it.",),
    again="mcpverify check http://127.0.0.1:9/mcp --snapshot snapshots/weather.json",
    attempts=7,
    started=STARTED,
    seconds=118.4,
    recording=recording(
        replace(
            exchange(Step.DISCOVER, b""),
            status=None,
            answer=None,
            failure=Failure(FailureKind.REFUSED, "connection refused by 127.0.0.1:9"),
            timing=Timing(0.001, None, None, 0.002),
            peer=None,
        )
    ),
)
REFUSED = replace(REFUSED, verdict=verdict_of(REFUSED.findings))

FIRST_RUN = judged(
    PASSED,
    finding(
        "matches-snapshot",
        Outcome.WARNED,
        "no snapshot to compare with: this says nothing about what was reviewed.",
        severity=Severity.WARNING,
        hint="mcpverify snapshot https://mcp.example.com/mcp",
    ),
    finding(
        "tool-schemas-valid",
        Outcome.FAILED,
        "2 of 4 tools have schemas that no client can use.",
        Detail("the reference leads nowhere", subject="export", pointer="/inputSchema/$ref"),
        Detail(
            "'strnig' is no type of JSON Schema",
            subject="search",
            pointer="/inputSchema/properties/q/type",
        ),
        hint="Mend the schemas: clients drop these tools, or refuse the whole list.",
    ),
    situation=Situation.BROKEN_SERVER,
    headline="BROKEN SERVER: 2 of 4 tools have schemas that no client can use.",
    expected=None,
    snapshot=None,
    tools=tuple(replace(tool, state="listed", compatibility=None) for tool in TOOLS),
    next_steps=("mcpverify snapshot https://mcp.example.com/mcp",),
    again=f"mcpverify check {URL}",
)

_DIED = tuple(
    Detail(text, subject="stderr")
    for text in ("Traceback (most recent call last):", "KeyError: 'WEATHER_API_KEY'")
)
STDIO_DIED = replace(
    REFUSED,
    target="npx -y @example/weather-mcp --stdio",
    situation=Situation.BROKEN_SERVER,
    headline="BROKEN SERVER: the command ended with exit code 1 before it answered.",
    findings=(
        finding(
            "reachable",
            Outcome.FAILED,
            "the process exited with code 1 before it answered initialize.",
            *_DIED,
        ),
        *(finding(check, Outcome.NOT_OBSERVED, NO_ANSWER) for check in IDS[2:11]),
    ),
    server=ServerFacts(transport="stdio", transport_reason="a command was given"),
    again="mcpverify check -- npx -y @example/weather-mcp --stdio",
    next_steps=(),
    attempts=1,
    seconds=2.31,
    recording=Recording(
        (
            Transcript(
                Role.PRIMARY,
                Era.HANDSHAKE,
                Transport.STDIO,
                "",
                (),
                process=ProcessEnd(1, tuple(each.text for each in _DIED)),
                noise=("starting up",),
            ),
        ),
        "a command was given",
        STARTED,
        2.31,
        {},
        ReferenceTools("mcp 2.3.0", None, "Connection closed", ("ignored a line",)),
    ),
)
STDIO_DIED = replace(STDIO_DIED, verdict=verdict_of(STDIO_DIED.findings))

HOSTILE_REPORT = judged(
    PASSED,
    finding(
        "matches-snapshot",
        Outcome.FAILED,
        f"1 tool differs: {HOSTILE}",
        Detail(HOSTILE, subject=HOSTILE, pointer=f"/{HOSTILE}", snapshot=HOSTILE, live=HOSTILE * 9),
        hint=HOSTILE,
        rule=RULE,
    ),
    finding("handshake", Outcome.WARNED, HOSTILE * 100, severity=Severity.WARNING),
    finding("latency", Outcome.NOT_OBSERVED, HOSTILE),
    finding("eras-agree", Outcome.NOT_OBSERVED, HOSTILE),
    target=HOSTILE,
    headline=HOSTILE,
    server=ServerFacts(
        name=HOSTILE,
        version=HOSTILE,
        revision=HOSTILE,
        eras=(HOSTILE, HOSTILE),
        transport=HOSTILE,
        transport_reason=HOSTILE,
        url=HOSTILE,
        address=HOSTILE,
        certificate_days=-3,
        request_id=HOSTILE,
        slowest_step=HOSTILE,
        slowest_seconds=9e9,
    ),
    snapshot=HOSTILE,
    tools=compared(
        [
            tool(SENT, SENT, **{SENT: {"enum": [SENT, "a"], "title": SENT * 14_000}}),
            tool("::error::x"),
        ],
        [
            tool(SENT, "::warning::y", **{SENT: {"enum": ["a"], "pattern": SENT}}),
            tool("漢" * 60),
        ],
    ),
    next_steps=(HOSTILE, f"mcpverify {HOSTILE}"),
    again=f"mcpverify check '{HOSTILE}'",
    recording=recording(
        replace(
            exchange(Step.TOOLS, HOSTILE.encode("utf-8", "replace")),
            url=HOSTILE,
            peer=HOSTILE,
            headers=((HOSTILE, HOSTILE),),
            answer={"jsonrpc": "2.0", "id": 1, "error": {"code": HOSTILE, "message": HOSTILE}},
            failure=Failure(FailureKind.BAD_MESSAGE, HOSTILE * 1000),
            redirects=(HOSTILE,),
            echoes=("header Authorization",),
        )
    ),
)

MANY_TOOLS = replace(
    PASSED,
    tools=listed(*(f"tool_{n:04}" for n in range(5_000))),
)

MANY_CHANGED = judged(
    PASSED,
    finding(
        "matches-snapshot",
        Outcome.FAILED,
        "300 of 300 tools differ from snapshots/weather.json.",
        *(Detail("differs", subject=f"prompt_{n}") for n in range(100)),
    ),
    headline="NOT AS REVIEWED: another server answers here.",
    live=digests("b"),
    tools=compared(
        [
            tool(f"tool_{n:03}", **{f"argument_{m}": {"type": "string"} for m in range(n % 6 + 1)})
            for n in range(300)
        ],
        [
            tool(f"tool_{n:03}", **{f"argument_{m}": {"type": "integer"} for m in range(n % 6 + 1)})
            for n in range(300)
            if n % 100 != 7
        ],
    ),
)

SAMPLES = {
    "passed": Report((PASSED,)),
    "changed": Report((CHANGED,)),
    "refused": Report((REFUSED,)),
    "first-run": Report((FIRST_RUN,)),
    "stdio-died": Report((STDIO_DIED,)),
    "hostile": Report((HOSTILE_REPORT,)),
    "many-tools": Report((MANY_TOOLS,)),
    "many-changed": Report((MANY_CHANGED,)),
    "fleet": Report((PASSED, FIRST_RUN, MANY_TOOLS, REFUSED)),
}


def comparison(old: Contract, new: Contract, /, **others: object) -> Comparison:
    """What `diff` reports of two contracts."""
    drifts = drift_between(old, new, changes(old, new))
    verdict = Verdict.FAILED if drifts else Verdict.PASSED
    shown = Comparison(
        old=Source(
            "git:HEAD~1:snapshots/weather.json",
            SourceKind.GIT,
            "commit 9f3c2e1a04d2",
            old.digests,
            len(old.tools),
        ),
        new=Source(
            URL, SourceKind.SERVER, "weather 2.3.9, 2025-11-25", new.digests, len(new.tools)
        ),
        verdict=verdict,
        headline="BREAKING: 2 of 5 tools and 1 prompt break callers",
        tools=tool_reports(old, new, drifts),
        others=tuple(each for each in drifts if each.subject is not Subject.TOOL),
        notes=("resources were not compared: only one side tells of them",),
        next_steps=(
            "Restore what callers rely on, or offer the new shape under a new name.",
            "If it was meant, accept it and commit the file:",
            f"mcpverify snapshot {URL} --snapshot snapshots/weather.json",
        ),
        again=f"mcpverify diff git:HEAD~1:snapshots/weather.json {URL}",
        started=STARTED,
        seconds=0.8,
    )
    return replace(shown, **others)  # type: ignore[arg-type]


def greeting(name: str, *required: str, description: str = "Greets.") -> dict[str, Json]:
    """A prompt with these arguments."""
    arguments: Json = [{"name": each, "required": True} for each in required]
    return {"name": name, "description": description, "arguments": arguments}


OLD = contract_of(
    OLD_TOOLS,
    [greeting("greet", "who"), greeting("part", "who")],
    [{"uriTemplate": "weather://{city}", "name": "weather"}],
    [{"uri": "weather://berlin", "name": "Berlin"}],
)
NEW = contract_of(
    NEW_TOOLS,
    [greeting("greet", "who", "how"), greeting("part", "who", description="Says good-bye.")],
    [{"uriTemplate": "weather://{city}", "name": "weather by city"}],
    [],
)
UNSEEN = Comparison(
    old=Source("snapshots/weather.json", SourceKind.SNAPSHOT, "", digests("a"), 4),
    new=Source(URL, SourceKind.SERVER, problem="127.0.0.1:9 refused the connection"),
    verdict=Verdict.INCONCLUSIVE,
    headline=f"NOT COMPARED: {URL}: 127.0.0.1:9 refused the connection",
    next_steps=("See whether the server runs.",),
    again=f"mcpverify diff snapshots/weather.json {URL}",
    started=STARTED,
    seconds=0.1,
)
_HOSTILE_OLD = contract_of(
    [tool(SENT, SENT, **{SENT: {"enum": [SENT, "a"], "title": SENT * 14_000}})],
    [greeting(SENT, SENT)],
    [{"uriTemplate": SENT, "name": SENT}],
)
_HOSTILE_NEW = contract_of(
    [tool(SENT, "::warning::y", **{SENT: {"enum": ["a"], "pattern": SENT}})],
    [greeting(SENT, SENT, f"{SENT}2")],
    [],
)
COMPARISONS = {
    "compared": comparison(OLD, NEW),
    "equal": comparison(OLD, OLD, headline="IDENTICAL: no difference", notes=(), next_steps=()),
    "unseen": UNSEEN,
    "hostile-compared": comparison(
        _HOSTILE_OLD,
        _HOSTILE_NEW,
        old=Source(HOSTILE, SourceKind.SERVER, HOSTILE, problem=HOSTILE * 100),
        headline=HOSTILE,
        notes=(HOSTILE,),
        next_steps=(HOSTILE, f"mcpverify {HOSTILE}"),
        again=f"mcpverify diff '{HOSTILE}'",
        open_world=True,
    ),
}
EXIT_CODES = {"passed": 0, "failed": 1, "inconclusive": 3}
