"""Starting coroutines where views may still be painted, or timers fire, while the window ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from comfydesk.gui.bridge import Bridge


def is_alive(bridge: Bridge) -> bool:
    """False where no coroutine can be started any more (or yet)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return bridge.is_attached


def spawn(
    bridge: Bridge, name: str, work: Callable[..., Coroutine[Any, Any, None]], *args: Any
) -> asyncio.Task[None] | None:
    """Start `work(*args)`, if the window lives."""
    return bridge.spawn(work(*args), name) if is_alive(bridge) else None
