"""Lists a tool for each variable of the environment that GitHub Actions has set."""

import os

from tests.servers.stdio import honest


def main() -> None:
    names = sorted(name for name in os.environ if name.startswith("GITHUB_"))
    honest.main(f"tools={','.join(['always', *names])}")
