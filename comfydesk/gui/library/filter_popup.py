"""The choices of the library's filter: all, favourites, recent, the tree of folders, the tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from comfydesk.gui.context import Context
from comfydesk.gui.library.head import FILTER_ICONS
from comfydesk.gui.library.sections import Filter, Which
from comfydesk.gui.style.fonts import CAPTION, LABEL, sized
from comfydesk.gui.style.icons import render
from comfydesk.library.model import WorkflowEntry

_FILTER, _COUNT = Qt.ItemDataRole.UserRole + 1, Qt.ItemDataRole.UserRole + 2
_ROW, _MOST, _STEP = 30, 460, 16
HOST = "host"  # the choice that leads to the host's workflows

Index = QModelIndex | QPersistentModelIndex


class _Painter(QStyledItemDelegate):
    """Icon, word, and how many at the right; headings in small capitals."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = self._context.theme.tokens
        row: QRect = option.rect
        choice, count = index.data(_FILTER), index.data(_COUNT)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if choice is None:
            font = sized(option.font, CAPTION, weight=QFont.Weight.DemiBold)
            font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.8)
            painter.setFont(font)
            painter.setPen(QColor(tokens.muted))
            painter.drawText(row.adjusted(10, 6, -8, 0), int(Qt.AlignmentFlag.AlignVCenter), str(index.data()).upper())
            painter.restore()
            return
        state = option.state
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selection if state & QStyle.StateFlag.State_Selected else tokens.hover))
            painter.drawRoundedRect(QRect(4, row.top() + 1, row.right() - 7, row.height() - 2), 5, 5)
        name = "hosts" if choice == HOST else FILTER_ICONS[choice.which]
        icon = render(name, QColor(tokens.muted), QSize(16, 16), painter.device().devicePixelRatioF())
        painter.drawPixmap(row.left() + 10, row.center().y() - 7, icon)
        number = f"{count:,}" if count else ""
        small = sized(option.font, LABEL)
        room = row.adjusted(34, 0, -12, 0)
        painter.setFont(small)
        painter.setPen(QColor(tokens.muted))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), number)
        room.setRight(room.right() - QFontMetrics(small).horizontalAdvance(number) - 8)
        painter.setFont(option.font)
        painter.setPen(QColor(tokens.text))
        text = QFontMetrics(option.font).elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.restore()


class FilterPopup(QWidget):
    """`chosen(Filter)`, `host_requested`, `closed` after it went away in whatever way."""

    chosen = Signal(object)
    host_requested = Signal()
    closed = Signal()

    def __init__(self, context: Context, owner: QWidget) -> None:
        super().__init__(owner, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        surface = QFrame()  # a translucent window paints no background of its own
        surface.setProperty("kind", "popup")
        self._items = QStandardItemModel(self)
        self.tree = QTreeView()
        self.tree.setProperty("ring", False)
        self.tree.setItemDelegate(_Painter(context, self.tree))
        self.tree.setModel(self._items)
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(True)
        self.tree.setIndentation(_STEP)
        self.tree.setRootIsDecorated(False)
        self.tree.setItemsExpandable(False)
        self.tree.setMouseTracking(True)
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tree.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.tree.setAccessibleName(self.tr("What the list shows"))
        self.tree.clicked.connect(self._take)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(surface)
        inner = QVBoxLayout(surface)
        inner.setContentsMargins(2, 4, 2, 4)
        inner.addWidget(self.tree)

    def fill(
        self,
        entries: Sequence[WorkflowEntry],
        folders: Sequence[str],
        tags: Sequence[tuple[str, int]],
        words: dict[Which, str],
        current: Filter,
    ) -> None:
        """Set the choices; `words` are those of all, favourites and recent."""
        root = self._items.invisibleRootItem()
        counts = {
            Which.ALL: len(entries),
            Which.FAVOURITES: sum(entry.favourite for entry in entries),
            Which.RECENT: sum(entry.opened_at > 0 for entry in entries),
        }
        for which, count in counts.items():
            root.appendRow(_item(words[which], Filter(which), count))
        if folders:
            root.appendRow(_item(self.tr("Folders"), None))
            self._add_folders(root, entries, folders)
        if tags:
            root.appendRow(_item(self.tr("Tags"), None))
            for tag, count in tags:
                root.appendRow(_item(tag, Filter(Which.TAG, tag), count))
        root.appendRow(_item(self.tr("Elsewhere"), None))
        root.appendRow(_item(self.tr("On the host…"), HOST))
        self.tree.expandAll()
        self._mark(current)

    def _add_folders(self, root: QStandardItem, entries: Sequence[WorkflowEntry], folders: Sequence[str]) -> None:
        counts: dict[str, int] = {}
        for entry in entries:
            if entry.folder and not entry.is_starter:
                parts = entry.folder.casefold().split("/")
                for end in range(1, len(parts) + 1):
                    key = "/".join(parts[:end])
                    counts[key] = counts.get(key, 0) + 1
        made: dict[str, QStandardItem] = {}
        for folder in sorted(folders, key=lambda name: name.casefold().split("/")):
            key = folder.casefold()
            parent, _, leaf = folder.rpartition("/")
            item = made[key] = _item(leaf, Filter(Which.FOLDER, folder), counts.get(key, 0))
            made.get(parent.casefold(), root).appendRow(item)

    def _mark(self, current: Filter) -> None:
        index = self._items.index(0, 0)
        self.tree.setCurrentIndex(index)
        while index.isValid():
            if index.data(_FILTER) == current:
                self.tree.setCurrentIndex(index)
                return
            index = self.tree.indexBelow(index)

    def choices(self) -> list[Any]:
        """All that can be chosen, from the top."""
        found: list[Any] = []
        index = self._items.index(0, 0)
        while index.isValid():
            if index.data(_FILTER) is not None:
                found.append(index.data(_FILTER))
            index = self.tree.indexBelow(index)
        return found

    def open_below(self, owner: QWidget) -> None:
        """Show it under the owner."""
        rows, index = 0, self._items.index(0, 0)
        while index.isValid():
            rows += 1
            index = self.tree.indexBelow(index)
        self.tree.setFixedHeight(min(_MOST, rows * _ROW + 2))
        self.setFixedWidth(max(owner.width() + 38, 236))
        self.adjustSize()
        at = owner.mapToGlobal(QPoint(0, owner.height() + 4))
        screen = owner.screen().availableGeometry()
        at.setX(max(screen.left(), min(at.x(), screen.right() - self.width())))
        at.setY(max(screen.top(), min(at.y(), screen.bottom() - self.height())))
        self.move(at)
        self.show()
        self.tree.setFocus(Qt.FocusReason.PopupFocusReason)
        self.tree.scrollTo(self.tree.currentIndex())

    def _take(self, index: Index) -> None:
        choice = index.data(_FILTER)
        if choice is None:
            return
        self.close()
        if choice == HOST:
            self.host_requested.emit()
        else:
            self.chosen.emit(choice)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._take(self.tree.currentIndex())
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()


def _item(text: str, choice: Any, count: int = 0) -> QStandardItem:
    item = QStandardItem(text)
    item.setData(choice, _FILTER)
    item.setData(count, _COUNT)
    item.setEditable(False)
    if choice is None:
        item.setFlags(Qt.ItemFlag.NoItemFlags)
    return item
