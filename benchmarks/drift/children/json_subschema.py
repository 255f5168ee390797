"""One pair of schemas a line, one answer a line: is every value of the producer accepted?

Runs in an environment of its own, in which nothing but jsonsubschema is installed.
"""

import contextlib
import json
import sys
import time
import warnings

from jsonsubschema import isSubschema


def answer(line: str) -> dict[str, object]:
    pair = json.loads(line)
    began = time.perf_counter()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            contained = isSubschema(pair["producer"], pair["acceptor"])
    except Exception as problem:
        trouble = f"{type(problem).__name__}: {problem}"
        return {"trouble": trouble, "seconds": time.perf_counter() - began}
    return {"contained": bool(contained), "seconds": time.perf_counter() - began}


def main() -> None:
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        print(json.dumps(answer(line)), flush=True)


if __name__ == "__main__":
    main()
