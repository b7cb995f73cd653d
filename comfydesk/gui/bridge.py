"""The window's only way to the engine: calls go out, batches of changes come in, always on the GUI thread.

Threads never touch Qt's event loop: everything that comes back is posted to an inbox, whose queued signal wakes the
GUI thread (a late `call_soon_threadsafe` is dropped or crashes in qasync 0.28.0).
"""

from __future__ import annotations

import asyncio
import collections
import concurrent.futures
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage

from comfydesk.base.changes import Change
from comfydesk.base.errors import Problem

log = logging.getLogger(__name__)
T = TypeVar("T")


class Inbox(QObject):
    """From any thread to the GUI thread, in order, in lists: many posts cost one wake-up."""

    received = Signal(object)  # list of what was posted
    _wake = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: collections.deque[object] = collections.deque()
        self._lock = threading.Lock()
        self._pending = self._closed = False
        self._wake.connect(self._drain, Qt.ConnectionType.QueuedConnection)

    def post(self, item: object) -> None:
        """Add an item; from any thread, also while the window closes (then dropped)."""
        with self._lock:
            if self._closed:
                return
            self._items.append(item)
            first, self._pending = not self._pending, True
            if first:
                self._wake.emit()

    def close(self) -> None:
        """Drop what waits and take nothing more."""
        with self._lock:
            self._closed = True
            self._items.clear()

    @Slot()
    def _drain(self) -> None:
        with self._lock:
            items = list(self._items)
            self._items.clear()
            self._pending = False
        if items:
            self.received.emit(items)


class Bridge(QObject):
    """Connects the window to the engine that is attached at the moment (none before the first paint).

    `changed`: list[Change], on the GUI thread; of changes with one key only the newest is kept.
    `failed`: a Problem that no caller handled; the window shows it as a toast.
    """

    changed = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runtime: Any = None
        self.engine: Any = None
        self._unsubscribe: Callable[[], None] | None = None
        self._generation = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._done = Inbox(self)
        self._done.received.connect(self._on_done)
        self._changes = Inbox(self)
        self._changes.received.connect(self._on_changes)

    # ------------------------------------------------------------------ engine

    @property
    def is_attached(self) -> bool:
        return self.engine is not None

    def attach(self, engine: Any) -> None:
        """Send calls to this engine and deliver its changes."""
        self.detach()
        self.engine, self._runtime = engine, engine.runtime
        generation = self._generation
        self._unsubscribe = engine.changes.subscribe(lambda batch: self._changes.post((generation, batch)))

    def detach(self) -> None:
        """Let go of the engine; what it still announces is dropped, calls that are under way end as cancelled."""
        self._generation += 1
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self.engine = self._runtime = None

    # ------------------------------------------------------------------- calls

    async def call(self, method: Callable[..., Coroutine[Any, Any, T]], *args: Any, **kwargs: Any) -> T:
        """Run a coroutine method of the engine on the engine's loop; its result or its Problem arrive here."""
        return await self.wait_for(self._need_runtime().submit(method(*args, **kwargs)))

    async def work(self, fn: Callable[..., T], *args: Any) -> T:
        """Run a plain blocking function (small files, dialogs' checks) off the GUI thread."""
        return await self.wait_for(self._need_runtime().lane("window", 1).submit(fn, *args))

    def decode(self, data: bytes | str | Path, max_size: QSize | None = None) -> Awaitable[QImage]:
        """Decode a picture off the GUI thread, no larger than `max_size` pixels (aspect kept); null if it is none.

        `data`: encoded bytes, or the path of a file. Raises nothing for hostile pictures: limits of `pictures`.
        """
        from .pictures import decode

        return self.wait_for(self._need_runtime().lane("decode", 2).submit(decode, data, max_size))

    def levels(self, image: QImage) -> Awaitable[list[QImage]]:
        """Smaller versions of a large picture for the image view, made off the GUI thread."""
        from .pictures import levels

        return self.wait_for(self._need_runtime().lane("decode", 2).submit(levels, image))

    def run(
        self,
        method: Callable[..., Coroutine[Any, Any, T]],
        *args: Any,
        then: Callable[[T], object] | None = None,
        failed: Callable[[Problem], object] | None = None,
        **kwargs: Any,
    ) -> None:
        """The slot's way to call: `then(result)` on success, `failed(problem)` or the `failed` signal otherwise."""
        future = self._need_runtime().submit(method(*args, **kwargs))
        self.when_done(future, then=then, failed=failed)

    def start(
        self,
        fn: Callable[..., T],
        *args: Any,
        then: Callable[[T], object] | None = None,
        failed: Callable[[Problem], object] | None = None,
    ) -> None:
        """The slot's way to `work`: a blocking function, off the GUI thread."""
        self.when_done(self._need_runtime().lane("window", 1).submit(fn, *args), then=then, failed=failed)

    def picture(self, data: bytes | str | Path, max_size: QSize | None, then: Callable[[QImage], object]) -> None:
        """The slot's way to `decode`; `then` gets a null image where it is no picture."""
        from .pictures import decode

        future = self._need_runtime().lane("decode", 2).submit(decode, data, max_size)
        self.when_done(future, then=then, failed=lambda _problem: then(QImage()))

    def when_done(
        self,
        future: concurrent.futures.Future[T],
        then: Callable[[T], object] | None = None,
        failed: Callable[[Problem], object] | None = None,
    ) -> None:
        """Hear of a future of any thread on the GUI thread, unless the engine was let go of meanwhile."""
        generation = self._generation

        def arrived() -> None:
            if future.cancelled() or generation != self._generation:
                return
            error = future.exception()
            if error is None:
                if then is not None:
                    then(future.result())
            else:
                self._report(error, failed)

        future.add_done_callback(lambda _future: self._done.post(arrived))

    async def wait_for(self, future: concurrent.futures.Future[T]) -> T:
        """Await a future of any thread on the GUI thread."""
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def arrived() -> None:
            if waiter.done():
                return
            if future.cancelled():
                waiter.cancel()
            elif (error := future.exception()) is not None:
                waiter.set_exception(error)
            else:
                waiter.set_result(future.result())

        future.add_done_callback(lambda _future: self._done.post(arrived))
        try:
            return await waiter
        except asyncio.CancelledError:
            future.cancel()
            raise

    def spawn(self, coro: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Start a coroutine of the window; it is kept alive, and its failure is shown."""
        task = asyncio.get_running_loop().create_task(coro, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)
        return task

    async def aclose(self) -> None:
        """End the window's own coroutines and take nothing more from other threads."""
        self.detach()
        tasks = [t for t in self._tasks if t is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._done.close()
        self._changes.close()

    # ----------------------------------------------------------------- details

    def _need_runtime(self) -> Any:
        if self._runtime is None:
            raise RuntimeError("no engine is attached")
        return self._runtime

    def _on_done(self, arrivals: list[Callable[[], None]]) -> None:
        for arrived in arrivals:
            try:
                arrived()
            except Exception as error:
                self._report(error, None)

    def _on_changes(self, batches: list[tuple[int, list[Change]]]) -> None:
        newest: dict[object, Change] = {}
        for generation, batch in batches:
            if generation == self._generation:
                for serial, change in enumerate(batch):
                    key = change.key
                    key = (id(batch), serial) if key is None else key
                    newest.pop(key, None)
                    newest[key] = change
        if newest:
            self.changed.emit(list(newest.values()))

    def _task_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._report(error, None)

    def _report(self, error: BaseException, failed: Callable[[Problem], object] | None) -> None:
        if isinstance(error, Problem):
            problem = error
        else:
            log.error("a call of the window failed", exc_info=error)
            problem = Problem("internal", detail=str(error) or type(error).__name__, log="")
        if failed is not None:
            failed(problem)
        else:
            self.failed.emit(problem)
