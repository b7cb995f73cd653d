"""The settings: typed, in one JSON file that window and commands share."""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import msgspec

from comfydesk.base.errors import Problem

log = logging.getLogger(__name__)
_MAX_FILE = 16 << 20


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a person chose, and where the window was. Every field has a default, so an empty file is a good one."""

    hosts: list[dict[str, Any]] = []  # as server.hosts writes them; no secrets
    default_host: str = ""  # a host id
    output_root: str = ""  # "": Pictures/ComfyDesk
    theme: str = "system"  # system | light | dark
    window: str = ""  # geometry, base64
    splitters: dict[str, str] = {}  # name -> state, base64
    last_workflow: str = ""
    first_run_done: bool = False
    first_toast_done: bool = False
    on_close: str = "ask"  # ask | background | finish | quit
    previews: bool = True
    results_note_shown: bool = False
    previews_note_shown: bool = False
    favourite_sizes: list[str] = []  # "832x1216", the newest first
    tag_file: str = ""  # a CSV file of tags for prompts, beside those in the home


_FIELDS = {field.name: field for field in msgspec.structs.fields(Settings)}


class SettingsStore:
    """The settings of one home. Thread-safe; several processes may change different fields without losing any.

    Keys that this version does not know are kept as they are, so an older program does no harm to a newer one's file.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._raw: dict[str, Any] = {}
        self._value = Settings()
        self.reload()

    @property
    def value(self) -> Settings:
        """The settings as last read or changed by this process."""
        return self._value

    def reload(self) -> Settings:
        """Read the file again (another process may have changed it)."""
        with self._lock:
            self._read()
            return self._value

    def change(self, **fields: Any) -> Settings:
        """Set fields and write the file. Raises TypeError for a name or type that is wrong, Problem("disk_write")."""
        changed: dict[str, Any] = {}
        for name, value in fields.items():
            if name not in _FIELDS:
                raise TypeError(f"there is no setting {name!r}")
            try:
                changed[name] = msgspec.to_builtins(msgspec.convert(value, _FIELDS[name].type))
            except msgspec.ValidationError as exc:
                raise TypeError(f"setting {name!r}: {exc}") from exc
        with self._lock, self._between_processes():
            self._read()
            raw = {**self._raw, **changed}
            self._write(raw)
            self._raw, self._value = raw, _typed(raw)
            return self._value

    @contextlib.contextmanager
    def _between_processes(self) -> Any:
        import filelock

        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with filelock.FileLock(f"{self._file}.lock", timeout=5):
                yield
        except filelock.Timeout:  # somebody holds it far too long; a setting is not worth waiting for
            log.warning("the settings are locked by another process; writing anyway")
            yield
        except OSError as exc:
            raise _unwritable(self._file, exc) from exc

    def _read(self) -> None:
        try:
            with self._file.open("rb") as stream:
                data = stream.read(_MAX_FILE + 1)
        except FileNotFoundError:
            return
        except OSError as exc:
            log.warning("the settings cannot be read: %s", exc)
            return
        try:
            raw = msgspec.json.decode(data) if len(data) <= _MAX_FILE else None
            if not isinstance(raw, dict):
                raise ValueError("not an object")
        except (msgspec.DecodeError, ValueError, RecursionError) as exc:
            self._set_aside(exc)
            return
        self._raw = raw
        self._value = _typed(raw)

    def _set_aside(self, why: Exception) -> None:
        """Keep a broken file for a person to look at, and go on with what is known."""
        aside = self._file.with_name(f"{self._file.name}.broken-{time.strftime('%Y%m%d-%H%M%S')}")
        log.warning("the settings are damaged (%s); set aside as %s", why, aside)
        with contextlib.suppress(OSError):
            self._file.replace(aside)

    def _write(self, raw: dict[str, Any]) -> None:
        data = msgspec.json.format(msgspec.json.encode(raw), indent=2)
        try:
            handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=".settings-")  # mkstemp: 0600
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(data)
                    stream.flush()
                    os.fsync(stream.fileno())
                Path(name).replace(self._file)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as exc:
            raise _unwritable(self._file, exc) from exc


def _typed(raw: dict[str, Any]) -> Settings:
    """The known fields; one of a wrong type falls back to its default instead of taking the others with it."""
    good: dict[str, Any] = {}
    for name, field in _FIELDS.items():
        if name in raw:
            try:
                good[name] = msgspec.convert(raw[name], field.type)
            except msgspec.ValidationError as exc:
                log.warning("setting %r is ignored: %s", name, exc)
    return Settings(**good)


def _unwritable(file: Path, exc: OSError) -> Problem:
    return Problem("disk_write", folder=str(file.parent), detail=exc.strerror or str(exc))
