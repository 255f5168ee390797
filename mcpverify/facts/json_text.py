"""JSON as the server sent it: parsed once, strictly, without loss, within caps."""

from typing import TypeAlias

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"


class NotJson(ValueError):
    """The text is not JSON that can be held without loss. The message is one sentence."""


def parse(text: bytes | str) -> Json:
    """The value of `text`. Raises NotJson."""
    raise NotImplementedError
