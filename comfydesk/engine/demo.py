"""The demo server as this engine's child: started when wanted, ended with the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.base.runtime import Runtime

if TYPE_CHECKING:
    from comfydesk.demo.process import DemoProcess


class DemoServer:
    """Holds at most one demo server process."""

    def __init__(self, home: Home, runtime: Runtime) -> None:
        self._home = home
        self._runtime = runtime
        self._process: DemoProcess | None = None

    async def url(self, *, step_ms: int = 60) -> str:
        """Start the server if it is not running; its address. Raises Problem("demo_failed")."""
        process = self._process
        if process is None:
            process = self._process = await self._runtime.lane("files", 1).run(self._start, step_ms)
        return process.url

    def _start(self, step_ms: int) -> DemoProcess:
        from comfydesk.demo import process

        try:
            return process.start(step_ms=step_ms)
        except OSError as exc:
            raise Problem("demo_failed", detail=str(exc), log=str(self._home.logs / "comfydesk.log")) from exc

    def stop(self) -> None:
        """End the process. Blocks for a moment; idempotent."""
        process, self._process = self._process, None
        if process is not None:
            process.stop()
