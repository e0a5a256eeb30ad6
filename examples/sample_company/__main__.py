"""Write the sample company: `python -m examples.sample_company --out DIR [--seed N] [--scale K]`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from examples.sample_company.company import write_company


def main() -> int:
    """Write the tree and `DIR.truth.json`, and say what was written."""
    parser = argparse.ArgumentParser(prog="python -m examples.sample_company", description=__doc__)
    parser.add_argument(
        "--out", type=Path, required=True, help="folder to write; it must not exist or be empty"
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same bytes (default 1)")
    parser.add_argument(
        "--scale", type=int, default=1, help="K times the customers and born-digital documents"
    )
    arguments = parser.parse_args()
    if arguments.out.exists() and any(arguments.out.iterdir()):
        parser.error(f"{arguments.out} is not empty")
    if arguments.scale < 1:
        parser.error("--scale begins at 1")
    start = time.monotonic()
    counts = write_company(arguments.out, seed=arguments.seed, scale=arguments.scale)
    seconds = time.monotonic() - start
    for name in sorted(counts):
        print(f"{counts[name]:8d}  {name}")
    print(f"{counts['files']} files in {seconds:.1f} s ({counts['files'] / seconds:.0f} a second)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
