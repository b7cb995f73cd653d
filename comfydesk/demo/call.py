"""What a node's function gets to work with, and what it may hand back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SLOW_LOAD = 3.0  # seconds that the word SLOWLOAD in a prompt makes every model load take


class JobInterruptedError(Exception):
    """The job was stopped."""


class BlockedError(Exception):
    """A node refuses to hand anything on; the job goes on without what depends on it (S12)."""


class OutOfMemoryError(RuntimeError):
    """The prompt asked for it; shown to clients as torch.OutOfMemoryError."""


class Abandoned(BaseException):
    """The server forgot this job (a restart): end without a word to anybody."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The result of an output node: `ui` goes to clients as `executed.output`, `outputs` along its links."""

    ui: dict[str, Any]
    outputs: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the server keeps its files. Created on start; `temp` is emptied then."""

    output: Path
    input: Path
    temp: Path
    user: Path

    def of(self, kind: str) -> Path | None:
        return {"output": self.output, "input": self.input, "temp": self.temp}.get(kind)


@dataclass(slots=True)
class Call:
    """One run of one node. `progress(value, max, preview)` tells clients; `checkpoint()` raises where it must end."""

    node_id: str
    prompt: Mapping[str, Any]
    extra: Mapping[str, Any]
    folders: Folders
    modern: bool
    audio_suffix: str
    step_seconds: float
    load_seconds: float
    previews: bool
    temp_tag: str
    progress: Callable[[int, int, bytes | None], None]
    say: Callable[[str], None]
    checkpoint: Callable[[], None]
    loaded: set[str] = field(default_factory=set)  # the models that are in memory
    slow_loads: set[str] = field(default_factory=set)  # those that SLOWLOAD made wait for in this job

    def sleep(self, seconds: float) -> None:
        """Wait, but end at once where the job is stopped."""
        self.sleep_until(time.monotonic() + seconds)

    def sleep_until(self, moment: float) -> None:
        while True:
            self.checkpoint()
            rest = moment - time.monotonic()
            if rest <= 0:
                return
            time.sleep(min(rest, 0.02))

    def has_word(self, word: str) -> bool:
        """Does any text of the prompt hold this word, in capitals?"""
        return any(
            isinstance(value, str) and word in value.split()
            for node in self.prompt.values()
            for value in node.get("inputs", {}).values()
        )

    def load(self, name: str) -> None:
        """Spend the time that loading a model takes; it makes no progress meanwhile, as on real servers."""
        seconds = 0.0 if name in self.loaded else self.load_seconds
        if self.has_word("SLOWLOAD") and name not in self.slow_loads:
            seconds = max(seconds, SLOW_LOAD)
        self.sleep(seconds)
        self.loaded.add(name)
        self.slow_loads.add(name)
