"""Where a media field's value can be picked from: the gallery's index, and the files that the server has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from comfydesk.base.errors import Problem
from comfydesk.base.fuzzy import rank
from comfydesk.form.fields import Field, Kind, LocalFile
from comfydesk.gallery.model import GalleryItem
from comfydesk.gui.context import Context
from comfydesk.gui.form.upload_files import fits

NEWEST = 200
KINDS = {Kind.IMAGE: "picture,animation", Kind.VIDEO: "video,animation", Kind.AUDIO: "sound", Kind.FILE: "model,file"}

Pictured = Callable[[QImage], object]
Found = Callable[[list["Pick"]], object]


@dataclass(frozen=True, slots=True)
class Pick:
    """Something to pick: the field's new value, its name, and whether there is a picture of it."""

    value: Any
    name: str
    has_picture: bool
    key: Any = None  # how its source knows it


class GallerySource:
    """The newest results that fit the field, found by the gallery's own search."""

    def __init__(self, context: Context, field: Field) -> None:
        self._bridge, self._field = context.bridge, field
        self._gallery = context.bridge.engine.gallery

    def search(self, text: str, found: Found, failed: Callable[[Problem], object]) -> None:
        query = f"kind:{KINDS[self._field.kind]} {text}".strip()
        self._bridge.run(
            self._gallery.page,
            0,
            NEWEST,
            query=query,
            then=lambda items: found([self._pick(item) for item in items if self._fits(item)]),
            failed=failed,
        )

    def picture(self, pick: Pick, side: int, then: Pictured) -> None:
        def have(path: str) -> None:
            if path:
                self._bridge.picture(path, QSize(side, side), then)

        self._bridge.run(self._gallery.thumbnail, pick.key, 256, then=have, failed=lambda _: None)

    def _fits(self, item: GalleryItem) -> bool:
        return not item.missing and fits(item.name, self._field.upload_kinds)

    def _pick(self, item: GalleryItem) -> Pick:
        return Pick(LocalFile(item.path), item.name, item.kind in ("picture", "animation", "video"), item.item_id)


class ServerSource:
    """The files in the host's input folder, newest first, and those that the node lists beside them."""

    def __init__(self, context: Context, field: Field, host_id: str) -> None:
        self._bridge, self._field, self._host_id = context.bridge, field, host_id
        self._engine = context.bridge.engine
        self._names: list[str] | None = None

    def search(self, text: str, found: Found, failed: Callable[[Problem], object]) -> None:
        def answer(names: Sequence[str] | None) -> None:
            self._names = self._all(names or ())
            found([self._pick(self._names[at]) for at in rank(text, self._names)])

        if self._names is not None:
            answer(self._names)
        elif self._host_id and hasattr(self._engine, "host_inputs"):
            # The list that came with the node's spec is there in any case.
            kind = "output" if self._field.remote.endswith("/output") else "input"
            self._bridge.run(self._engine.host_inputs, self._host_id, kind, then=answer, failed=lambda _: answer(()))
        else:
            answer(())

    def picture(self, pick: Pick, side: int, then: Pictured) -> None:
        def have(data: bytes) -> None:
            self._bridge.picture(data, QSize(side, side), then)

        fetch = self._engine.host_input_preview
        self._bridge.run(fetch, self._host_id, pick.key, then=have, failed=lambda _: None)

    def _all(self, listed: Sequence[str]) -> list[str]:
        own = [name for name in listed if fits(name.removesuffix(" [output]"), self._field.upload_kinds)]
        known = set(own)
        return own + [str(name) for name in self._field.choices if str(name) not in known]

    def _pick(self, name: str) -> Pick:
        return Pick(name, name, self._field.kind is Kind.IMAGE and bool(self._host_id), name)
