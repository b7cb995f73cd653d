"""What `run` shows while it waits: bars for people on standard error, paths or JSON lines on standard output."""

from __future__ import annotations

import json
import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any

from comfydesk.base.errors import Problem
from comfydesk.cli import streams

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class ProgressLines:
    """Takes the events of a HeadlessRun. `report` is called on the engine's thread."""

    def __init__(self, count: int, *, as_json: bool, quiet: bool) -> None:
        self._count = count
        self._json = as_json
        self._quiet = quiet
        self._done = 0
        self._output_error: OSError | None = None
        self._bars: Progress | None = None
        self._all: TaskID | None = None
        self._one: TaskID | None = None

    def __enter__(self) -> ProgressLines:
        if not self._quiet and not self._json and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            self._bars = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._all = self._bars.add_task("Runs", total=self._count)
            self._one = self._bars.add_task("Waiting for the server", total=100)
            self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        if self._bars is not None:
            self._bars.stop()
            self._bars = None

    def report(self, event: dict[str, Any]) -> None:
        """Show one event."""
        kind = event["type"]
        if kind == "note":
            self._say(event["text"])
            return
        if self._json:
            if kind != "finished" and not (self._quiet and kind == "progress"):
                self.line(json.dumps(event))
        elif kind == "saved":
            self.line(event["path"])
        if kind == "failed" and event["error"]:
            self._say(f"{event['error']['message']} {event['error']['next']}")
        self._move(kind, event)

    def line(self, text: str) -> None:
        """Print for programs. That it cannot be written stops neither the work nor what is said to people."""
        if self._output_error is None:
            try:
                print(text, flush=True)
            except OSError as exc:
                self._output_error = exc
                streams.give_up_output()

    @property
    def problem(self) -> Problem | None:
        """Why not all was printed. A reader that has left (`| head -1`) wanted no more: that is none."""
        error = self._output_error
        if error is None or isinstance(error, BrokenPipeError):
            return None
        return Problem("disk_write", folder="Standard output", detail=error.strerror or str(error))

    def _say(self, text: str) -> None:
        if self._bars is not None:
            self._bars.console.print(f"comfydesk: {text}", markup=False, highlight=False)
        else:
            streams.say(f"comfydesk: {text}")

    def _move(self, kind: str, event: dict[str, Any]) -> None:
        if self._bars is None or self._one is None or self._all is None:
            return
        if kind == "progress":
            self._bars.update(self._one, description=event["node"] or "Running", completed=event["fraction"] * 100)
        elif kind == "finished":
            self._done += 1
            self._bars.update(self._all, completed=self._done)
