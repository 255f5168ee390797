"""Text that is renewed in its place on a terminal while a run goes on, and then goes away."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.live import Live


def started(stream: TextIO, text_for: Callable[[int], str], refreshes: int) -> "Live":
    """A running display; `text_for(columns)` is asked so many times a second. rich loads here."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(file=stream, highlight=False, markup=False, emoji=False)

    def shown() -> Text:
        return Text(text_for(console.width - 1), no_wrap=True, overflow="crop")

    live = Live(
        get_renderable=shown,
        console=console,
        refresh_per_second=refreshes,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    live.start()
    return live
