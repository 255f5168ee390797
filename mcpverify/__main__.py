"""`python -m mcpverify`, and the entry point of the `mcpverify` command."""

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from mcpverify.cli.app import main as run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
