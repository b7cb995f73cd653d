"""What lies in the library's folder, by names, times and sizes; no file is opened. Blocking."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path
from typing import NamedTuple

from comfydesk.library.names import CONFLICT, ENDING, SIDECAR, folded

log = logging.getLogger(__name__)

MAX_FILES = 50_000
_INTEGER = (1 << 63) - 1  # the largest that SQLite keeps
MAX_DEPTH = 32  # folders inside each other that are looked into

LEADS_OUT = "It is a link to a place outside of the library, which is not followed."
SAME_NAME = "Another workflow here has this name but for upper and lower case or the way of its accents; rename one."

Stamp = tuple[int, int, int]  # time in ns, bytes, inode: another stamp may be another content


class Found(NamedTuple):
    """One workflow file. `side`: the stamp of its sidecar; `problem`: why it is not to be opened."""

    name: str
    path: str
    stamp: Stamp
    side: Stamp | None
    problem: str


class Scan(NamedTuple):
    """Workflow files by name, folders, and the stamps of sidecars by their workflow's name (there or not)."""

    files: dict[str, Found]
    folders: list[str]
    sidecars: dict[str, Stamp]


def scan(root: Path) -> Scan:
    """Everything below `root`: hidden files and folders are left out, links to folders are not followed."""
    files: dict[str, Found] = {}
    folders: list[str] = []
    sidecars: dict[str, Stamp] = {}
    real = os.path.realpath(root)
    todo = [""]
    while todo:
        folder = todo.pop()
        inner = _scan_folder(root, real, folder, files, sidecars)
        folders += inner
        if folder.count("/") < MAX_DEPTH:
            todo += reversed(inner)
    kept: dict[str, Found] = {}
    seen: set[str] = set()
    for name in sorted(files):
        found = files[name]._replace(side=sidecars.get(name))
        key = folded(name)
        if key in seen:
            found = found._replace(problem=SAME_NAME)
        seen.add(key)
        kept[name] = found
    return Scan(kept, sorted(folders, key=str.casefold), sidecars)


def _scan_folder(root: Path, real: str, folder: str, files: dict[str, Found], sidecars: dict[str, Stamp]) -> list[str]:
    """Add what lies in one folder; the folders in it."""
    inner: list[str] = []
    prefix = f"{folder}/" if folder else ""
    try:
        entries = os.scandir(root / folder)
    except FileNotFoundError:
        return []
    except OSError as error:
        log.warning("the folder %s cannot be looked into: %s", folder or root, error)
        return []
    with entries:
        for entry in entries:
            name = entry.name
            if name.startswith(".") or not _is_text(name):
                continue
            lower = name.lower()
            if lower.endswith(SIDECAR):
                sidecars[prefix + name[: -len(SIDECAR)]] = _stamp(entry)
            elif CONFLICT.search(name):
                continue
            elif lower.endswith(ENDING) and not entry.is_dir(follow_symlinks=False):
                if len(files) < MAX_FILES:
                    stem = prefix + name[: -len(ENDING)]
                    problem = LEADS_OUT if entry.is_symlink() and not _is_inside(entry.path, real) else ""
                    files[stem] = Found(stem, entry.path, _stamp(entry), None, problem)
            elif entry.is_dir(follow_symlinks=False) and _is_plain(entry, real):
                inner.append(prefix + name)
    return sorted(inner)


def _is_text(name: str) -> bool:
    """A name in another encoding than the system's cannot be shown or kept; the log says that it was left out."""
    try:
        name.encode()
    except UnicodeEncodeError:
        log.warning("a file with an unreadable name is left out: %r", name)
        return False
    return True


def _stamp(entry: os.DirEntry[str]) -> Stamp:
    try:
        facts = entry.stat()
    except OSError:
        return (0, -1, 0)
    return stamp_of(facts)


def stamp_of(facts: os.stat_result) -> Stamp:
    return (facts.st_mtime_ns, facts.st_size, facts.st_ino & _INTEGER)


def _is_inside(path: str, real: str) -> bool:
    return os.path.realpath(path).startswith(real + os.sep)


def _is_plain(entry: os.DirEntry[str], real: str) -> bool:
    """Windows has another kind of link to a folder, which does not say that it is one."""
    if os.name != "nt":
        return True
    facts = entry.stat(follow_symlinks=False)
    is_link = bool(getattr(facts, "st_file_attributes", 0) & getattr(stat, "FILE_ATTRIBUTE_REPARSE_POINT", 0))
    return not is_link or _is_inside(entry.path, real)
