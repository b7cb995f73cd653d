"""`comfydesk demo-server`: options, the line that says where it listens, and a clean end."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from comfydesk.demo.options import DEFAULT_CHECKPOINTS, PROFILES, Options

if TYPE_CHECKING:
    from comfydesk.demo.server import DemoServer

AUTH_VARIABLE = "COMFYDESK_DEMO_AUTH"


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="comfydesk demo-server",
        description="A stand-in for a ComfyUI server. It paints pictures; no model runs.",
        epilog=f"${AUTH_VARIABLE} asks for a login: user:password, or bearer:token.",
    )
    p.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    p.add_argument("--port", type=int, default=8188, help="port; 0 takes a free one (8188)")
    p.add_argument("--step-ms", type=float, default=50.0, help="how long a sampling step takes (50)")
    p.add_argument("--load-ms", type=float, default=0.0, help="how long loading a model takes (0)")
    p.add_argument("--latency", type=float, default=0.0, metavar="MS", help="wait this long before each answer (0)")
    p.add_argument("--profile", choices=sorted(PROFILES), default="0.33.0", help="the server version to imitate")
    p.add_argument("--models", default="", metavar="A,B", help="the checkpoints that it has")
    p.add_argument("--preview-method", choices=("none", "auto", "latent2rgb", "taesd"), default="none")
    p.add_argument("--state-dir", type=Path, help="keep files here (a temporary folder, removed at the end)")
    p.add_argument("--script", type=Path, help="JSON file with faults")
    p.add_argument("--control", action="store_true", help="open /__demo__/ for tests on this machine")
    p.add_argument("--boot-number", type=int, default=0, help="number of the first prompt (0)")
    p.add_argument("--clock-offset", type=float, default=0.0, metavar="S", help="seconds added to all time stamps")
    p.add_argument("--end-with-stdin", action="store_true", help="end when standard input closes")
    return p


def options_of(arguments: Sequence[str]) -> Options:
    given = parser().parse_args(arguments)
    models = tuple(name.strip() for name in given.models.split(",") if name.strip())
    return Options(
        host=given.host,
        port=given.port,
        profile=PROFILES[given.profile],
        step_ms=given.step_ms,
        load_ms=given.load_ms,
        latency_ms=given.latency,
        clock_offset=given.clock_offset,
        boot_number=given.boot_number,
        preview_method=given.preview_method,
        checkpoints=models or DEFAULT_CHECKPOINTS,
        state_dir=given.state_dir,
        script=given.script,
        control=given.control,
        auth=os.environ.get(AUTH_VARIABLE, ""),
        end_with_stdin=given.end_with_stdin,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted. Prints one JSON line with url and port when ready."""
    options = options_of(sys.argv[1:] if arguments is None else arguments)
    try:
        asyncio.run(_serve(options))
    except KeyboardInterrupt:
        return 0
    except (OSError, ValueError) as exc:
        print(f"The demo server cannot start: {exc}", file=sys.stderr)
        return 5
    return 0


async def _serve(options: Options) -> None:
    from comfydesk.demo.server import DemoServer

    # The worker's steps must keep their time while many requests are answered (the default is 5 ms).
    sys.setswitchinterval(0.0005)
    server = DemoServer(options)
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM"):
        try:
            loop.add_signal_handler(getattr(signal, name), server.stop)
        except NotImplementedError:  # Windows: Ctrl+C arrives as KeyboardInterrupt
            break
    if options.end_with_stdin:
        _stop_when_orphaned(server, loop)
    await server.run(_announce)


def _announce(server: DemoServer) -> None:
    """Straight to the descriptor: a frozen program without a console has no sys.stdout, but may have a pipe."""
    os.write(1, json.dumps({"url": server.url, "port": server.port}).encode() + b"\n")


def _stop_when_orphaned(server: DemoServer, loop: asyncio.AbstractEventLoop) -> None:
    """The parent holds the other end of our standard input; when it dies, however it dies, the pipe closes."""

    def wait() -> None:
        try:
            while os.read(0, 4096):
                continue
        except OSError:  # there is no standard input at all
            return
        try:
            loop.call_soon_threadsafe(server.stop)
        except RuntimeError:  # the loop has ended already
            return

    threading.Thread(target=wait, name="demo-parent", daemon=True).start()
