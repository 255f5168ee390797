"""The classes of `jsonschema`, one for each dialect, with our keywords in them."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from jsonschema import validators as library
from jsonschema.exceptions import UndefinedTypeCheck, UnknownType, ValidationError
from referencing import Registry
from referencing.exceptions import NoSuchResource, Unresolvable

from mcpverify.drift.budget import Budget
from mcpverify.drift.referee.keywords import (
    OURS,
    contains_any,
    identified,
    perhaps_exclusive,
    within_the_document,
)
from mcpverify.drift.referee.meaning import FITS
from mcpverify.drift.referee.session import (
    REFERENCES,
    Errors,
    Keyword,
    Session,
    Validator,
    session_of,
)
from mcpverify.drift.referee.silence import OracleSilent
from mcpverify.facts.dialect import Dialect, understood_dialect
from mcpverify.facts.json_text import Json

LIBRARY_ERRORS: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    NoSuchResource,
    TypeError,
    UndefinedTypeCheck,
    UnknownType,
    Unresolvable,
    ValueError,
)
"""What the library raises at schemas that mean nothing to it."""

_NOTHING_ELSE: Final[Registry[Any]] = Registry()  # nothing is retrieved


def validator_of(schema: dict[str, Json], dialect: Dialect, budget: Budget) -> Validator:
    """A validator of the document `schema`."""
    session = Session(schema, dialect, budget)
    made = _validator_class(dialect)(schema, format_checker=session, registry=_NOTHING_ELSE)
    session.begin(made)
    return made


@cache
def _validator_class(dialect: Dialect) -> Any:
    """The class of the library, with our keywords. Building one takes a millisecond."""
    base = _LIBRARY[dialect]
    keywords: dict[str, Keyword] = dict(base.VALIDATORS)
    del keywords["format"]  # never asserted
    for name, ours in OURS.items():
        if name in keywords:
            keywords[name] = ours
    if "contains" in keywords and dialect < Dialect.D2019_09:
        keywords["contains"] = contains_any
    if dialect is Dialect.DRAFT_04:
        for name in ("minimum", "maximum"):
            keywords[name] = perhaps_exclusive(keywords[name], f"exclusive{name.capitalize()}")
    for name in REFERENCES & keywords.keys():
        keywords[name] = within_the_document(keywords[name])
    keywords["id" if dialect is Dialect.DRAFT_04 else "$id"] = identified
    made = library.create(
        meta_schema=base.META_SCHEMA,
        validators={name: _bounded(name, each) for name, each in keywords.items()},
        type_checker=base.TYPE_CHECKER,
        id_of=base.ID_OF,
        applicable_validators=base._APPLICABLE_VALIDATORS,
    )
    made.evolve = _evolve
    made.descend = _placed(made.descend)
    return made


_LIBRARY: Final[dict[Dialect, Any]] = {
    Dialect.DRAFT_04: library.Draft4Validator,
    Dialect.DRAFT_06: library.Draft6Validator,
    Dialect.DRAFT_07: library.Draft7Validator,
    Dialect.D2019_09: library.Draft201909Validator,
    Dialect.D2020_12: library.Draft202012Validator,
}


def _evolve(self: Validator, **changes: Any) -> Validator:
    """A validator for a schema inside this one's; the library's would leave ours for `$schema`."""
    schema = changes.get("schema", self.schema)
    if type(schema) is dict and "$schema" in schema:
        declared = schema["$schema"]
        if isinstance(declared, str):
            known = understood_dialect(declared)
            if known is not session_of(self).dialect:
                raise OracleSilent("a schema inside it is of another dialect")
    return type(self)(
        schema,
        format_checker=self.format_checker,
        registry=self._registry,
        _resolver=changes.get("_resolver", self._resolver),
    )


def _placed(descend: Callable[..., Errors]) -> Callable[..., Errors]:
    """`descend`, which says of a false schema, too, where the value is that it refuses."""

    def placed(
        self: Validator,
        instance: Any,
        schema: Any,
        path: str | int | None = None,
        schema_path: str | int | None = None,
        resolver: Any = None,
    ) -> Errors:
        if schema is not False:
            return descend(self, instance, schema, path, schema_path, resolver)
        refused = ValidationError(
            "", validator=None, validator_value=None, instance=instance, schema=False
        )
        if path is not None:
            refused.path.append(path)
        if schema_path is not None:
            refused.schema_path.append(schema_path)
        return (refused,)

    return placed


def _bounded(name: str, keyword: Keyword) -> Keyword:
    fits = FITS.get(name)

    def evaluate(validator: Validator, value: Any, instance: Any, schema: Any) -> Errors:
        steps = 1
        if isinstance(value, dict | list):
            steps += len(value) // 16
        session_of(validator).budget.spend(steps)
        if fits is not None and not fits(value):
            raise OracleSilent(f"{name} has a value that means nothing")
        return keyword(validator, value, instance, schema) or ()

    return evaluate
