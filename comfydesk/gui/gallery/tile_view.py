"""An item view of square tiles: where they stand, how the view scrolls, and what a drag or Shift selects."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView

from comfydesk.gui.gallery.layout import Box, GridLayout
from comfydesk.gui.gallery.model import GalleryModel, Index
from comfydesk.gui.gallery.tiles import RING

MIN_TILE, MAX_TILE, FIRST_TILE = 96, 384, 160
INSET = 4  # room for the ring of a selected tile beside the first column


class TileView(QAbstractItemView):
    """Geometry only; `GridView` paints and listens. `laid_out(side)`: tiles are that large now."""

    laid_out = Signal(int)
    tile_size_changed = Signal(int)

    def __init__(self, model: GalleryModel) -> None:
        super().__init__()
        self._gallery = model
        self._wish = FIRST_TILE
        self._layout = GridLayout((), 1, self._wish)
        self._anchor: tuple[QPersistentModelIndex, int] | None = None
        self._kept: tuple[list[int], int, int, int] | None = None
        self.setModel(model)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._relayout_soon = QTimer(self)
        self._relayout_soon.setSingleShot(True)
        self._relayout_soon.setInterval(0)
        self._relayout_soon.timeout.connect(self._relayout)
        model.sections_changed.connect(self._relayout_soon.start)
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)

    def set_tile_size(self, pixels: int) -> None:
        """The width that tiles shall have, roughly."""
        wish = min(max(pixels, MIN_TILE), MAX_TILE)
        if wish != self._wish:
            self._wish = wish
            self._relayout()
            self.tile_size_changed.emit(wish)

    def tile_size(self) -> int:
        return self._wish

    def selected_rows(self) -> list[int]:
        """The selected rows from the first to the last; cheap for thousands."""
        ranges = self.selectionModel().selection()
        return sorted({row for part in ranges for row in range(part.top(), part.bottom() + 1)})

    def select_row(self, row: int) -> None:
        """Make `row` the current and only selected one, and bring it into view."""
        index = self.model().index(row, 0)
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)

    # -- layout ------------------------------------------------------------------------------------------------------

    def _relayout(self) -> None:
        self._relayout_soon.stop()
        sections = self._gallery.sections()
        bar = self.verticalScrollBar()
        page = self.viewport().height()
        # The bar takes room, and room decides whether there is a bar: ask with the full width first.
        self._layout = GridLayout(sections, self.width() - 2 * INSET, self._wish)
        needed = self._layout.height > page
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if needed else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if policy != self.verticalScrollBarPolicy():
            self.setVerticalScrollBarPolicy(policy)
        if needed:
            self._layout = GridLayout(sections, self.width() - 2 * INSET - bar.sizeHint().width(), self._wish)
        anchor = self._anchor  # moving the bar sets a new one
        bar.setRange(0, max(0, self._layout.height - page))
        bar.setPageStep(page)
        bar.setSingleStep(max(24, self._layout.tile // 3))
        if anchor is not None and anchor[0].isValid():
            bar.setValue(self._layout.tile_box(anchor[0].row()).y - anchor[1])
        self._set_anchor()
        self.laid_out.emit(self._layout.tile)
        self.viewport().update()

    def _set_anchor(self) -> None:
        """Remember the first row in view and where it stands: new results do not move what is looked at."""
        top = self.verticalOffset()
        self._anchor = None  # at the top the newest stay in view
        if top > 0:
            for rows in self._layout.rows_between(top, top + self.viewport().height()):
                index = self.model().index(rows.start, 0)
                self._anchor = QPersistentModelIndex(index), self._layout.tile_box(rows.start).y - top
                return

    def _remember(self) -> None:
        """Before the same question is asked anew: what is selected, and what is looked at."""
        items = (self._gallery.item(row) for row in self.selected_rows()[:1000])
        row, offset = (self._anchor[0].row(), self._anchor[1]) if self._anchor is not None else (-1, 0)
        first = self._gallery.item(row)
        self._kept = [item.item_id for item in items if item is not None], first.item_id if first else -1, row, offset

    def _restore(self) -> None:
        if self._kept is None:
            return
        chosen, first, old_row, offset = self._kept
        self._kept = None
        selection = QItemSelection()
        for row in map(self._gallery.row_of, chosen):
            if row >= 0:
                index = self.model().index(row, 0)
                selection.select(index, index)
        if not selection.isEmpty():
            flags = QItemSelectionModel.SelectionFlag
            self.setAutoScroll(False)
            self.selectionModel().setCurrentIndex(selection.indexes()[0], flags.NoUpdate)
            self.selectionModel().select(selection, flags.Select)
            self.setAutoScroll(True)
        now = self._gallery.row_of(first)
        index = self.model().index(now if now >= 0 else old_row, 0)
        self._anchor = (QPersistentModelIndex(index), offset) if index.isValid() else None

    def _to_viewport(self, box: Box) -> QRect:
        return QRect(box.x + INSET, box.y - self.verticalOffset(), box.width, box.height)

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
        if self._relayout_soon.isActive():
            self._relayout()
        box = self._layout.tile_box(index.row())
        bar = self.verticalScrollBar()
        if box.y - self._layout.heading < bar.value():
            bar.setValue(box.y - self._layout.heading)
        elif box.y + box.height + self._layout.gap > bar.value() + self.viewport().height():
            bar.setValue(box.y + box.height + self._layout.gap - self.viewport().height())

    def indexAt(self, point: QPoint) -> QModelIndex:
        row = self._layout.row_at(point.x() - INSET, point.y() + self.verticalOffset())
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
        """From one corner of `rect` to the other: all tiles in reading order (Shift), or those that a drag touches."""
        if self.state() == QAbstractItemView.State.DragSelectingState:
            selection = self._touched(rect.normalized())
        else:
            first, last = self.indexAt(rect.topLeft()), self.indexAt(rect.bottomRight())
            ends = sorted(index.row() for index in (first, last) if index.isValid())
            selection = QItemSelection()
            if ends:
                selection.select(self.model().index(ends[0], 0), self.model().index(ends[-1], 0))
        self.selectionModel().select(selection, command)

    def _touched(self, rect: QRect) -> QItemSelection:
        selection = QItemSelection()
        top = self.verticalOffset()
        for rows in self._layout.rows_between(rect.top() + top, rect.bottom() + top):
            for row in rows:
                index = self.model().index(row, 0)
                if rect.intersects(self.visualRect(index)):
                    selection.select(index, index)
        return selection

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        region = QRegion()
        top = self.verticalOffset()
        shown = self._layout.rows_between(top, top + self.viewport().height())
        for part in selection:
            for rows in shown:
                for row in range(max(rows.start, part.top()), min(rows.stop, part.bottom() + 1)):
                    region += with_ring(self.visualRect(self.model().index(row, 0)))
        return region

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self._gallery.forget_wishes()
        self._set_anchor()
        self.viewport().update()

    def sizeHintForRow(self, row: int) -> int:
        return self._layout.tile


def with_ring(rect: QRect) -> QRect:
    return rect.adjusted(-RING - 1, -RING - 1, RING + 1, RING + 1)
