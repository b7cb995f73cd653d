"""What belongs to a workflow but not into its file: `<name>.desk.json` beside it. Blocking.

It holds `draft` (what was typed into the form), `profile`, `presets`, `tags`, `favourite`, `thumbnail`, `origin`: what
a person would want to have on another machine too. What changes by mere use (when it was opened, the newest result)
is kept in the home, or a library in git would never be clean.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from comfydesk.base.errors import Problem
from comfydesk.form.fields import LocalFile
from comfydesk.library import files
from comfydesk.workflow import json_text

log = logging.getLogger(__name__)

VERSION = 1
MAX_TAGS, MAX_TAG = 64, 60  # tags of a workflow, letters of one
MAX_PICTURE = 64 << 10  # bytes of a thumbnail inside a sidecar
_MAX_BYTES = 4 << 20
_LOCAL_FILE = "local_file"  # {"local_file": "/path"} stands for a LocalFile
_PICTURE = "data:image/webp;base64,"


@dataclass(frozen=True, slots=True)
class Side:
    """What the list shows of a sidecar. `picture`: a WebP; `is_chosen`: by the person, so no result takes its place."""

    tags: tuple[str, ...] = ()
    favourite: bool = False
    picture: bytes = b""
    is_chosen: bool = False


def read(path: Path) -> dict[str, Any]:
    """The content; {} where there is none or it is broken: the workflow then opens as if it had none."""
    found = _read(path)
    return {} if found is None else found


def change(path: Path, **values: Any) -> None:
    """Set keys of the sidecar; None takes one out. What else is in it stays; one that says nothing is removed.

    Raises Problem disk_write or disk_full.
    """
    found = _read(path)
    if found is None:
        _set_aside(path)
    content = {**(found or {}), **values, "version": VERSION}
    content = {key: value for key, value in content.items() if value is not None}
    if set(content) == {"version"}:
        if found is not None:
            _unlink(path)
        return
    files.write(path, json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace"))


def draft_of(content: Mapping[str, Any]) -> dict[str, Any] | None:
    """What was typed into the form, as `save_draft` got it."""
    draft = content.get("draft")
    return _decoded(draft) if isinstance(draft, dict) else None


def plain(value: Any) -> Any:
    """A value as JSON can hold it: local files and enums are written so that they can be read again."""
    if isinstance(value, LocalFile):
        return {_LOCAL_FILE: value.path}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value


def side_of(content: Mapping[str, Any]) -> Side:
    """What the list shows; people and other programs write these files, so anything may be in them."""
    tags = content.get("tags")
    thumbnail = content.get("thumbnail")
    inner = thumbnail if isinstance(thumbnail, dict) else {}
    return Side(
        clean_tags(tags if isinstance(tags, list) else ()),
        content.get("favourite") is True,
        _picture(inner.get("picture")),
        inner.get("chosen") is True,
    )


def thumbnail(picture: bytes, *, is_chosen: bool) -> dict[str, Any]:
    """The value of the key `thumbnail`."""
    return {"picture": _PICTURE + base64.b64encode(picture).decode("ascii"), "chosen": is_chosen}


def clean_tags(tags: Iterable[Any]) -> tuple[str, ...]:
    """Tags without surrounding space and doubles, in their order."""
    kept: dict[str, str] = {}
    for tag in tags:
        text = " ".join(tag.split())[:MAX_TAG].strip() if isinstance(tag, str) else ""
        if text and len(kept) < MAX_TAGS:
            kept.setdefault(text.casefold(), text)
    return tuple(kept.values())


def _picture(text: Any) -> bytes:
    if not isinstance(text, str) or not text.startswith(_PICTURE) or len(text) > 2 * MAX_PICTURE:
        return b""
    try:
        data = base64.b64decode(text[len(_PICTURE) :], validate=True)
    except (binascii.Error, ValueError):
        return b""
    return data if len(data) <= MAX_PICTURE and data[:4] == b"RIFF" and data[8:12] == b"WEBP" else b""


def _read(path: Path) -> dict[str, Any] | None:
    """{} where there is none, None where it is broken."""
    try:
        data = files.read(path, _MAX_BYTES)
    except Problem as problem:
        return {} if problem.code == "file_missing" else None
    try:
        content = json_text.read(data, path.name).value if data.strip() else {}
    except Problem as problem:
        log.warning("the sidecar %s cannot be read: %s", path.name, problem)
        return None
    return content if isinstance(content, dict) else None


def _set_aside(path: Path) -> None:
    """A person may have made the mistake in it: what they wrote is not thrown away."""
    with contextlib.suppress(OSError):
        path.replace(path.with_name(f"{path.name}.broken"))


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise files.disk_problem(error, path.parent) from error


def _decoded(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {_LOCAL_FILE} and isinstance(value[_LOCAL_FILE], str):
            return LocalFile(value[_LOCAL_FILE])
        return {key: _decoded(item) for key, item in value.items()}
    return [_decoded(item) for item in value] if isinstance(value, list) else value
