"""The newest results in a row under the stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from comfydesk.base.changes import Change
from comfydesk.gallery.model import GalleryAdded, GalleryItem, GalleryRemoved
from comfydesk.gui.context import Context
from comfydesk.gui.gallery import outside
from comfydesk.gui.widgets.buttons import button
from comfydesk.gui.widgets.labels import label

Index = QModelIndex | QPersistentModelIndex

ITEM_ROLE = Qt.ItemDataRole.UserRole + 1
PICTURE_ROLE = Qt.ItemDataRole.UserRole + 2
LEAST, GAP = 88, 8  # pixels; tiles grow until they fill the row
SHOWN = 24
KIND_ICONS = {"video": "video", "sound": "sound", "model": "cube", "latent": "latent", "text": "text", "file": "file"}


class NewestModel(QAbstractListModel):
    """The newest items first. `picture_needed(GalleryItem)` when a tile first shows."""

    picture_needed = Signal(object)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.items: list[GalleryItem] = []
        self._pictures: dict[int, QPixmap | None] = {}

    def set_items(self, items: Sequence[GalleryItem]) -> None:
        self.beginResetModel()
        self.items = list(items[:SHOWN])
        self.endResetModel()

    def add(self, items: Sequence[GalleryItem]) -> None:
        """New ones, newest last."""
        known = {item.item_id for item in self.items}
        for item in items:
            if item.item_id not in known:
                self.beginInsertRows(QModelIndex(), 0, 0)
                self.items.insert(0, item)
                self.endInsertRows()
        if len(self.items) > SHOWN:
            self.beginRemoveRows(QModelIndex(), SHOWN, len(self.items) - 1)
            for item in self.items[SHOWN:]:
                self._pictures.pop(item.item_id, None)
            del self.items[SHOWN:]
            self.endRemoveRows()

    def remove(self, item_ids: Sequence[int]) -> None:
        gone = set(item_ids)
        for row in range(len(self.items) - 1, -1, -1):
            if self.items[row].item_id in gone:
                self.beginRemoveRows(QModelIndex(), row, row)
                self._pictures.pop(self.items.pop(row).item_id, None)
                self.endRemoveRows()

    def set_picture(self, item_id: int, picture: QPixmap) -> None:
        self._pictures[item_id] = picture
        row = next((row for row, item in enumerate(self.items) if item.item_id == item_id), -1)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row), [PICTURE_ROLE])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self.items)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.items):
            return None
        item = self.items[index.row()]
        if role == ITEM_ROLE:
            return item
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return item.name
        if role == PICTURE_ROLE:
            if item.item_id not in self._pictures and item.kind not in KIND_ICONS:
                self._pictures[item.item_id] = None
                self.picture_needed.emit(item)
            return self._pictures.get(item.item_id)
        return None


class TileDelegate(QStyledItemDelegate):
    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.side = LEAST

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self.side + GAP, self.side)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item, picture = index.data(ITEM_ROLE), index.data(PICTURE_ROLE)
        tokens = self._context.theme.tokens
        place = QRectF(option.rect.left() + 1, option.rect.top() + 1, self.side - 2, self.side - 2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        path = QPainterPath()
        path.addRoundedRect(place, 8, 8)
        painter.setClipPath(path)
        painter.fillRect(place, QColor(tokens.raised))
        if picture is not None and not picture.isNull():
            side = min(picture.width(), picture.height())
            source = QRectF((picture.width() - side) / 2, (picture.height() - side) / 2, side, side)
            painter.drawPixmap(place, picture, source)
        elif item.kind in KIND_ICONS:
            centre = place.center().toPoint()
            icon = self._context.icons.icon(KIND_ICONS[item.kind], "muted")
            icon.paint(painter, QRect(centre.x() - 14, centre.y() - 14, 28, 28))
        painter.setClipping(False)
        marked = option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_HasFocus)
        if marked or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.accent if marked else tokens.control), 2))
            painter.drawRoundedRect(place, 8, 8)
        painter.restore()


class StripView(QListView):
    """Its tiles can be dragged: onto a field, or into another program."""

    def startDrag(self, _actions: Qt.DropAction) -> None:
        index = self.currentIndex()
        item = index.data(ITEM_ROLE)
        if item is not None:
            outside.drag(self, [item], index.data(PICTURE_ROLE))


class NewestStrip(QFrame):
    """`picked(GalleryItem)`: a person chose one; `loaded`: the results of earlier starts; `gallery_requested`."""

    picked = Signal(object)
    loaded = Signal()
    gallery_requested = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._engine: Any = None
        self.model = NewestModel(self)
        self.model.picture_needed.connect(self._fetch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(label(self.tr("Newest"), "strong"), 1)
        self.open_gallery = button(self.tr("Open gallery"), "quiet", clicked=self.gallery_requested.emit)
        self.open_gallery.setStyleSheet("QPushButton { min-height: 24px; max-height: 24px; padding: 0 4px; }")
        head.addWidget(self.open_gallery)
        column.addLayout(head)
        self.view = StripView()
        self.view.setDragEnabled(True)
        self.view.setFlow(QListView.Flow.LeftToRight)
        self.view.setWrapping(False)
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._tiles = TileDelegate(context, self.view)
        self.view.setItemDelegate(self._tiles)
        self.view.setModel(self.model)
        self.view.setAccessibleName(self.tr("Newest results"))
        self.view.clicked.connect(self._pick)
        self.view.activated.connect(self._pick)
        column.addWidget(self.view)
        context.bridge.changed.connect(self._on_changes)
        for signal in (self.model.rowsInserted, self.model.rowsRemoved, self.model.modelReset):
            signal.connect(self._show_or_hide)
        self._wanted = True
        self._show_or_hide()

    def attach(self, engine: Any) -> None:
        self._engine = engine
        self.context.bridge.run(engine.gallery.page, 0, SHOWN, then=self._show)

    def detach(self) -> None:
        self._engine = None
        self.model.set_items([])

    def _show(self, items: list[GalleryItem]) -> None:
        self.model.set_items(items)
        self.loaded.emit()

    def set_wanted(self, wanted: bool) -> None:
        """Whether there is room for it."""
        self._wanted = wanted
        self._show_or_hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = event.size().width() + GAP
        side = min(room // max(1, room // (LEAST + GAP)) - GAP, 116)
        if side != self._tiles.side or self.view.height() != side:
            self._tiles.side = side
            self.view.setFixedHeight(side)
            self.view.scheduleDelayedItemsLayout()

    def _show_or_hide(self) -> None:
        self.setVisible(self._wanted and self.model.rowCount() > 0)

    def clear_selection(self) -> None:
        self.view.clearSelection()

    def _pick(self, index: QModelIndex) -> None:
        item = index.data(ITEM_ROLE)
        if item is not None:
            self.picked.emit(item)

    def _fetch(self, item: GalleryItem) -> None:
        if self._engine is None:
            return
        side = round(LEAST * self.devicePixelRatioF())

        def have(path: str) -> None:
            if path and self._engine is not None:
                self.context.bridge.picture(
                    path,
                    QSize(3 * side, 3 * side),
                    lambda image: self.model.set_picture(item.item_id, QPixmap.fromImage(image)),
                )

        self.context.bridge.run(self._engine.gallery.thumbnail, item.item_id, 256, then=have, failed=lambda _: None)

    def _on_changes(self, changes: list[Change]) -> None:
        if self._engine is None:
            return
        for change in changes:
            if isinstance(change, GalleryAdded):
                self.model.add(change.items)
                # Followed only while the newest is in view.
                if self.view.horizontalScrollBar().value() < LEAST:
                    self.view.scrollToTop()
            elif isinstance(change, GalleryRemoved):
                self.model.remove(change.item_ids)
