"""The real window with a probe on its loop: `python -m benchmarks.window_probe HOME SECONDS`, run by `loop_lag`.

Queues one run on the default host, waits until it runs, measures, and prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from qasync import QEventLoop

from comfydesk.base.paths import Home
from comfydesk.form.fields import SeedMode
from comfydesk.gui import start  # first of the window's modules: it chooses the Qt binding
from comfydesk.gui.session import Session
from comfydesk.gui.settings.store import read_early
from comfydesk.gui.style.theme import Theme
from comfydesk.jobs.model import JobState

EVERY = 0.004  # seconds between probes
PATIENCE = 30.0


class Probe(QObject):
    """Posts a stamped event to the GUI thread every 4 ms from another thread, as a mouse or keyboard would."""

    posted = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.lags: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._post, daemon=True)
        self.posted.connect(self._arrived, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _post(self) -> None:
        while not self._stop.wait(EVERY):
            self.posted.emit(time.perf_counter())

    def _arrived(self, stamp: float) -> None:
        self.lags.append(1000 * (time.perf_counter() - stamp))


async def until(what: str, true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {PATIENCE:.0f} s in vain: {what}")
        await asyncio.sleep(0.02)


async def measure(session: Session, seconds: float) -> dict[str, Any]:
    """Lags in milliseconds and what reached the window meanwhile."""
    window, bridge = session.window, session.bridge
    await until("the Create page", lambda: bridge.engine is not None and window.page("create") is not None)
    window.resize(1440, 900)  # the offscreen screen is smaller, and the stage would be folded away
    engine = bridge.engine
    await bridge.call(engine.set_output_root, str(session.home.root / "results"))
    host = await bridge.call(engine.default_host)
    await bridge.call(engine.use_host, host.host_id)
    opened = await bridge.call(engine.open_workflow, "sdxl", host.host_id)
    values = {field.key: field.value for field in opened.form.fields}
    queued = await bridge.call(engine.queue_runs, opened, values, {"3.seed": SeedMode.RANDOM}, 1, host.host_id)
    reached: Counter[str] = Counter()
    bridge.changed.connect(lambda changes: reached.update(type(change).__name__ for change in changes))
    await until("the first preview", lambda: reached["Preview"])
    reached.clear()
    probe = Probe()
    probe.start()
    await asyncio.sleep(seconds)
    probe.stop()
    job = await bridge.call(engine.queue.job, queued.jobs[0].job_id)
    if job.state is not JobState.RUNNING:
        raise RuntimeError(f"the job was {job.state} at the end of the measurement")
    return {"lags": probe.lags, "reached": dict(reached)}


async def main(session: Session, seconds: float) -> int:
    life = asyncio.ensure_future(session.main())
    try:
        print(json.dumps(await measure(session, seconds)), flush=True)
    finally:
        session.settings.set(on_close="quit")
        session.window.close()
    return await life


if __name__ == "__main__":
    app = start._application()
    home = Home.locate(sys.argv[1])
    early = read_early(home.settings_file)
    session = Session(app, Theme(app, str(early.get("theme", "system"))), home, early, [])
    with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        sys.exit(runner.run(main(session, float(sys.argv[2]))))
