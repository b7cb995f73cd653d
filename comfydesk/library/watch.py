"""Notices that something changed in a folder or below it. Blocking; watchdog brings its own daemon threads."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver

log = logging.getLogger(__name__)

_SEEN = frozenset({"created", "deleted", "modified", "moved"})


class FolderWatch:
    """Calls `noticed()` on a thread of its own for each change that may concern a workflow.

    Where the system has no more watches (inotify) or the disk tells nothing, `is_on` is False or it stays silent:
    whoever uses it looks by themselves now and then.
    """

    def __init__(self, folder: Path, noticed: Callable[[], None]) -> None:
        self._folder = folder
        self._noticed = noticed
        self._observer: BaseObserver | None = None
        self._watched: tuple[int, int] | None = None

    @property
    def is_on(self) -> bool:
        return self._observer is not None and self._observer.is_alive()

    def start(self) -> None:
        """Begin to watch; where that cannot be, the log says why."""
        from watchdog.events import FileSystemEventHandler
        from watchdog.observers import Observer

        noticed = self._notice

        class Handler(FileSystemEventHandler):
            def on_any_event(self, event: FileSystemEvent) -> None:
                noticed(event)

        observer = Observer()
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            observer.schedule(Handler(), str(self._folder), recursive=True)
            observer.start()
            self._watched = self._identity()
        except OSError as error:  # ENOSPC: no inotify watches are left; EMFILE: no inotify instances
            log.warning("changes in %s are not noticed at once: %s", self._folder, error)
            return
        self._observer = observer

    def stop(self) -> None:
        if self._observer is not None:
            self._observer.stop()
            self._observer.join(2.0)
            self._observer = None

    def renew(self) -> None:
        """Watch again where the folder itself was replaced by another of its name, or watching ended."""
        if self._observer is None or (self.is_on and self._watched == self._identity()):
            return
        self.stop()
        self.start()

    def _notice(self, event: FileSystemEvent) -> None:
        if event.event_type not in _SEEN or (event.is_directory and event.event_type == "modified"):
            return
        for path in (event.src_path, event.dest_path):
            text = os.fsdecode(path)
            inner = os.path.relpath(text, self._folder) if text else "."
            if not any(part.startswith(".") and part != "." for part in Path(inner).parts):
                self._noticed()
                return

    def _identity(self) -> tuple[int, int] | None:
        try:
            facts = self._folder.stat()
        except OSError:
            return None
        return facts.st_dev, facts.st_ino
