"""Text that is renewed in its place on a terminal while a run goes on, and then goes away."""

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

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


class Display:
    """A view of a run on a terminal: renewed while it goes on, gone when it ends."""

    def __init__(self, stream: TextIO, text_for: Callable[[int], str], refreshes: int) -> None:
        self._stream = stream
        self._text_for = text_for
        self._refreshes = refreshes
        self._live: Live | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self) -> None:
        """Renew it, and begin with it where nothing is shown yet: only then is rich loaded."""
        if self._live is None:
            self._live = started(self._stream, self._text_for, self._refreshes)
        self._live.refresh()
