"""The list of shapes and favourite sizes beside width and height."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QWheelEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from comfydesk.form.shapes import SHAPES, Size
from comfydesk.gui.context import Context

_SIZE = Qt.ItemDataRole.UserRole + 1
_WIDTH, _ROW = 244, 28  # pixels of the list and of its rows
Index = QModelIndex | QPersistentModelIndex
_Meaning = Size | tuple[str, Size] | str | None  # a shape, a favourite, "keep", nothing


class ShapeBox(QComboBox):
    """`size_chosen(width, height)`; `keep_requested`: the size that is there now shall be a favourite, or no longer.

    Leaves the wheel to the form.
    """

    size_chosen = Signal(int, int)
    keep_requested = Signal()

    def __init__(self, context: Context, size_of: Callable[[Size], Size], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._size_of = context, size_of
        self._shape: Size | None = None
        self._now: Size = (0, 0)
        self._favourites: Sequence[Size] = ()
        self._meanings: list[_Meaning] = []
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setMaxVisibleItems(24)
        self.setItemDelegate(_SizePainter(context, self))
        self.view().setMinimumWidth(_WIDTH)
        self.activated.connect(self._chosen)

    def show_size(self, size: Size, shape: Size | None, favourites: Sequence[Size]) -> None:
        """What the row says now."""
        self._now, self._shape, self._favourites = size, shape, favourites
        self._meanings = []
        with QSignalBlocker(self):
            self.clear()
            if shape is None:
                self._add(self.tr("Own shape"), None)
            for each in SHAPES:
                self._add(self._name(each), each)
            self._add_favourites()
            self.setCurrentIndex(0 if shape is None else SHAPES.index(shape))

    def _add(self, words: str, meaning: _Meaning, icon: str = "") -> None:
        self._meanings.append(meaning)
        self.addItem(words)
        if icon:
            self.setItemIcon(self.count() - 1, self._context.icons.icon(icon, "muted"))

    def _add_favourites(self) -> None:
        self._meanings.append(None)
        self.insertSeparator(self.count())
        for size in self._favourites:
            self._add(_words(size), ("size", size), "star-filled")
        words = self.tr("Forget {size}") if self._now in self._favourites else self.tr("Keep {size} as a favourite")
        self._add(words.format(size=_words(self._now)), "keep", "star")

    def _chosen(self, index: int) -> None:
        meaning = self._meanings[index]
        if meaning == "keep":
            self.keep_requested.emit()
        elif isinstance(meaning, tuple):
            size = meaning[1] if meaning[0] == "size" else self._size_of(meaning)
            self.size_chosen.emit(*size)
        self.show_size(self._now, self._shape, self._favourites)

    def _name(self, shape: Size) -> str:
        kind = self.tr("Square") if shape == (1, 1) else self.tr("Wide") if shape[0] > shape[1] else self.tr("Tall")
        return f"{shape[0]}:{shape[1]} {kind}"

    # Qt

    def showPopup(self) -> None:
        """Which sizes the shapes have depends on the model that is chosen now."""
        for row, meaning in enumerate(self._meanings):
            if meaning in SHAPES:
                self.setItemData(row, _words(self._size_of(meaning)), _SIZE)
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _SizePainter(QStyledItemDelegate):
    """The words of each row, and the size of each shape at the right."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, 9 if _is_line(index) else _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens, row = self._context.theme.tokens, QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if _is_line(index):
            painter.fillRect(row.left() + 8, row.center().y(), row.width() - 16, 1, QColor(tokens.line))
            painter.restore()
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selection))
            painter.drawRoundedRect(row.adjusted(3, 1, -3, -1), 5, 5)
        icon = index.data(Qt.ItemDataRole.DecorationRole)
        if icon is not None:
            icon.paint(painter, QRect(row.left() + 9, row.center().y() - 7, 16, 16))
        both = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(tokens.text))
        painter.drawText(row.adjusted(10 if icon is None else 32, 0, -10, 0), int(both), str(index.data()))
        painter.setPen(QColor(tokens.muted))
        size = str(index.data(_SIZE) or "")
        painter.drawText(row.adjusted(0, 0, -10, 0), int(both | Qt.AlignmentFlag.AlignRight), size)
        painter.restore()


def _is_line(index: Index) -> bool:
    """Qt's own mark of a separator in a combo box."""
    return index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == "separator"


def _words(size: Size) -> str:
    return f"{size[0]} × {size[1]}"
