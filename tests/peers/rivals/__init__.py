"""Who else compares JSON Schemas: what the benchmark of drift is held against.

Installed beside the peers and in the same way, one folder each, all dependencies pinned.
"""

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Rival:
    """One release of a library: of `package` on npm where `in_node`, else on PyPI."""

    name: str
    package: str
    version: str
    in_node: bool

    @property
    def pins(self) -> tuple[Path, ...]:
        if self.in_node:
            folder = HERE / self.package
            return (folder / "package.json", folder / "package-lock.json")
        return (HERE / f"{self.name}.txt",)


JSON_SCHEMA_DIFF = Rival("json-schema-diff-1.0.0", "json-schema-diff", "1.0.0", in_node=True)
JSONSUBSCHEMA = Rival("jsonsubschema-0.0.8", "jsonsubschema", "0.0.8", in_node=False)
RIVALS = (JSON_SCHEMA_DIFF, JSONSUBSCHEMA)
