"""Moving files to the system's trash. Blocking."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from comfydesk.gallery.model import GalleryItem


def move(items: Sequence[GalleryItem]) -> tuple[list[int], list[tuple[str, str]]]:
    """(ids that are gone, (name, why not) of those that are still there)."""
    from send2trash import send2trash

    gone: list[int] = []
    failed: list[tuple[str, str]] = []
    for item in items:
        try:
            if Path(item.path).exists():
                send2trash(item.path)
            gone.append(item.item_id)
        except OSError as exc:  # TrashPermissionError is one: a drive without a trash that we may write to
            failed.append((item.name, exc.strerror or str(exc)))
    return gone, failed
