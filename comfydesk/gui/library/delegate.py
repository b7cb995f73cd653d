"""Paints the library: a workflow's newest result (or a landscape made from its name), title, facts and star."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.library.landscape import landscape, middle
from comfydesk.gui.library.model import PICTURE_ROLE, LibraryModel
from comfydesk.gui.library.sections import Heading
from comfydesk.gui.library.words import facts
from comfydesk.gui.style.fonts import CAPTION, LABEL, sized
from comfydesk.gui.style.icons import render
from comfydesk.library.model import WorkflowEntry

Index = QModelIndex | QPersistentModelIndex

ROW, HEADING, THUMB = 56, 34, 40
FOLDED_HEADING = 14
LEFT, STAR = 14, 30  # pixels: room before the picture; of the star at the right
_ROW_SIZE, _HEADING_SIZE, _FOLDED_SIZE = QSize(60, ROW), QSize(60, HEADING), QSize(60, FOLDED_HEADING)


def star_at(row: QRect) -> QRect:
    """Where the star of a row is."""
    return QRect(row.right() - STAR - 3, row.top() + (ROW - STAR) // 2, STAR, STAR)


class LibraryDelegate(QStyledItemDelegate):
    """`is_folded`: only the pictures, for a narrow column. `opened`: the name of the workflow in the form.

    `drop_row`: the row that a drag would fall on; `star_row`: the row whose star the pointer is over.
    """

    def __init__(self, context: Context, model: LibraryModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._model = model
        self.is_folded = False
        self.with_folders = False
        self.opened = ""
        self.drop_row = self.star_row = -1
        self._drawn: dict[str, QPixmap] = {}

    # Qt asks this of every row when the list changes: it touches nothing but a tuple.
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        if self._model.heading(index.row()) is None:
            return _ROW_SIZE
        return _FOLDED_SIZE if self.is_folded else _HEADING_SIZE

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        heading = self._model.heading(index.row())
        if heading is not None:
            self._paint_heading(painter, option, heading, index.row())
        elif (entry := self._model.entry(index.row())) is not None:
            self._paint_entry(painter, option, entry, index)
        painter.restore()

    # headings

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, heading: Heading, at: int) -> None:
        row: QRect = option.rect
        tokens = self._context.theme.tokens
        if self.is_folded:
            if at:
                painter.fillRect(QRect(row.left() + 18, row.center().y(), row.width() - 36, 1), QColor(tokens.line))
            return
        if at == self.drop_row:
            self._paint_target(painter, row)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver) and heading.can_fold
        font = sized(self._font(), CAPTION, weight=QFont.Weight.DemiBold)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.8)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text if hovered else tokens.muted))
        area = row.adjusted(16, 8, -12, 0)
        middle_left = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        middle_right = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        count = f"{heading.count:,}" if heading.count else ""
        room = area.width() - QFontMetrics(font).horizontalAdvance(count) - (18 if hovered or heading.is_folded else 8)
        text = QFontMetrics(font).elidedText(heading.text.upper(), Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(area, middle_left, text)
        if hovered or heading.is_folded:
            icon = render(
                "chevron-right" if heading.is_folded else "chevron-down", painter.pen().color(), QSize(12, 12)
            )
            painter.drawPixmap(area.right() - 12, area.center().y() - 6, icon)
            area.setRight(area.right() - 16)
        if count and (hovered or heading.is_folded or heading.key == "found"):
            painter.setFont(sized(self._font(), CAPTION))
            painter.drawText(area, middle_right, count)

    def _paint_target(self, painter: QPainter, row: QRect) -> None:
        """What is dragged goes here."""
        tokens = self._context.theme.tokens
        painter.setPen(QColor(tokens.accent))
        painter.setBrush(QColor(tokens.selection))
        painter.drawRoundedRect(QRectF(row).adjusted(6.5, 2.5, -6.5, -1.5), 6, 6)

    # workflows

    def _paint_entry(self, painter: QPainter, option: QStyleOptionViewItem, entry: WorkflowEntry, index: Index) -> None:
        tokens = self._context.theme.tokens
        row: QRect = option.rect
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(row, QColor(tokens.selection))
        elif hovered:
            painter.fillRect(row, QColor(tokens.hover))
        if entry.name == self.opened:
            painter.fillRect(QRect(row.left(), row.top(), 3, row.height()), QColor(tokens.accent))
        if option.state & QStyle.StateFlag.State_HasFocus and self._shows_focus(option):
            painter.setPen(QColor(tokens.ring))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(row).adjusted(4.5, 1.5, -4.5, -1.5), 6, 6)
        self._paint_picture(painter, row, entry, index)
        if self.is_folded:
            return
        text = self.text_area(row)
        if entry.favourite or hovered:
            self._paint_star(painter, row, entry, index.row())
            text.setRight(row.right() - STAR - 4)
        title = sized(self._font(), 13, weight=QFont.Weight.Medium)
        small = sized(self._font(), LABEL)
        said, colour = facts(entry, with_folder=self.with_folders), tokens.warning if entry.problem else tokens.muted
        for font, pen, words, top in ((title, tokens.text, entry.title, 10), (small, colour, said, 29)):
            painter.setFont(font)
            painter.setPen(QColor(pen))
            line = QFontMetrics(font).elidedText(words[:300], Qt.TextElideMode.ElideRight, text.width())
            area = QRect(text.left(), text.top() + top, text.width(), 18)
            painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), line)

    @staticmethod
    def _shows_focus(option: QStyleOptionViewItem) -> bool:
        """The current row is outlined where it is not the only selected one, and where the keyboard moved it."""
        return bool(option.state & QStyle.StateFlag.State_KeyboardFocusChange) or not (
            option.state & QStyle.StateFlag.State_Selected
        )

    def _paint_picture(self, painter: QPainter, row: QRect, entry: WorkflowEntry, index: Index) -> None:
        left = row.center().x() - THUMB // 2 + 1 if self.is_folded else row.left() + LEFT
        place = QRectF(left, row.top() + (ROW - THUMB) / 2, THUMB, THUMB)
        path = QPainterPath()
        path.addRoundedRect(place, 6, 6)
        if entry.problem:
            tokens = self._context.theme.tokens
            painter.fillPath(path, QColor(tokens.tint("warning")))
            icon = render("warning", QColor(tokens.warning), QSize(20, 20), painter.device().devicePixelRatioF())
            painter.drawPixmap(QPoint(round(place.left()) + 10, round(place.top()) + 10), icon)
            return
        picture = index.data(PICTURE_ROLE)
        if picture is None or picture.isNull():
            picture = self._landscape(entry.name.rpartition("/")[2])  # the same in every folder
        painter.setClipPath(path)
        painter.drawPixmap(place, picture, middle(picture))
        painter.setClipping(False)

    def _paint_star(self, painter: QPainter, row: QRect, entry: WorkflowEntry, at: int) -> None:
        tokens = self._context.theme.tokens
        place = star_at(row)
        if at == self.star_row:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.pressed))
            painter.drawRoundedRect(QRectF(place).adjusted(1, 1, -1, -1), 6, 6)
        name = "star-filled" if entry.favourite else "star"
        colour = tokens.text if at == self.star_row else tokens.muted
        icon = render(name, QColor(colour), QSize(16, 16), painter.device().devicePixelRatioF())
        painter.drawPixmap(place.center() - QPoint(7, 7), icon)

    def text_area(self, row: QRect) -> QRect:
        """The room of the two lines."""
        text = QRect(row.left() + LEFT + THUMB + 11, row.top(), 0, ROW)
        text.setRight(row.right() - 10)
        return text

    def _font(self) -> QFont:
        parent = self.parent()
        return parent.font() if isinstance(parent, QWidget) else QFont()

    def _landscape(self, name: str) -> QPixmap:
        found = self._drawn.get(name)
        if found is None:
            if len(self._drawn) > 500:
                self._drawn.clear()
            found = self._drawn[name] = landscape(name, 2 * THUMB)
        return found

    # renaming in place

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        line = QLineEdit(parent)
        line.setProperty("kind", "rename")
        line.setProperty("ring", False)
        line.setMaxLength(120)
        line.setAccessibleName(self.tr("Name of the workflow"))
        return line

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QLineEdit) and (entry := self._model.entry(index.row())) is not None:
            editor.setText(entry.title)
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            model.setData(index, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        text = self.text_area(option.rect)
        editor.setGeometry(text.left() - 7, text.top() + 6, text.width() + 10, 26)
