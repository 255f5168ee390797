"""Flags over a file over defaults: the option groups of one target of a configuration."""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

import typer

Group = TypeVar("Group")

# A flag of one of these sets the others of the file aside: they answer the same question.
_ALTERNATIVES = (
    {
        "bearer_env", "bearer_file", "oauth_client_id", "oauth_issuer", "oauth_secret_env",
        "oauth_key", "oauth_scope",
    },
    {"snapshot", "no_snapshot", "expect_digest"},
    {"samples", "replicas", "replica", "resolve_all"},
    {"only", "skip"},
)  # fmt: skip


def given_options(ctx: typer.Context) -> frozenset[str]:
    """The names of the options that were typed."""
    return frozenset(
        name
        for name in ctx.params
        if (source := ctx.get_parameter_source(name)) is not None and source.name == "COMMANDLINE"
    )


def over(group: Group, options: Mapping[str, object], given: frozenset[str]) -> Group:
    """`group` with what a file says, but for what was typed."""
    settled = set(given)
    for alternatives in _ALTERNATIVES:
        if given & alternatives:
            settled |= alternatives
    names = {each.name for each in dataclasses.fields(group)}  # type: ignore[arg-type]
    values: dict[str, Any] = {
        name: value for name, value in options.items() if name in names and name not in settled
    }
    if "header" in given and "header" in options and "header" in names:
        values["header"] = _headers(options["header"], getattr(group, "header"))  # noqa: B009
    return dataclasses.replace(group, **values)  # type: ignore[type-var]


def _headers(configured: Any, typed: list[str]) -> list[str]:
    """Those of the file, but for names that were typed; then those."""
    names = {_name(line) for line in typed}
    return [*(line for line in configured if _name(line) not in names), *typed]


def _name(line: str) -> str:
    return line.partition(":")[0].strip().lower()
