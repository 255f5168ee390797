"""Where the pages stand that are tried here."""

from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
TUTORIAL = DOCS / "tutorial.md"
WHY_NOT_CURL = DOCS / "why-not-curl.md"
