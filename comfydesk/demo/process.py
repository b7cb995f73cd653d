"""Starts the demo server as a child process that never outlives its parent. Standard library only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from comfydesk.base.errors import Problem

PACKAGE_ROOT = Path(__file__).resolve().parents[2]


class DemoProcess:
    """A running demo server. It ends by `stop()`, at the end of `with`, and when this process ends in any way."""

    def __init__(self, child: subprocess.Popen[bytes], url: str, port: int, log: IO[bytes]) -> None:
        self._child = child
        self._log = log
        self.url = url
        self.port = port

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def is_running(self) -> bool:
        return self._child.poll() is None

    def errors(self) -> str:
        """What the server wrote to its standard error so far."""
        return _text(self._log)

    def kill(self) -> None:
        """End it at once, as a crash would (SIGKILL)."""
        self._child.kill()
        self.stop()

    def stop(self, timeout: float = 5.0) -> None:
        """End it: its standard input closes, and it is killed if it does not follow. Idempotent."""
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None and not pipe.closed:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        try:
            self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait(timeout)
        if not self._log.closed:
            self._log.close()

    def __enter__(self) -> DemoProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(
    *,
    port: int = 0,
    step_ms: float = 50,
    profile: str = "0.33.0",
    script: Sequence[Mapping[str, Any]] | Path | None = None,
    state_dir: Path | None = None,
    extra: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
) -> DemoProcess:
    """Start a demo server and wait until it takes connections. Blocks for about half a second.

    `port`: 0 takes a free one. `script`: faults, as a JSON file or as rules. `state_dir`: kept afterwards; by default a
    temporary folder that goes with the server. `extra`: further options of `comfydesk demo-server`. `environ`: added to
    the environment, e.g. COMFYDESK_DEMO_AUTH. Raises Problem("demo_failed").
    """
    arguments = ["--port", str(port), "--step-ms", f"{step_ms:g}", "--profile", profile, "--end-with-stdin", *extra]
    if state_dir is not None:
        arguments += ["--state-dir", str(state_dir)]
    rules = None
    if script is not None and not isinstance(script, Path):
        rules = _written(script)
        script = rules
    if script is not None:
        arguments += ["--script", str(script)]
    log = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the process)
    try:
        child = subprocess.Popen(
            [*_command(), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=_environment(environ or {}),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as exc:
        log.close()
        raise Problem("demo_failed", detail=str(exc), log="") from exc
    try:
        ready = _first_line(child)
    finally:
        if rules is not None:
            rules.unlink(missing_ok=True)
    if ready is None:
        said = _text(log)
        DemoProcess(child, "", 0, log).stop()
        raise Problem(
            "demo_failed", detail=(said.strip().splitlines() or ["it said nothing"])[-1], details=said, log=""
        )
    return DemoProcess(child, ready["url"], ready["port"], log)


def _command() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, "demo-server"]
    # -P: a folder in the working directory named like a standard module must not shadow it.
    return [sys.executable, "-P", "-m", "comfydesk.demo"]


def _environment(added: Mapping[str, str]) -> dict[str, str]:
    environment = {**os.environ, **added, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    if not getattr(sys, "frozen", False):
        path = [str(PACKAGE_ROOT), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, path))
    return environment


def _written(rules: Sequence[Mapping[str, Any]]) -> Path:
    with tempfile.NamedTemporaryFile("w", suffix=".json", prefix="comfydesk-demo-", delete=False) as file:
        json.dump(list(rules), file)
        return Path(file.name)


def _first_line(child: subprocess.Popen[bytes]) -> dict[str, Any] | None:
    if child.stdout is None:
        return None
    line = child.stdout.readline()
    try:
        ready = json.loads(line)
    except ValueError:
        return None
    return ready if isinstance(ready, dict) else None


def _text(log: IO[bytes]) -> str:
    if log.closed:
        return ""
    log.seek(0)
    return log.read().decode("utf-8", "replace")
