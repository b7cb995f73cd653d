"""The settings as the window sees them: at hand before the engine is there, written by it afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

DEFAULTS: dict[str, Any] = {
    "theme": "system",
    "window": "",
    "splitters": {},
    "on_close": "ask",
    "previews": True,
    "output_root": "",
    "last_workflow": "",
    "first_run_done": False,
    "first_toast_done": False,
    "results_note_shown": False,
    "previews_note_shown": False,
    "favourite_sizes": [],
    "tag_file": "",
}


class WindowSettings(QObject):
    """Typed by `DEFAULTS`: a value of another type in the file counts as absent.

    `changed` carries the name. Writes before a store is attached are kept and handed over.
    """

    changed = Signal(str)

    def __init__(self, early: Mapping[str, Any] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._values = dict(DEFAULTS)
        self._unsaved: dict[str, Any] = {}
        self._write: Callable[[dict[str, Any]], object] | None = None
        self._take(early or {})

    def get(self, name: str) -> Any:
        """The value of a setting; KeyError for a name that does not exist."""
        return self._values[name]

    def set(self, **fields: Any) -> None:
        """Change settings: seen at once, written off the GUI thread."""
        news = {name: value for name, value in fields.items() if self._values[name] != value}
        if not news:
            return
        self._values |= news
        if self._write is not None:
            self._write(news)
        else:
            self._unsaved |= news
        for name in news:
            self.changed.emit(name)

    def splitter(self, name: str) -> str:
        """The saved state of a splitter, base64; "" if none."""
        return str(self._values["splitters"].get(name, ""))

    def set_splitter(self, name: str, state: str) -> None:
        self.set(splitters={**self._values["splitters"], name: state})

    def attach(self, saved: Any, write: Callable[[dict[str, Any]], object], *, keep: Sequence[str] = ()) -> None:
        """Take over the store's values (an object with the settings as attributes) and write changes by `write`.

        Those named in `keep` stay as they are and are written to this store too.
        """
        before = dict(self._values)
        self._unsaved |= {name: before[name] for name in keep}
        self._take({name: getattr(saved, name) for name in DEFAULTS if hasattr(saved, name)})
        self._values |= self._unsaved
        self._write = write
        if self._unsaved:
            write(dict(self._unsaved))
            self._unsaved.clear()
        for name, value in self._values.items():
            if before[name] != value:
                self.changed.emit(name)

    def detach(self) -> None:
        """Keep changes until a store is attached again."""
        self._write = None

    def _take(self, values: Mapping[str, Any]) -> None:
        for name, default in DEFAULTS.items():
            value = values.get(name, default)
            if type(value) is type(default):
                self._values[name] = value


def read_early(file: Path) -> dict[str, Any]:
    """The settings file as it is, for the first frame; {} if there is none or it is broken (the store mends it)."""
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
