"""How quickly a library of 5,000 workflows opens and is searched."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import many_workflows
from benchmarks.goal import Figure
from comfydesk.base.paths import Home
from comfydesk.engine import Engine
from comfydesk.library.library import Library

WORKFLOWS = 5_000
QUERIES = ("flux fox", "sdxl_19", "ksampleradvanced", "portrt", "zzzz", "ink wan glacier", "vae")
LOOK = 2.0  # seconds in which a person looks at the list before typing
PATIENCE = 600.0  # seconds for the first reading of all files


def measure(rounds: int = 5) -> list[Figure]:
    """Opening with a warm index, each key of some searches, and the first reading of all files."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Home(Path(folder, "home"), Path(folder, "cache")).make()
        many_workflows.write(home.workflows, WORKFLOWS)
        size = sum(file.stat().st_size for file in home.workflows.rglob("*.json"))
        names, cold = first_reading(home)
        opened = [opening(home) for _ in range(rounds)]
        keys = searching(home)
    each = f"{size / WORKFLOWS / 1000:.0f} KB"
    return [
        Figure(
            name="library_open",
            what=f"a library of {WORKFLOWS:,} workflows opens",
            seen=statistics.median(opened),
            most=300.0,
            unit="ms",
            details={"slowest": f"{max(opened):.0f} ms", "a file": each},
        ),
        Figure(
            name="library_search",
            what="a key press in its search, the slowest",
            seen=max(keys),
            most=50.0,
            unit="ms",
            details={"median": f"{statistics.median(keys):.1f} ms", "keys": len(keys)},
        ),
        Figure(
            name="library_cold",
            what="its names without an index",
            seen=names,
            unit="ms",
            details={"all files read in the background": f"{cold:.1f} s"},
        ),
    ]


def first_reading(home: Home) -> tuple[float, float]:
    """(milliseconds until the names are there, seconds until all files are read) with neither index nor history."""
    engine = Engine.open(home)
    try:
        started = time.perf_counter()
        entries = engine.runtime.call(engine.workflows())
        names = time.perf_counter() - started
        if len(entries) != WORKFLOWS + 2:
            raise RuntimeError(f"{len(entries)} workflows are listed, not {WORKFLOWS + 2}")
        while any(not entry.kind for entry in entries):
            if time.perf_counter() - started > PATIENCE:
                raise TimeoutError("the files are not read")
            time.sleep(0.5)
            entries = engine.runtime.call(engine.workflows())
        return names * 1000, time.perf_counter() - started
    finally:
        engine.close()


def opening(home: Home) -> float:
    """Milliseconds from a new Library to its whole list: the folder is looked at, the index read."""
    library = Library(home)
    try:
        return timed(library.list)
    finally:
        library.close()


def searching(home: Home) -> list[float]:
    """Milliseconds of each key press, with the way through the engine's loop and lane."""
    engine = Engine.open(home)
    try:
        engine.runtime.call(engine.workflows())
        time.sleep(LOOK)
        typed = [query[:end] for query in QUERIES for end in range(1, len(query) + 1)]
        return [timed(partial(key_press, engine, text)) for text in typed]
    finally:
        engine.close()


def key_press(engine: Engine, text: str) -> None:
    engine.runtime.call(engine.workflows(text))


def timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000
