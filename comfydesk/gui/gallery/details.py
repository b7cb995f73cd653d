"""The column beside the grid: the selected file, its facts, and what made it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from comfydesk.base.errors import Problem
from comfydesk.gallery.model import GalleryItem
from comfydesk.gui.context import Context
from comfydesk.gui.gallery.alive import spawn
from comfydesk.gui.gallery.cover import Cover
from comfydesk.gui.gallery.facts import FactsTable, TextBox
from comfydesk.gui.gallery.thumbs import Thumbnails
from comfydesk.gui.gallery.tiles import ICONS
from comfydesk.gui.gallery.words import facts_line, files_text, seed_text, size_text, value_text
from comfydesk.gui.widgets.buttons import button
from comfydesk.gui.widgets.labels import ElidedLabel, label, restyle

_SHOWN_BY_ITSELF = frozenset({"prompt", "seed"})
_LONGEST_NAME = 20  # characters of a workflow that fit on the button


class DetailsPanel(QFrame):
    """`asked(what, item)`: view, folder, settings, copy-prompt or copy-seed; `trash_requested` for all selected."""

    asked = Signal(str, object)
    trash_requested = Signal()

    def __init__(self, context: Context, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.setProperty("kind", "panel")
        self._context = context
        self._thumbnails = thumbnails
        self._gallery: Any = None
        self._item: GalleryItem | None = None
        self._workflows: frozenset[str] = frozenset()
        self.cover = Cover(context)
        self.cover.clicked.connect(lambda: self._ask("view"))
        self.name = ElidedLabel("", "heading", mode=Qt.TextElideMode.ElideMiddle)
        self.facts = label("", "muted", wrap=True)
        self.content = TextBox(self.tr("Text"), 12)
        self.prompt = TextBox(self.tr("Prompt"), 8)
        self.table = FactsTable()
        self.hint = label(self.tr("Choose a file to see what made it."), "muted", wrap=True)
        self._build()
        thumbnails.arrived.connect(self._on_look)
        self.show_items([])

    def _build(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        self._of_one = (self.cover, self.name, self.facts, self.content, self.prompt, self.table)
        for widget in (self.cover, self.hint, *self._of_one[1:]):
            column.addWidget(widget)
        column.addSpacing(2)
        column.addWidget(self._make_buttons())
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        inner.setAutoFillBackground(False)  # the panel's colour shows, not the window's
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll, 1)
        keys = label(self.tr("Space full size   Del trash   Ctrl+wheel size"), "small")
        keys.setContentsMargins(16, 6, 16, 12)
        outer.addWidget(keys)

    def _make_buttons(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        self.use = button("", "primary", clicked=lambda: self._ask("settings"))
        self.copy_prompt = button(self.tr("Copy prompt"), clicked=lambda: self._ask("copy-prompt"))
        self.copy_seed = button(self.tr("Copy seed"), clicked=lambda: self._ask("copy-seed"))
        self.folder = button(self.tr("Open folder"), clicked=lambda: self._ask("folder"))
        self.trash = button(self.tr("Move to the trash"), "danger", clicked=self.trash_requested.emit)
        grid.addWidget(self.use, 0, 0, 1, 2)
        self._pairs = grid
        for widget in (self.copy_prompt, self.copy_seed, self.folder, self.trash):
            widget.setParent(box)
            widget.setMinimumWidth(60)
        return box

    def attach(self, engine: Any) -> None:
        self._gallery = engine.gallery

    def detach(self) -> None:
        self._gallery = None
        self.show_items([])

    def set_workflows(self, titles: frozenset[str]) -> None:
        """Workflows of the library: settings can be used where the workflow that they are for is there."""
        self._workflows = titles
        if self._item is not None:
            self._show_buttons(self._item)

    def show_items(self, items: list[GalleryItem], count: int | None = None) -> None:
        """Show one file, or how many are selected: `count`, where not all of them are at hand."""
        number = len(items) if count is None else count
        one = items[0] if number == 1 and items else None
        same = one is not None and one == self._item
        self._item = self._item if same else one
        for widget in self._of_one:
            widget.setVisible(one is not None)
        self.hint.setVisible(one is None)
        self.hint.setText(self._says(items, number))
        if one is None:
            pictures = (self._thumbnails.picture(item.item_id) for item in items[:12])
            tiles = [picture for picture in pictures if picture is not None] if number > 1 else []
            self.cover.show_tiles(tiles)
            self.cover.setVisible(bool(tiles))
            restyle(self.hint, kind="heading" if number > 1 else "muted")
            self.trash.setText(self.tr("Move to the trash"))
            self._arrange((self.trash,) if number else ())
        elif same:
            self._show_boxes(one)
        else:
            self._show(one)

    def _says(self, items: list[GalleryItem], number: int) -> str:
        if number < 2:
            return self.tr("Choose a file to see what made it.")
        said = self.tr("{0} selected").replace("{0}", files_text(number))
        return f"{said} · {size_text(sum(item.size for item in items))}" if len(items) == number else said

    # -- one file ----------------------------------------------------------------------------------------------------

    def _show(self, item: GalleryItem) -> None:
        self.name.set_text(item.name)
        self.facts.setText(facts_line(item) if not item.missing else self.tr("This file was moved or deleted."))
        if item.missing:
            self.cover.show_icon("warning")
        elif item.kind in ("picture", "animation", "video"):
            self.cover.expect(item.width, item.height)
        else:
            self.cover.show_icon(ICONS.get(item.kind, "file"))
        self._show_boxes(item)
        self.table.show_rows(self._basic_rows(item))
        self._show_buttons(item)
        spawn(self._context.bridge, f"details {item.item_id}", self._load, item)

    def _show_boxes(self, item: GalleryItem) -> None:
        look = self._thumbnails.look(item) if item.kind == "text" and not item.missing else None
        text = look.excerpt if look is not None else ""
        self.content.show_text(text)
        self.cover.setVisible(not text)
        self.prompt.show_text(item.prompt)

    def _on_look(self, item_id: object) -> None:
        if self._item is not None and self._item.item_id == item_id and self._item.kind == "text":
            self._show_boxes(self._item)

    def _show_buttons(self, item: GalleryItem) -> None:
        shown = [
            self.copy_prompt if item.prompt else None,
            self.copy_seed if item.seed is not None else None,
            None if item.missing else self.folder,
            self.trash,
        ]
        self._arrange([widget for widget in shown if widget is not None])
        self.trash.setText(self.tr("Remove from here") if item.missing else self.tr("Move to the trash"))
        self.use.setVisible(item.workflow in self._workflows and bool(item.prompt or item.seed is not None))
        name = item.workflow
        words = self.tr("Use these settings in {0}") if len(name) <= _LONGEST_NAME else self.tr("Use these settings")
        self.use.setText(words.replace("{0}", name).replace("&", "&&"))

    def _arrange(self, shown: Any) -> None:
        """Two buttons a row; one alone takes the row."""
        self.use.hide()
        for widget in (self.copy_prompt, self.copy_seed, self.folder, self.trash):
            self._pairs.removeWidget(widget)
            widget.setVisible(widget in shown)
        for number, widget in enumerate(shown):
            is_last = number == len(shown) - 1 and number % 2 == 0
            self._pairs.addWidget(widget, 1 + number // 2, number % 2, 1, 2 if is_last else 1)

    def _basic_rows(self, item: GalleryItem) -> list[tuple[str, str]]:
        rows = [(self.tr("Seed"), seed_text(item.seed))] if item.seed is not None else []
        return [*rows, (self.tr("Workflow"), item.workflow)] if item.workflow else rows

    async def _load(self, item: GalleryItem) -> None:
        bridge = self._context.bridge
        if self._gallery is None:
            return
        details: dict[str, Any] = {}
        try:
            details = await bridge.call(self._gallery.details, item.item_id)
        except Problem:
            return  # it was removed a moment ago
        if self._item is item:
            params = dict(details.get("params") or {}).items()
            rows = self._basic_rows(item)
            first = [row for row in rows if row[0] == self.tr("Seed")]
            rows = first + [
                (str(name), value_text(value))
                for name, value in params
                if str(name).casefold() not in _SHOWN_BY_ITSELF and value not in ("", None)
            ]
            self.table.show_rows(rows + [row for row in self._basic_rows(item) if row not in first])
        await self._load_cover(item)

    async def _load_cover(self, item: GalleryItem) -> None:
        bridge = self._context.bridge
        if item.missing or item.kind not in ("picture", "animation", "video") or self._gallery is None:
            return
        path = item.path
        if item.kind == "video":
            path = await bridge.call(self._gallery.thumbnail, item.item_id, 512)
        picture = await bridge.decode(path, QSize(840, 840)) if path and bridge.is_attached else None
        if self._item is item:
            if picture is not None and not picture.isNull():
                self.cover.show_image(picture)
            else:
                self.cover.show_icon(ICONS.get(item.kind, "file"))

    def _ask(self, what: str) -> None:
        if self._item is not None:
            self.asked.emit(what, self._item)
