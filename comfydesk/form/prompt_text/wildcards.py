"""What stands in wildcard files, and how they are asked for; reading them from the disk is the library's business."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property
from typing import Protocol

from comfydesk.form.prompt_text.reading import plain_weight

MAX_ENTRIES = 200_000
MAX_ENTRY = 4_000  # letters of one line


class Entries:
    """The lines of one or more wildcard files, each with its weight in ten-thousandths."""

    def __init__(self, lines: Iterable[tuple[int, str]]) -> None:
        found = list(itertools.islice(lines, MAX_ENTRIES))
        if not any(weight for weight, _ in found):
            found = [(1, text) for _, text in found]
        self.weights = tuple(weight for weight, _ in found)
        self.texts = tuple(text for _, text in found)

    @cached_property
    def _ends(self) -> list[int]:
        return list(itertools.accumulate(self.weights))

    @property
    def total(self) -> int:
        return self._ends[-1] if self._ends else 0

    def at(self, place: int) -> str:
        """The line that owns this place below `total`."""
        return self.texts[bisect_right(self._ends, place)]


class Files(Protocol):
    """Wildcard files by name, "animals/cats" or "animals/*"."""

    def entries(self, name: str) -> Entries | None:
        """The lines, None where no file has that name."""


class _NoFiles:
    def entries(self, name: str) -> Entries | None:
        return None


NO_FILES: Files = _NoFiles()


def read_entries(text: str) -> list[tuple[int, str]]:
    """The entries of a file: one a line, `3::red` three times as often, lines that begin with # are comments."""
    lines = (line.strip() for line in text.splitlines())
    return [plain_weight(line) for line in lines if line and line[0] != "#" and len(line) <= MAX_ENTRY][:MAX_ENTRIES]
