"""The column beside the grid: the selected file, its facts, and what made it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFormLayout, QFrame, QGridLayout, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from comfydesk.gallery.model import GalleryItem
from comfydesk.gui.context import Context
from comfydesk.gui.gallery.words import facts_line, files_text, seed_text, value_text
from comfydesk.gui.widgets.buttons import button
from comfydesk.gui.widgets.image_view import ImageView
from comfydesk.gui.widgets.labels import ElidedLabel, label

_SHOWN_BY_ITSELF = frozenset({"prompt", "seed"})


class DetailsPanel(QFrame):
    """`open_requested(item)`, `folder_requested(item)`, `trash_requested(list of ids)`, `toast_requested(text)`."""

    open_requested = Signal(object)
    folder_requested = Signal(object)
    trash_requested = Signal(object)
    toast_requested = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setProperty("kind", "panel")
        self._context = context
        self._item: GalleryItem | None = None
        self._chosen: list[GalleryItem] = []
        self.image = ImageView(context.theme, radius=8)
        self.image.setFixedHeight(280)
        self.image.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._name = ElidedLabel("", "heading", mode=Qt.TextElideMode.ElideMiddle)
        self._facts = label("", "muted", wrap=True)
        self._prompt = QPlainTextEdit()
        self._prompt.setReadOnly(True)
        self._prompt.setMaximumHeight(120)
        self._prompt.setAccessibleName(self.tr("Prompt"))
        self._table_box = QWidget()
        self._table = QFormLayout(self._table_box)
        self._table.setContentsMargins(0, 0, 0, 0)
        self._table.setHorizontalSpacing(16)
        self._table.setVerticalSpacing(6)
        self._table.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._hint = label(self.tr("Choose a file to see what made it."), "muted", wrap=True)
        self._build()
        self.show_items([])

    def _build(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        self._body = (self.image, self._name, self._facts, self._prompt, self._table_box)
        for widget in (self._hint, *self._body):
            column.addWidget(widget)
        column.addSpacing(4)
        self._buttons = QWidget()
        grid = QGridLayout(self._buttons)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        self._copy = button(self.tr("Copy prompt"), clicked=self._copy_prompt)
        self._seed = button(self.tr("Copy seed"), clicked=self._copy_seed)
        self._folder = button(self.tr("Open folder"), clicked=lambda: self._ask(self.folder_requested))
        self._trash = button(self.tr("Move to the trash"), "danger", clicked=self._ask_trash)
        grid.addWidget(self._copy, 0, 0)
        grid.addWidget(self._seed, 0, 1)
        grid.addWidget(self._folder, 1, 0)
        grid.addWidget(self._trash, 1, 1)
        column.addWidget(self._buttons)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll, 1)
        keys = label(self.tr("Space full size   Del trash   Ctrl+wheel tile size"), "small")
        keys.setContentsMargins(16, 4, 16, 12)
        outer.addWidget(keys)

    def show_items(self, items: list[GalleryItem]) -> None:
        """Show one file, or how many are selected."""
        self._chosen = list(items)
        one = items[0] if len(items) == 1 else None
        self._item = one
        for widget in self._body:
            widget.setVisible(one is not None)
        self._buttons.setVisible(bool(items))
        for widget in (self._copy, self._seed, self._folder):
            widget.setVisible(one is not None)
        self._hint.setVisible(one is None)
        self._hint.setText(
            self.tr("{0} selected").replace("{0}", files_text(len(items)))
            if len(items) > 1
            else self.tr("Choose a file to see what made it.")
        )
        if one is not None:
            self._show(one)

    def _show(self, item: GalleryItem) -> None:
        self._name.set_text(item.name)
        self._facts.setText(facts_line(item))
        self._prompt.setPlainText(item.prompt)
        self._prompt.setVisible(bool(item.prompt))
        self._copy.setEnabled(bool(item.prompt))
        self._seed.setEnabled(item.seed is not None)
        self.image.set_image(None)
        self.image.setVisible(item.kind in ("picture", "animation") and not item.missing)
        self._fill_table(self._basic_rows(item))
        self._context.bridge.spawn(self._load(item), f"details {item.item_id}")

    def _basic_rows(self, item: GalleryItem) -> list[tuple[str, str]]:
        rows = [(self.tr("Workflow"), item.workflow)]
        if item.seed is not None:
            rows.insert(0, (self.tr("Seed"), seed_text(item.seed)))
        return rows

    async def _load(self, item: GalleryItem) -> None:
        bridge = self._context.bridge
        if self.image.isVisibleTo(self):
            picture = await bridge.decode(item.path, QSize(720, 720))
            if self._item is item and not picture.isNull():
                self.image.set_image(picture)
        if self._gallery is not None:
            details: dict[str, Any] = await bridge.call(self._gallery.details, item.item_id)
            if self._item is item:
                rows = self._basic_rows(item)
                rows += [
                    (str(name), value_text(value))
                    for name, value in dict(details.get("params") or {}).items()
                    if str(name).casefold() not in _SHOWN_BY_ITSELF and value not in ("", None)
                ]
                self._fill_table(rows)

    _gallery: Any = None

    def attach(self, engine: Any) -> None:
        self._gallery = engine.gallery

    def detach(self) -> None:
        self._gallery = None
        self.show_items([])

    def _fill_table(self, rows: list[tuple[str, str]]) -> None:
        while self._table.rowCount():
            self._table.removeRow(0)
        for name, value in rows:
            said = label(value, wrap=True)
            said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._table.addRow(label(name, "muted"), said)

    def _ask(self, signal: Any) -> None:
        if self._item is not None:
            signal.emit(self._item)

    def _ask_trash(self) -> None:
        self.trash_requested.emit([item.item_id for item in self._chosen])

    def _copy_prompt(self) -> None:
        if self._item is not None:
            QGuiApplication.clipboard().setText(self._item.prompt)
            self.toast_requested.emit(self.tr("The prompt is in the clipboard."))

    def _copy_seed(self) -> None:
        if self._item is not None and self._item.seed is not None:
            QGuiApplication.clipboard().setText(str(self._item.seed))
            self.toast_requested.emit(self.tr("The seed is in the clipboard."))
