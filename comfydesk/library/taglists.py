"""Lists of tags that a person supplies: CSV files in the home, or one that was chosen in the settings."""

from __future__ import annotations

from pathlib import Path

from comfydesk.base.errors import Problem
from comfydesk.form.prompt_text.tags import TagIndex, read_tags

MAX_BYTES = 64 << 20
MAX_LISTS = 20
ENDINGS = (".csv", ".txt", ".tsv")


class TagLists:
    """The tags of `folder` and of one chosen file, read once and again when a file changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mark: tuple[tuple[Path, int, int], ...] | None = None
        self._index = TagIndex()

    def index(self, chosen: str = "") -> TagIndex:
        """All tags that there are. `chosen`: the path of a further file, "" for none; one that is gone has no tags."""
        files = self._files()
        if chosen and Path(chosen) not in files:
            files.append(Path(chosen))
        mark = tuple(seen for file in files if (seen := _seen(file)) is not None)
        if mark != self._mark:
            self._index = TagIndex(tag for file, _, _ in mark for tag in read_tags(_text(file)))
            self._mark = mark
        return self._index

    def _files(self) -> list[Path]:
        try:
            names = sorted(self.folder.iterdir())
        except OSError:
            return []
        return [file for file in names if file.suffix.casefold() in ENDINGS and file.is_file()][:MAX_LISTS]


def check(path: str) -> int:
    """How many tags a file has. Raises Problem tags_unread where it cannot be read or holds none."""
    try:
        found = sum(1 for _ in read_tags(_read(Path(path))))
    except OSError as exc:
        raise Problem("tags_unread", file=Path(path).name, detail=exc.strerror or str(exc)) from exc
    if not found:
        raise Problem("tags_unread", file=Path(path).name, detail="it holds no tags")
    return found


def _text(file: Path) -> str:
    try:
        return _read(file)
    except OSError:
        return ""  # gone since it was listed


def _read(file: Path) -> str:
    with file.open("rb") as stream:
        return stream.read(MAX_BYTES).decode("utf-8-sig", "replace")


def _seen(file: Path) -> tuple[Path, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return file, found.st_mtime_ns, found.st_size
