"""How to see a thing for oneself: the faults of the demo server that show it."""

from collections.abc import Callable, Iterator

from mcpverify.demo.faults.fault import Fault
from mcpverify.demo.faults.shown import ENDED, SHOWN, Ended, Shown


def demonstrations(fits: Callable[[Shown], bool]) -> Iterator[tuple[str, str]]:
    """Notes with the command that shows a thing; none where no fault does."""
    faults = [fault for fault, shown in SHOWN.items() if fits(shown)]
    yield from _commands("mcpverify demo --fault", faults)


def demonstrated_ends(fits: Callable[[Ended], bool]) -> Iterator[tuple[str, str]]:
    """Likewise of what shows when a server is stopped."""
    faults = [fault for fault, ended in ENDED.items() if fits(ended)]
    yield from _commands("mcpverify drain -- mcpverify demo --serve --fault", faults)


def _commands(command: str, faults: list[Fault]) -> Iterator[tuple[str, str]]:
    if faults:
        yield "see it", f"{command} {faults[0]}"
    if faults[1:]:
        yield "likewise", ", ".join(faults[1:])
