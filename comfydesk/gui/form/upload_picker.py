"""A small popup to pick a picture, video or sound from: thumbnails with names, and a search line."""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QCloseEvent, QColor, QImage, QKeyEvent, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from comfydesk.base.errors import Problem
from comfydesk.gui import words
from comfydesk.gui.context import Context
from comfydesk.gui.form.upload_sources import Found, Pick, Pictured
from comfydesk.gui.widgets.labels import label

SIDE, NAME_HEIGHT, COLUMNS, LINES = 104, 22, 4, 3
PICK = Qt.ItemDataRole.UserRole + 1
PICTURE = Qt.ItemDataRole.UserRole + 2
_AT_ONCE = 4
_SEARCH_MS = 150
_PATIENCE_MS = 3000

Index = QModelIndex | QPersistentModelIndex


class Source(Protocol):
    def search(self, text: str, found: Found, failed: Any) -> None: ...
    def picture(self, pick: Pick, side: int, then: Pictured) -> None: ...


class PickModel(QAbstractListModel):
    """What was found; pictures are fetched when their tiles are painted, a few at a time, newest wish first."""

    def __init__(self, source: Source, side: int, parent: QObject) -> None:
        super().__init__(parent)
        self._source, self._side = source, side
        self.picks: list[Pick] = []
        self._pictures: dict[Any, QPixmap | None] = {}
        self._wanted: list[Pick] = []
        self._under_way: set[Any] = set()
        self.is_open = True  # False: what arrives now comes too late

    def show(self, picks: list[Pick]) -> None:
        self.beginResetModel()
        self.picks = picks
        self._wanted.clear()
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self.picks)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        pick = self.picks[index.row()]
        if role == PICK:
            return pick
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return pick.name
        if role == PICTURE:
            if pick.has_picture and pick.key not in self._pictures and pick not in self._wanted:
                self._wanted.append(pick)
                self._fetch()
            return self._pictures.get(pick.key)
        return None

    def _fetch(self) -> None:
        while self.is_open and self._wanted and len(self._under_way) < _AT_ONCE:
            pick = self._wanted.pop()
            self._pictures[pick.key] = None
            self._under_way.add(pick.key)
            QTimer.singleShot(_PATIENCE_MS, self, lambda pick=pick: self._done(pick))  # it may never come
            self._source.picture(pick, self._side, lambda image, pick=pick: self._have(pick, image))

    def _done(self, pick: Pick) -> None:
        self._under_way.discard(pick.key)
        self._fetch()

    def _have(self, pick: Pick, image: QImage) -> None:
        if not self.is_open:
            return
        self._pictures[pick.key] = QPixmap.fromImage(image)
        row = self.picks.index(pick) if pick in self.picks else -1
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row), [PICTURE])
        self._done(pick)


class PickDelegate(QStyledItemDelegate):
    def __init__(self, context: Context, icon: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._icon = context, icon

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(SIDE, SIDE + NAME_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens, picture = self._context.theme.tokens, index.data(PICTURE)
        place = QRectF(option.rect).adjusted(4, 4, -4, -NAME_HEIGHT)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        path = QPainterPath()
        path.addRoundedRect(place, 6, 6)
        painter.setClipPath(path)
        painter.fillRect(place, QColor(tokens.field))
        if picture is not None and not picture.isNull():
            side = min(picture.width(), picture.height())
            middle = QRectF((picture.width() - side) / 2, (picture.height() - side) / 2, side, side)
            painter.drawPixmap(place, picture, middle)
        else:
            centre = place.center().toPoint()
            self._context.icons.icon(self._icon, "muted").paint(
                painter, QRect(centre.x() - 12, centre.y() - 12, 24, 24)
            )
        painter.setClipping(False)
        marked = option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver)
        if marked:
            selected = option.state & QStyle.StateFlag.State_Selected
            painter.setPen(QPen(QColor(tokens.accent if selected else tokens.control), 2))
            painter.drawRoundedRect(place, 6, 6)
        painter.setPen(QColor(tokens.text if marked else tokens.muted))
        room = option.rect.adjusted(4, SIDE, -4, 0)
        text = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()


class Picker(QWidget):
    """`chosen(value)`: the field's new value."""

    chosen = Signal(object)

    def __init__(self, context: Context, source: Source, icon: str, title: str, owner: QWidget) -> None:
        super().__init__(owner, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(title)
        self._source = source
        self._serial = 0
        self.model = PickModel(source, round(SIDE * owner.devicePixelRatioF() * 1.5), self)
        self.search = QLineEdit()
        self.search.setProperty("kind", "search")
        self.search.setProperty("ring", False)
        self.search.setPlaceholderText(title)
        self.search.installEventFilter(self)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_SEARCH_MS)
        self._delay.timeout.connect(self._look)
        self.search.textChanged.connect(lambda _: self._delay.start())
        self.list = QListView()
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setUniformItemSizes(True)
        self.list.setLayoutMode(QListView.LayoutMode.Batched)
        self.list.setGridSize(QSize(SIDE, SIDE + NAME_HEIGHT))
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setItemDelegate(PickDelegate(context, icon, self.list))
        self.list.setModel(self.model)
        self.list.setFixedSize(COLUMNS * SIDE + 20, LINES * (SIDE + NAME_HEIGHT) + 6)
        self.list.clicked.connect(self._choose)
        self.said = label(self.tr("Looking…"), "muted", wrap=True)
        self.said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self._look()

    def open_below(self, owner: QWidget) -> None:
        """Show it under the owner, or where there is room."""
        self.adjustSize()
        at, screen = owner.mapToGlobal(QPoint(0, owner.height() + 4)), owner.screen().availableGeometry()
        at.setY(max(screen.top(), min(at.y(), screen.bottom() - self.height())))
        at.setX(max(screen.left(), min(at.x(), screen.right() - self.width())))
        self.move(at)
        self.show()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def _lay_out(self) -> None:
        surface = QFrame()  # a translucent window paints no background of its own
        surface.setProperty("kind", "popup")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(surface)
        column = QVBoxLayout(surface)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(6)
        column.addWidget(self.search)
        column.addWidget(self.said)
        column.addWidget(self.list)

    def _look(self) -> None:
        self._serial += 1
        serial = self._serial

        def found(picks: list[Pick]) -> None:
            if serial == self._serial and self.model.is_open:
                self._show(picks)

        self._source.search(self.search.text().strip(), found, self._failed)

    def _show(self, picks: list[Pick]) -> None:
        self.model.show(picks)
        self.said.setVisible(not picks)
        self.said.setText(self.tr("Nothing of that name.") if self.search.text() else self.tr("There is nothing yet."))
        if picks:
            self.list.setCurrentIndex(self.model.index(0))

    def _failed(self, problem: Problem) -> None:
        if not self.model.is_open:
            return
        self.said.setText(words.says(problem)[0])
        self.said.show()

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(index.data(PICK).value)
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.model.is_open = False
        super().closeEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and event.type() == QEvent.Type.KeyPress:
            return self._handle_key(event)
        return False

    def _handle_key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        steps = {Qt.Key.Key_Down: COLUMNS, Qt.Key.Key_Up: -COLUMNS, Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}
        if not self.search.text():
            steps |= {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
        if key in steps:
            row = min(max(self.list.currentIndex().row() + steps[key], 0), self.model.rowCount() - 1)
            self.list.setCurrentIndex(self.model.index(row))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.list.currentIndex())
        elif key == Qt.Key.Key_Escape:
            self.close()
        else:
            return False
        return True
