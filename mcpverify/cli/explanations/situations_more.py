"""What each situation means that a team's own expectations bring about."""

from collections.abc import Mapping
from typing import Final

from mcpverify.cli.explanations.situation_text import SituationText
from mcpverify.facts.situation import Situation

MORE_SITUATIONS: Final[Mapping[Situation, SituationText]] = {}
