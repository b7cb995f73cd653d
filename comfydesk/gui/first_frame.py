"""The first frame, for `--quit-after-paint`: when it was on the screen, and its picture."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from comfydesk.base.errors import DISK

if TYPE_CHECKING:
    from .session import Session


async def show(session: Session, started_at: float, shot: str | None) -> int:
    """Paint once, save the frame if wanted, print the milliseconds since the process started. Returns the exit code."""
    await session.first_paint()
    milliseconds = 1000 * (time.time() - process_start(started_at))
    sys.stdout.write(f"{milliseconds:.0f}\n")
    sys.stdout.flush()
    code = 0
    if shot is not None and not session.window.grab().save(shot):
        sys.stderr.write(f"{shot} could not be written.\n")
        code = DISK
    session.window.finish()
    return code


def process_start(started_at: float) -> float:
    """When this process began, seconds since 1970: from the system on Linux, else what the entry noted."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        ticks = float(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        uptime = float(Path("/proc/uptime").read_text().split()[0])
        return time.time() - uptime + ticks / os.sysconf("SC_CLK_TCK")
    return started_at
