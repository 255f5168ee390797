"""What the search for a value came to, and the single demands that it collects on its way."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from mcpverify.drift.containment.form import Form
from mcpverify.facts.json_text import Json


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is no such value: proven."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value, with every demand on it checked."""

    value: Json


@dataclass(frozen=True, slots=True)
class Unknown:
    """Neither: `reason` says what stood in the way."""

    reason: str


Outcome: TypeAlias = Nothing | Found | Unknown
NOTHING: Final = Nothing()


# What a value must be like for one keyword of the acceptor to refuse it. Each of them also
# asks for the type of value that the keyword is about.


@dataclass(frozen=True, slots=True)
class NotIn:
    values: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Below:
    bound: Fraction
    inclusive: bool  # the bound itself is as good


@dataclass(frozen=True, slots=True)
class Above:
    bound: Fraction
    inclusive: bool


@dataclass(frozen=True, slots=True)
class NoMultiple:
    step: Fraction


@dataclass(frozen=True, slots=True)
class Shorter:
    length: int


@dataclass(frozen=True, slots=True)
class Longer:
    length: int


@dataclass(frozen=True, slots=True)
class NoMatch:
    pattern: str


@dataclass(frozen=True, slots=True)
class FewerItems:
    count: int


@dataclass(frozen=True, slots=True)
class MoreItems:
    count: int


@dataclass(frozen=True, slots=True)
class Repeats:
    """Two items are equal."""


@dataclass(frozen=True, slots=True)
class ItemOutside:
    index: int
    form: Form


@dataclass(frozen=True, slots=True)
class LaterItemOutside:
    """An item at `start` or behind it is refused by `form`."""

    start: int
    form: Form


@dataclass(frozen=True, slots=True)
class ContainsFewer:
    count: int
    form: Form


@dataclass(frozen=True, slots=True)
class ContainsMore:
    count: int
    form: Form


@dataclass(frozen=True, slots=True)
class FewerProperties:
    count: int


@dataclass(frozen=True, slots=True)
class MoreProperties:
    count: int


@dataclass(frozen=True, slots=True)
class Present:
    name: str


@dataclass(frozen=True, slots=True)
class Absent:
    name: str


@dataclass(frozen=True, slots=True)
class PropertyOutside:
    """The property is there, and `form` refuses its value."""

    name: str
    form: Form


@dataclass(frozen=True, slots=True)
class MatchedOutside:
    """A property whose name `pattern` matches is there, and `form` refuses its value."""

    pattern: str
    form: Form


@dataclass(frozen=True, slots=True)
class OtherOutside:
    """A property that neither `names` nor `patterns` name is there, refused by `form`."""

    names: frozenset[str]
    patterns: tuple[str, ...]
    form: Form


@dataclass(frozen=True, slots=True)
class NameOutside:
    """A property is there whose name `form` refuses."""

    form: Form


Demand: TypeAlias = (
    NotIn
    | Below
    | Above
    | NoMultiple
    | Shorter
    | Longer
    | NoMatch
    | FewerItems
    | MoreItems
    | Repeats
    | ItemOutside
    | LaterItemOutside
    | ContainsFewer
    | ContainsMore
    | FewerProperties
    | MoreProperties
    | Present
    | Absent
    | PropertyOutside
    | MatchedOutside
    | OtherOutside
    | NameOutside
)
