"""The golden calls of the demo: its tools that only read work, and refuse what they must."""

from typing import Final

from mcpverify.facts.golden_call import Condition, GoldenCall

CALLS: Final = (
    GoldenCall(
        "brewing_guide",
        "brewing_guide",
        {"tea": "sencha"},
        (Condition("$.structuredContent.celsius", least=60, most=100),),
    ),
    GoldenCall("list_teas", "list_teas", {}, (Condition(matches="(^|\\n)sencha(\\n|$)"),)),
)
