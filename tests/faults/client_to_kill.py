"""A process with a queue that a test kills: adds jobs if asked to, and works until it dies.

Usage: client_to_kill HOME RESULTS URL COUNT KIND; prints "added" when the jobs are committed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from comfydesk.base.paths import Home
from comfydesk.jobs.model import OwnerKind
from tests.jobs.rig import Rig, graph


def main() -> None:
    home, results, url, count, kind = sys.argv[1:6]
    rig = Rig(Home(Path(home), Path(home) / "cache"), Path(results), OwnerKind(kind)).start()
    rig.connect(url, wait=None)
    jobs = rig.add(*[graph(seed=900 + n, steps=3) for n in range(int(count))])
    sys.stdout.write(" ".join(["added", *[job.job_id for job in jobs]]) + "\n")
    sys.stdout.flush()
    sys.stdin.read()  # until the test kills us or goes away


if __name__ == "__main__":
    main()
