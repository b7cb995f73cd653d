"""Names with folders in them as rows of a tree that opens and closes. No Qt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_SEPARATOR = re.compile(r"[/\\]")
MAX_DEPTH = 12  # folders of deeper names are shown as part of the last one


@dataclass(frozen=True, slots=True)
class Row:
    """A folder (`source` -1) or a name. `folder`: the folder itself, or the one that the name is in; "" is the top."""

    text: str
    depth: int
    source: int
    folder: str


@dataclass(slots=True)
class _Folder:
    name: str = ""
    folders: dict[str, _Folder] = field(default_factory=dict)
    names: list[tuple[str, int]] = field(default_factory=list)
    count: int = 0


class NameTree:
    """Folders first, in the order of the names; all closed but those in `open_folders`."""

    def __init__(self, names: Sequence[str]) -> None:
        self._top = _Folder()
        self._folder_of: list[str] = []
        self.open_folders: set[str] = set()
        for source, name in enumerate(names):
            self._put(name, source)

    @property
    def has_folders(self) -> bool:
        return bool(self._top.folders)

    def open_to(self, source: int) -> None:
        """Open the folders around a name."""
        folder = self._folder_of[source]
        while folder:
            self.open_folders.add(folder)
            folder = parent_of(folder)

    def rows(self) -> list[Row]:
        """What is to be seen, from top to bottom."""
        return list(self._rows(self._top, "", 0))

    def _rows(self, folder: _Folder, path: str, depth: int) -> Iterator[Row]:
        for name, inner in folder.folders.items():
            own = f"{path}/{name}" if path else name
            is_open = own in self.open_folders
            yield Row(f"{'▾' if is_open else '▸'} {name} · {inner.count}", depth, -1, own)
            if is_open:
                yield from self._rows(inner, own, depth + 1)
        for name, source in folder.names:
            yield Row(name, depth, source, path)

    def _put(self, name: str, source: int) -> None:
        parts = [part for part in _SEPARATOR.split(name, MAX_DEPTH) if part]
        if not name or name[-1] in "/\\" or not parts:
            parts = [name]
        folder = self._top
        for part in parts[:-1]:
            folder = folder.folders.setdefault(part, _Folder(part))
            folder.count += 1
        folder.names.append((parts[-1], source))
        self._folder_of.append("/".join(parts[:-1]))


def parent_of(folder: str) -> str:
    """The folder around a folder, "" at the top."""
    return folder.rpartition("/")[0]
