"""What keeps the window's thread free: modules are imported elsewhere, and a watchdog names what holds it up."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from pathlib import Path

import pytest

from comfydesk.gui.launch import EngineRoom
from comfydesk.gui.pages import MODULES, PAGES
from comfydesk.gui.session import _USED_LATER

from .conftest import until
from .watchdog import Watchdog

BUSY = 0.15  # seconds


def hold_up() -> None:
    """Work, not sleep: a watchdog must not blame the window for what other programs take."""
    end = time.thread_time() + BUSY
    while time.thread_time() < end:
        pass


def test_pages_are_imported_on_a_thread_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_page_of_this_test.py").write_text("import threading\nplace = threading.get_ident()\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    EngineRoom().prepare(["a_page_of_this_test"]).result(30)
    assert sys.modules.pop("a_page_of_this_test").place != threading.get_ident()


def test_every_page_is_imported_before_it_is_asked_for() -> None:
    assert {page.key for page in PAGES} <= MODULES.keys()
    assert set(MODULES.values()) <= set(_USED_LATER)


async def test_the_watchdog_names_what_held_the_window_up() -> None:
    with Watchdog() as dog:
        dog.step = "a test"
        await asyncio.sleep(0.02)
        hold_up()
        stall = await until(lambda: dog.stalls and dog.stalls[0])
    assert stall.step == "a test" and stall.own >= BUSY * 0.9
    assert "hold_up" in stall.stacks[0][1] and "hold_up" in str(stall)


async def test_a_window_that_waits_for_nothing_is_not_blamed() -> None:
    with Watchdog(limit=BUSY) as dog:
        await asyncio.sleep(2 * BUSY)
    assert dog.stalls == []
