"""The prompts that were queued, newest first, in a file of the home."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from comfydesk.base.changes import Change
from comfydesk.base.errors import Problem
from comfydesk.library import files

MOST = 500
MAX_TEXT = 20_000  # letters; a longer one is not kept
MAX_BYTES = 48 << 20


@dataclass(frozen=True, slots=True)
class PastPrompt:
    """`role` of the field that it was written in: "prompt", "negative" or "" for other texts."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class PromptsRemembered(Change):
    """The history as it is now."""

    prompts: tuple[PastPrompt, ...]

    @property
    def key(self) -> object:
        return PromptsRemembered


class PromptHistory:
    """Used on one lane at a time."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._prompts: tuple[PastPrompt, ...] | None = None

    def prompts(self) -> tuple[PastPrompt, ...]:
        """Newest first, each once."""
        if self._prompts is None:
            self._prompts = tuple(self._load())
        return self._prompts

    def add(self, prompts: Iterable[PastPrompt]) -> bool:
        """Put these in front. False where that changes nothing. Raises Problem disk_write, disk_full."""
        fresh = [each for each in prompts if each.text.strip() and len(each.text) <= MAX_TEXT]
        together = tuple(dict.fromkeys((*fresh, *self.prompts())))[:MOST]
        if together == self.prompts():
            return False
        self._prompts = together
        rows = [{"role": each.role, "text": each.text} for each in together]
        files.write(self._file, json.dumps(rows, ensure_ascii=False, indent=0).encode())
        return True

    def _load(self) -> Iterable[PastPrompt]:
        try:
            rows = json.loads(files.read(self._file, MAX_BYTES))
        except (Problem, ValueError, RecursionError):
            return
        for row in rows[:MOST] if isinstance(rows, list) else ():
            if isinstance(row, dict) and isinstance(row.get("text"), str) and len(row["text"]) <= MAX_TEXT:
                yield PastPrompt(str(row.get("role", "")), row["text"])
