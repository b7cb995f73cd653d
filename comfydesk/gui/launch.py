"""Opens and closes the engine of a home, off the GUI thread, and keeps the home's window lock meanwhile."""

from __future__ import annotations

import concurrent.futures
import importlib
import logging
import shutil
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from comfydesk.base.paths import Home
from comfydesk.base.runtime import Lane

from . import instance

if TYPE_CHECKING:
    from .instance_server import InstanceServer

log = logging.getLogger(__name__)
_HAND_OVER_TRIES = 40
_BETWEEN_TRIES = 0.25  # seconds


class AlreadyOpenError(Exception):
    """Another window holds this home."""


class EngineRoom:
    """At most one engine at a time. Its methods give futures of one lane, so that they never overtake each other."""

    def __init__(self) -> None:
        self._lane = Lane("session", 1)
        self._lock: Any = None
        self._server: InstanceServer | None = None
        self.engine: Any = None

    def prepare(self, modules: Sequence[str]) -> concurrent.futures.Future[None]:
        """Import modules of the window before they are used: on the GUI thread that would hold the window up."""
        return self._lane.submit(_import, modules)

    def open(self, home: Home) -> concurrent.futures.Future[Any]:
        """Open the engine; AlreadyOpenError if another window has the home, Problem if it cannot be opened."""
        return self._lane.submit(self._open, home)

    def close(self, timeout: float) -> concurrent.futures.Future[None]:
        """End the engine in order and let go of the home."""
        if self._server is not None:
            self._server.close()
            self._server = None
        return self._lane.submit(self._close, timeout)

    def listen(self, home: Home, parent: QObject, files_arrived: Callable[[list[str]], object]) -> None:
        """Take the files of later starts for this home; on the GUI thread, while the home is held."""
        from .instance_server import InstanceServer

        self._server = InstanceServer(home, parent)
        self._server.files_arrived.connect(files_arrived)

    def hand_over(self, home: Home, files: list[str]) -> concurrent.futures.Future[bool]:
        """Give the files to the window that holds the home; it may be starting still."""
        return self._lane.submit(self._hand_over, home, files)

    def write_settings(self, news: dict[str, Any]) -> None:
        """Write changed settings, in order."""
        engine = self.engine
        if engine is not None:
            self._lane.submit(_write, engine.settings, news)

    def remove_demo(self, home: Home) -> concurrent.futures.Future[None]:
        """Delete everything of the demo: its pictures, jobs and settings."""
        if not home.is_demo:
            raise ValueError("only a demo's home may be removed")
        return self._lane.submit(_remove, home)

    def _open(self, home: Home) -> Any:
        import filelock

        home.make()
        lock = filelock.FileLock(home.root / "window.lock", timeout=0, thread_local=False)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise AlreadyOpenError from None
        try:
            from comfydesk.engine import Engine
            from comfydesk.jobs.model import OwnerKind

            self.engine = Engine.open(home, OwnerKind.WINDOW)
        except BaseException:
            lock.release()
            raise
        self._lock = lock
        return self.engine

    def _close(self, timeout: float) -> None:
        engine, self.engine = self.engine, None
        if engine is not None:
            engine.close(timeout)
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    @staticmethod
    def _hand_over(home: Home, files: list[str]) -> bool:
        pause = threading.Event()
        for _ in range(_HAND_OVER_TRIES):
            if instance.hand_over(home, files):
                return True
            pause.wait(_BETWEEN_TRIES)
        return False


def _write(store: Any, news: dict[str, Any]) -> None:
    try:
        store.change(**news)
    except Exception:  # a setting that cannot be kept must not disturb the work; the log says why
        log.exception("settings could not be written")


def _import(modules: Sequence[str]) -> None:
    for module in modules:
        importlib.import_module(module)


def _remove(home: Home) -> None:
    for folder in (home.root, home.cache):
        shutil.rmtree(folder, ignore_errors=True)
