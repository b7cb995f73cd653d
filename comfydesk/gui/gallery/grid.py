"""The grid: square tiles below section headings, as many columns as fit; only what is in view is touched."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem

from comfydesk.gui.context import Context
from comfydesk.gui.gallery.layout import Box, GridLayout, sections_of
from comfydesk.gui.gallery.model import GalleryModel, Index
from comfydesk.gui.gallery.thumbs import Thumbnails
from comfydesk.gui.gallery.tiles import TileDelegate
from comfydesk.gui.style.fonts import sized

MIN_TILE, MAX_TILE = 96, 384


class GridView(QAbstractItemView):
    """`opened(row)`: show this file in full size (Enter, Space, double click). `delete_pressed`: Del."""

    opened = Signal(int)
    delete_pressed = Signal()

    def __init__(self, context: Context, model: GalleryModel, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._context = context
        self._gallery = model
        self._thumbnails = thumbnails
        self._wish = 168
        self._layout = GridLayout((), 1, self._wish)
        self.setModel(model)
        self.setItemDelegate(TileDelegate(context, thumbnails, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Results"))
        self.viewport().setMouseTracking(True)
        self._relayout_soon = QTimer(self)
        self._relayout_soon.setSingleShot(True)
        self._relayout_soon.setInterval(0)
        self._relayout_soon.timeout.connect(self._relayout)
        model.sections_changed.connect(self._relayout_soon.start)
        thumbnails.arrived.connect(self._on_thumbnail)
        context.theme.changed.connect(self.viewport().update)

    def set_tile_size(self, pixels: int) -> None:
        """The width that tiles shall have, roughly."""
        self._wish = min(max(pixels, MIN_TILE), MAX_TILE)
        self._relayout()

    def tile_size(self) -> int:
        return self._wish

    def selected_rows(self) -> list[int]:
        return sorted({index.row() for index in self.selectionModel().selectedIndexes()})

    def select_row(self, row: int) -> None:
        """Make `row` the current and only selected one, and bring it into view."""
        index = self.model().index(row, 0)
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)

    # -- layout ------------------------------------------------------------------------------------------------------

    def _relayout(self) -> None:
        anchor = self._anchor()
        sections = sections_of([item.section for item in self._gallery.items()])
        bar = self.verticalScrollBar()
        page = self.viewport().height()
        # The bar takes room, and room decides whether there is a bar: ask with the full width first.
        self._layout = GridLayout(sections, self.width(), self._wish)
        needed = self._layout.height > page
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if needed else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if policy != self.verticalScrollBarPolicy():
            self.setVerticalScrollBarPolicy(policy)
        if needed:
            self._layout = GridLayout(sections, self.width() - bar.sizeHint().width(), self._wish)
        bar.setRange(0, max(0, self._layout.height - page))
        bar.setPageStep(page)
        bar.setSingleStep(max(24, self._layout.tile // 3))
        if anchor is not None:
            row, offset = anchor
            bar.setValue(self._layout.tile_box(row).y - offset)
        self.viewport().update()

    def _anchor(self) -> tuple[int, int] | None:
        """The first row in view and where it stands, so that new results do not move what is looked at."""
        top = self.verticalOffset()
        if top == 0:
            return None  # at the top the newest stay in view
        for rows in self._layout.rows_between(top, top + self.viewport().height()):
            return rows.start, self._layout.tile_box(rows.start).y - top
        return None

    def _on_thumbnail(self, item_id: object) -> None:
        row = self._gallery.row_of(item_id) if isinstance(item_id, int) else -1
        if row >= 0:
            self.viewport().update(self.visualRect(self.model().index(row, 0)))

    def _to_viewport(self, box: Box) -> QRect:
        return QRect(box.x, box.y - self.verticalOffset(), box.width, box.height)

    # -- painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        top = self.verticalOffset() + event.rect().top()
        bottom = self.verticalOffset() + event.rect().bottom()
        self._paint_headings(painter, top, bottom)
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        chosen = self.selectionModel()
        current = self.currentIndex()
        for rows in self._layout.rows_between(top, bottom):
            for row in rows:
                index = self.model().index(row, 0)
                option.rect = self._to_viewport(self._layout.tile_box(row))
                option.state = QStyle.StateFlag.State_Enabled
                if chosen.isSelected(index):
                    option.state |= QStyle.StateFlag.State_Selected
                if index == current and self.hasFocus():
                    option.state |= QStyle.StateFlag.State_HasFocus
                self.itemDelegateForIndex(index).paint(painter, option, index)

    def _paint_headings(self, painter: QPainter, top: int, bottom: int) -> None:
        tokens = self._context.theme.tokens
        font = sized(self.font(), 11, weight=painter.font().Weight.DemiBold)
        font.setLetterSpacing(font.SpacingType.AbsoluteSpacing, 0.8)
        painter.setFont(font)
        painter.setPen(QColor(tokens.muted))
        for number in self._layout.sections_between(top, bottom):
            section = self._layout.sections[number]
            box = self._to_viewport(self._layout.heading_box(number, self.viewport().width()))
            words = f"{section.title} · {section.count}".upper()
            line = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, line)

    # -- input -------------------------------------------------------------------------------------------------------

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(index.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().row())
            return
        if event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_tile_size(self._wish + (24 if event.angleDelta().y() > 0 else -24))
            event.accept()
            return
        super().wheelEvent(event)

    # -- what QAbstractItemView asks ---------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._relayout()

    def visualRect(self, index: Index) -> QRect:
        return self._to_viewport(self._layout.tile_box(index.row())) if index.isValid() else QRect()

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        if not index.isValid():
            return
        box = self._layout.tile_box(index.row())
        bar = self.verticalScrollBar()
        if box.y - self._layout.heading < bar.value():
            bar.setValue(box.y - self._layout.heading)
        elif box.y + box.height + self._layout.gap > bar.value() + self.viewport().height():
            bar.setValue(box.y + box.height + self._layout.gap - self.viewport().height())

    def indexAt(self, point: QPoint) -> QModelIndex:
        row = self._layout.row_at(point.x(), point.y() + self.verticalOffset())
        return self.model().index(row, 0) if row >= 0 else QModelIndex()

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        steps = QAbstractItemView.CursorAction
        count = self.model().rowCount()
        row = self.currentIndex().row() if self.currentIndex().isValid() else 0
        lines = max(1, self.viewport().height() // (self._layout.tile + self._layout.gap))
        if action in (steps.MoveLeft, steps.MovePrevious):
            row = self._layout.neighbour(row, -1, 0, count)
        elif action in (steps.MoveRight, steps.MoveNext):
            row = self._layout.neighbour(row, 1, 0, count)
        elif action in (steps.MoveUp, steps.MovePageUp, steps.MoveDown, steps.MovePageDown):
            down = 1 if action in (steps.MoveDown, steps.MovePageDown) else -1
            for _ in range(lines if action in (steps.MovePageUp, steps.MovePageDown) else 1):
                row = self._layout.neighbour(row, 0, down, count)
        elif action == steps.MoveHome:
            row = 0
        elif action == steps.MoveEnd:
            row = count - 1
        return self.model().index(row, 0)

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: Index) -> bool:
        return False

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        shifted = rect.normalized().translated(0, self.verticalOffset())
        selection = QItemSelection()
        for rows in self._layout.rows_between(shifted.top(), shifted.bottom()):
            for row in rows:
                box = self._layout.tile_box(row)
                if shifted.intersects(QRect(box.x, box.y, box.width, box.height)):
                    index = self.model().index(row, 0)
                    selection.select(index, index)
        self.selectionModel().select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        region = QRegion()
        for index in selection.indexes():
            region += self.visualRect(index)
        return region

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self._thumbnails.forget_wishes()
        self.viewport().update()
        bar = self.verticalScrollBar()
        if bar.value() > bar.maximum() - 2 * self.viewport().height():
            self._gallery.fetchMore(QModelIndex())

    def sizeHintForRow(self, row: int) -> int:
        return self._layout.tile
