"""One runtime, the same everywhere: the engine's asyncio loop on a thread of its own, and the only threads.

Window, command line and API all use it, so that a blocking call works inside Jupyter's or FastAPI's loop too.
Threads are daemons: `ThreadPoolExecutor` is joined at interpreter exit and would hold the program for as long as a
request hangs. Each piece of work must therefore be safe to kill at any instant.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import queue
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")


class Lane:
    """A few daemon threads that run blocking functions in order of submission."""

    def __init__(self, name: str, workers: int) -> None:
        self.name = name
        self._work: queue.SimpleQueue[tuple[concurrent.futures.Future[Any], Callable[..., Any], tuple[Any, ...]] | None]
        self._work = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, name=f"comfydesk-{name}-{i}", daemon=True) for i in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., T], *args: Any) -> concurrent.futures.Future[T]:
        """Queue `fn(*args)`; the future carries its result. Thread-safe."""
        future: concurrent.futures.Future[T] = concurrent.futures.Future()
        self._work.put((future, fn, args))
        return future

    async def run(self, fn: Callable[..., T], *args: Any) -> T:
        """Run `fn(*args)` on this lane and await its result."""
        return await asyncio.wrap_future(self.submit(fn, *args))

    def close(self) -> None:
        """Cancel what has not begun and let the threads end after what they do now."""
        while True:
            try:
                item = self._work.get_nowait()
            except queue.Empty:
                break
            if item is not None:
                item[0].cancel()
        for _ in self._threads:
            self._work.put(None)

    def join(self, timeout: float) -> None:
        for thread in self._threads:
            thread.join(timeout)

    def _serve(self) -> None:
        while (item := self._work.get()) is not None:
            future, fn, args = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = fn(*args)
            except BaseException as exc:
                future.set_exception(exc)
            else:
                future.set_result(result)
            del item, future, fn, args


class Runtime:
    """The engine's loop, its lanes and its reader threads."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._lanes: dict[str, Lane] = {}
        self._readers: list[tuple[threading.Thread, Callable[[], None]]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._lock = threading.Lock()
        self._stopped = False
        self.on_error: Callable[[BaseException], None] = lambda exc: log.error("a task failed", exc_info=exc)
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), name="comfydesk-engine", daemon=True)
        self._thread.start()
        started.wait()

    def submit(self, coro: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Run a coroutine on the engine's loop; usable from any thread but the engine's own."""
        if self._stopped:
            coro.close()
            future: concurrent.futures.Future[T] = concurrent.futures.Future()
            future.cancel()
            return future
        return asyncio.run_coroutine_threadsafe(coro, self.loop)

    def call(self, coro: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Run a coroutine on the engine's loop and block for its result (never on the engine's own thread)."""
        future = self.submit(coro)
        try:
            return future.result(timeout)
        except BaseException:
            future.cancel()  # Ctrl-C or a time-out: do not leave it running behind the caller's back
            raise

    def lane(self, name: str, workers: int) -> Lane:
        """The lane of that name, made at first use: db 1, control 2 a host, transfer 4 a host, decode 2."""
        with self._lock:
            lane = self._lanes.get(name)
            if lane is None:
                lane = self._lanes[name] = Lane(name, workers)
            return lane

    def drop_lane(self, name: str) -> None:
        """Close a lane that is not needed any more (a host that was removed)."""
        with self._lock:
            lane = self._lanes.pop(name, None)
        if lane is not None:
            lane.close()

    def reader(self, name: str, target: Callable[[], None], stop: Callable[[], None]) -> threading.Thread:
        """Start one thread for a blocking reader (a socket); `stop` must wake it and is called at shutdown."""
        thread = threading.Thread(target=target, name=f"comfydesk-{name}", daemon=True)
        with self._lock:
            self._readers = [(t, s) for t, s in self._readers if t.is_alive()]
            self._readers.append((thread, stop))
        thread.start()
        return thread

    def post(self, fn: Callable[..., object], *args: Any) -> None:
        """Call `fn(*args)` on the engine's loop soon; from any thread, also while shutting down (then dropped)."""
        if not self._stopped:
            try:
                self.loop.call_soon_threadsafe(fn, *args)
            except RuntimeError:  # closed between the check and the call
                pass

    def spawn(self, coro: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Start a task on the engine's loop (call it there) that is kept alive and whose failure is reported."""
        task = self.loop.create_task(coro, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def stop(self, timeout: float = 2.0) -> None:
        """Wake readers, cancel tasks, end loop and lanes. Idempotent; returns within about `timeout` seconds."""
        with self._lock:
            if self._stopped:
                return
            readers, lanes = list(self._readers), list(self._lanes.values())
        for _, stop in readers:
            try:
                stop()
            except Exception:
                log.exception("a reader did not stop")
        future = asyncio.run_coroutine_threadsafe(self._cancel_tasks(), self.loop)
        try:
            future.result(timeout)
        except concurrent.futures.TimeoutError:
            log.warning("tasks were still running at shutdown")
        self._stopped = True
        for lane in lanes:
            lane.close()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout)
        for lane in lanes:
            lane.join(0.2)

    async def _cancel_tasks(self) -> None:
        tasks = [t for t in self._tasks if not t.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (exc := task.exception()) is not None:
            self.on_error(exc)

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.call_soon(started.set)
        try:
            self.loop.run_forever()
        finally:
            leftover = asyncio.all_tasks(self.loop)
            for task in leftover:
                task.cancel()
            if leftover:
                self.loop.run_until_complete(asyncio.gather(*leftover, return_exceptions=True))
            self.loop.close()
