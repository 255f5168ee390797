"""`python -m mcpverify.demo`: serve in this process, as `mcpverify demo --serve` does."""

import argparse
import sys

from mcpverify.demo.faults.fault import Fault
from mcpverify.demo.options import DRAIN_LIMIT, LAME_DUCK, DemoOptions
from mcpverify.demo.server import serve
from mcpverify.errors import UsageError
from mcpverify.facts.target import Transport


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m mcpverify.demo", allow_abbrev=False)
    parser.add_argument(
        "--transport",
        choices=[each.value for each in Transport if each is not Transport.AUTO],
        default=Transport.STREAMABLE_HTTP.value,
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--fault", choices=[each.value for each in Fault], metavar="NAME")
    parser.add_argument("--json-response", action="store_true", help="answer in JSON, not SSE")
    parser.add_argument("--stateless", action="store_true", help="open no sessions")
    parser.add_argument("--lame-duck", type=float, default=LAME_DUCK, metavar="SECONDS")
    parser.add_argument("--drain-limit", type=float, default=DRAIN_LIMIT, metavar="SECONDS")
    parser.add_argument("--lifeline", action="store_true", help="end when standard input does")
    asked = parser.parse_args(argv)
    try:
        serve(
            DemoOptions(
                transport=Transport(asked.transport),
                host=asked.host,
                port=asked.port,
                fault=Fault(asked.fault) if asked.fault else None,
                json_response=asked.json_response,
                stateless=asked.stateless,
                lifeline=asked.lifeline,
                lame_duck=asked.lame_duck,
                drain_limit=asked.drain_limit,
            )
        )
    except UsageError as error:
        print(f"error: {error.message} {error.hint}".rstrip(), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
