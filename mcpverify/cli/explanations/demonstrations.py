"""How to see a thing for oneself: the faults of the demo server that show it."""

from collections.abc import Callable, Iterator

from mcpverify.demo.faults.shown import SHOWN, Shown


def demonstrations(fits: Callable[[Shown], bool]) -> Iterator[tuple[str, str]]:
    """Notes with the command that shows a thing; none where no fault does."""
    faults = [fault for fault, shown in SHOWN.items() if fits(shown)]
    if faults:
        yield "see it", f"mcpverify demo --fault {faults[0]}"
    if faults[1:]:
        yield "likewise", ", ".join(faults[1:])
