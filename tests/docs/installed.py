"""What `pip install mcpverify` leaves in a virtual environment, taken from a checkout instead.

Run by the python of that environment; the argument is the python of an environment in which
the checkout is installed for development. What is there to be imported and the name of the
command come from that one's metadata, as an index would have them.
"""

import subprocess
import sys
import sysconfig
from pathlib import Path

_ASKED = """
import sys
from importlib.metadata import distribution, version
(command,) = distribution("mcpverify").entry_points
module, _, function = command.value.partition(":")
import mcpverify
print(command.name, module, function)
print(mcpverify.__path__[0].removesuffix("/mcpverify"))
print(*(each for each in sys.path if each.endswith("-packages")), sep="\\n")
"""


def main(python: str) -> None:
    if sys.prefix == sys.base_prefix:
        sys.exit("error: externally-managed-environment: no virtual environment is active")
    told = subprocess.run([python, "-c", _ASKED], check=True, capture_output=True, text=True)
    first, *folders = told.stdout.splitlines()
    command, module, function = first.split()
    packages = Path(sysconfig.get_path("purelib"))
    packages.joinpath("checkout.pth").write_text("".join(f"{each}\n" for each in folders))
    script = Path(sysconfig.get_path("scripts"), command)
    script.write_text(
        f"#!{sys.executable}\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n"
    )
    script.chmod(0o755)


if __name__ == "__main__":
    main(sys.argv[1])
