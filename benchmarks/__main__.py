"""`python -m benchmarks [NAME…] [--rounds N] [--json]`: measures, prints a table, ends with 1 when a goal is missed."""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys

from benchmarks.goal import Figure, table

NAMES = ("throughput", "window_start", "loop_lag", "three_ways", "library", "conversion")


def main() -> int:
    parser = argparse.ArgumentParser(prog="dev.py bench", description="Measure ComfyDesk against its goals.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which figures: {', '.join(NAMES)} (default: all)")
    parser.add_argument("--rounds", type=int, default=0, help="how often each is measured (default: its own number)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    wanted = parser.parse_args()
    unknown = set(wanted.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no figure named {', '.join(sorted(unknown))}")
    figures: list[Figure] = []
    failures = []
    for name in wanted.names or NAMES:
        print(f"Measuring {name.replace('_', ' ')} …", file=sys.stderr, flush=True)
        measure = importlib.import_module(f"benchmarks.{name}").measure
        try:
            figures += measure(wanted.rounds) if wanted.rounds else measure()
        except (RuntimeError, TimeoutError, subprocess.SubprocessError) as error:
            failures.append(f"{name} could not be measured: {error}")
    print(json.dumps([figure.as_json() for figure in figures], indent=2) if wanted.json else table(figures))
    print("".join(f"{failure}\n" for failure in failures), end="", file=sys.stderr)
    return 0 if all(figure.met for figure in figures) and not failures else 1


if __name__ == "__main__":
    sys.exit(main())
