"""Option groups: a dataclass whose fields are options, shared by the commands that take it.

Typer reads a command's options off its signature. `expand` replaces each parameter whose
annotation is a dataclass by that dataclass's fields, and puts the instance together again
when the command is called.
"""

import dataclasses
import functools
import inspect
import typing
from collections.abc import Callable
from typing import Any


def expand(command: Callable[..., None]) -> Callable[..., None]:
    """`command` with its option groups spread out, as Typer wants it."""
    hints = typing.get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {}
    parameters = []
    for parameter in inspect.signature(command).parameters.values():
        hint = hints[parameter.name]
        if not dataclasses.is_dataclass(hint):
            parameters.append(
                parameter.replace(annotation=hint, kind=inspect.Parameter.KEYWORD_ONLY)
            )
            continue
        groups[parameter.name] = hint
        field_hints = typing.get_type_hints(hint, include_extras=True)
        for field in dataclasses.fields(hint):
            parameters.append(
                inspect.Parameter(
                    field.name,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=_default(field),
                    annotation=field_hints[field.name],
                )
            )

    @functools.wraps(command)
    def expanded(**values: Any) -> None:
        for name, group in groups.items():
            fields = [field.name for field in dataclasses.fields(group)]
            values[name] = group(**{field: values.pop(field) for field in fields})
        command(**values)

    expanded.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    expanded.__annotations__ = {each.name: each.annotation for each in parameters}
    del expanded.__wrapped__
    return expanded


def _default(field: "dataclasses.Field[Any]") -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default
