"""The entry: window or command line? Looks at argv only, so that each of them starts as fast as it can."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

_STARTED = time.time()

COMMANDS = frozenset({"run", "params", "convert", "check", "info", "hosts", "demo-server"})


@dataclass
class WindowWish:
    """What the arguments ask of the window."""

    home: str | None = None
    demo: bool = False
    files: list[str] = field(default_factory=list)
    quit_after_paint: bool = False
    shot: str | None = None


def window_wish(argv: list[str]) -> WindowWish | None:
    """What window these arguments ask for: no command, `open FILE…`, or files alone. None: the command line's."""
    wish = WindowWish()
    words = list(argv)
    while words:
        word = words.pop(0)
        if word == "--demo":
            wish.demo = True
        elif word == "--home" and words:
            wish.home = words.pop(0)
        elif word.startswith("--home="):
            wish.home = word.removeprefix("--home=")
        elif word == "--quit-after-paint":
            wish.quit_after_paint = True
            if words and words[0].lower().endswith(".png"):
                wish.shot = words.pop(0)
        elif word == "open" and not wish.files:
            wish.files += words
            return wish
        elif word in COMMANDS or word.startswith("-") or not Path(word).exists():
            return None
        else:
            wish.files.append(word)
    return wish


def main(argv: list[str] | None = None) -> int:
    """Run ComfyDesk with these arguments (default: the process's). Returns the exit code."""
    words = sys.argv[1:] if argv is None else argv
    wish = window_wish(words)
    if wish is None:
        try:
            from comfydesk.cli.main import run

            return run(words)
        except KeyboardInterrupt:  # while the command was being loaded
            return 7
    try:
        from comfydesk.gui import start
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.split(".")[0] not in {"PySide6", "shiboken6", "qasync"}:
            raise
        from comfydesk.base.errors import Problem
        from comfydesk.cli.failures import tell

        return tell(Problem("no_window"))
    return start.run(
        home=wish.home,
        demo=wish.demo,
        files=wish.files,
        quit_after_paint=wish.quit_after_paint,
        shot=wish.shot,
        started_at=_STARTED,
    )


if __name__ == "__main__":
    sys.exit(main())
