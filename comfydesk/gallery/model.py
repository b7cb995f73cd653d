"""What the gallery shows: plain frozen types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from comfydesk.base.changes import Change
from comfydesk.server.types import RemoteFile


@dataclass(frozen=True, slots=True)
class GalleryItem:
    """One file on disk. `kind`: picture | animation | video | sound | model | latent | text | file."""

    item_id: int
    path: str
    name: str
    kind: str
    size: int
    created_at: float
    workflow: str
    job_id: str = ""
    seed: int | None = None
    prompt: str = ""
    width: int = 0
    height: int = 0
    host: str = ""
    took: float | None = None
    section: str = ""  # "Today · SDXL", computed for the grid
    missing: bool = False  # the file was moved or deleted outside


@dataclass(frozen=True, slots=True)
class Entry:
    """Everything that is known of a file when it becomes a row. `params`: label → value; `graph`: the API prompt.

    `size` in bytes, `created_at` in seconds since 1970 (the file's own time), `took` in seconds.
    """

    path: str
    kind: str
    size: int
    created_at: float
    workflow: str
    job_id: str = ""
    output_id: int = 0
    node_id: str = ""
    node_title: str = ""
    seed: int | None = None
    prompt: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    graph: Mapping[str, Any] | None = None
    width: int = 0
    height: int = 0
    host: str = ""
    took: float | None = None
    sha256: str = ""
    remote: RemoteFile | None = None


@dataclass(frozen=True, slots=True)
class GalleryAdded(Change):
    """New items, newest last."""

    items: tuple[GalleryItem, ...]


@dataclass(frozen=True, slots=True)
class GalleryChanged(Change):
    """Items whose row changed: the file went missing outside, or came back."""

    items: tuple[GalleryItem, ...]


@dataclass(frozen=True, slots=True)
class GalleryRemoved(Change):
    item_ids: tuple[int, ...]
