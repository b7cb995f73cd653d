"""What the gallery shows: plain frozen types."""

from __future__ import annotations

from dataclasses import dataclass

from comfydesk.base.changes import Change


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
class GalleryAdded(Change):
    """New items, newest last."""

    items: tuple[GalleryItem, ...]


@dataclass(frozen=True, slots=True)
class GalleryRemoved(Change):
    item_ids: tuple[int, ...]
