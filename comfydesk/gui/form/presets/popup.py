"""The list below the preset button: the workflow's presets and the styles, with a search line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QLineEdit, QListView, QVBoxLayout, QWidget

from comfydesk.base.fuzzy import rank
from comfydesk.form.presets import Preset, PresetKind
from comfydesk.gui.context import Context
from comfydesk.gui.form.presets.painting import MORE_WIDTH, NOTE, PRESET, ROW, TICKED, PresetPainter
from comfydesk.gui.widgets.buttons import button
from comfydesk.gui.widgets.labels import label

_MOST_ROWS, _WIDTH = 12, 300
Index = QModelIndex | QPersistentModelIndex
Notes = Mapping[tuple[PresetKind, str], str]


class PresetRows(QAbstractListModel):
    """Presets below two headings, or those that match a search."""

    def __init__(self, own: Sequence[Preset], styles: Sequence[Preset], notes: Notes, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: list[Preset | str] = []
        self._query = ""
        self.show(own, styles, notes)

    def show(self, own: Sequence[Preset], styles: Sequence[Preset], notes: Notes) -> None:
        """Show these from now on, with the same search."""
        self._own, self._styles, self._notes = list(own), list(styles), notes
        self.search(self._query)

    def search(self, query: str) -> None:
        self._query = query
        self.beginResetModel()
        self._rows = []
        for heading, listed in ((self.tr("This workflow"), self._own), (self.tr("Styles"), self._styles)):
            found = [listed[at] for at in rank(query, [each.name for each in listed])]
            self._rows += [heading, *found] if found else []
        self.endResetModel()

    def first(self) -> int:
        """The row of the first preset, -1 where none is shown."""
        return next((at for at, row in enumerate(self._rows) if not isinstance(row, str)), -1)

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if isinstance(self._rows[index.row()], str):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        if isinstance(row, str):
            return row if role == Qt.ItemDataRole.DisplayRole else None
        note = self._notes.get((row.kind, row.name))
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == PRESET:
            return row
        if role == TICKED:
            return note == ""
        if role == NOTE:
            return note or ""
        if role == Qt.ItemDataRole.AccessibleTextRole and note is not None:
            return f"{row.name}, {note or self.tr('in the form')}"
        return row.name if role == Qt.ItemDataRole.AccessibleTextRole else None


class PresetPopup(QWidget):
    """`pressed(Preset)`: apply it, or take a style out. `menu_requested(Preset, point on the screen)`,
    `edit_requested(Preset)`, `remove_requested(Preset)`, and two of the foot; `closed`.

    `notes`: of the presets that are in the form "", of the one that was applied and is not quite any more why not.
    """

    pressed = Signal(object)
    menu_requested = Signal(object, object)
    edit_requested = Signal(object)
    remove_requested = Signal(object)
    save_requested = Signal()
    import_requested = Signal()
    closed = Signal()

    def __init__(
        self,
        context: Context,
        owner: QWidget,
        own: Sequence[Preset],
        styles: Sequence[Preset],
        notes: Notes,
    ) -> None:
        super().__init__(owner, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        surface = QFrame()  # a translucent window paints no background of its own
        surface.setProperty("kind", "popup")
        self.rows = PresetRows(own, styles, notes, self)
        self.search = QLineEdit()
        self.search.setProperty("kind", "search")
        self.search.setProperty("ring", False)
        self.search.setPlaceholderText(self.tr("Find a preset"))
        self.search.setAccessibleName(self.tr("Find a preset"))
        self.search.textChanged.connect(self._narrow)
        self.search.installEventFilter(self)
        self.list = self._make_list(context)
        text = self.tr("No presets yet. Save what the form says now, to have it again with one click.")
        self.nothing = label(text, "muted", wrap=True)
        self.nothing.setContentsMargins(8, 8, 8, 4)
        self._is_empty = not own and not styles
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(surface)
        column = QVBoxLayout(surface)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(6)
        for widget in (self.search, self.list, self.nothing):
            column.addWidget(widget)
        column.addLayout(self._foot())
        self.search.setVisible(not self._is_empty)
        self._narrow("")

    def refill(self, own: Sequence[Preset], styles: Sequence[Preset], notes: Notes) -> None:
        """There are others now; the place in the list stays."""
        row = self.list.currentIndex().row()
        self.rows.show(own, styles, notes)
        self._is_empty = not own and not styles
        self.search.setVisible(not self._is_empty)
        self._narrow(self.search.text())
        if 0 <= row < self.rows.rowCount() and self.rows.flags(self.rows.index(row)):
            self.list.setCurrentIndex(self.rows.index(row))
        if not self.search.text():
            self._fit()

    def _fit(self) -> None:
        """As high as the list of all; a search leaves it so."""
        rows = max(1, min(_MOST_ROWS, self.rows.rowCount()))
        self.list.setFixedHeight(rows * ROW + 2)
        self.adjustSize()

    def open_below(self, owner: QWidget) -> None:
        """Show it under the button."""
        self.setFixedWidth(_WIDTH)
        self._fit()
        at = owner.mapToGlobal(QPoint(0, owner.height() + 4))
        screen = owner.screen().availableGeometry()
        at.setX(max(screen.left(), min(at.x(), screen.right() - self.width())))
        at.setY(max(screen.top(), min(at.y(), screen.bottom() - self.height())))
        self.move(at)
        self.show()
        (self.save if self._is_empty else self.search).setFocus(Qt.FocusReason.PopupFocusReason)

    def _make_list(self, context: Context) -> QListView:
        made = QListView()
        made.setProperty("ring", False)
        made.setFrameShape(QFrame.Shape.NoFrame)
        made.setModel(self.rows)
        made.setItemDelegate(PresetPainter(context, made))
        made.setUniformItemSizes(True)
        made.setMouseTracking(True)
        made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        made.setAccessibleName(self.tr("Presets and styles"))
        made.customContextMenuRequested.connect(lambda point: self._ask_menu(made.indexAt(point), point))
        made.viewport().installEventFilter(self)
        return made

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self.save = button(self.tr("Save as…"), "quiet", clicked=lambda: self._leave(self.save_requested.emit))
        self.bring = button(self.tr("Import…"), "quiet", clicked=lambda: self._leave(self.import_requested.emit))
        row.addWidget(self.save)
        row.addStretch(1)
        row.addWidget(self.bring)
        return row

    def _narrow(self, query: str) -> None:
        self.rows.search(query)
        first = self.rows.first()
        self.list.setVisible(not self._is_empty)
        self.nothing.setVisible(first < 0)
        if first < 0 and not self._is_empty:
            self.nothing.setText(self.tr("No preset matches."))
            self.list.setVisible(False)
        elif first >= 0:
            self.list.setCurrentIndex(self.rows.index(first))

    def _leave(self, then: Any) -> None:
        self.close()
        then()

    def _press(self, index: Index) -> None:
        preset = index.data(PRESET)
        if preset is not None:
            self._leave(lambda: self.pressed.emit(preset))

    def _ask_menu(self, index: Index, point: QPoint | None = None) -> None:
        preset = index.data(PRESET) if index.isValid() else None
        if preset is not None:
            at = point or self.list.visualRect(index).bottomRight()
            self.menu_requested.emit(preset, self.list.viewport().mapToGlobal(at))

    def _step(self, by: int) -> None:
        row = self.list.currentIndex().row() + by
        while 0 <= row < self.rows.rowCount() and not self.rows.flags(self.rows.index(row)):
            row += by
        if 0 <= row < self.rows.rowCount():
            self.list.setCurrentIndex(self.rows.index(row))

    def _on_key(self, event: QKeyEvent) -> bool:
        key, index = event.key(), self.list.currentIndex()
        preset = index.data(PRESET) if index.isValid() else None
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._press(index)
        elif preset is not None and key == Qt.Key.Key_F2:
            self._leave(lambda: self.edit_requested.emit(preset))
        elif preset is not None and key == Qt.Key.Key_Delete and not self.search.selectedText():
            if self.search.cursorPosition() < len(self.search.text()):
                return False  # a letter of the search
            self._leave(lambda: self.remove_requested.emit(preset))
        elif preset is not None and key == Qt.Key.Key_Menu:
            self._ask_menu(index)
        else:
            return False
        return True

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._on_key(event)
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease:
            point = event.position().toPoint()
            index = self.list.indexAt(point)
            if event.button() == Qt.MouseButton.LeftButton and index.isValid():
                if point.x() > self.list.viewport().width() - MORE_WIDTH:
                    self._ask_menu(index)
                else:
                    self._press(index)
                return True
        return super().eventFilter(watched, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()
