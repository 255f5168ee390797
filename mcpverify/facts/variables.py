"""References to the environment: `${NAME}`, on a command line and in a file."""

import re
from typing import Final

VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
