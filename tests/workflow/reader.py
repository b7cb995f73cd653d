"""The other side of test_hostile, a process of its own: reads the files that it is told of, one a line."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from comfydesk.base.errors import Problem
from comfydesk.workflow import source


def peak() -> int:
    """The most memory that this process ever had, in KiB; 0 where the system does not say."""
    if not sys.platform.startswith("linux"):
        return 0
    # Not ru_maxrss: that begins with what the process had which started this one.
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def main() -> None:
    for line in sys.stdin:
        begun = time.process_time()
        try:
            said = ["opened", *source.read(Path(line.rstrip("\n"))).warnings]
        except Problem as problem:
            said = [problem.code, problem.message, problem.next_step]
        took = time.process_time() - begun
        sys.stdout.write(json.dumps({"said": said, "took": took, "peak": peak()}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
