"""A schema as the prover sees it: one form for every dialect, references followed.

Annotations are left out, for they refuse nothing; what stands there as default or example
is kept, for a witness that looks like a real value. A keyword that is not modelled is
`opaque`: proofs may not rest on it.
"""

from collections.abc import Set
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import Final, NamedTuple, TypeGuard

from mcpverify.facts.json_text import Json, canonical_text

ALL_TYPES: Final = frozenset({"null", "boolean", "object", "array", "number", "string"})
"""The types of JSON; an integer is a number that is `integral`."""


class Range(NamedTuple):
    """Numbers between two bounds, None being none; `open_` bounds do not belong to it."""

    low: Fraction | None = None
    low_open: bool = False
    high: Fraction | None = None
    high_open: bool = False


class Contains(NamedTuple):
    form: "Form"
    least: int
    most: int | None


class Condition(NamedTuple):
    if_: "Form"
    then: "Form"
    else_: "Form"


class Form:
    """One schema. Frozen once it is read, compared by identity.

    An absent keyword is None, or empty where that means the same. `finite` holds the values
    of enum and const, a list for each of them, and `keys` their equality keys; `opaque` the
    keywords that are not modelled, with their values as canonical text, "" where that does
    not say what is meant.
    """

    __slots__ = (
        "additional",
        "all_of",
        "any_of",
        "condition",
        "contains",
        "declares",
        "dependent_required",
        "dependent_schemas",
        "finite",
        "hints",
        "identity",
        "integral",
        "items",
        "keys",
        "max_items",
        "max_length",
        "max_properties",
        "min_items",
        "min_length",
        "min_properties",
        "multiples",
        "names",
        "negated",
        "nothing",
        "one_of",
        "opaque",
        "opens_unevaluated",
        "pattern_properties",
        "patterns",
        "prefix",
        "properties",
        "range",
        "reference",
        "required",
        "types",
        "unique",
    )

    def __init__(self, identity: int, *, nothing: bool = False) -> None:
        self.identity = identity
        self.nothing = nothing
        self.types = ALL_TYPES
        self.integral = False
        self.finite: tuple[tuple[Json, ...], ...] = ()
        self.keys: tuple[frozenset[str], ...] = ()
        self.range = Range()
        self.multiples: tuple[Fraction, ...] = ()
        self.min_length = 0
        self.max_length: int | None = None
        self.patterns: tuple[str, ...] = ()
        self.prefix: tuple[Form, ...] = ()
        self.items: Form | None = None
        self.contains: Contains | None = None
        self.min_items = 0
        self.max_items: int | None = None
        self.unique = False
        self.properties: dict[str, Form] = {}
        self.declares = False  # `properties` is given, be it empty
        self.pattern_properties: tuple[tuple[str, Form], ...] = ()
        self.additional: Form | None = None
        self.names: Form | None = None
        self.min_properties = 0
        self.max_properties: int | None = None
        self.required: tuple[str, ...] = ()
        self.dependent_required: dict[str, tuple[str, ...]] = {}
        self.dependent_schemas: dict[str, Form] = {}
        self.all_of: tuple[Form, ...] = ()
        self.any_of: tuple[Form, ...] = ()
        self.one_of: tuple[Form, ...] = ()
        self.negated: Form | None = None
        self.condition: Condition | None = None
        self.reference: Form | None = None
        self.opaque: tuple[tuple[str, str], ...] = ()
        self.opens_unevaluated = False
        self.hints: tuple[Json, ...] = ()

    def __repr__(self) -> str:
        return f"Form({self.identity})"

    def limit_to(self, *finite: tuple[Json, ...]) -> None:
        """Lets the form accept only what stands in each of these lists."""
        self.finite = finite
        self.keys = tuple(frozenset(map(equality_key, values)) for values in finite)

    @property
    def conjuncts(self) -> tuple["Form", ...]:
        """The schemas that a value of this one must satisfy as well."""
        return self.all_of if self.reference is None else (*self.all_of, self.reference)

    def item(self, index: int) -> "Form | None":
        """The schema for the item at `index`, if there is one."""
        return self.prefix[index] if index < len(self.prefix) else self.items


ANYTHING: Final = Form(0)
NOTHING: Final = Form(1, nothing=True)
_numbers = count(2)


def new_form() -> Form:
    """A form that accepts anything so far."""
    return Form(next(_numbers))


def form_of_values(values: tuple[Json, ...]) -> Form:
    """The form of an enum."""
    form = new_form()
    form.limit_to(values)
    return form


def form_of_strings() -> Form:
    """The form of all strings."""
    form = new_form()
    form.types = frozenset({"string"})
    return form


def form_of_pattern(pattern: str) -> Form:
    """The form of all strings in which `pattern` finds a match."""
    form = form_of_strings()
    form.patterns = (pattern,)
    return form


def exact(number: int | float) -> Fraction:
    """A number of JSON as it is written: 0.1 is a tenth."""
    return Fraction(number) if isinstance(number, int) else Fraction(Decimal(repr(number)))


def equality_key(value: Json) -> str:
    """Equal for values that JSON Schema calls equal: 1 and 1.0, not 1 and true."""
    return canonical_text(value)


def is_number(value: Json) -> TypeGuard[int | float]:
    """Whether `value` is a number of JSON, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


_BARE: Final = Form(-1)
# What a form has beside the demands that it makes on a value.
_NOT_ASKED: Final = frozenset({"identity", "hints", "opens_unevaluated", "declares"})


def says_more(form: Form, than: Set[str] = frozenset()) -> bool:
    """Whether a form demands anything in other fields than these."""
    return any(
        getattr(form, field) != getattr(_BARE, field)
        for field in Form.__slots__
        if field not in _NOT_ASKED and field not in than
    )
