"""Write envs/locks/: what requirements.txt installs on each supported Python, with hashes (`make locks`).

PyTorch and the libraries that come with its builds are left out: each build has hashes of its own, and which one is
installed depends on the machine (envs/pytorch.sh). Everything else is there for Linux and macOS alike, by markers. The
hashes are those that uv's index lists, which is PyPI unless uv is told otherwise.
"""

import re
import subprocess
import sys
from pathlib import Path

from supported_python import SUPPORTED

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")
OF_PYTORCH = re.compile(r"(torch|triton|nvidia-[a-z0-9-]+|cuda-[a-z0-9-]+)==")
HEAD = """\
# Made by `make locks`: what requirements.txt installs on Python {version}, with hashes. Left out are PyTorch and the
# libraries that come with its builds: `make demo LOCKED=1` has envs/pytorch.sh install those, and then this.
"""


def resolve(version: str) -> str:
    """Return all that requirements.txt needs on a Python, an entry of several lines for each package."""
    command = [str(UV), "pip", "compile", "--quiet", "--no-config", "--universal", "--python-version", version,
               "--generate-hashes", "--no-header", "--no-annotate", "requirements.txt"]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def without_pytorch(entries: str) -> str:
    """Return the entries (each starts at the left margin, its hashes are indented) less those of PyTorch's builds."""
    return "".join(entry for entry in re.split(r"^(?=\S)", entries, flags=re.MULTILINE) if not OF_PYTORCH.match(entry))


def main() -> None:
    """Write a file for each Python."""
    for pair in SUPPORTED:
        version = "{}.{}".format(*pair)
        text = HEAD.format(version=version) + without_pytorch(resolve(version))
        (ROOT / "envs" / "locks" / f"python{version}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
