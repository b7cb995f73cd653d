"""The wildcard files of a home: text files in folders, read when they are asked for and again when they change."""

from __future__ import annotations

import fnmatch
import os
import time
from collections.abc import Iterator
from pathlib import Path

from comfydesk.form.prompt_text.wildcards import MAX_ENTRIES, Entries, read_entries

ENDING = ".txt"
MAX_FILES = 5_000
MAX_DEPTH = 8  # folders inside folders
MAX_BYTES = 8 << 20  # of one file
LOOK_AGAIN = 2.0  # seconds until the folder is listed anew


class WildcardFolder:
    """Files by name without ending, "animals/cats", upper and lower case alike; patterns as "animals/*" or "**/cats".

    `*` stands for any letters of one folder's names, `**` for folders too. Used on one lane at a time.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._listed = float("-inf")
        self._files: dict[str, Path] = {}
        self._read: dict[Path, tuple[tuple[int, int], list[tuple[int, str]]]] = {}
        self._made: dict[str, tuple[list[tuple[Path, tuple[int, int]]], Entries]] = {}

    def names(self) -> list[str]:
        """All names, in their order; [] where there is no folder."""
        return sorted(self._all())

    def entries(self, name: str) -> Entries | None:
        """The lines of the file or files that are meant; None where there is none."""
        files = [file for each in self._meant(name) if (file := self._all().get(each)) is not None]
        marks = [(file, mark) for file in files if (mark := _mark(file)) is not None]
        if not marks:
            return None
        known = self._made.get(name)
        if known is None or known[0] != marks:
            lines = [line for file, mark in marks for line in self._lines(file, mark)]
            known = self._made[name] = (marks, Entries(lines[:MAX_ENTRIES]))
        return known[1]

    def _meant(self, name: str) -> list[str]:
        wanted = name.strip("/").casefold()
        names = {each.casefold(): each for each in self._all()}
        if "*" not in wanted:
            return [names[wanted]] if wanted in names else []
        parts = wanted.split("/")
        return sorted(each for folded, each in names.items() if _fits(parts, folded.split("/")))

    def _all(self) -> dict[str, Path]:
        if time.monotonic() - self._listed > LOOK_AGAIN:
            found: dict[str, Path] = {}
            for file in _files(self.root):
                if len(found) == MAX_FILES:
                    break
                found[file.relative_to(self.root).with_suffix("").as_posix()] = file
            self._files, self._listed = found, time.monotonic()
        return self._files

    def _lines(self, file: Path, mark: tuple[int, int]) -> list[tuple[int, str]]:
        known = self._read.get(file)
        if known is None or known[0] != mark:
            try:
                with file.open("rb") as stream:
                    data = stream.read(MAX_BYTES)
            except OSError:
                data = b""  # gone since it was listed: as if it were empty
            known = self._read[file] = (mark, read_entries(data.decode("utf-8-sig", "replace")))
        return known[1]


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        path = Path(folder)
        if len(path.relative_to(root).parts) >= MAX_DEPTH:
            folders.clear()
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.casefold().endswith(ENDING) and not name.startswith("."):
                yield path / name


def _fits(pattern: list[str], name: list[str]) -> bool:
    """Each part against its folder; one `**` stands for any number of folders."""
    if "**" in pattern:
        at = pattern.index("**")
        rest = pattern[at + 1 :] or ["*"]
        if "**" in rest or len(name) < at + len(rest):
            return False
        return _fits(pattern[:at], name[:at]) and _fits(rest, name[len(name) - len(rest) :])
    return len(pattern) == len(name) and all(map(fnmatch.fnmatchcase, name, pattern))


def _mark(file: Path) -> tuple[int, int] | None:
    try:
        seen = file.stat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size
