"""The validators of `jsonschema` as the oracle uses them: bounded, exact, and deaf to the network.

Of the library come the dialects, how keywords apply one another, and most keywords. Ours
are those in which Python is not JSON Schema: patterns are ECMA-262 (`drift.patterns`),
numbers are decimal, 1 and true differ at any depth, and references stay in the document
(`facts.schema_references`). Every evaluation of a keyword spends steps, and a keyword
whose value means nothing ends the validation. Importing this module loads `jsonschema`,
which a run without a difference never needs.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Final, TypeAlias

from jsonschema import validators as library
from jsonschema.exceptions import UndefinedTypeCheck, UnknownType, ValidationError
from referencing import Registry
from referencing.exceptions import NoSuchResource, Unresolvable

from mcpverify.drift.budget import Budget
from mcpverify.drift.oracle import OracleSilent
from mcpverify.drift.patterns.language import matches, pattern_language
from mcpverify.facts.dialect import Dialect, almost_known_dialect, known_dialect
from mcpverify.facts.json_text import Json
from mcpverify.facts.schema import subschemas
from mcpverify.facts.schema_references import Miss, References

Validator: TypeAlias = Any  # an instance of a class that `jsonschema` builds
Errors: TypeAlias = Iterable[ValidationError]
Keyword: TypeAlias = Callable[[Validator, Any, Any, Any], Errors]

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

_IDENTIFIERS: Final = 20_000  # characters of all `$id`s in a document: each may be joined often
_TYPES: Final = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})


class Session:
    """What the validators of one judgement share: the budget, and where references lead."""

    __slots__ = ("_base", "_references", "_schema", "_targets", "budget", "dialect")

    def __init__(self, schema: dict[str, Json], dialect: Dialect, budget: Budget) -> None:
        self.budget = budget
        self.dialect = dialect
        self._schema = schema
        self._base: str | None = None
        self._references: References | None = None
        self._targets: dict[str, Json] = {}

    def validator(self) -> Validator:
        """The validator of the document."""
        made = _validator_class(self.dialect)(
            self._schema, format_checker=self, registry=_NOTHING_ELSE
        )
        self._base = made._resolver._base_uri
        return made

    def target(self, validator: Validator, reference: str) -> Json:
        """The schema that a reference met by `validator` leads to; None: the library knows."""
        if self._references is None:
            self._index()
        if self._base is None or validator._resolver._base_uri != self._base:
            return None
        if reference not in self._targets:
            self._targets[reference] = self._found(reference)
        return self._targets[reference]

    def weigh_identifiers(self) -> None:
        """Raises OracleSilent where the identifiers are too long to be joined time and again."""
        if self._references is None:
            self._index()

    def _found(self, reference: str) -> Json:
        assert self._references is not None
        found = self._references.target(self._references.root, reference)
        if found is Miss.METASCHEMA:
            return None
        if isinstance(found, Miss):
            raise OracleSilent("a reference leads to nothing in the schema")
        if not isinstance(found.value, dict | bool):
            raise OracleSilent("a reference leads to something that is no schema")
        return found.value

    def _index(self) -> None:
        keyword = "id" if self.dialect is Dialect.DRAFT_04 else "$id"
        length = places = 0
        several = False
        for place in subschemas(self._schema):
            places += 1
            identifier = place.schema.get(keyword)
            if isinstance(identifier, str):
                length += len(identifier)
                if place.parent is not None and identifier.partition("#")[0]:
                    several = True
        self.budget.spend(1 + places // 8)
        if length > _IDENTIFIERS:
            raise OracleSilent("its identifiers are too long")
        if several:
            self._base = None
        self._references = References(self._schema, self.dialect)


_NOTHING_ELSE: Final[Registry[Any]] = Registry()


@cache
def _validator_class(dialect: Dialect) -> Any:
    """The class of the library, with our keywords. Building one takes a millisecond."""
    base = _LIBRARY[dialect]
    keywords: dict[str, Keyword] = dict(base.VALIDATORS)
    del keywords["format"]  # never asserted
    for name, ours in _OURS.items():
        if name in keywords:
            keywords[name] = ours
    if "contains" in keywords and dialect < Dialect.D2019_09:
        keywords["contains"] = _contains_any
    if dialect is Dialect.DRAFT_04:
        for name in ("minimum", "maximum"):
            keywords[name] = _perhaps_exclusive(keywords[name], f"exclusive{name.capitalize()}")
    for name in _REFERENCES & keywords.keys():
        keywords[name] = _within_the_document(keywords[name])
    keywords["id" if dialect is Dialect.DRAFT_04 else "$id"] = _identified
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


def _session(validator: Validator) -> Session:
    # The one field that a validator hands on to those it makes, and that nothing else reads.
    session: Session = validator.format_checker
    return session


def _evolve(self: Validator, **changes: Any) -> Validator:
    """A validator for a schema inside this one's; the library's would leave ours for `$schema`."""
    schema = changes.get("schema", self.schema)
    if type(schema) is dict and "$schema" in schema:
        declared = schema["$schema"]
        if isinstance(declared, str):
            known = known_dialect(declared) or almost_known_dialect(declared)
            if known is not _session(self).dialect:
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
    fits = _FITS.get(name)

    def evaluate(validator: Validator, value: Any, instance: Any, schema: Any) -> Errors:
        steps = 1
        if isinstance(value, dict | list):
            steps += len(value) // 16
        _session(validator).budget.spend(steps)
        if fits is not None and not fits(value):
            raise OracleSilent(f"{name} has a value that means nothing")
        return keyword(validator, value, instance, schema) or ()

    return evaluate


def _accepts(validator: Validator, instance: Any, schema: Any) -> bool:
    return next(iter(validator.descend(instance, schema)), None) is None


# Values


def _same(one: Json, other: Json, budget: Budget) -> bool:
    """Whether two values are equal in JSON: 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, list):
        if not isinstance(other, list) or len(one) != len(other):
            return False
        budget.spend(1 + len(one) // 16)
        return all(_same(one[index], other[index], budget) for index in range(len(one)))
    if isinstance(one, dict):
        if not isinstance(other, dict) or one.keys() != other.keys():
            return False
        budget.spend(1 + len(one) // 16)
        return all(_same(value, other[name], budget) for name, value in one.items())
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


def _identity(value: Json, budget: Budget) -> object:
    """Something hashable that two values share if and only if they are equal in JSON."""
    match value:
        case bool():
            return (value,)
        case list():
            budget.spend(1 + len(value) // 16)
            return ("list", *(_identity(each, budget) for each in value))
        case dict():
            budget.spend(1 + len(value) // 16)
            return frozenset((name, _identity(each, budget)) for name, each in value.items())
        case _:
            return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_multiple(number: float, divisor: float) -> bool:
    """Whether `number` is a multiple of `divisor`, in decimals, as both are written."""
    if isinstance(number, int) and isinstance(divisor, int):
        return number % divisor == 0
    (digits, exponent), (others, another) = _decimal(number), _decimal(divisor)
    least = min(exponent, another)
    shifted: int = digits * 10 ** (exponent - least)
    divided: int = others * 10 ** (another - least)
    return shifted % divided == 0


def _decimal(number: float) -> tuple[int, int]:
    """`number` as digits and the power of ten that they are multiplied with."""
    if isinstance(number, int):
        return number, 0
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    if not isinstance(exponent, int):
        raise ValueError("no number of JSON")
    return int("".join(map(str, digits))) * (-1 if sign else 1), exponent


def _matches(validator: Validator, pattern: str, text: str) -> bool:
    return matches(pattern_language(pattern), text, _session(validator).budget)


# Keywords


def _perhaps_exclusive(keyword: Keyword, beside: str) -> Keyword:
    """A bound of draft 4, which a boolean beside it makes exclusive."""

    def compare(validator: Validator, bound: Any, instance: Any, schema: Any) -> Errors:
        if not isinstance(schema.get(beside, False), bool):
            raise OracleSilent(f"{beside} has a value that means nothing")
        return keyword(validator, bound, instance, schema)

    return compare


def _enum(validator: Validator, values: Any, instance: Any, schema: Any) -> Errors:
    budget = _session(validator).budget
    if not any(_same(each, instance, budget) for each in values):
        yield ValidationError("")


def _const(validator: Validator, value: Any, instance: Any, schema: Any) -> Errors:
    if not _same(value, instance, _session(validator).budget):
        yield ValidationError("")


def _multiple_of(validator: Validator, divisor: Any, instance: Any, schema: Any) -> Errors:
    if _is_number(instance) and not _is_multiple(instance, divisor):
        yield ValidationError("")


def _pattern(validator: Validator, pattern: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, str) and not _matches(validator, pattern, instance):
        yield ValidationError("")


def _unique_items(validator: Validator, wanted: Any, instance: Any, schema: Any) -> Errors:
    if wanted and isinstance(instance, list):
        budget = _session(validator).budget
        seen: set[object] = set()
        for each in instance:
            budget.spend()
            seen.add(_identity(each, budget))
        if len(seen) < len(instance):
            yield ValidationError("")


def _property_names(validator: Validator, names: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict):
        for name in instance:
            errors = list(validator.descend(name, names))
            if errors:
                yield ValidationError("", context=errors)


def _pattern_properties(validator: Validator, patterns: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict):
        for pattern, inner in patterns.items():
            for name, value in instance.items():
                if _matches(validator, pattern, name):
                    yield from validator.descend(value, inner, path=name, schema_path=pattern)


def _additional(validator: Validator, instance: dict[str, Any], schema: Any) -> list[str]:
    """The names in `instance` that neither properties nor patternProperties of `schema` have."""
    declared, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    return [
        name
        for name in instance
        if name not in declared and not any(_matches(validator, each, name) for each in patterns)
    ]


def _additional_properties(validator: Validator, inner: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict):
        extras = _additional(validator, instance, schema)
        if inner is False:
            if extras:
                yield ValidationError(_unexpected(extras))
            return
        for name in extras:
            yield from validator.descend(instance[name], inner, path=name)


def _unevaluated_properties(validator: Validator, inner: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict):
        evaluated = _evaluated_names(validator, instance, schema, "unevaluatedProperties")
        extras = [name for name in instance if name not in evaluated]
        if inner is False:
            if extras:
                yield ValidationError(_unexpected(extras))
            return
        for name in extras:
            yield from validator.descend(instance[name], inner, path=name)


def _unevaluated_items(validator: Validator, inner: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, list):
        evaluated = _evaluated_items(validator, instance, schema, "unevaluatedItems")
        extras = [index for index in range(len(instance)) if index not in evaluated]
        if inner is False:
            if extras:
                yield ValidationError("")
            return
        for index in extras:
            yield from validator.descend(instance[index], inner, path=index)


def _unexpected(names: list[str]) -> str:
    shown = [repr(name if len(name) <= 60 else name[:57] + "...") for name in names[:4]]
    if len(names) > 4:
        shown[3:] = [f"{len(names) - 3} more"]
    told = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f"{told} {'is' if len(names) == 1 else 'are'} not expected"


def _one_of(validator: Validator, branches: Any, instance: Any, schema: Any) -> Errors:
    refused: list[ValidationError] = []
    accepting = 0
    for index, branch in enumerate(branches):
        errors = list(validator.descend(instance, branch, schema_path=index))
        refused += errors
        accepting += not errors
    if accepting > 1:
        yield ValidationError(f"is valid under {accepting} alternatives, not under exactly one")
    elif not accepting:
        yield ValidationError("", context=refused)


def _not(validator: Validator, ruled_out: Any, instance: Any, schema: Any) -> Errors:
    if _accepts(validator, instance, ruled_out):
        yield ValidationError("")


def _if(validator: Validator, condition: Any, instance: Any, schema: Any) -> Errors:
    holds = "then" if _accepts(validator, instance, condition) else "else"
    if holds in schema:
        yield from validator.descend(instance, schema[holds], schema_path=holds)


def _contains_any(validator: Validator, inner: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, list) and not any(_accepts(validator, it, inner) for it in instance):
        yield ValidationError("has no item that contains asks for")


def _contains(validator: Validator, inner: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, list):
        return
    least, most = schema.get("minContains", 1), schema.get("maxContains", len(instance))
    if not _is_count(least) or not _is_count(most):
        raise OracleSilent("minContains or maxContains has a value that means nothing")
    found = sum(_accepts(validator, each, inner) for each in instance)
    held = f"has {found or 'no'} item{'s' * (found > 1)} that contains asks for"
    if found < least:
        yield ValidationError(held if least == 1 else f"{held}, fewer than {least}")
    elif found > most:
        yield ValidationError(f"{held}, more than {most}")


# References


def _within_the_document(keyword: Keyword) -> Keyword:
    def follow(validator: Validator, reference: Any, instance: Any, schema: Any) -> Errors:
        target = _target(validator, reference)
        if target is None:
            return keyword(validator, reference, instance, schema)
        errors: Errors = validator.descend(instance, target)
        return errors

    return follow


def _target(validator: Validator, reference: str) -> Json:
    session = _session(validator)
    steps = reference.count("/")
    session.budget.spend((steps * steps + len(reference)) // 64)
    return session.target(validator, reference)


def _identified(validator: Validator, identifier: Any, instance: Any, schema: Any) -> Errors:
    _session(validator).weigh_identifiers()
    return ()


# What unevaluatedProperties and unevaluatedItems leave to be looked at


def _evaluated_names(
    validator: Validator, instance: dict[str, Any], schema: Any, unless: str = ""
) -> set[str]:
    """The names in `instance` that `schema`, which accepts it, has looked at.

    `unless` is the keyword on whose behalf is asked.
    """
    _session(validator).budget.spend()
    if isinstance(schema, bool):
        return set()
    if "unevaluatedProperties" in schema and unless != "unevaluatedProperties":
        return set(instance)
    found: set[str] = set()
    if "properties" in schema:
        found |= schema["properties"].keys() & instance.keys()
    for pattern in schema.get("patternProperties", ()):
        found |= {name for name in instance if _matches(validator, pattern, name)}
    if "additionalProperties" in schema:
        found.update(_additional(validator, instance, schema))
    for each in _applied(validator, instance, schema):
        found |= _evaluated_names(validator, instance, each)
    return found


def _evaluated_items(
    validator: Validator, instance: list[Any], schema: Any, unless: str = ""
) -> set[int]:
    """The indexes in `instance` that `schema`, which accepts it, has looked at."""
    session = _session(validator)
    session.budget.spend()
    if isinstance(schema, bool):
        return set()
    everything = set(range(len(instance)))
    if "unevaluatedItems" in schema and unless != "unevaluatedItems":
        return everything
    found: set[int] = set()
    if session.dialect is Dialect.D2020_12:
        if "items" in schema:
            return everything
        found |= everything & set(range(len(schema.get("prefixItems", ()))))
        if "contains" in schema:
            inner = schema["contains"]
            found |= {i for i, each in enumerate(instance) if _accepts(validator, each, inner)}
    elif "items" in schema:
        if "additionalItems" in schema or not isinstance(schema["items"], list):
            return everything
        found |= everything & set(range(len(schema["items"])))
    for each in _applied(validator, instance, schema):
        found |= _evaluated_items(validator, instance, each)
    return found


def _applied(validator: Validator, instance: Any, schema: dict[str, Any]) -> Iterator[Any]:
    """The schemas that `schema` applies to the whole of `instance` and that accept it."""
    for each in _in_place(validator, instance, schema):
        if isinstance(each, dict) and "$id" in each:
            raise OracleSilent("what is unevaluated depends on a schema with an identifier")
        if _accepts(validator, instance, each):
            yield each


def _in_place(validator: Validator, instance: Any, schema: dict[str, Any]) -> Iterator[Any]:
    for keyword in ("allOf", "anyOf", "oneOf"):
        yield from schema.get(keyword, ())
    if "if" in schema:
        holds = _accepts(validator, instance, schema["if"])
        yield from (
            schema[each] for each in (("if", "then") if holds else ("else",)) if each in schema
        )
    if isinstance(instance, dict):
        for name, inner in schema.get("dependentSchemas", {}).items():
            if name in instance:
                yield inner
    for keyword in _REFERENCES & validator.VALIDATORS.keys() & schema.keys():
        target = _target(validator, schema[keyword])
        if target is None:
            raise OracleSilent("what is unevaluated depends on another document")
        yield target


# What a keyword's value must be, to mean something


def _is_count(value: Any) -> bool:
    return _is_number(value) and (isinstance(value, int) or value.is_integer())


def _is_positive(value: Any) -> bool:
    return _is_number(value) and value > 0


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict | bool)


def _are_schemas(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict | bool) for each in value)


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _are_types(value: Any) -> bool:
    if isinstance(value, str):
        return value in _TYPES
    return _are_names(value) and bool(value) and _TYPES.issuperset(value)


def _hold_schemas(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, dict | bool) for each in value.values())


def _hold_names(value: Any) -> bool:
    return isinstance(value, dict) and all(_are_names(each) for each in value.values())


def _fits() -> Mapping[str, Callable[[Any], bool]]:
    table: dict[str, Callable[[Any], bool]] = {"type": _are_types, "multipleOf": _is_positive}
    for fits, names in (
        (_is_count, "minLength maxLength minItems maxItems minProperties maxProperties"),
        (_is_number, "minimum maximum exclusiveMinimum exclusiveMaximum"),
        (_is_boolean, "uniqueItems"),
        (_is_text, "pattern $ref $dynamicRef $recursiveRef $id id"),
        (_is_list, "enum"),
        (_are_names, "required"),
        (_are_schemas, "allOf anyOf oneOf prefixItems"),
        (_hold_schemas, "properties patternProperties dependentSchemas"),
        (_hold_names, "dependentRequired"),
        (_is_object, "dependencies"),
        (_is_schema, "additionalProperties additionalItems propertyNames contains not if"),
        (_is_schema, "unevaluatedProperties unevaluatedItems"),
    ):
        table |= dict.fromkeys(names.split(), fits)
    return table


_FITS: Final = _fits()
_REFERENCES: Final = {"$ref", "$dynamicRef", "$recursiveRef"}
_OURS: Final[dict[str, Keyword]] = {
    "additionalProperties": _additional_properties,
    "const": _const,
    "contains": _contains,
    "enum": _enum,
    "if": _if,
    "multipleOf": _multiple_of,
    "not": _not,
    "oneOf": _one_of,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "propertyNames": _property_names,
    "unevaluatedItems": _unevaluated_items,
    "unevaluatedProperties": _unevaluated_properties,
    "uniqueItems": _unique_items,
}
