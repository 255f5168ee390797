"""The page on golden calls: its configuration is one, and does what the page says."""

import re
from pathlib import Path

from mcpverify.facts.finding import Outcome
from mcpverify.golden.conditions import validated
from mcpverify.settings.discovery import configuration_at
from tests.golden_calls.judging import finding, reading, text
from tests.servers import honest
from tests.servers.honest import Call

PAGE = Path(__file__).parents[2] / "docs" / "golden-calls.md"
WARM = "expected $.structuredContent.celsius at least -80 and at most 60; came 277"


def test_its_configuration_is_taken_and_its_failure_is_told_so(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "mcpverify.toml").write_text(example, encoding="utf-8")
    configuration = configuration_at(None)
    assert configuration is not None
    calls = configuration.target("weather", {"WEATHER_KEY": "k"}).calls

    def forecast(call: Call) -> bytes | None:
        asked = call.request.message["params"]["arguments"]
        if asked["city"] == "Nowhere":
            return call.answer(text("there is no such city", isError=True))
        return call.answer(text("sun", structuredContent={"celsius": celsius}))

    with honest.serve({"tools/call": forecast}, tools=[reading()]) as server:
        celsius = 4
        assert finding(server.url, *map(validated, calls)).outcome is Outcome.PASSED
        celsius = 277
        assert finding(server.url, *calls).message == f"forecast: {WARM}"
    assert f"A CALL FAILS: forecast: {WARM}" in page
