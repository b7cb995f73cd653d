"""The grid: square tiles below section headings, as many columns as fit; only what is in view is touched."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem

from comfydesk.gui.context import Context
from comfydesk.gui.gallery.model import GalleryModel
from comfydesk.gui.gallery.thumbs import Thumbnails
from comfydesk.gui.gallery.tile_view import INSET, TileView, with_ring
from comfydesk.gui.gallery.tiles import RING, TileDelegate
from comfydesk.gui.style.fonts import sized


class GridView(TileView):
    """`opened(row)`: show this file in full size (Enter, Space, double click). `delete_pressed`: Del.

    `menu_requested(global point)`: for what is selected. `drag_started`: somebody drags the selection away.
    """

    opened = Signal(int)
    delete_pressed = Signal()
    menu_requested = Signal(object)
    drag_started = Signal()

    def __init__(self, context: Context, model: GalleryModel, thumbnails: Thumbnails) -> None:
        super().__init__(model)
        self._context = context
        self._thumbnails = thumbnails
        self._hover = -1
        self.setItemDelegate(TileDelegate(context, thumbnails, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragEnabled(True)
        self.setAccessibleName(self.tr("Results"))
        self.viewport().setMouseTracking(True)
        self.laid_out.connect(lambda side: thumbnails.set_side(round(side * self.devicePixelRatioF())))
        self.verticalScrollBar().valueChanged.connect(lambda _: thumbnails.forget_wishes())
        model.modelReset.connect(lambda: self._set_hover(-1))
        thumbnails.arrived.connect(self._on_thumbnail)
        context.theme.changed.connect(self.viewport().update)

    # -- painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        top = self.verticalOffset() + event.rect().top() - RING
        bottom = self.verticalOffset() + event.rect().bottom() + RING
        painter.save()
        self._paint_headings(painter, top, bottom)
        painter.restore()
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        chosen = self.selectionModel()
        current = self.currentIndex().row() if self.hasFocus() else -1
        states = QStyle.StateFlag
        for rows in self._layout.rows_between(top, bottom):
            self._gallery.want(rows)
            for row in rows:
                index = self.model().index(row, 0)
                option.rect = self._to_viewport(self._layout.tile_box(row))
                option.state = states.State_Enabled
                if chosen.isSelected(index):
                    option.state |= states.State_Selected
                if row == current:
                    option.state |= states.State_HasFocus
                if row == self._hover:
                    option.state |= states.State_MouseOver
                self.itemDelegate().paint(painter, option, index)

    def _paint_headings(self, painter: QPainter, top: int, bottom: int) -> None:
        tokens = self._context.theme.tokens
        font = sized(self.font(), 11, weight=painter.font().Weight.DemiBold)
        font.setLetterSpacing(font.SpacingType.AbsoluteSpacing, 0.8)
        painter.setFont(font)
        painter.setPen(QColor(tokens.muted))
        for number in self._layout.sections_between(top, bottom):
            section = self._layout.sections[number]
            box = self._to_viewport(self._layout.heading_box(number, self.viewport().width() - 2 * INSET))
            words = f"{section.title} · {section.count:,}".upper()
            line = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, line)

    def _on_thumbnail(self, item_id: object) -> None:
        if item_id is None:
            self.viewport().update()
        elif isinstance(item_id, int) and (row := self._gallery.row_of(item_id)) >= 0:
            self.viewport().update(self.visualRect(self.model().index(row, 0)))

    def _update_row(self, row: int) -> None:
        if row >= 0:
            self.viewport().update(with_ring(self.visualRect(self.model().index(row, 0))))

    # -- input -------------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._set_hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._set_hover(-1)

    def _set_hover(self, row: int) -> None:
        if row != self._hover:
            self._update_row(self._hover)
            self._hover = row
            self._update_row(row)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(index.row())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            index, point = self.indexAt(event.pos()), event.globalPos()
        else:
            index = self.currentIndex()
            point = self.viewport().mapToGlobal(self.visualRect(index).center())
        if index.isValid():
            if not self.selectionModel().isSelected(index):
                self.select_row(index.row())
            self.menu_requested.emit(point)

    def startDrag(self, _actions: Qt.DropAction) -> None:
        self.drag_started.emit()

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

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        super().currentChanged(current, previous)
        self._update_row(previous.row())
        self._update_row(current.row())
