"""Standard output and error of a command: always there, in UTF-8, and never a reason for the work to stop."""

from __future__ import annotations

import contextlib
import os
import sys


def prepare() -> None:
    """Windows consoles and C locales would fail on the first “ or é, a closed stream on everything."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # Without it, `print` to standard error goes to standard output.
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 (for the process's life)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")


def say(text: str) -> None:
    """A line for people, on standard error. Where that cannot be written, the exit code has to say it."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def plain(text: str) -> str:
    """A line without the characters that a terminal would obey: names come out of strangers' files."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def give_up_output() -> None:
    """Standard output has no reader any more, or no room: what is still in it, and what comes, goes nowhere."""
    with contextlib.suppress(OSError, ValueError):  # not a real file: then nothing is left in it
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, sys.stdout.fileno())
        finally:
            os.close(nowhere)
