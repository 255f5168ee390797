"""Golden calls at a server that nobody here wrote, over each of its transports."""

from pathlib import Path

import pytest

from mcpverify.facts.finding import Outcome
from mcpverify.facts.golden_call import Condition
from mcpverify.facts.target import StdioCommand, Transport
from tests.golden_calls.judging import attempts, found_in, golden, report
from tests.peers.conftest import CACHE, REQUIRED, absent
from tests.peers.roster import EVERYTHING, Mode
from tests.peers.serving import serving

pytestmark = pytest.mark.peers

_LONG = {"duration": 1, "steps": 2}
CALLS = (
    golden("echo", Condition(matches="Grüße"), arguments={"message": "Grüße"}),
    golden("get-sum", Condition(matches=r"\b5\b"), arguments={"a": 2, "b": 3}),
    golden(
        "get-structured-content",
        Condition(path="$.structuredContent.temperature", least=-80, most=150),
        arguments={"location": "Chicago"},
    ),
    golden("get-sum", label="no numbers", arguments={"a": "two"}, expects_error=True),
    golden("trigger-long-running-operation", arguments=_LONG, max_seconds=20),
    golden("get-tiny-image", Condition(path="$.content[?@.type == 'image'].mimeType")),
)


@pytest.mark.parametrize("mode", EVERYTHING.modes, ids=str)
def test_its_tools_answer_as_they_should(mode: Mode, tmp_path: Path) -> None:
    if reason := absent(EVERYTHING):
        (pytest.fail if REQUIRED else pytest.skip)(reason)
    wrong = golden("get-sum", Condition(matches="is 6"), arguments={"a": 2, "b": 3}, label="wrong")
    transport = Transport.SSE if mode is Mode.SSE else Transport.AUTO
    with serving(CACHE, EVERYTHING, mode, tmp_path) as endpoint:
        aim = endpoint.url or StdioCommand(endpoint.command)
        # A research query can be had as a task alone, and a gate asks for none.
        query = golden("simulate-research-query", arguments={"topic": "tea"}, mutates=True)
        told = report(aim, *CALLS, transport=transport)
        bad = found_in(report(aim, wrong, query, transport=transport))

    found = found_in(told)
    assert found.outcome is Outcome.PASSED, found
    assert len(attempts(told)) == len(CALLS)
    assert bad.outcome is Outcome.FAILED
    assert [each.subject for each in bad.details] == ["wrong", "simulate-research-query"]
    assert 'expected text matching /is 6/; came "The sum of 2 and 3 is 5."' in bad.message
    assert "requires task augmentation" in bad.details[1].text
