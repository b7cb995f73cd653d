"""What belongs to a workflow but not into its file: `<name>.desk.json` beside it, with the draft of the form."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import tempfile
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.form.fields import LocalFile
from comfydesk.jobs.naming import leaf
from comfydesk.workflow import json_text

log = logging.getLogger(__name__)

ENDING = ".desk.json"
_LOCAL_FILE = "local_file"  # {"local_file": "/path"} stands for a LocalFile


def path_of(home: Home, name: str) -> Path:
    """Where the sidecar of the workflow `name` lies."""
    return home.workflows / f"{leaf(name, fallback='workflow')}{ENDING}"


def read_draft(home: Home, name: str) -> dict[str, Any] | None:
    """The draft, None where there is none. A broken sidecar counts as none: the form then shows the file's values."""
    draft = _read(path_of(home, name)).get("draft")
    return _decoded(draft) if isinstance(draft, dict) else None


def write_draft(home: Home, name: str, draft: Mapping[str, Any]) -> None:
    """Put the draft into the sidecar; what else is in it stays. Raises Problem disk_write or disk_full."""
    path = path_of(home, name)
    content = {**_read(path), "version": 1, "draft": _encoded(dict(draft))}
    write_file(path, json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace"))


def write_file(path: Path, data: bytes) -> None:
    """Replace a file at once or not at all. Raises Problem disk_write or disk_full."""
    name = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        if name:
            with contextlib.suppress(OSError):
                Path(name).unlink()
        code = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "disk_write"
        raise Problem(code, folder=path.parent, detail=error.strerror or str(error)) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json_text.read(path.read_bytes(), path.name).value
    except FileNotFoundError:
        return {}
    except (OSError, Problem) as error:
        log.warning("the sidecar %s cannot be read: %s", path.name, error)
        return {}
    return content if isinstance(content, dict) else {}


def _encoded(value: Any) -> Any:
    if isinstance(value, LocalFile):
        return {_LOCAL_FILE: value.path}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _encoded(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_encoded(item) for item in value]
    return value


def _decoded(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {_LOCAL_FILE} and isinstance(value[_LOCAL_FILE], str):
            return LocalFile(value[_LOCAL_FILE])
        return {key: _decoded(item) for key, item in value.items()}
    return [_decoded(item) for item in value] if isinstance(value, list) else value
