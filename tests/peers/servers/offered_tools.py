"""The three tools that every Python peer offers, and the two ways of drifting from them.

Plain functions, so that each generation of the SDK derives the schemas in its own way; only
the registering call is shared, because all of them kept its shape. Runs inside the peers'
virtual environments: nothing but the standard library is imported here.
"""

import argparse
from enum import StrEnum
from typing import Any, Literal

Variant = Literal["reviewed", "renamed", "changed"]


class Color(StrEnum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


class FewerColors(StrEnum):
    RED = "red"
    BLUE = "blue"


# Pydantic writes the class name into the schema as its title: only the members shall differ.
FewerColors.__name__ = FewerColors.__qualname__ = "Color"


def add(a: int, b: int) -> int:
    """Add two integers."""
    return a + b


def greet(name: str, excited: bool = False) -> str:
    """Greet a person by name, with an exclamation mark when excited."""
    return f"Hello, {name}{'!' if excited else '.'}"


def pick(color: Color) -> str:
    """Pick one of the colors on offer."""
    return color.value


def pick_from_fewer(color: FewerColors) -> str:
    """Pick one of the colors on offer."""
    return color.value


def offer(server: Any, variant: Variant) -> None:
    """Register the tools of `variant` with a server of any SDK generation."""
    server.tool(name="add", description=add.__doc__)(add)
    server.tool(name="welcome" if variant == "renamed" else "greet", description=greet.__doc__)(
        greet
    )
    picking = pick_from_fewer if variant == "changed" else pick
    server.tool(name="pick", description=pick.__doc__)(picking)


def arguments(description: str) -> argparse.Namespace:
    """The command line that all peers share: transport, variant, stateless, json_response."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("transport", choices=["stdio", "sse", "streamable-http"])
    parser.add_argument("--variant", default="reviewed", choices=["reviewed", "renamed", "changed"])
    parser.add_argument("--stateless", action="store_true")
    parser.add_argument("--json-response", action="store_true")
    return parser.parse_args()
